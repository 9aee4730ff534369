/**
 * Picking words: a reading caret for the keyboard, the mouse selection, and the little box that
 * asks for the label.
 */
import { moveEdge, snapOut, wordAt, wordStart } from "../text/edges.js";
import { canHavePieces } from "../text/ops.js";
import { locate, pointAt, rangeOf, selectionSpan } from "../text/offsets.js";
import { otherPlaces } from "../text/occurrences.js";
import { offersFor } from "../text/picked.js";
import { actionButton, announce, byId, frameOf, shorten } from "./dom.js";
import { caption } from "./keys.js";

/** So many signs of either end of the marked words are read out. */
const END = 40;

export class Picker {
  /**
   * @param {HTMLElement} root the article text
   * @param {import("../review/session.js").Session} session
   */
  constructor(root, session) {
    this.root = root;
    this.session = session;
    this.popup = byId("label-popup");
    this.mark = byId("caret");
    /** @type {{start: number, end: number}|null} what the label will apply to */
    this.picked = null;
    /** whether the label will apply to all other places of the words, too */
    this.everywhere = false;
    /**
     * @type {{point: number, focus: number|null}|null} where the reviewer clicked or searched, and
     *   what was in hand then
     */
    this.looked = null;
  }

  get caret() {
    return this.session.ui.caret;
  }

  /** Where the reviewer is in the text: at the caret, at what is marked, else where they look. */
  place() {
    return this.caret?.head ?? this.picked?.start ?? this.#lookedAt();
  }

  /** The reviewer looks at a place in the text. @param {number|null} point */
  lookAt(point) {
    this.looked = point === null ? null : { point, focus: this.session.ui.focus };
  }

  /** Start the caret where the reviewer is looking, at the beginning of a word. */
  start() {
    this.startAt(wordStart(this.session.text, this.#lookedAt()));
  }

  /**
   * Start the caret at a place, with the words up to another one marked.
   * @param {number} anchor
   * @param {number} [head]
   */
  startAt(anchor, head = anchor) {
    const { text } = this.session;
    this.session.ui.caret = { anchor, head };
    this.root.focus({ preventScroll: true });
    document.getSelection()?.removeAllRanges();
    this.#show(text);
    if (anchor === head) announce(`Caret at: ${wordAt(text, head)}. Shift and arrows mark words.`);
  }

  /** Where the reviewer clicked or searched with this item in hand, else where the item begins. */
  #lookedAt() {
    const { focused, ui } = this.session;
    if (this.looked && this.looked.focus === ui.focus) return this.looked.point;
    if (focused && focused.role !== "document") return focused.span.start;
    return this.#firstInView() ?? 0;
  }

  stop() {
    this.session.ui.caret = null;
    this.mark.hidden = true;
  }

  clear() {
    this.stop();
    this.picked = null;
    this.everywhere = false;
    this.popup.hidden = true;
    document.getSelection()?.removeAllRanges();
  }

  #firstInView() {
    const box = this.root.getBoundingClientRect();
    return pointAt(this.root, this.session.text, box.left + 30, Math.max(box.top, 120) + 20);
  }

  /** @param {1|-1} direction @param {"word"|"grapheme"|"natural"} unit @param {boolean} extend */
  move(direction, unit, extend) {
    const { text } = this.session;
    if (!this.caret) return;
    const { anchor, head } = this.caret;
    const paragraph = this.root.querySelector(`[data-p="${text.paragraphAt(head).index}"]`);
    const flipped =
      paragraph && getComputedStyle(paragraph).direction === "rtl"
        ? /** @type {1|-1} */ (-direction)
        : direction;
    // Extending stops behind words, moving stops before them: that is where a span ends and begins.
    const edge = extend && (flipped > 0 || head > anchor) ? "end" : "start";
    this.#place(moveEdge(text, head, flipped, unit, edge), extend);
  }

  /**
   * A line up or down, by what is on the screen.
   * @param {1|-1} direction
   * @param {boolean} extend
   */
  moveLine(direction, extend) {
    const { text } = this.session;
    const box = this.#headBox();
    if (!box || !this.caret) return;
    const step = parseFloat(getComputedStyle(this.root).lineHeight) || 32;
    const middle = box.top + box.height / 2;
    const below = pointAt(this.root, text, box.left, middle + direction * step);
    const paragraph = text.paragraphs[text.paragraphAt(this.caret.head).index + direction];
    const target = below ?? paragraph?.start;
    if (target === undefined || target === null || target === this.caret.head) return;
    this.#place(
      moveEdge(
        text,
        Math.max(0, target - 1),
        1,
        "word",
        extend && target > this.caret.anchor ? "end" : "start",
      ),
      extend,
    );
  }

  /** @param {number} point @param {boolean} extend */
  #place(point, extend) {
    const caret = this.caret;
    if (!caret) return;
    caret.head = point;
    if (!extend) caret.anchor = point;
    this.#show(this.session.text);
    if (caret.anchor === caret.head) announce(wordAt(this.session.text, point));
  }

  #headBox() {
    const { text } = this.session;
    if (!this.caret) return null;
    const place = locate(this.root, text, this.caret.head, this.caret.head > this.caret.anchor);
    if (!place) return null;
    const range = document.createRange();
    range.setStart(place.node, place.offset);
    return range.getClientRects()[0] ?? place.node.parentElement?.getBoundingClientRect() ?? null;
  }

  /** @param {import("../text/offsets.js").FrozenText} text */
  #show(text) {
    const box = this.#headBox();
    if (!box || !this.caret) return;
    const { anchor, head } = this.caret;
    this.mark.hidden = false;
    const frame = frameOf(this.mark);
    this.mark.style.setProperty(
      "transform",
      `translate(${box.left - frame.left}px, ${box.top - frame.top}px)`,
    );
    this.mark.style.setProperty("height", `${box.height}px`);
    this.mark.scrollIntoView({ block: "nearest" });
    const range =
      anchor === head
        ? null
        : rangeOf(this.root, text, Math.min(anchor, head), Math.max(anchor, head));
    const selection = document.getSelection();
    selection?.removeAllRanges();
    if (range) selection?.addRange(range);
    this.#offer(range ? { start: Math.min(anchor, head), end: Math.max(anchor, head) } : null);
  }

  /**
   * After the mouse (or Shift and arrows of the browser) selected words.
   * @param {boolean} exactly
   */
  selected(exactly) {
    if (this.session.ui.readOnly) return;
    const { text } = this.session;
    const raw = selectionSpan(this.root, text);
    this.#offer(raw ? snapOut(text, raw.start, raw.end, !exactly) : null);
  }

  /** Whether a label is to apply to all other places of the words, or no longer. */
  toggleEverywhere() {
    if (!this.picked) return;
    const { text } = this.session;
    const count = otherPlaces(text, this.picked.start, this.picked.end).length;
    this.everywhere = !this.everywhere && count > 0;
    const isInPopup = this.popup.contains(document.activeElement);
    this.#showPopup(this.picked);
    // Drawing again took the button away that had the focus.
    if (isInPopup) this.openPopup();
    const words = this.everywhere
      ? `All ${count + 1} places. Choose a label; each of the others waits to be looked at.`
      : "This place alone.";
    announce(count ? words : "These words stand nowhere else.");
  }

  /** @param {{start: number, end: number}|null} span */
  #offer(span) {
    this.picked = span ? snapOut(this.session.text, span.start, span.end, false) : null;
    this.everywhere = false;
    this.popup.hidden = !this.picked;
    if (!this.picked) return;
    const [first] = this.#showPopup(this.picked);
    const words = this.session.text.slice(this.picked.start, this.picked.end);
    const says = first?.kind ? ` ${caption(first.label.key)}: ${first.words}.` : "";
    announce(`Marked: ${ends(words)}.${says}`);
  }

  /** @param {{start: number, end: number}} picked @returns {import("../text/picked.js").Offer[]} */
  #showPopup(picked) {
    const { model, focused, ui, text } = this.session;
    const canJoin = focused && canHavePieces(focused);
    const offers = offersFor(model, focused, ui.linkAsked);
    const others = otherPlaces(text, picked.start, picked.end).length;
    this.popup.replaceChildren(
      ...offers.map(({ label, words }) =>
        actionButton("add", words, { key: caption(label.key), arg: label.name }),
      ),
      ...offers.filter(({ kind }) => kind).map(({ label }) => aloneButton(label)),
      ...(others ? [everywhereButton(others + 1, this.everywhere)] : []),
      ...(canJoin ? [actionButton("addPiece", `part of ${focused.code}`, { key: "p" })] : []),
      ...(canJoin && overlaps(focused.span, picked)
        ? [actionButton("takePiece", `not part of ${focused.code}`, { key: "⇧ p" })]
        : []),
      actionButton("escape", "✕", { class: "chip chip-square", name: "leave the selection" }),
    );
    this.#placePopup();
    return offers;
  }

  #placePopup() {
    if (!this.picked) return;
    const range = rangeOf(this.root, this.session.text, this.picked.start, this.picked.end);
    const boxes = range?.getClientRects() ?? [];
    const box = boxes[boxes.length - 1];
    if (!box) return;
    const frame = frameOf(this.popup);
    const width = this.popup.offsetWidth;
    const left = Math.max(4, Math.min(box.right - frame.left - width / 2, frame.width - width - 4));
    this.popup.style.setProperty(
      "transform",
      `translate(${left}px, ${box.bottom - frame.top + 14}px)`,
    );
  }

  openPopup() {
    this.popup.querySelector("button")?.focus();
  }
}

/** The two ends of long words: what changes is at one of them. @param {string} words */
function ends(words) {
  if (words.length <= 2 * END) return words;
  return `${shorten(words, END)} ${words.slice(-END).replace(/^[\udc00-\udfff]/u, "")}`;
}

/** What applies a label to all places of the words. @param {number} count @param {boolean} on */
function everywhereButton(count, on) {
  return actionButton("everywhere", `in all ${count} places`, { key: "⇧ a", pressed: on });
}

/** What adds a span and links it to nothing. @param {import("../text/schema.js").Label} label */
function aloneButton({ name, title, key }) {
  const shifted = /^\d$/u.test(key) ? { key: `⇧ ${key}` } : {};
  return actionButton("addAlone", `${title || name} alone`, { ...shifted, arg: name });
}

/** @param {{start: number, end: number}} one @param {{start: number, end: number}} other */
function overlaps(one, other) {
  return one.start < other.end && other.start < one.end;
}
