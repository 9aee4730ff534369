/** What a span, its links or the document have to have and lack. */
import { isEmpty, linkWord, reasonIn, word } from "./schema.js";

/**
 * @typedef {import("./schema.js").Schema} Schema
 * @typedef {import("./model.js").Shown} Shown
 *
 * @typedef {object} Missing what has to be there and is not
 * @property {"link"|"attribute"|"linkAttribute"} sort
 * @property {string} name of the kind of link, or of the attribute
 * @property {string} words
 * @property {number} [link] whose attribute it is
 */

/**
 * @param {Schema} schema
 * @param {import("./layer.js").Span} span
 * @param {Shown[]} links as shown at the span
 * @returns {Missing[]}
 */
export function missingOf(schema, { ident, label, attributes }, links) {
  /** @type {Missing[]} */
  const missing = [];
  for (const kind of schema.kindsFrom(label)) {
    const isHeld = links.some((link) => link.kind === kind.name);
    if (kind.required && !isHeld && !reasonIn(kind, attributes)) {
      missing.push({ sort: "link", name: kind.name, words: linkWord(kind) });
    }
  }
  for (const attribute of schema.attributesOf(label)) {
    if (attribute.required && isEmpty(attributes?.[attribute.name])) {
      missing.push({ sort: "attribute", name: attribute.name, words: word(attribute) });
    }
  }
  for (const link of links) {
    if (link.source === ident && !link.pending) missing.push(...lackedBy(schema, link));
  }
  return missing;
}

/**
 * Links that have to be there and wait for a span that nobody decided on.
 * @param {Schema} schema
 * @param {import("./model.js").View} view
 * @returns {Shown[]}
 */
export function waitingFor(schema, { span, links, state }) {
  if (state === "rejected" || state === "suggested") return [];
  return schema
    .kindsFrom(span.label)
    .filter((kind) => kind.required && !reasonIn(kind, span.attributes))
    .flatMap((kind) => {
      const held = links.filter((link) => link.kind === kind.name);
      return held.every((link) => link.pending) ? held.slice(0, 1) : [];
    });
}

/** @param {Schema} schema @param {Shown} link @returns {Missing[]} */
function lackedBy(schema, link) {
  const kind = schema.kind(link.kind);
  if (!kind) return [];
  const empty = kind.attributes.filter(
    (attribute) => attribute.required && isEmpty(link.attributes?.[attribute.name]),
  );
  return empty.map((attribute) => ({
    sort: "linkAttribute",
    name: attribute.name,
    words: `${linkWord(kind)}: ${word(attribute)}`,
    link: link.ident,
  }));
}
