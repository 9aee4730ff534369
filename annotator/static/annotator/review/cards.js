/**
 * Cards of spans. The one in focus holds everything that can be done by mouse; the others tell the
 * state.
 */
import { confidence } from "../text/confidence.js";
import { ranges } from "../text/layer.js";
import { STANCE_MARKS } from "../text/stances.js";
import { el, hidden, shorten } from "../ui/dom.js";
import {
  attributeFields,
  decideField,
  edgeField,
  labelField,
  mention,
  speakerless,
} from "./cardfields.js";
import { badge, STATES } from "./states.js";

/**
 * @typedef {import("../text/model.js").Model} Model
 * @typedef {import("../text/model.js").View} View
 * @typedef {import("./session.js").Ui & {keyOf: (action: string, arg?: any) => string}} CardUi
 */

/** @param {Model} model @param {View} view */
function describe(model, view) {
  const notes = [];
  if (view.span.attributes?.kind) notes.push(view.span.attributes.kind);
  if (view.role === "speaker") notes.push("speaker");
  const outer = view.role === "claim" ? model.outer(view) : null;
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
  const percent = confidence(view);
  return el(
    "header",
    { class: "card-head" },
    el("strong", { class: "code" }, view.code),
    el("span", { class: "card-notes" }, describe(model, view)),
    el(
      "span",
      { class: "card-state" },
      badge(view),
      percent === null
        ? null
        : el("span", { class: "score" }, hidden("confidence "), `${percent} %`),
    ),
  );
}

/** Chips of a card that is not in focus. @param {Model} model @param {View} view */
function summary(model, view) {
  const chips = [];
  if (view.role === "claim") {
    const names = view.links.map((link) => mention(model, link));
    for (const name of names) chips.push(el("span", { class: "chip chip-speaker" }, name));
    const without = speakerless(view);
    if (!names.length && without) chips.push(el("span", { class: "chip" }, without));
    if (!names.length && !without) chips.push(el("span", { class: "chip needs" }, "! speaker"));
  }
  const { stance, target } = view.span.attributes ?? {};
  if (stance) chips.push(el("span", { class: "chip" }, `${STANCE_MARKS[stance] ?? ""} ${stance}`));
  for (const name of view.missing) {
    if (name !== "speaker") chips.push(el("span", { class: "chip needs" }, `! ${name}`));
  }
  const hasTarget = view.role === "claim" && model.hasAttribute(view.span.label, "target");
  const shown = target ?? (hasTarget ? model.document.default_target : null);
  if (shown) chips.push(el("span", { class: "chip" }, `→ ${shown}`));
  return el("div", { class: "chips" }, ...chips);
}

/** @param {View} view */
function evidence(view) {
  return view.evidence?.why ? el("p", { class: "card-why" }, `Why: ${view.evidence.why}`) : null;
}

/** @param {Model} model @param {View} view @param {CardUi} ui */
export function focusedCard(model, view, ui) {
  const body = ui.readOnly
    ? [summary(model, view)]
    : [
        ...attributeFields(model, view, ui),
        edgeField(ui),
        labelField(model, view),
        decideField(view, ui),
      ];
  return el(
    "article",
    {
      class: "claim-card focused",
      data: { card: view.ident, label: view.span.label },
      "aria-label": `${view.code}, ${STATES[view.state].word}`,
    },
    head(model, view),
    el("p", { class: "card-words", dir: "auto" }, shorten(model.words(view.span), 220)),
    evidence(view),
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
