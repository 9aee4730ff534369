/**
 * What picked words can become: a span by itself, or one that is linked to the item in hand.
 * @typedef {import("./model.js").Model} Model
 * @typedef {import("./model.js").View} View
 * @typedef {import("./layer.js").Decision} Decision
 * @typedef {import("./layer.js").Place} Place
 * @typedef {import("./schema.js").LinkKind} LinkKind
 */
import { ranges } from "./layer.js";
import { linkTo, setLink } from "./linking.js";
import { add } from "./ops.js";

/**
 * The kind of link by which a new span of a label would belong to an item: one that was asked for,
 * else one that is missing, else the first that has room.
 * @param {Model} model
 * @param {View|null} view in hand
 * @param {string} label
 * @param {string|null} [asked] name of the kind that the reviewer asked to make
 * @returns {{kind: LinkKind|null, full: LinkKind|null}} `full` holds its one link already
 */
export function kindFor({ schema }, view, label, asked = null) {
  if (!view || view.state === "rejected") return { kind: null, full: null };
  const fitting = schema.kindsFrom(view.span.label).filter(({ name }) => {
    return schema.joins(name, view.span.label, label);
  });
  const isHeld = (/** @type {LinkKind} */ { name }) =>
    view.links.some((link) => link.kind === name);
  const isMissing = (/** @type {LinkKind} */ { name }) =>
    view.missing.some((missing) => missing.sort === "link" && missing.name === name);
  const open = fitting.filter((kind) => kind.many || !isHeld(kind));
  const kind = open.find(({ name }) => name === asked) ?? open.find(isMissing) ?? open[0] ?? null;
  return { kind, full: kind ? null : (fitting[0] ?? null) };
}

/**
 * The span of a label that covers these words and no others. One that was rejected comes last.
 * @param {Model} model @param {string} label @param {Place} place @returns {View|null}
 */
export function spanAt(model, label, place) {
  const wanted = JSON.stringify(ranges(place));
  const found = model
    .viewsAt(model.text.paragraphAt(place.start).index)
    .filter(({ span }) => span.label === label && JSON.stringify(ranges(span)) === wanted);
  return found.find((view) => view.state !== "rejected") ?? found[0] ?? null;
}

/**
 * Make a span of picked words and link the item in hand to it, or link to the span that these words
 * are already. Where there may be several links, the new one joins the others.
 * @param {Model} model
 * @param {View} view in hand
 * @param {LinkKind} kind
 * @param {string} label
 * @param {Place} place
 * @returns {{ident: number, decisions: Decision[]}}
 */
export function addLinked(model, view, kind, label, place) {
  const existing = spanAt(model, label, place);
  if (existing) {
    const { ident } = existing;
    return { ident, decisions: setLink(model, view, kind, ident, true) };
  }
  const { ident, decisions } = add(model, label, place.start, place.end);
  return { ident, decisions: [...decisions, ...linkTo(model, view, kind, ident, true)] };
}

/**
 * What a label's key makes of picked words, and how it is called.
 * @typedef {object} Offer
 * @property {import("./schema.js").Label} label
 * @property {string} words
 * @property {LinkKind|null} kind by which the span will be linked to the item in hand
 */

/**
 * What each label's key makes of picked words: what will be linked comes first.
 * @param {Model} model
 * @param {View|null} view in hand
 * @param {string|null} [asked] name of the kind that the reviewer asked to make
 * @returns {Offer[]}
 */
export function offersFor(model, view, asked = null) {
  const offers = model.labels.map((label) => {
    const title = label.title || label.name;
    const { kind, full } = kindFor(model, view, label.name, asked);
    if (kind) return { label, words: `${title} of ${view?.code}`, kind };
    return { label, words: full ? `${title}, not linked` : title, kind };
  });
  return [...offers.filter(({ kind }) => kind), ...offers.filter(({ kind }) => !kind)];
}
