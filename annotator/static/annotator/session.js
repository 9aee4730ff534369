/** The reviewer's session: the model, the log of undoable actions, the outbox, and what the page shows now. */
import { alertUser, announce, uuid } from "./dom.js";
import { FrozenText } from "./offsets.js";
import { Model } from "./model.js";
import { History, reverse } from "./ops.js";
import { Outbox } from "./outbox.js";
import { renumber, sortOut } from "./rebase.js";
import { candidates, HINTS } from "./rank.js";

const HISTORY_LIMIT = 500;

export class Session {
  /**
   * @param {any} workspace
   * @param {{render: () => void, saveState: (state: string, detail: any) => void, askConflict: (codes: string[]) => Promise<boolean>}} page
   */
  constructor(workspace, page) {
    this.workspace = workspace;
    this.page = page;
    this.text = new FrozenText(workspace.document.text);
    this.model = new Model(workspace, this.text);
    this.history = History.from(workspace.history ?? [], (workspace.history ?? []).length < HISTORY_LIMIT);
    this.ui = {
      focus: null, held: null, filter: "order", edge: "end", linkAsked: false, linking: false, also: false,
      offers: [], hints: new Map(), showRejected: false, preview: null, caret: null, lastTarget: null,
      readOnly: workspace.layer.state === "submitted", since: performance.now(),
    };
    this.outbox = new Outbox({
      url: workspace.urls.decisions,
      owner: workspace.layer.owner,
      version: workspace.layer.version,
      onState: (state, detail) => page.saveState(state, detail),
      onSaved: (groups) => groups.flat().forEach((decision) => this.model.base.apply(decision, this.model.suggested)),
      onConflict: (answer) => this.#rebase(answer),
      onRefused: (group, message) => this.#refused(group, message),
    });
    if (!this.ui.readOnly) this.#adopt();
  }

  #adopt() {
    const known = new Set((this.workspace.history ?? []).map((decision) => decision.client_id));
    const groups = this.outbox.adopt(known);
    for (const group of groups) this.#apply(group);
    this.model.refresh();
  }

  get focused() {
    return this.model.views.get(this.ui.focus ?? -1) ?? null;
  }

  #apply(group) {
    for (const decision of group) decision.before = this.model.apply(decision);
    this.history.record(group);
  }

  /**
   * Carry out one action: at once here, behind the scenes on the server.
   * @param {import("./model.js").Decision[]} decisions @returns {boolean} whether anything changed
   */
  commit(decisions) {
    if (!decisions.length || this.ui.readOnly) return false;
    const group = uuid();
    const elapsed = Math.round(performance.now() - this.ui.since);
    this.ui.since = performance.now();
    const complete = decisions.map((decision) => ({
      ...decision,
      client_id: uuid(),
      group,
      elapsed_ms: elapsed,
      ...(decision.subject === "span" && decision.after?.label ? { exact: this.model.exact(decision.after) } : {}),
    }));
    this.#apply(complete);
    this.model.refresh();
    this.outbox.push(complete);
    return true;
  }

  /** @param {"undo"|"redo"} verb @returns {number|null} the span to show */
  back(verb) {
    const stack = verb === "undo" ? this.history.undoable : this.history.redoable;
    const group = stack[stack.length - 1];
    if (!group) return null;
    const decisions = reverse(group, verb);
    this.commit(decisions);
    const spans = decisions.filter((decision) => decision.subject === "span" && this.model.views.has(decision.ident));
    const claim = spans.find((decision) => this.model.views.get(decision.ident).role === "claim");
    const link = decisions.find((decision) => decision.subject === "link");
    return (claim ?? spans[0])?.ident ?? link?.after?.source ?? link?.before?.source ?? this.ui.focus;
  }

  /** The server's layer moved on without us: take its decisions, then put ours on top. */
  async #rebase(answer) {
    const { model } = this;
    for (const decision of answer.decisions) {
      model.base.apply(decision, model.suggested);
      model.lastIdent = Math.max(model.lastIdent, decision.ident);
    }
    const { clear, clashing } = sortOut(this.outbox.groups, answer.decisions);
    const waiting = renumber([...clear, ...clashing], answer.decisions, () => model.nextIdent());
    const really = waiting.slice(clear.length).filter((group) => group.some((decision) => !isNew(decision)));
    const codes = [...new Set(really.flat().map((decision) => model.views.get(decision.ident)?.code).filter(Boolean))];
    const keepMine = !codes.length || (await this.page.askConflict(codes));
    const kept = keepMine ? waiting : waiting.filter((group) => !really.includes(group));
    this.#rebuild(kept, answer.decisions);
    announce("This document was changed elsewhere; the page now shows both.");
    return kept;
  }

  #rebuild(groups, news) {
    this.model.layer = this.model.base.copy();
    const waiting = new Set(this.outbox.groups.flat().map((decision) => decision.group));
    const known = this.history.undoable.filter((entry) => !waiting.has(entry.id));
    this.history.undoable = known;
    this.history.redoable = [];
    for (const entry of History.from(news).undoable) if (!known.some((other) => other.id === entry.id)) this.history.undoable.push(entry);
    groups.forEach((group) => this.#apply(group));
    this.model.refresh();
    this.page.render();
  }

  #refused(group, message) {
    this.#rebuild([...this.outbox.groups], []);
    const code = group.map((decision) => this.model.views.get(decision.ident)?.code).find(Boolean);
    alertUser(`A change${code ? ` to ${code}` : ""} could not be saved and was taken back: ${message}`);
  }

  /** Which letters offer which speakers, for the claim in focus. */
  updateOffers() {
    const { ui, model, focused } = this;
    const wants = focused?.role === "claim" && focused.state !== "rejected" && !ui.readOnly;
    ui.linking = Boolean(wants && (ui.linkAsked || focused.missing.includes("speaker")));
    ui.offers = ui.linking ? candidates(model, focused).slice(0, HINTS.length) : [];
    ui.hints = new Map(ui.offers.map((view, index) => [view.ident, HINTS[index]]));
  }
}

function isNew(decision) {
  return decision.verb === "add" || (decision.verb === "link" && !decision.before);
}
