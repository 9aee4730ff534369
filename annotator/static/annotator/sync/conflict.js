/** Both sides of a change that was made in two places, in words. */
import {
  DOCUMENT,
  hasSigns,
  isEmpty,
  isTarget,
  linkWord,
  valueWords,
  word,
} from "../text/schema.js";
import { shorten } from "../ui/dom.js";

/**
 * @typedef {{code: string, mine: string, theirs: string}} Sides
 * @typedef {import("../text/layer.js").Entry} Entry
 * @typedef {import("../text/model.js").Model} Model
 */

/**
 * @param {Model} model
 * @param {import("../text/layer.js").Subject} subject
 * @param {any} value
 * @param {any} link a value of the same link, where this one is gone
 */
function say(model, subject, value, link) {
  if (subject === "document") return attributeWords(model, DOCUMENT, value) || "nothing chosen";
  if (subject === "link") return sayLink(model, value, link);
  if (!value) return "not in the layer";
  if (value.rejected) return "rejected";
  const facts = [model.schema.title(value.label), attributeWords(model, value.label, value)];
  return `“${shorten(model.words(value), 120)}” · ${facts.filter(Boolean).join(" · ")}`;
}

/** @param {Model} model @param {any} value @param {any} link */
function sayLink(model, value, link) {
  const kind = model.schema.kind((value ?? link)?.kind ?? "");
  if (!kind) return value ? "linked" : "not linked";
  if (!value) return `${linkWord(kind)}: none`;
  const target = model.views.get(value.target);
  const words = target ? shorten(model.words(target.span), 60) : "a span that is gone";
  const attributes = kind.attributes
    .filter(({ name }) => !isEmpty(value.attributes?.[name]))
    .map((attribute) => valueWords(attribute, value.attributes[attribute.name]));
  return [`${linkWord(kind)}: ${words}`, ...attributes].join(" · ");
}

/** @param {Model} model @param {string} label @param {any} value */
function attributeWords({ schema }, label, value) {
  return schema
    .fieldsOf(label)
    .filter(({ name, fold }) => !fold && !isEmpty(value?.attributes?.[name]))
    .map((attribute) => {
      const said = valueWords(attribute, value.attributes[attribute.name]);
      if (isTarget(attribute)) return `→ ${said}`;
      return hasSigns(attribute) || attribute.identity ? said : `${word(attribute)}: ${said}`;
    })
    .join(" · ");
}

/**
 * @param {Model} model whose base holds the other side already
 * @param {Entry[][]} groups mine, that clash
 * @returns {Sides[]} one for each span or link that both changed to different things
 */
export function sidesOf(model, groups) {
  /** @type {Map<string, Entry>} */
  const last = new Map();
  for (const decision of groups.flat()) last.set(`${decision.subject} ${decision.ident}`, decision);
  const sides = Array.from(last.values(), ({ subject, ident, before, after }) => {
    const at = subject === "link" ? (after?.source ?? before?.source) : ident;
    const theirs = model.base.value(subject, ident);
    return {
      code: model.views.get(at)?.code ?? "",
      mine: say(model, subject, after, theirs ?? before),
      theirs: say(model, subject, theirs, after ?? before),
    };
  });
  return sides.filter(({ mine, theirs }) => mine !== theirs);
}
