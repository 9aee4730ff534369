/** How frames, their links and their attributes are told in words, as the schema calls them. */
import {
  hasSigns,
  isEmpty,
  isTarget,
  linkWord,
  reasonIn,
  reasonWords,
  valueWords,
  word,
} from "../text/schema.js";
import { shorten } from "../ui/dom.js";

/**
 * @typedef {import("../text/schema.js").Schema} Schema
 * @typedef {import("../text/schema.js").Attribute} Attribute
 * @typedef {import("../text/schema.js").LinkKind} LinkKind
 * @typedef {import("./disputes.js").Frame} Frame
 * @typedef {import("./disputes.js").Linked} Linked
 */

/** Facets that every frame has. */
const COMMON = ["missing", "boundary", "label", "unseen"];

/** What disputes call a kind of link. @param {LinkKind} kind */
function linkFacet({ facet, name }) {
  const called = facet || name;
  return COMMON.includes(called) ? `link:${called}` : called;
}

/** What disputes call an attribute. @param {Schema} schema @param {string} name */
function attributeFacet(schema, name) {
  const taken = [...COMMON, ...schema.links.map(linkFacet)];
  return taken.includes(name) ? `attribute:${name}` : name;
}

/**
 * The kind of link or the attribute that a facet is about; neither for the common ones.
 * @param {Schema} schema @param {string} label of the frame @param {string} facet
 * @returns {{kind?: LinkKind, attribute?: Attribute}}
 */
export function aboutFacet(schema, label, facet) {
  const kind = schema.links.find((other) => linkFacet(other) === facet);
  if (kind) return { kind };
  const own = schema.attributesOf(label);
  const others = [...schema.labels.flatMap((other) => other.attributes), ...schema.attributes];
  const attribute = [...own, ...others].find(
    (other) => attributeFacet(schema, other.name) === facet,
  );
  return attribute ? { attribute } : {};
}

/** @param {Schema} schema @param {string} label @param {string} facet */
export function facetWord(schema, label, facet) {
  const { kind, attribute } = aboutFacet(schema, label, facet);
  if (kind) return linkWord(kind);
  if (facet === "unseen") return "not looked at by all";
  return attribute ? word(attribute) : facet;
}

/** Kinds of links with several of their words. @param {Linked} linked @param {LinkKind} kind */
export function linkedWords({ span, attributes }, kind) {
  const said = kind.attributes
    .filter(({ name }) => !isEmpty(attributes?.[name]))
    .map((attribute) => `${word(attribute)}: ${valueWords(attribute, attributes[attribute.name])}`);
  const words = shorten(span.text, 40);
  return said.length ? `${words} (${said.join(", ")})` : words;
}

/**
 * What a frame says of one kind of link; "" when nothing.
 * @param {Schema} schema @param {Frame} frame @param {LinkKind} kind
 */
export function linkFacts(schema, { span, links }, kind) {
  const words = links
    .filter((link) => link.kind === kind.name)
    .map((one) => linkedWords(one, kind));
  if (words.length) return words.join(", ");
  const reason = reasonIn(kind, span.attributes);
  return reason ? reasonWords(kind, reason.value) : "";
}

/** What a frame says in an attribute. @param {Attribute} attribute @param {any} value */
export function attributeFact(attribute, value) {
  if (isTarget(attribute)) return `→ ${value}`;
  const words = valueWords(attribute, value);
  return hasSigns(attribute) || attribute.identity ? words : `${word(attribute)}: ${words}`;
}

/**
 * What a frame says beside its words: its links by kind, its attributes.
 * @param {Schema} schema @param {Frame} frame @returns {string}
 */
export function facts(schema, frame) {
  const { label, attributes } = frame.span;
  const parts = [];
  for (const kind of schema.kindsFrom(label)) {
    const words = linkFacts(schema, frame, kind);
    // Who owns needs no word for what it owns.
    if (words) parts.push(kind.owned ? words : `${linkWord(kind)}: ${words}`);
    else if (kind.required) parts.push(`no ${linkWord(kind)}`);
  }
  for (const attribute of schema.fieldsOf(label)) {
    const value = attributes?.[attribute.name];
    if (!attribute.fold && !isEmpty(value)) parts.push(attributeFact(attribute, value));
  }
  return parts.join(" · ");
}

/** What the frames of a label are called. @param {Schema} schema @param {string} label */
export function frameWord(schema, label) {
  return label ? schema.title(label).toLowerCase() : "document";
}
