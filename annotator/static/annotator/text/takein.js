/**
 * Taking suggestions into my layer: the spans asked for, the parts that they own, and the suggested
 * links whose two ends then stand in it. A link is accepted with the later of its two ends.
 * @typedef {import("./model.js").Model} Model
 * @typedef {import("./layer.js").Decision} Decision
 * @typedef {import("./layer.js").Link} Link
 * @typedef {import("./layer.js").Span} Span
 */
import { linkValue, spanValue } from "./layer.js";

/** @param {string} verb @param {number} ident @param {any} after @returns {Decision} */
export function spanDecision(verb, ident, after) {
  return { verb, subject: "span", ident, after };
}

/**
 * @param {string} verb
 * @param {number} ident
 * @param {import("./layer.js").LinkValue|null} after
 * @returns {Decision}
 */
export function linkDecision(verb, ident, after) {
  return { verb, subject: "link", ident, after };
}

/**
 * @param {Model} model
 * @param {number[]} idents suggestions to accept as they are
 * @param {Decision[]} [own] spans that come in with a decision of their own
 * @param {(link: Link) => boolean} [wanted] which suggested links come along
 * @returns {Decision[]} spans first, then links
 */
export function takeIn(model, idents, own = [], wanted = () => true) {
  const { layer, suggested, schema } = model;
  const isFresh = (/** @type {number} */ ident) => !layer.spans.has(ident) && suggested.has(ident);
  /** @type {Map<number, string>} labels of what comes in */
  const labels = new Map(own.map((decision) => [decision.ident, decision.after.label]));
  const asked = idents.filter((ident) => isFresh(ident) && !labels.has(ident));
  for (const ident of asked) labels.set(ident, suggested.get(ident)?.label ?? "");
  const labelOf = (/** @type {number} */ ident) =>
    labels.get(ident) ?? model.views.get(ident)?.span.label ?? "";
  const comes = (/** @type {Link} */ link) =>
    wanted(link) && schema.joins(link.kind, labelOf(link.source), labelOf(link.target));

  /** @type {number[]} */
  const parts = [];
  const fresh = [...labels.keys()].filter((ident) => !layer.spans.has(ident));
  for (const ident of fresh) {
    for (const link of model.offeredAt(ident)) {
      const { source, target } = link;
      const isPart = source === ident && schema.owns(link.kind, labelOf(target));
      if (!isPart || !comes(link) || labels.has(target) || !isFresh(target)) continue;
      parts.push(target);
      labels.set(target, labelOf(target));
    }
  }
  const accepted = [...parts, ...asked].map((ident) =>
    spanDecision("accept", ident, spanValue(/** @type {Span} */ (suggested.get(ident)))),
  );
  const links = linksOf(model, [...fresh, ...parts], labels, comes);
  return [
    ...accepted,
    ...own,
    ...links.map((link) => linkDecision("link", link.ident, linkValue(link))),
  ];
}

/**
 * The suggested links at what comes in, where both ends stand.
 * @param {Model} model
 * @param {number[]} fresh what is not mine yet
 * @param {Map<number, string>} labels of what comes in
 * @param {(link: Link) => boolean} comes
 */
function linksOf(model, fresh, labels, comes) {
  const stands = (/** @type {number} */ ident) => labels.has(ident) || model.layer.spans.has(ident);
  /** @type {Map<number, Link>} */
  const links = new Map();
  /** @type {Set<string>} sources whose one link of a kind is given */
  const full = new Set();
  for (const ident of fresh) {
    for (const link of model.offeredAt(ident)) {
      const place = `${link.kind} ${link.source}`;
      if (!stands(link.source) || !stands(link.target) || links.has(link.ident)) continue;
      if (!comes(link) || full.has(place)) continue;
      links.set(link.ident, link);
      if (!model.schema.kind(link.kind)?.many) full.add(place);
    }
  }
  return [...links.values()];
}
