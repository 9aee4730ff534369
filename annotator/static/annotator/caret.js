/** Picking words: a reading caret for the keyboard, the mouse selection, and the little box that asks for the label. */
import { actionButton, byId } from "./dom.js";
import { moveEdge, snapOut } from "./edges.js";
import { locate, pointAt, rangeOf, selectionSpan } from "./offsets.js";

export class Picker {
  /** @param {HTMLElement} root the article text @param {import("./session.js").Session} session */
  constructor(root, session) {
    this.root = root;
    this.session = session;
    this.popup = byId("label-popup");
    this.mark = byId("caret");
    /** the span that the label will apply to */
    this.picked = null;
  }

  get caret() {
    return this.session.ui.caret;
  }

  /** Start the caret where the reviewer is looking. */
  start() {
    const { focused, text } = this.session;
    const point = focused ? focused.span.end : (this.#firstInView() ?? 0);
    this.session.ui.caret = { anchor: point, head: point };
    this.root.focus({ preventScroll: true });
    document.getSelection()?.removeAllRanges();
    this.#show(text);
  }

  stop() {
    this.session.ui.caret = null;
    this.mark.hidden = true;
  }

  clear() {
    this.stop();
    this.picked = null;
    this.popup.hidden = true;
    document.getSelection()?.removeAllRanges();
  }

  #firstInView() {
    const box = this.root.getBoundingClientRect();
    return pointAt(this.root, this.session.text, box.left + 30, Math.max(box.top, 120) + 20);
  }

  move(direction, unit, extend) {
    const { text } = this.session;
    const { anchor, head } = this.caret;
    const paragraph = this.root.querySelector(`[data-p="${text.paragraphAt(head).index}"]`);
    const flipped = paragraph && getComputedStyle(paragraph).direction === "rtl" ? -direction : direction;
    // Extending stops behind words, moving stops before them: that is where a span ends and begins.
    const edge = extend ? (flipped > 0 || head > anchor ? "end" : "start") : "start";
    this.#place(moveEdge(text, head, flipped, unit, edge), extend);
  }

  /** A line up or down, by what is on the screen. */
  moveLine(direction, extend) {
    const { text } = this.session;
    const box = this.#headBox();
    if (!box) return;
    const step = parseFloat(getComputedStyle(this.root).lineHeight) || 32;
    const found = pointAt(this.root, text, box.left, box.top + box.height / 2 + direction * step);
    const paragraph = text.paragraphs[text.paragraphAt(this.caret.head).index + direction];
    const target = found ?? paragraph?.start;
    if (target === undefined || target === null || target === this.caret.head) return;
    this.#place(moveEdge(text, Math.max(0, target - 1), 1, "word", extend && target > this.caret.anchor ? "end" : "start"), extend);
  }

  #place(point, extend) {
    const caret = this.caret;
    caret.head = point;
    if (!extend) caret.anchor = point;
    this.#show(this.session.text);
  }

  #headBox() {
    const { text } = this.session;
    const place = locate(this.root, text, this.caret.head, this.caret.head > this.caret.anchor);
    if (!place) return null;
    const range = document.createRange();
    range.setStart(place.node, place.offset);
    return range.getClientRects()[0] ?? place.node.parentElement.getBoundingClientRect();
  }

  #show(text) {
    const { anchor, head } = this.caret;
    const box = this.#headBox();
    if (!box) return;
    this.mark.hidden = false;
    const frame = this.mark.offsetParent.getBoundingClientRect();
    this.mark.style.setProperty("transform", `translate(${box.left - frame.left}px, ${box.top - frame.top}px)`);
    this.mark.style.setProperty("height", `${box.height}px`);
    this.mark.scrollIntoView({ block: "nearest" });
    const range = anchor === head ? null : rangeOf(this.root, text, Math.min(anchor, head), Math.max(anchor, head));
    const selection = document.getSelection();
    selection.removeAllRanges();
    if (range) selection.addRange(range);
    this.#offer(range ? { start: Math.min(anchor, head), end: Math.max(anchor, head) } : null);
  }

  /** After the mouse (or Shift and arrows of the browser) selected words. */
  selected(exactly) {
    if (this.session.ui.readOnly) return;
    const { text } = this.session;
    const raw = selectionSpan(this.root, text);
    this.#offer(raw ? snapOut(text, raw.start, raw.end, !exactly) : null);
  }

  #offer(span) {
    this.picked = span ? snapOut(this.session.text, span.start, span.end, false) : null;
    this.popup.hidden = !this.picked;
    if (!this.picked) return;
    const { model, focused } = this.session;
    const canJoin = focused && focused.role !== "speaker" && focused.state !== "rejected";
    this.popup.replaceChildren(
      ...model.labels.map((label) => actionButton("add", label.title || label.name, { key: label.key, arg: label.name })),
      ...(canJoin ? [actionButton("addPiece", `part of ${focused.code}`, { key: "p" })] : []),
      actionButton("escape", "✕", { class: "chip chip-square", name: "leave the selection" }),
    );
    this.#placePopup();
  }

  #placePopup() {
    const range = rangeOf(this.root, this.session.text, this.picked.start, this.picked.end);
    const boxes = range?.getClientRects() ?? [];
    const box = boxes[boxes.length - 1];
    if (!box) return;
    const frame = this.popup.offsetParent.getBoundingClientRect();
    const width = this.popup.offsetWidth;
    const left = Math.max(4, Math.min(box.right - frame.left - width / 2, frame.width - width - 4));
    this.popup.style.setProperty("transform", `translate(${left}px, ${box.bottom - frame.top + 14}px)`);
  }

  openPopup() {
    this.popup.querySelector("button")?.focus();
  }
}

/** Edge handles of the span in focus: dragged, or pressed through the card's buttons. */
export class Handles {
  constructor(root, session, painter, onMove, onDone) {
    Object.assign(this, { root, session, painter, onMove, onDone });
    this.nodes = { start: byId("handle-start"), end: byId("handle-end") };
    for (const [edge, node] of Object.entries(this.nodes)) node.addEventListener("pointerdown", (event) => this.#drag(event, edge));
  }

  place() {
    const { ui, focused } = this.session;
    const pieces = focused && !ui.readOnly && focused.state !== "rejected" ? this.painter.pieces(focused.ident) : [];
    for (const [edge, node] of Object.entries(this.nodes)) {
      const boxes = pieces.length ? (edge === "start" ? pieces[0] : pieces[pieces.length - 1]).getClientRects() : [];
      node.hidden = !boxes.length;
      node.classList.toggle("in-hand", ui.edge === edge);
      if (!boxes.length) continue;
      this.#put(node, pieces, edge);
    }
  }

  /** The true place of an edge is the character's, not the box's: tags and hints widen the box. */
  #put(node, pieces, edge) {
    const { text, ui, focused } = this.session;
    const span = ui.preview?.span ?? focused.span;
    const place = locate(this.root, text, span[edge], edge === "end");
    const range = document.createRange();
    range.setStart(place.node, place.offset);
    const box = range.getClientRects()[0] ?? pieces[0].getBoundingClientRect();
    const frame = node.offsetParent.getBoundingClientRect();
    node.style.setProperty("transform", `translate(${box.left - frame.left}px, ${box.top - frame.top}px)`);
    node.style.setProperty("--height", `${box.height}px`);
  }

  #drag(event, edge) {
    event.preventDefault();
    const node = this.nodes[edge];
    node.setPointerCapture(event.pointerId);
    // The handle must not be what lies under the pointer.
    document.documentElement.classList.add("dragging");
    const move = (next) => this.onMove(edge, pointAt(this.root, this.session.text, next.clientX, next.clientY), next.shiftKey);
    const finish = (last) => {
      node.removeEventListener("pointermove", move);
      node.removeEventListener("pointerup", finish);
      node.removeEventListener("pointercancel", finish);
      document.documentElement.classList.remove("dragging");
      this.onDone(edge, last.type === "pointerup");
    };
    node.addEventListener("pointermove", move);
    node.addEventListener("pointerup", finish);
    node.addEventListener("pointercancel", finish);
  }
}

/** The spans under a click, the innermost first. @returns {number[]} */
export function spansAt(target) {
  const found = [];
  for (let node = target.closest?.("[data-span]"); node; node = node.parentElement?.closest("[data-span]")) {
    const ident = Number(node.dataset.span);
    if (!found.includes(ident)) found.push(ident);
  }
  return found;
}

