/** Asking for the value of an attribute in a dialog. */
import { isEmpty, isTarget, signed } from "../text/schema.js";
import { choose, chooseSeveral } from "../ui/dialogs.js";

/**
 * @typedef {import("../text/model.js").Model} Model
 * @typedef {import("../text/schema.js").Attribute} Attribute
 * @typedef {import("../ui/dialogs.js").Item} Item
 *
 * @typedef {object} Question
 * @property {string} title
 * @property {any} current
 * @property {any} last given for this attribute before
 * @property {boolean} ofLink
 */

/**
 * The values to choose from: the document's own targets, those in use, and none.
 * @param {Model} model @param {Attribute} attribute @param {boolean} ofLink
 * @returns {Item[]}
 */
function textItems(model, attribute, ofLink) {
  const isOfTarget = !ofLink && isTarget(attribute);
  const links = ofLink ? model.inOrder.flatMap((view) => view.links) : [];
  const holders = ofLink ? links : model.inOrder.map((view) => view.span);
  const used = holders.map((holder) => holder.attributes?.[attribute.name]);
  const own = isOfTarget ? (model.document.targets ?? []) : [];
  const names = new Set([...own, ...used.filter((value) => !isEmpty(value))]);
  const fallback = isOfTarget ? model.document.default_target : null;
  const none = fallback
    ? { value: null, label: "default", note: `(${fallback})` }
    : { value: null, label: isOfTarget ? "no target" : "nothing" };
  return [...Array.from(names, (name) => ({ value: name, label: String(name) })), none];
}

/** @param {Attribute} attribute @returns {Item[]} */
function choiceItems(attribute) {
  const none = attribute.required ? [] : [{ value: null, label: "nothing" }];
  if (attribute.kind === "flag") {
    return [{ value: true, label: "yes" }, { value: false, label: "no" }, ...none];
  }
  const choices = attribute.choices.map((choice) => ({
    value: choice,
    label: signed(attribute, choice),
  }));
  return [...choices, ...none];
}

/**
 * @param {Model} model @param {Attribute} attribute @param {Question} question
 * @returns {Promise<{value: any}|null>} null when left; what is typed is text
 */
export function askValue(model, attribute, { title, current, last, ofLink }) {
  if (attribute.kind === "choices") {
    return chooseSeveral({ title, choices: attribute.choices, held: current ?? [] });
  }
  const repeat = isEmpty(last) ? null : { key: "t", value: last };
  if (attribute.kind === "choice" || attribute.kind === "flag") {
    const items = choiceItems(attribute);
    return choose({ title, items, repeat, placeholder: "Search the choices" });
  }
  const items = textItems(model, attribute, ofLink);
  if (isTarget(attribute)) {
    return choose({
      title,
      items,
      free: true,
      repeat,
      placeholder: "Search, or write another target",
    });
  }
  return choose({
    title,
    items,
    free: true,
    typing: true,
    written: isEmpty(current) ? "" : String(current),
    placeholder: attribute.kind === "number" ? "Write a number" : "Write, or choose below",
  });
}
