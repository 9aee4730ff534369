/** Handles at the edges of the span in focus, to be dragged. */
import { locate, pointAt } from "../text/offsets.js";
import { byId, frameOf } from "./dom.js";

/** @typedef {import("../text/edges.js").Edge} Edge */

/** @type {Edge[]} */
const EDGES = ["start", "end"];

export class Handles {
  /**
   * @param {HTMLElement} root
   * @param {import("../review/session.js").Session} session
   * @param {import("./paint.js").Painter} painter
   * @param {(edge: Edge, point: number|null, byCharacter: boolean) => void} onMove
   * @param {(edge: Edge, wanted: boolean) => void} onDone
   */
  constructor(root, session, painter, onMove, onDone) {
    this.root = root;
    this.session = session;
    this.painter = painter;
    this.onMove = onMove;
    this.onDone = onDone;
    /** @type {Record<Edge, HTMLElement>} */
    this.nodes = { start: byId("handle-start"), end: byId("handle-end") };
    for (const edge of EDGES) {
      this.nodes[edge].addEventListener("pointerdown", (event) => this.#drag(event, edge));
    }
  }

  /** Put the handles where the edges are, or hide them where there is nothing to move. */
  place() {
    const { ui, focused } = this.session;
    const span = ui.preview?.span ?? focused?.span;
    const movable =
      focused && !ui.readOnly && focused.state !== "rejected" && focused.role !== "document";
    const pieces = movable ? this.painter.pieces({ ident: focused.ident, span }) : [];
    for (const edge of EDGES) {
      const node = this.nodes[edge];
      const piece = edge === "start" ? pieces[0] : pieces.at(-1);
      const boxes = piece?.getClientRects() ?? [];
      node.hidden = !boxes.length;
      node.classList.toggle("in-hand", ui.edge === edge);
      if (!boxes.length) continue;
      this.#put(node, span, pieces, edge);
    }
  }

  /**
   * The true place of an edge is the character's, not the box's: tags and hints widen the box.
   * @param {HTMLElement} node
   * @param {{start: number, end: number}} span
   * @param {HTMLElement[]} pieces
   * @param {Edge} edge
   */
  #put(node, span, pieces, edge) {
    const place = locate(this.root, this.session.text, span[edge], edge === "end");
    if (!place) return;
    const range = document.createRange();
    range.setStart(place.node, place.offset);
    const box = range.getClientRects()[0] ?? pieces[0].getBoundingClientRect();
    const frame = frameOf(node);
    node.style.setProperty(
      "transform",
      `translate(${box.left - frame.left}px, ${box.top - frame.top}px)`,
    );
    node.style.setProperty("--height", `${box.height}px`);
  }

  /** @param {PointerEvent} event @param {Edge} edge */
  #drag(event, edge) {
    event.preventDefault();
    const node = this.nodes[edge];
    node.setPointerCapture(event.pointerId);
    // The handle must not be what lies under the pointer.
    document.documentElement.classList.add("dragging");
    const move = (/** @type {PointerEvent} */ next) =>
      this.onMove(
        edge,
        pointAt(this.root, this.session.text, next.clientX, next.clientY),
        next.shiftKey,
      );
    const finish = (/** @type {PointerEvent} */ last) => {
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
