/**
 * Searching the text: a box over it, the matches marked in the words, and the reading caret at the
 * one where the box is left.
 */
import { snapOut, wordStart } from "../text/edges.js";
import { rangeOf } from "../text/offsets.js";
import { firstFrom, search } from "../text/search.js";
import { byId } from "../ui/dom.js";

/** So many matches on either side of the current one are marked; more would be slow to paint. */
const AROUND = 20;
/** Words that are marked when the box opens are searched for, unless they are more than these. */
const LONGEST = 100;

/** @typedef {import("../text/search.js").Match} Match */

export class TextSearch {
  /**
   * @param {HTMLElement} root the article text
   * @param {HTMLElement} pane what scrolls
   * @param {import("./session.js").Session} session
   * @param {import("../ui/paint.js").Painter} painter
   * @param {import("../ui/caret.js").Picker} picker
   */
  constructor(root, pane, session, painter, picker) {
    this.root = root;
    this.pane = pane;
    this.session = session;
    this.painter = painter;
    this.picker = picker;
    this.form = /** @type {HTMLFormElement} */ (byId("text-search"));
    this.field = /** @type {HTMLInputElement} */ (byId("text-search-words"));
    this.count = byId("text-search-count");
    /** @type {Match[]} */
    this.matches = [];
    /** index of the current match */
    this.at = -1;
    /** where the search began */
    this.from = 0;
    this.field.addEventListener("input", () => this.#seek());
    this.form.addEventListener("submit", (event) => event.preventDefault());
    this.form.addEventListener("keydown", (event) => this.#onKey(event));
  }

  get isOpen() {
    return !this.form.hidden;
  }

  open() {
    const { picked } = this.picker;
    const words = picked ? this.session.text.slice(picked.start, picked.end) : "";
    this.from = this.picker.place();
    this.picker.clear();
    if (words && words.length <= LONGEST) this.field.value = words;
    this.form.hidden = false;
    this.field.focus();
    this.field.select();
    this.#seek();
  }

  /**
   * Leave the box, with the caret at the match.
   * @param {boolean} marked whether its words are marked, too
   */
  close(marked) {
    const match = this.matches[this.at];
    const { text, ui } = this.session;
    this.form.hidden = true;
    this.#highlight([], null);
    if (!match) return;
    this.picker.lookAt(match.start);
    // What is read only has nothing to mark.
    if (ui.readOnly) return;
    const words = marked ? snapOut(text, match.start, match.end) : null;
    if (words) this.picker.startAt(words.start, words.end);
    else this.picker.startAt(wordStart(text, match.start));
  }

  /** @param {1|-1} direction */
  step(direction) {
    const { length } = this.matches;
    if (!length) return;
    this.at = (this.at + direction + length) % length;
    this.#show();
  }

  /** Mark the matches again, after the words were painted. */
  paint() {
    if (!this.isOpen) return;
    const first = Math.max(0, this.at - AROUND);
    const near = this.matches.slice(first, this.at + AROUND + 1);
    this.#highlight(near, this.matches[this.at] ?? null);
  }

  #seek() {
    this.matches = search(this.session.text, this.field.value);
    this.at = firstFrom(this.matches, this.from);
    this.#show();
  }

  #show() {
    const match = this.matches[this.at];
    const found = match ? `${this.at + 1} of ${this.matches.length}` : "not found";
    this.count.textContent = this.field.value.trim() ? found : "";
    if (match) {
      this.painter.reveal(match.start);
      this.#scrollTo(match);
    }
    this.paint();
  }

  /** @param {Match} match */
  #scrollTo({ start, end }) {
    const box = rangeOf(this.root, this.session.text, start, end)?.getBoundingClientRect();
    if (!box) return;
    const frame = this.pane.getBoundingClientRect();
    const top = this.form.getBoundingClientRect().bottom;
    if (box.top > top && box.bottom < frame.bottom - frame.height * 0.4) return;
    this.pane.scrollBy({ top: box.top - frame.top - frame.height * 0.3 });
  }

  /**
   * Marks that pass: the words are not cut for them.
   * @param {Match[]} matches @param {Match|null} current
   */
  #highlight(matches, current) {
    if (!window.CSS?.highlights) return;
    const rangesOf = (/** @type {(Match|null)[]} */ places) =>
      places
        .map((place) => place && rangeOf(this.root, this.session.text, place.start, place.end))
        .filter((range) => range !== null);
    const others = matches.filter((match) => match !== current);
    CSS.highlights.set("match", new Highlight(...rangesOf(others)));
    CSS.highlights.set("match-now", new Highlight(...rangesOf([current])));
  }

  /** @param {KeyboardEvent} event */
  #onKey(event) {
    const isTyping = event.target === this.field;
    /** @type {Record<string, string>} */
    const clicks = { Escape: "leave", ArrowDown: "next", ArrowUp: "previous" };
    if (isTyping) clicks.Enter = "take";
    const name = clicks[event.key];
    if (!name || event.isComposing) return;
    // Else the browser would empty the field, or move in it.
    event.preventDefault();
    byId(`text-search-${name}`).click();
  }
}
