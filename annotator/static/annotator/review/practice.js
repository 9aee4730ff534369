/**
 * A round of practice: three prepared items, one thing at a time. It looks and works like a review,
 * but nothing goes to the server.
 */
import { announce, byId, el, kbd } from "../ui/dom.js";
import { caption } from "../ui/keys.js";

/**
 * @typedef {import("../text/layer.js").Entry} Entry
 * @typedef {import("../text/model.js").View} View
 * @typedef {{action: string, arg?: any, button: string}} KeyOf a button with its key
 *
 * @typedef {object} Step
 * @property {number} span that it is about
 * @property {Record<string, any>} [attributes] that are right
 * @property {boolean} [reject] whether rejecting it is right
 * @property {(string|KeyOf)[]} words
 * @property {string} wrong why another decision is not right
 */

/** What needs a server, and is not there in practice. */
export const NOT_IN_PRACTICE = new Set(["comment", "flag", "settledBefore"]);

/** Takes what is decided, and keeps it nowhere. */
export class PracticeOutbox {
  /** @param {{version: number, onSaved: (groups: Entry[][]) => void}} options */
  constructor({ version, onSaved }) {
    this.version = version;
    this.onSaved = onSaved;
    /** @type {Entry[][]} */
    this.groups = [];
    this.size = 0;
  }

  /** @returns {Entry[][]} */
  adopt() {
    return [];
  }

  /** @param {Entry[]} group */
  push(group) {
    this.onSaved([group]);
  }

  async flush() {}

  close() {}
}

export class Practice {
  /**
   * @param {import("./session.js").Session} session
   * @param {import("../ui/keymap.js").Keymap} keymap
   * @param {Step[]} steps
   */
  constructor(session, keymap, steps) {
    this.session = session;
    this.keymap = keymap;
    this.steps = steps;
    this.drawn = "";
  }

  /** @param {Step} step @returns {View} */
  #view({ span }) {
    return /** @type {View} */ (this.session.model.views.get(span));
  }

  /** @param {Step} step */
  #isRight(step) {
    const { state, settled, span } = this.#view(step);
    if (step.reject || state === "rejected") return Boolean(step.reject) && state === "rejected";
    const wanted = Object.entries(step.attributes ?? {});
    return settled && wanted.every(([name, value]) => span.attributes[name] === value);
  }

  get isDone() {
    return this.steps.every((step) => this.#isRight(step));
  }

  /** Handing in is the end of it, once all is right. */
  leave() {
    if (this.isDone) /** @type {HTMLFormElement} */ (byId("practice-leave")).requestSubmit();
    else announce(byId("practice-words").textContent ?? "");
  }

  /** Say what is to be done now. */
  render() {
    const at = this.steps.findIndex((step) => !this.#isRight(step));
    const words = at < 0 ? this.#end() : this.#words(this.steps[at]);
    const drawn = JSON.stringify([at, words.map((node) => node.textContent)]);
    if (drawn === this.drawn) return;
    this.drawn = drawn;
    byId("practice-count").textContent = at < 0 ? "" : `${at + 1} of ${this.steps.length}`;
    byId("practice-words").replaceChildren(...words);
    byId("practice-button").textContent = at < 0 ? "Go on to the documents" : "Skip the practice";
    byId("practice-button").classList.toggle("button-primary", at < 0);
  }

  /** @param {Step} step @returns {Node[]} */
  #words(step) {
    const { focused } = this.session;
    const view = this.#view(step);
    const parts = [];
    const isDecided = view.state === "rejected" || view.settled;
    if (isDecided) {
      const undo = { action: "undo", button: "Undo" };
      parts.push(`${step.wrong} `, ...this.#key(undo), " takes it back.");
    } else {
      const isElsewhere = focused?.ident !== step.span;
      parts.push(isElsewhere ? `Take ${view.code} in hand with a click. ` : `${view.code}: `);
      for (const part of step.words) parts.push(...this.#key(part));
    }
    return parts.map((part) => (typeof part === "string" ? new Text(part) : part));
  }

  /** @returns {Node[]} */
  #end() {
    const finish = this.#key({ action: "finish", button: "Finish" });
    const parts = [
      "That was all of it. ",
      ...finish,
      " hands a document in. Nothing of this practice was kept; the help has it again.",
    ];
    return parts.map((part) => (typeof part === "string" ? new Text(part) : part));
  }

  /** A button's name and its key. @param {string|KeyOf} part @returns {(string|Node)[]} */
  #key(part) {
    if (typeof part === "string") return [part];
    const label = this.session.focused?.span.label;
    const [key = ""] = this.keymap.bindingOf(part.action, part.arg, label)?.keys ?? [];
    const name = el("strong", {}, part.button);
    return key ? [name, " ", kbd(caption(key))] : [name];
  }
}
