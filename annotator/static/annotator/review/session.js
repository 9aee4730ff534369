/**
 * The reviewer's session: the model, the log of undoable actions, the outbox, and what the page
 * shows now.
 * @typedef {import("../text/layer.js").Decision} Decision
 * @typedef {import("../text/layer.js").Entry} Entry
 * @typedef {import("../text/model.js").View} View
 *
 * @typedef {object} Preview an edge on its way
 * @property {number} ident
 * @property {"start"|"end"} edge
 * @property {number} stop
 * @property {any} span
 *
 * @typedef {{anchor: number, head: number}} Caret
 *
 * @typedef {object} Ui
 * @property {number|null} focus ident of the span in hand
 * @property {number|null} held ident of the item that keeps its place until the reviewer goes on
 * @property {"order"|"sure"|"incomplete"|"all"} filter
 * @property {import("./find.js").Find|null} find
 * @property {"start"|"end"} edge
 * @property {string|null} linkAsked the kind of link that the reviewer asked to make
 * @property {boolean} linkLeft the reviewer left the link that is missing for later
 * @property {import("../text/schema.js").LinkKind|null} linking letters choose the other end of a
 *   link of this kind now
 * @property {boolean} also the next link joins the others
 * @property {View[]} offers spans to link to, best first
 * @property {Map<number, string>} hints the letter of each
 * @property {boolean} showRejected
 * @property {boolean} hideSuggested
 * @property {Preview|null} preview
 * @property {Caret|null} caret where the reading caret is, when it is on
 * @property {Map<string, any>} lastValues of each attribute, offered again
 * @property {string|null} field opened last by the key for the next field
 * @property {boolean} submitted
 * @property {boolean} elsewhere another window writes the document
 * @property {boolean} corrected another text took the place of this one
 * @property {boolean} readOnly
 * @property {boolean} addsPatterns the reviewer may have words suggested wherever they stand
 */
import { Clock } from "../sync/clock.js";
import { sidesOf } from "../sync/conflict.js";
import { Outbox } from "../sync/outbox.js";
import { Seen } from "../sync/seen.js";
import { Model } from "../text/model.js";
import { FrozenText } from "../text/offsets.js";
import { accept } from "../text/ops.js";
import { candidates, HINTS } from "../text/rank.js";
import { isNew, renumber, sortOut } from "../text/rebase.js";
import { History, reverse } from "../text/undo.js";
import { alertUser, announce, shorten, uuid } from "../ui/dom.js";
import { showUnsaved } from "./corrected.js";
import { PracticeOutbox } from "./practice.js";
import { queueItems } from "./queue.js";

const HISTORY_LIMIT = 500;
/** A group of thousands goes over the wire in parts that one request can carry. */
const PART = 500;

export class Session {
  /**
   * @param {import("../text/model.js").Workspace} workspace
   * @param {{render: () => void, saveState: (state: string, detail: any) => void, askConflict:
   *   (sides: import("../sync/conflict.js").Sides[]) => Promise<boolean>, lookAhead: () => void,
   *   goOn: (place: import("./nextpage.js").Place) => Promise<void>}} page
   * @param {Clock} [clock] goes on from the document before
   */
  constructor(workspace, page, clock = new Clock()) {
    this.workspace = workspace;
    this.page = page;
    this.text = new FrozenText(workspace.document.text);
    this.model = new Model(workspace, this.text);
    this.clock = clock;
    this.seen = new Seen();
    /** @type {Entry[]} */
    const log = workspace.history ?? [];
    this.history = History.from(log, log.length < HISTORY_LIMIT);
    const submitted = workspace.layer.state === "submitted" || Boolean(workspace.reading);
    /** @type {Ui} */
    this.ui = {
      focus: null,
      held: null,
      filter: "order",
      find: null,
      edge: "end",
      linkAsked: null,
      linkLeft: false,
      linking: null,
      also: false,
      offers: [],
      hints: new Map(),
      showRejected: false,
      hideSuggested: false,
      preview: null,
      caret: null,
      lastValues: new Map(),
      field: null,
      submitted,
      elsewhere: false,
      corrected: false,
      readOnly: submitted,
      addsPatterns: Boolean(workspace.urls.patterns),
    };
    const Way = workspace.practice || workspace.reading ? PracticeOutbox : Outbox;
    /** @type {Outbox|PracticeOutbox} */
    this.outbox = new Way({
      url: workspace.urls.decisions,
      owner: workspace.layer.owner,
      version: workspace.layer.version,
      sha256: workspace.document.sha256,
      onState: (state, detail) => this.saveState(state, detail),
      onSaved: (groups) =>
        groups.flat().forEach((decision) => this.model.base.apply(decision, this.model.origins)),
      onConflict: (answer) => this.#rebase(answer),
      onRefused: (group, message) => this.#refused(group, message),
    });
    /** @type {{key: string, listed: import("./queue.js").Listed}|null} */
    this.listed = null;
    /** @type {string} */
    this.offered = "";
    /** how many changes the server would not take */
    this.refusals = 0;
  }

  /** Take up what an earlier page could not send. */
  adopt() {
    const known = new Set((this.workspace.history ?? []).map((decision) => decision.client_id));
    for (const group of this.outbox.adopt(known)) this.#apply(group);
    this.model.refresh();
    if (this.outbox instanceof Outbox) showUnsaved(this.outbox);
  }

  /** @param {string} state @param {any} detail */
  saveState(state, detail) {
    this.page.saveState(state, detail);
    if (state !== "corrected" || this.ui.corrected) return;
    // More of it could not be saved either.
    this.ui.corrected = true;
    this.ui.readOnly = true;
    this.page.render();
  }

  /** Another window has the document in hand, or has let go of it. @param {boolean} elsewhere */
  setElsewhere(elsewhere) {
    this.ui.elsewhere = elsewhere;
    this.ui.readOnly = elsewhere || this.ui.submitted;
  }

  /** It is handed in: what is pressed until the next document is there changes nothing. */
  setSubmitted() {
    this.ui.submitted = true;
    this.ui.readOnly = true;
  }

  /**
   * Begin again from what the server holds now, after another window has written.
   * @param {import("../text/model.js").Workspace} workspace
   */
  restart(workspace) {
    // The page holds another text.
    if (workspace.document.sha256 !== this.workspace.document.sha256) return location.reload();
    this.workspace = workspace;
    this.outbox.version = workspace.layer.version;
    this.ui.submitted = workspace.layer.state === "submitted";
    const log = workspace.history ?? [];
    this.history = History.from(log, log.length < HISTORY_LIMIT);
    this.model.restart(workspace);
    this.setElsewhere(false);
    return this.adopt();
  }

  /** @returns {View|null} */
  get focused() {
    return this.model.views.get(this.ui.focus ?? -1) ?? null;
  }

  /** The queue as it is now; worked out once for each change. */
  get items() {
    const { ui, model } = this;
    const key = JSON.stringify([
      model.revision,
      ui.filter,
      ui.held,
      ui.showRejected,
      ui.focus,
      ui.find,
    ]);
    if (this.listed?.key !== key) this.listed = { key, listed: queueItems(model, ui) };
    return this.listed.listed;
  }

  /** @param {Entry[]} group */
  #apply(group) {
    for (const decision of group) decision.before = this.model.apply(decision);
    this.history.record(group);
  }

  /**
   * Carry out one action: at once here, behind the scenes on the server.
   * @param {Decision[]} decisions
   * @param {() => Decision[]} [follow] what the action brings along, once its decisions hold
   * @returns {boolean} whether anything changed
   */
  commit(decisions, follow = () => []) {
    if (!decisions.length || this.ui.readOnly) return false;
    const group = uuid();
    const done = this.#carryOut(decisions, group, this.clock.take());
    const more = follow();
    if (more.length) done.push(...this.#carryOut(more, group, 0));
    for (let from = 0; from < done.length; from += PART) {
      this.outbox.push(done.slice(from, from + PART));
    }
    return true;
  }

  /**
   * Carry out what gives the item in hand something. Where that was the last thing missing, the
   * item is accepted in the same action.
   * @param {Decision[]} decisions
   */
  fill(decisions) {
    const lacked = this.focused?.missing.length;
    return this.commit(decisions, () => {
      const { focused } = this;
      return lacked && focused && !focused.missing.length ? accept(this.model, focused) : [];
    });
  }

  /**
   * @param {Decision[]} decisions
   * @param {string} group
   * @param {number} elapsed the first of a group carries the time of the whole action, so that
   *   times can be added up
   */
  #carryOut(decisions, group, elapsed) {
    const entries = decisions.map((decision, index) => ({
      ...decision,
      client_id: uuid(),
      group,
      elapsed_ms: index ? 0 : elapsed,
      words: this.#wordsOf(decision),
      ...this.#aboutSpan(decision),
    }));
    this.#apply(entries);
    this.model.refresh();
    return entries;
  }

  /**
   * What a decision is about, in words: they tell it where the text has them no more.
   * @param {Decision} decision
   */
  #wordsOf({ subject, ident, after }) {
    const link = subject === "link" ? (after ?? this.model.layer.value(subject, ident)) : null;
    const { span } = this.model.views.get(link?.source ?? ident) ?? {};
    const value = subject === "span" && after?.label ? after : span;
    if (subject === "document" || !value) return "";
    return `${this.model.schema.title(value.label)} “${shorten(this.model.words(value), 120)}”`;
  }

  /**
   * The words that a decision means, and how long they were seen when it accepts them.
   * @param {Decision} decision
   */
  #aboutSpan({ subject, verb, after }) {
    if (subject !== "span" || !after?.label) return {};
    const exact = this.model.exact(after);
    return verb === "accept" ? { exact, seen_ms: this.seen.spanMs(this.text, after) } : { exact };
  }

  /** @param {"undo"|"redo"} verb @returns {number|null} the span to show */
  back(verb) {
    const stack = verb === "undo" ? this.history.undoable : this.history.redoable;
    const group = stack[stack.length - 1];
    if (!group || this.ui.readOnly) return null;
    const decisions = reverse(group, verb);
    this.commit(decisions);
    return this.#shownBy(decisions) ?? this.ui.focus;
  }

  /**
   * The item to show after decisions: the document, a frame, else what there is.
   * @param {Decision[]} decisions
   */
  #shownBy(decisions) {
    const { views } = this.model;
    const ofDocument = decisions.find((decision) => decision.subject === "document");
    if (ofDocument) return ofDocument.ident;
    const spans = decisions.filter(({ subject, ident }) => subject === "span" && views.has(ident));
    const frame = spans.find(({ ident }) => views.get(ident)?.role === "frame");
    const link = decisions.find((decision) => decision.subject === "link");
    const source = link?.after?.source ?? link?.before?.source;
    return frame?.ident ?? (views.has(source) ? source : spans[0]?.ident);
  }

  /**
   * The server's layer moved on without us: take its decisions, then put ours on top.
   * @param {{decisions: Entry[]}} answer
   */
  async #rebase(answer) {
    const { model } = this;
    for (const decision of answer.decisions) {
      model.base.apply(decision, model.origins);
      model.lastIdent = Math.max(model.lastIdent, decision.ident);
    }
    const { clear, clashing } = sortOut(this.outbox.groups, answer.decisions);
    const waiting = renumber([...clear, ...clashing], answer.decisions, () => model.nextIdent());
    const really = waiting
      .slice(clear.length)
      .filter((group) => group.some((decision) => !isNew(decision)));
    const sides = sidesOf(model, really);
    const keepMine = !sides.length || (await this.page.askConflict(sides));
    const kept = keepMine ? waiting : waiting.filter((group) => !really.includes(group));
    this.#rebuild(kept, answer.decisions);
    announce("This document was changed elsewhere; the page now shows both.");
    return kept;
  }

  /** @param {Entry[][]} groups @param {Entry[]} news */
  #rebuild(groups, news) {
    this.model.layer = this.model.base.copy();
    const waiting = new Set(this.outbox.groups.flat().map((decision) => decision.group));
    const known = this.history.undoable.filter((entry) => !waiting.has(entry.id));
    this.history.undoable = known;
    this.history.redoable = [];
    for (const entry of History.from(news).undoable) {
      if (!known.some((other) => other.id === entry.id)) this.history.undoable.push(entry);
    }
    groups.forEach((group) => this.#apply(group));
    this.model.rebuild();
    this.page.render();
  }

  /** @param {Entry[]} group @param {string} message */
  #refused(group, message) {
    this.refusals += 1;
    this.#rebuild([...this.outbox.groups], []);
    const code = group.map((decision) => this.model.views.get(decision.ident)?.code).find(Boolean);
    alertUser(
      `A change${code ? ` to ${code}` : ""} could not be saved and was taken back: ${message}`,
    );
  }

  /** Which letters offer what at the other end of a link, for the span in focus. */
  updateOffers() {
    const { ui, model, focused } = this;
    const wants = focused && focused.state !== "rejected" && !ui.readOnly;
    ui.linking = wants ? this.#kindToLink(focused) : null;
    const key = `${ui.linking?.name} ${ui.focus} ${model.revision}`;
    if (key === this.offered) return;
    this.offered = key;
    const { linking } = ui;
    ui.offers =
      linking && focused ? candidates(model, focused, linking).slice(0, HINTS.length) : [];
    ui.hints = new Map(ui.offers.map((view, index) => [view.ident, HINTS[index]]));
  }

  /** The kind of link that is asked for, else one that is missing. @param {View} view */
  #kindToLink(view) {
    const { ui, model } = this;
    const asked = model.schema.kindsFrom(view.span.label).find(({ name }) => name === ui.linkAsked);
    if (asked || ui.linkLeft) return asked ?? null;
    const missing = view.missing.find(({ sort }) => sort === "link");
    return missing ? model.schema.kind(missing.name) : null;
  }
}
