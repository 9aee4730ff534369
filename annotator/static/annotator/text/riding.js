/**
 * What rides along: a span of a label that folds belongs to the nearest frame of its paragraph, and
 * is accepted with it.
 * @typedef {import("./layer.js").Span} Span
 * @typedef {import("./model.js").Model} Model
 */
import { ranges } from "./layer.js";

/**
 * The suggested spans that ride along, by the suggested frame that they ride with. It is found
 * once, from what was suggested: what becomes of a frame gives its riders to no other one.
 * @param {Model} model
 * @returns {Map<number, number[]>}
 */
export function ridersByHead({ suggested, schema, text }) {
  /** @type {Map<number, Span[]>} frames by the paragraphs that they touch */
  const heads = new Map();
  /** @type {Span[]} */
  const riders = [];
  const inOrder = [...suggested.values()].sort(
    (one, other) => one.start - other.start || one.ident - other.ident,
  );
  for (const span of inOrder) {
    const role = schema.role(span.label);
    if (role === "fold") riders.push(span);
    if (role !== "frame" && role !== "plain") continue;
    const first = text.paragraphAt(span.start).index;
    const last = text.paragraphAt(Math.max(span.start, span.end - 1)).index;
    for (let index = first; index <= last; index += 1) {
      if (!heads.has(index)) heads.set(index, []);
      heads.get(index)?.push(span);
    }
  }
  /** @type {Map<number, number[]>} */
  const byHead = new Map();
  for (const rider of riders) {
    const head = nearest(rider, heads.get(text.paragraphAt(rider.start).index) ?? []);
    if (head) byHead.set(head.ident, [...(byHead.get(head.ident) ?? []), rider.ident]);
  }
  return byHead;
}

/**
 * What is accepted with a frame, as it rides along. What lacks something does not: a person has to
 * fill it in.
 * @param {Model} model @param {number} ident
 */
export function ridersOf(model, ident) {
  return (model.riders.get(ident) ?? []).filter((rider) => {
    const view = model.views.get(rider);
    const isRider = view?.role === "fold" && view.state !== "rejected" && !view.missing.length;
    return isRider && model.canBeAccepted(rider);
  });
}

/** @param {Span} rider @param {Span[]} heads in text order; of equals the earlier counts */
function nearest(rider, heads) {
  /** @type {Span|null} */
  let best = null;
  let least = Infinity;
  for (const head of heads) {
    const distance = gap(rider, head);
    if (distance >= least) continue;
    best = head;
    least = distance;
  }
  return best;
}

/** Characters between two spans. @param {Span} one @param {Span} other */
function gap(one, other) {
  let least = Infinity;
  for (const [start, end] of ranges(one)) {
    for (const [from, to] of ranges(other)) {
      least = Math.min(least, Math.max(from - end, start - to, 0));
    }
  }
  return least;
}
