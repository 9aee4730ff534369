/** Keys pressed while the next document is on its way: kept, and carried out in it in order. */
import { alertUser, announce, byId, el } from "../ui/dom.js";

/**
 * @typedef {object} Pressed what of a key event tells what it means
 * @property {string} key
 * @property {string} code
 * @property {boolean} ctrlKey
 * @property {boolean} metaKey
 * @property {boolean} shiftKey
 * @property {boolean} altKey
 * @property {boolean} isComposing
 */

/** Later keys are for the browser, or for moving about. */
const NEVER_KEPT = /^(?:Tab|F\d+|Control|Shift|Alt|Meta|CapsLock|PageUp|PageDown|Home|End)$/u;
/** After so long the wait is spoken of. */
const SPEAK_MS = 400;

/** @param {KeyboardEvent} event @returns {Pressed} */
function pressed({ key, code, ctrlKey, metaKey, shiftKey, altKey, isComposing }) {
  return { key, code, ctrlKey, metaKey, shiftKey, altKey, isComposing };
}

/** @param {number} count */
function keysIn(count) {
  return count === 1 ? "1 key waits" : `${count} keys wait`;
}

export class KeptKeys {
  /** @param {(event: Pressed) => void} perform @param {() => void} stay give up what was to come */
  constructor(perform, stay) {
    this.carryOut = perform;
    this.stay = stay;
    this.failed = false;
    /** @type {Pressed[]} */
    this.keys = [];
    this.waiting = false;
    this.timer = 0;
  }

  /** From now on keys are kept. */
  wait() {
    this.waiting = true;
    this.failed = false;
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => announce("Loading the next document."), SPEAK_MS);
  }

  /** From now on keys are carried out again. */
  stop() {
    this.waiting = false;
    clearTimeout(this.timer);
  }

  /** Forget the keys. */
  drop() {
    this.keys = [];
  }

  /**
   * Keep a key, where it has to wait. Escape takes those back that are kept.
   * @param {KeyboardEvent} event @returns {boolean} whether it was kept
   */
  takes(event) {
    if (!this.waiting || NEVER_KEPT.test(event.key)) return false;
    const isBrowsers = (event.ctrlKey || event.metaKey) && !["Enter", "z"].includes(event.key);
    if (isBrowsers || event.altKey) return false;
    if (event.key === "Escape") this.#giveUp();
    else this.keys.push(pressed(event));
    this.#count();
    return true;
  }

  /** Carry the kept keys out in order, until one of them leads to a document on its way. */
  perform() {
    while (this.keys.length && !this.waiting) {
      this.carryOut(/** @type {Pressed} */ (this.keys.shift()));
      if (this.keys.length && document.querySelector("dialog[open]")) {
        announce(`A dialog is open: ${this.keys.length} later keys are dropped.`);
        this.drop();
      }
    }
  }

  #giveUp() {
    this.drop();
    announce("The keys pressed meanwhile are dropped.");
    if (!this.failed) return;
    alertUser("");
    this.stay();
  }

  #count() {
    const box = document.getElementById("kept-keys");
    if (box) box.textContent = `${keysIn(this.keys.length)} for it.`;
  }

  /**
   * Say that the document did not come, how many keys wait for it, and what can be done.
   * @param {boolean} signedOut @param {() => void} again @param {() => void} without
   */
  sayFailure(signedOut, again, without) {
    clearTimeout(this.timer);
    this.failed = true;
    const why = signedOut
      ? "You are signed out: sign in in another tab, then try again."
      : "The next document could not be loaded. Try again, or press Esc to stay here.";
    alertUser(why);
    const count = el("p", { id: "kept-keys" });
    /** @param {string} words @param {() => void} click */
    const button = (words, click) =>
      el("button", { type: "button", class: "button", on: { click } }, words);
    const retry = button("Try again", () => {
      alertUser("");
      this.wait();
      again();
    });
    const fresh = button("Open it without these keys", () => {
      this.drop();
      without();
    });
    byId("alert").querySelector("button")?.remove();
    byId("alert").append(count, retry, " ", fresh);
    this.#count();
  }
}
