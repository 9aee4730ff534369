/**
 * Taking suggestions into my layer: the spans asked for, the parts that they own, what rides along
 * with them, and the suggested links whose two ends then stand in it. A link is accepted with the
 * later of its two ends.
 * @typedef {import("./model.js").Model} Model
 * @typedef {import("./layer.js").Decision} Decision
 * @typedef {import("./layer.js").Link} Link
 * @typedef {import("./layer.js").Span} Span
 */
import { linkValue, spanValue } from "./layer.js";
import { ridersOf } from "./riding.js";

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
 * @param {number[]} idents to accept, as suggested or as they were changed since
 * @param {(link: Link) => boolean} [wanted] which suggested links come along
 * @returns {Decision[]} spans first, then links
 */
export function takeIn(model, idents, wanted = () => true) {
  const asked = new Set(idents.filter((ident) => model.canBeAccepted(ident)));
  /** @type {Set<number>} */
  const parts = new Set();
  /** @type {Set<number>} */
  const riders = new Set();
  for (const ident of asked) {
    for (const part of partsOf(model, ident, wanted)) if (!asked.has(part)) parts.add(part);
    for (const rider of ridersOf(model, ident)) if (!asked.has(rider)) riders.add(rider);
  }
  const coming = new Set([...parts, ...asked, ...riders]);
  const accepted = Array.from(coming, (ident) => {
    const span = model.layer.spans.get(ident) ?? model.suggested.get(ident);
    return spanDecision("accept", ident, spanValue(/** @type {Span} */ (span)));
  });
  const links = linksOf(model, coming, wanted);
  return [...accepted, ...links.map((link) => linkDecision("link", link.ident, linkValue(link)))];
}

/**
 * What a frame owns and nobody accepted yet.
 * @param {Model} model @param {number} ident @param {(link: Link) => boolean} wanted
 */
function partsOf(model, ident, wanted) {
  return model
    .offeredAt(ident)
    .filter((link) => {
      const label = model.views.get(link.target)?.span.label ?? "";
      return link.source === ident && model.schema.owns(link.kind, label) && wanted(link);
    })
    .map((link) => link.target)
    .filter((target) => model.canBeAccepted(target));
}

/**
 * The suggested links at what comes in, where both ends stand.
 * @param {Model} model
 * @param {Set<number>} coming
 * @param {(link: Link) => boolean} wanted
 */
function linksOf(model, coming, wanted) {
  const stands = (/** @type {number} */ ident) => coming.has(ident) || model.stands(ident);
  /** @type {Map<number, Link>} */
  const links = new Map();
  /** @type {Set<string>} sources whose one link of a kind is given */
  const full = new Set();
  for (const ident of coming) {
    for (const link of model.offeredAt(ident)) {
      const place = `${link.kind} ${link.source}`;
      if (!stands(link.source) || !stands(link.target) || links.has(link.ident)) continue;
      if (!wanted(link) || full.has(place)) continue;
      links.set(link.ident, link);
      if (!model.schema.kind(link.kind)?.many) full.add(place);
    }
  }
  return [...links.values()];
}
