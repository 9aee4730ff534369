/**
 * The adjudicator's session: the disputes, the choices on their way, and what the page shows now.
 */
import { Settling } from "../sync/settling.js";
import { FrozenText } from "../text/offsets.js";
import { Schema } from "../text/schema.js";
import { inOrder, isOpen } from "./disputes.js";
import { UndoHistory } from "./undo.js";

/**
 * @typedef {import("./disputes.js").Dispute} Dispute
 * @typedef {import("./disputes.js").Disputes} Disputes
 * @typedef {import("../sync/outbox.js").Answer} Answer
 * @typedef {"version"|"none"|"edit"|"defer"} Choice
 *
 * @typedef {object} Details what a choice says beside itself
 * @property {number} [number] of the version
 * @property {string} [reason]
 * @property {Record<string, number>} [facets] facets taken from other versions
 * @property {import("./draft.js").ExactFrame} [frame] the adjudicator's own version
 *
 * @typedef {object} Page
 * @property {(session: Session) => void} render
 * @property {(state: string, session: Session) => void} saveState
 * @property {(session: Session, before: import("./disputes.js").LeftOut[]) => void} leftOut
 * @property {(answer: Answer, session: Session) => void} refused
 */

export class Session {
  /**
   * @param {Disputes} data the page's JSON
   * @param {string} url of the page
   * @param {import("./disputes.js").Ahead|null} queue shared by all documents of a sitting
   * @param {Page} page
   */
  constructor(data, url, queue, page) {
    this.data = data;
    this.queue = queue;
    this.page = page;
    const { pathname, search } = new URL(url, location.href);
    this.path = pathname;
    this.query = search;
    this.schema = new Schema(data.schema);
    this.text = new FrozenText(data.document.text);
    this.codes = numbering(data.disputes);
    this.undoHistory = new UndoHistory(data.corpus.slug, sessionStorage);
    /** @type {import("./disputes.js").Ui} */
    this.ui = {
      focus: null,
      draft: null,
      edge: "end",
      picks: new Map(),
      hint: "",
      reason: "",
      names: false,
      leaving: false,
      closed: data.state === "done" || data.own,
      people: data.people,
    };
    this.settling = new Settling({
      version: data.version,
      sha256: data.document.sha256,
      address: data.urls.disputes,
      onState: (state) => page.saveState(state, this),
      onFresh: (fresh, waiting) => this.#accepted(fresh, waiting),
      onRefused: (answer) => page.refused(answer, this),
    });
  }

  /** @param {number|null} ident @returns {Dispute|null} */
  find(ident) {
    return this.data.disputes.find((dispute) => dispute.ident === ident) ?? null;
  }

  /** @returns {Dispute|null} */
  get focused() {
    return this.find(this.ui.focus);
  }

  /** The disputes in text order. */
  get ordered() {
    return inOrder(this.data.disputes);
  }

  /** @param {number} ident */
  codeOf(ident) {
    return this.codes.get(ident) ?? "";
  }

  /** The next open dispute after the one in focus, round to the first. @returns {Dispute|null} */
  nextOpen() {
    const { ordered } = this;
    const at = ordered.findIndex((dispute) => dispute.ident === this.ui.focus);
    const others = [...ordered.slice(at + 1), ...ordered.slice(0, at)];
    return others.find(isOpen) ?? null;
  }

  /** Forget what was begun on a dispute and not chosen. */
  dropBegun() {
    this.ui.draft = null;
    this.ui.hint = "";
    this.ui.reason = "";
    this.ui.picks.clear();
  }

  /**
   * Settle a dispute or put it off: at once here, behind the scenes on the server.
   * @param {Dispute} dispute
   * @param {Choice} choice
   * @param {Details} details
   */
  settle(dispute, choice, details) {
    const { number = 0, reason = this.ui.reason, facets, frame } = details;
    const settled = { choice, number, reason, ...(facets ? { facets } : {}) };
    dispute.settled = choice === "defer" ? null : settled;
    dispute.deferred = choice === "defer";
    const { path, query } = this;
    this.undoHistory.add({ path, query, ident: dispute.ident });
    this.dropBegun();
    const sent = { dispute: dispute.ident, ...settled, ...(frame ? { frame } : {}) };
    this.settling.send(this.data.urls.settle, sent);
  }

  /**
   * Say why a settled dispute is settled as it is.
   * @param {Dispute} dispute
   * @param {string} reason "" for none
   */
  giveReason(dispute, reason) {
    if (!dispute.settled || this.ui.closed) return;
    dispute.settled = { ...dispute.settled, reason };
    const sent = { dispute: dispute.ident, reason };
    this.settling.send(this.data.urls.reason, sent);
  }

  /**
   * Open a dispute again.
   * @param {number} ident
   * @returns {boolean} whether it was settled or put off
   */
  reopen(ident) {
    const { data, focused } = this;
    const dispute = this.find(ident);
    this.undoHistory.drop(this.path, ident);
    if (!dispute || isOpen(dispute) || this.ui.closed) return false;
    if (ident !== focused?.ident) this.comeBack();
    dispute.settled = null;
    dispute.deferred = false;
    this.settling.send(data.urls.undo, { dispute: ident });
    return true;
  }

  /** Have the queue come back to the dispute in focus, which is left without a choice. */
  comeBack() {
    const { focused, queue } = this;
    if (queue && focused && isOpen(focused) && !this.ui.closed) {
      queue.items.unshift({ ident: focused.ident, url: this.addressOf(focused.ident) });
    }
  }

  /** The page's address at a dispute. @param {number} ident */
  addressOf(ident) {
    const query = new URLSearchParams(this.query);
    query.delete("undo");
    query.set("at", String(ident));
    return `${this.path}?${query}`;
  }

  /** @param {Disputes} fresh as the server has them now @param {number} waiting */
  #accepted(fresh, waiting) {
    // While more is on its way, what the page shows is newer than this answer.
    if (waiting) return;
    const before = this.data.left_out;
    this.data = { ...fresh, urls: this.data.urls };
    this.codes = numbering(this.data.disputes);
    this.page.saveState("saved", this);
    this.page.render(this);
    this.page.leftOut(this, before);
  }
}

/** @param {Dispute[]} disputes @returns {Map<number, string>} */
function numbering(disputes) {
  return new Map(inOrder(disputes).map((dispute, index) => [dispute.ident, `D${index + 1}`]));
}
