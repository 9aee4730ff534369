/**
 * The queue: what waits, then what is settled. A grid with one tab stop; the spine of the page for
 * a screen reader.
 */
import { confidenceWords, isUncalibrated, sureness } from "../text/confidence.js";
import { byPlace } from "../text/model.js";
import { signOf } from "../text/schema.js";
import { el, hidden, shorten } from "../ui/dom.js";
import { matches } from "./find.js";
import { STATES } from "./states.js";

/**
 * @typedef {import("../text/model.js").View} View
 * @typedef {import("../text/model.js").Model} Model
 * @typedef {import("./session.js").Ui} Ui
 * @typedef {{open: View[], done: View[], items: View[]}} Listed
 */

const WINDOW = 60;
const HEADINGS = {
  order: "Unsettled",
  sure: "Least sure first",
  incomplete: "Incomplete",
  all: "Unsettled",
};

const leastSure = (/** @type {View} */ one, /** @type {View} */ other) =>
  sureness(one) - sureness(other) || byPlace(one, other);

/** @param {Model} model @param {Ui} ui @returns {Listed} */
export function queueItems(model, ui) {
  if (ui.find) {
    const matching = model.inOrder.filter((view) => matches(model, view, ui.find));
    return { open: matching, done: [], items: matching };
  }
  const open = [];
  const done = [];
  for (const view of model.inOrder) {
    const queued = model.queued(view);
    if (!queued && ui.filter !== "all") continue;
    // The item in hand keeps its place until the reviewer goes on, whatever becomes of it.
    if (view.ident === ui.held || (queued && !view.settled)) {
      if (ui.filter !== "incomplete" || view.missing.length || view.ident === ui.held) {
        open.push(view);
      }
    } else if (
      ui.filter !== "incomplete" &&
      (view.state !== "rejected" || ui.showRejected || view.ident === ui.focus)
    ) {
      done.push(view);
    }
  }
  if (ui.filter === "sure") open.sort(leastSure);
  return { open, done, items: [...open, ...done] };
}

/** @param {Model} model @returns {{settled: number, total: number, waiting: View[]}} */
export function progress(model) {
  const all = model.inOrder.filter((view) => model.queued(view));
  const waiting = all.filter((view) => !view.settled);
  return { settled: all.length - waiting.length, total: all.length, waiting };
}

/** @param {Model} model @param {View} view */
function needs(model, view) {
  const missing = view.missing.map(({ words }) => words).join(", ");
  if (missing) {
    return el(
      "span",
      { class: "needs", title: `missing: ${missing}` },
      "!",
      hidden(` missing: ${missing}`),
    );
  }
  for (const attribute of model.schema.fieldsOf(view.span.label)) {
    const value = view.span.attributes?.[attribute.name];
    const sign = signOf(attribute, value);
    if (sign) return el("span", { title: value }, sign, hidden(value));
  }
  return null;
}

/** @param {string} name @param {...(Node|string|null)} children */
function cell(name, ...children) {
  return el("span", { role: "gridcell", class: `cell-${name}` }, ...children);
}

/** @param {Model} model @param {View} view */
function row(model, view) {
  const state = STATES[view.state];
  const isDocument = view.role === "document";
  const words = isDocument ? "document" : shorten(model.words(view.span), 160);
  return el(
    "div",
    {
      role: "row",
      class: `queue-row${view.settled ? " settled" : ""}`,
      id: `row-${view.ident}`,
      data: { ident: view.ident, rowState: view.state, label: view.span.label },
    },
    cell("state", el("span", { "aria-hidden": "true" }, state.mark), hidden(state.word)),
    cell("code", view.code),
    cell("text", el("span", { dir: "auto" }, words)),
    cell("needs", needs(model, view)),
    cell("score", ...scoreOf(view)),
  );
}

/** What a row says of a suggestion's confidence; words do not fit. @param {View} view */
function scoreOf(view) {
  if (!isUncalibrated(view)) return [confidenceWords(view)];
  return [el("span", { "aria-hidden": "true" }, "–"), hidden("not calibrated")];
}

/** Headings sit between the rows for the eye; each row says its own state. @param {string} words */
function heading(words) {
  return el("div", { class: "queue-heading", "aria-hidden": "true" }, words);
}

export class Queue {
  /** @param {HTMLElement} grid @param {Model} model @param {Ui} ui */
  constructor(grid, model, ui) {
    this.grid = grid;
    this.model = model;
    this.ui = ui;
    /** @type {Map<number, {view: View, node: HTMLElement}>} rows that are on the page */
    this.rows = new Map();
    /** the place in the list of the item that was in hand last */
    this.at = 0;
  }

  /**
   * Draw the rows around the current one; a list of thousands would be slow for nothing.
   * @param {Listed} listed
   */
  render({ open, items }) {
    const { ui } = this;
    const found = items.findIndex((view) => view.ident === ui.focus);
    // What is in hand and has no row leaves the others where they are.
    const at = found < 0 ? Math.max(0, Math.min(this.at, items.length - 1)) : found;
    this.at = at;
    const from = Math.max(0, Math.min(at - WINDOW / 2, items.length - WINDOW));
    const visible = items.slice(from, from + WINDOW);
    const nodes = visible.map((view, index) => this.#row(view, from + index));
    if (found < 0) nodes[at - from]?.setAttribute("tabindex", "0");
    const boundary = open.length - from;
    const after = items.length - from - visible.length;
    const first = ui.find ? "Found" : HEADINGS[ui.filter];
    if (boundary > 0 && boundary < nodes.length) nodes.splice(boundary, 0, heading("Settled"));
    if (nodes.length) nodes.unshift(heading(boundary > 0 ? first : "Settled"));
    if (from) nodes.unshift(heading(`${from} more above`));
    if (after > 0) nodes.push(heading(`${after} more below`));
    this.grid.setAttribute("aria-rowcount", String(items.length));
    this.#settle(nodes);
    const shown = new Set(visible.map((view) => view.ident));
    for (const ident of this.rows.keys()) if (!shown.has(ident)) this.rows.delete(ident);
  }

  /** @param {View} view @param {number} index */
  #row(view, index) {
    let known = this.rows.get(view.ident);
    if (known?.view !== view) {
      known = { view, node: row(this.model, view) };
      this.rows.set(view.ident, known);
    }
    const focused = view.ident === this.ui.focus;
    const wanted = {
      tabindex: focused ? "0" : "-1",
      "aria-selected": String(focused),
      "aria-current": String(focused),
      "aria-rowindex": String(index + 1),
    };
    for (const [name, value] of Object.entries(wanted)) {
      if (known.node.getAttribute(name) !== value) known.node.setAttribute(name, value);
    }
    return known.node;
  }

  /**
   * Put the nodes in place and touch none that stands there already.
   * @param {HTMLElement[]} nodes
   */
  #settle(nodes) {
    const kept = new Set(nodes);
    for (const child of [...this.grid.children]) {
      if (!kept.has(/** @type {HTMLElement} */ (child))) child.remove();
    }
    let place = this.grid.firstChild;
    for (const node of nodes) {
      if (node === place) place = place.nextSibling;
      else this.grid.insertBefore(node, place);
    }
  }
}

/**
 * The item that comes after (or before) a place among those that wait; round to the other end when
 * there is none.
 * @param {View[]} items
 * @param {View|null} current
 * @param {1|-1} direction
 * @param {boolean} ordered
 * @returns {View|null}
 */
export function neighbour(items, current, direction, ordered) {
  const others = items.filter((view) => view.ident !== current?.ident);
  if (!others.length) return null;
  if (!current || !ordered) return others[0];
  const beyond =
    direction > 0
      ? others.find((view) => byPlace(view, current) > 0)
      : others.findLast((view) => byPlace(view, current) < 0);
  return beyond ?? (direction > 0 ? others[0] : others[others.length - 1]);
}
