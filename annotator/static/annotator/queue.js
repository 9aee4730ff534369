/** The queue: what waits, then what is settled. A grid with one tab stop; the spine of the page for a screen reader. */
import { el, shorten } from "./dom.js";
import { STANCE_MARKS } from "./keys.js";

const WINDOW = 80;

export const STATES = {
  suggested: { mark: "?", word: "suggested" },
  accepted: { mark: "✓", word: "accepted" },
  edited: { mark: "✎", word: "edited" },
  added: { mark: "+", word: "added" },
  rejected: { mark: "✕", word: "rejected" },
};

const inText = (one, other) => one.span.start - other.span.start || other.span.end - one.span.end;
const leastSure = (one, other) => (one.score ?? 1) - (other.score ?? 1) || inText(one, other);

/**
 * @typedef {import("./model.js").View} View
 * @param {import("./model.js").Model} model
 * @param {{filter: string, held: number|null, showRejected: boolean, focus: number|null}} ui
 * @returns {{open: View[], done: View[], items: View[]}}
 */
export function queueItems(model, ui) {
  const all = [...model.views.values()].filter((view) => ui.filter === "all" || model.queued(view));
  const waits = (view) => !view.settled && model.queued(view);
  // The item in hand keeps its place until the reviewer goes on, whatever becomes of it.
  const open = all.filter((view) => waits(view) || view.ident === ui.held);
  const listed = ui.filter === "incomplete" ? open.filter((view) => view.missing.length || view.ident === ui.held) : open;
  if (ui.filter === "sure") listed.sort(leastSure);
  const kept = (view) => view.state !== "rejected" || ui.showRejected || view.ident === ui.focus;
  const done = ui.filter === "incomplete" ? [] : all.filter((view) => !waits(view) && view.ident !== ui.held && kept(view));
  return { open: listed, done, items: [...listed, ...done] };
}

/** @returns {{settled: number, total: number, waiting: View[]}} */
export function progress(model) {
  const all = [...model.views.values()].filter((view) => model.queued(view));
  const waiting = all.filter((view) => !view.settled);
  return { settled: all.length - waiting.length, total: all.length, waiting };
}

function needs(view) {
  if (view.missing.length) return el("span", { class: "needs", title: `missing: ${view.missing.join(", ")}` }, "!", hidden(` missing: ${view.missing.join(", ")}`));
  const stance = view.span.attributes?.stance;
  return stance ? el("span", { title: stance }, STANCE_MARKS[stance] ?? "", hidden(stance)) : null;
}

export function hidden(words) {
  return el("span", { class: "visually-hidden" }, words);
}

function cell(name, ...children) {
  return el("span", { role: "gridcell", class: `cell-${name}` }, ...children);
}

function row(model, view, ui, index) {
  const focused = view.ident === ui.focus;
  const state = STATES[view.state];
  return el(
    "div",
    {
      role: "row",
      class: `queue-row${view.settled ? " settled" : ""}`,
      id: `row-${view.ident}`,
      tabindex: focused ? 0 : -1,
      "aria-selected": focused,
      "aria-current": focused ? "true" : null,
      "aria-rowindex": index + 1,
      data: { ident: view.ident, rowState: view.state },
    },
    cell("state", el("span", { "aria-hidden": "true" }, state.mark), hidden(state.word)),
    cell("code", view.code),
    cell("text", el("span", { dir: "auto" }, shorten(model.words(view.span), 90))),
    cell("needs", needs(view)),
    cell("score", view.state === "suggested" && view.score !== null ? view.score.toFixed(2) : ""),
  );
}

/**
 * Draw the rows around the current one; a list of thousands would be slow for nothing.
 * @param {HTMLElement} grid
 */
export function renderQueue(grid, model, ui, listed) {
  const { open, items } = listed;
  const at = Math.max(0, items.findIndex((view) => view.ident === ui.focus));
  const from = Math.max(0, Math.min(at - WINDOW / 2, items.length - WINDOW));
  const visible = items.slice(from, from + WINDOW);
  const rows = visible.map((view, index) => row(model, view, ui, from + index));
  const boundary = open.length - from;
  const before = from ? [more(from, "above")] : [];
  const after = items.length - from - visible.length;
  if (boundary > 0 && boundary < rows.length) rows.splice(boundary, 0, heading("Settled"));
  if (boundary > 0) rows.unshift(heading(ui.filter === "sure" ? "Least sure first" : "Unsettled"));
  else if (rows.length) rows.unshift(heading("Settled"));
  if (!rows.some((node) => node.tabIndex === 0)) rows.find((node) => node.dataset.ident)?.setAttribute("tabindex", "0");
  grid.setAttribute("aria-rowcount", String(items.length));
  grid.replaceChildren(...before, ...rows, ...(after > 0 ? [more(after, "below")] : []));
}

/** Headings sit between the rows for the eye; each row says its own state. */
function heading(words) {
  return el("div", { class: "queue-heading", "aria-hidden": "true" }, words);
}

function more(count, where) {
  return el("div", { class: "queue-heading", "aria-hidden": "true" }, `${count} more ${where}`);
}

/** The item that comes after (or before) a place among those that wait; round to the other end when there is none. */
export function neighbour(items, current, direction, ordered) {
  const others = items.filter((view) => view.ident !== current?.ident);
  if (!others.length) return null;
  if (!current || !ordered) return others[0];
  const beyond = direction > 0 ? others.find((view) => inText(view, current) > 0) : others.findLast((view) => inText(view, current) < 0);
  return beyond ?? (direction > 0 ? others[0] : others[others.length - 1]);
}
