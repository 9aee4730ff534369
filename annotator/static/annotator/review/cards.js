/**
 * Cards of spans. The one in focus holds everything that can be done by mouse; the others tell the
 * state.
 */
import { confidenceWords } from "../text/confidence.js";
import { ranges } from "../text/layer.js";
import { hasSigns, isEmpty, isTarget, linkWord, signed, valueWords, word } from "../text/schema.js";
import { el, hidden, shorten } from "../ui/dom.js";
import {
  attributeFields,
  decideField,
  edgeField,
  labelField,
  mention,
  reasonOf,
} from "./cardfields.js";
import { badge, STATES } from "./states.js";

/**
 * @typedef {import("../text/model.js").Model} Model
 * @typedef {import("../text/model.js").View} View
 * @typedef {import("../text/schema.js").Attribute} Attribute
 * @typedef {import("../text/schema.js").LinkKind} LinkKind
 *
 * @typedef {object} Keyed what the cards need beside the page's state
 * @property {(action: string, arg?: any) => string} keyOf for the span in hand
 * @property {LinkKind|null} firstKind of the span in hand
 * @typedef {import("./session.js").Ui & Keyed} CardUi
 */

/** @param {Model} model @param {View} view */
function describe(model, view) {
  if (view.role === "document") return "the document";
  const notes = [];
  for (const attribute of model.schema.fieldsOf(view.span.label)) {
    const value = view.span.attributes?.[attribute.name];
    if (attribute.fold && !isEmpty(value)) notes.push(valueWords(attribute, value));
  }
  if (view.role === "part" || view.role === "plain" || model.labels.length > 3) {
    notes.push(model.schema.title(view.span.label).toLowerCase());
  }
  const outer = view.role === "frame" ? model.outer(view) : null;
  if (outer) notes.push(`inside ${outer.code}`);
  const pieces = ranges(view.span);
  if (pieces.length > 1) notes.push(`${pieces.length} pieces`);
  const lines =
    model.text.paragraphAt(view.span.end - 1).index - model.text.paragraphAt(view.span.start).index;
  if (lines && pieces.length === 1) notes.push("over paragraphs");
  return notes.join(" · ");
}

/** @param {Model} model @param {View} view */
function head(model, view) {
  const sure = confidenceWords(view);
  return el(
    "header",
    { class: "card-head" },
    el("strong", { class: "code" }, view.code),
    el("span", { class: "card-notes" }, describe(model, view)),
    el(
      "span",
      { class: "card-state" },
      badge(view),
      sure ? el("span", { class: "score" }, hidden("confidence "), sure) : null,
    ),
  );
}

/**
 * What a card says of the links of a kind.
 * @param {Model} model
 * @param {View} view
 * @param {LinkKind} kind
 */
function linkChips(model, view, kind) {
  const links = view.links.filter((link) => link.kind === kind.name);
  // Who owns needs no word for what it owns: the chip's colour says it.
  const called = kind.owned ? "" : `${linkWord(kind)}: `;
  const chips = links.map((link) =>
    el(
      "span",
      { class: `chip chip-link${link.pending ? " waiting" : ""}` },
      `${called}${mention(model, link.other)}`,
    ),
  );
  const without = reasonOf(view, kind);
  if (!chips.length && without) chips.push(el("span", { class: "chip" }, without));
  return chips;
}

/**
 * What a card says of an attribute.
 * @param {Model} model
 * @param {View} view
 * @param {Attribute} attribute
 */
function attributeChips(model, view, attribute) {
  const value = view.span.attributes?.[attribute.name];
  if (attribute.fold) return [];
  if (isTarget(attribute)) {
    const shown = value ?? model.document.default_target;
    return shown ? [el("span", { class: "chip" }, `→ ${shown}`)] : [];
  }
  if (isEmpty(value)) return [];
  const isPlain = hasSigns(attribute) || attribute.identity;
  const words = isPlain
    ? signed(attribute, value)
    : `${word(attribute)}: ${valueWords(attribute, value)}`;
  return [el("span", { class: "chip" }, shorten(words, 60))];
}

/** Chips of a card that is not in focus. @param {Model} model @param {View} view */
function summary(model, view) {
  const { label } = view.span;
  const needs = (/** @type {import("../text/model.js").Missing} */ { words }) =>
    el("span", { class: "chip needs" }, `! ${words}`);
  const isLink = (/** @type {import("../text/model.js").Missing} */ { sort }) => sort === "link";
  const links = model.schema.kindsFrom(label).flatMap((kind) => linkChips(model, view, kind));
  const attributes = model.schema
    .fieldsOf(label)
    .flatMap((attribute) => attributeChips(model, view, attribute));
  return el(
    "div",
    { class: "chips" },
    ...links,
    ...view.missing.filter(isLink).map(needs),
    ...attributes,
    ...view.missing.filter((missing) => !isLink(missing)).map(needs),
  );
}

/** Why something is suggested, and by whom. @param {View} view */
function evidence(view) {
  const { why, suggester, also = [], given_by: givenBy = {} } = view.evidence ?? {};
  const lines = [];
  if (why) lines.push(`Why: ${why}`);
  if (suggester) lines.push(`Suggested by ${[suggester, ...also].join(", and by ")}`);
  for (const [name, giver] of Object.entries(givenBy)) {
    const reason = view.evidence[name];
    lines.push(reason ? `${name} by ${giver}: ${reason}` : `${name} by ${giver}`);
  }
  return lines.map((line) => el("p", { class: "card-why" }, line));
}

/** Whether names of fields need more room. @param {Model} model @param {View} view */
function hasLongNames({ schema }, { span }) {
  const kinds = schema.kindsFrom(span.label).map(linkWord);
  return [...kinds, ...schema.fieldsOf(span.label).map(word)].some((name) => name.length > 8);
}

/** @param {Model} model @param {View} view @param {CardUi} ui */
export function focusedCard(model, view, ui) {
  const isDocument = view.role === "document";
  const ofSpan = isDocument ? [] : [edgeField(ui), labelField(model, view, ui)];
  const body = ui.readOnly
    ? [summary(model, view)]
    : [...attributeFields(model, view, ui), ...ofSpan, decideField(view, ui)];
  const words = el("p", { class: "card-words", dir: "auto" }, shorten(model.words(view.span), 220));
  return el(
    "article",
    {
      class: `claim-card focused${hasLongNames(model, view) ? " long-names" : ""}`,
      data: { card: view.ident, label: view.span.label },
      "aria-label": `${view.code}, ${STATES[view.state].word}`,
    },
    head(model, view),
    isDocument ? null : words,
    ...evidence(view),
    ...body,
  );
}

/** @param {Model} model @param {View} view */
export function smallCard(model, view) {
  return el(
    "article",
    {
      class: "claim-card",
      data: {
        card: view.ident,
        label: view.span.label,
        action: "goTo",
        arg: view.ident,
      },
    },
    head(model, view),
    summary(model, view),
  );
}
