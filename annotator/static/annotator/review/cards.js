/** Claim cards. The focused one holds everything that can be done by mouse; the others tell the state. */
import { actionButton, el, hidden, shorten } from "../ui/dom.js";
import { STANCE_MARKS } from "../text/stances.js";
import { caption } from "../ui/keys.js";
import { badge, STATES } from "./states.js";
import { ranges, SPEAKERLESS_WORDS } from "../text/layer.js";

const SHOWN = 8;

/**
 * @typedef {import("../text/model.js").Model} Model
 * @typedef {import("../text/model.js").View} View
 * @typedef {import("./session.js").Ui & {keyOf: (action: string, arg?: any) => string}} CardUi
 * @typedef {import("../text/model.js").Attribute} Attribute
 */

/** The key of a button as it is written. @param {CardUi} ui @param {string} action @param {any} [arg] */
function cap(ui, action, arg) {
  return caption(ui.keyOf(action, arg));
}

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
  const score = view.state === "suggested" && view.score !== null ? view.score.toFixed(2) : "";
  return el(
    "header",
    { class: "card-head" },
    el("strong", { class: "code" }, view.code),
    el("span", { class: "card-notes" }, describe(model, view)),
    el(
      "span",
      { class: "card-state" },
      badge(view),
      score ? el("span", { class: "score" }, hidden("score "), score) : null,
    ),
  );
}

/** @param {Model} model @param {{target: number}} link */
function mention(model, link) {
  const speaker = model.views.get(link.target);
  if (!speaker) return "";
  return `${speaker.code} ${shorten(model.words(speaker.span), 42)}`;
}

/** @param {View} view @returns {string|null} */
function speakerless(view) {
  return SPEAKERLESS_WORDS[view.span.attributes?.speaker_state] ?? null;
}

/** Chips of a card that is not in focus. @param {Model} model @param {View} view */
function summary(model, view) {
  const chips = [];
  if (view.role === "claim") {
    const names = view.links.map((link) => mention(model, link));
    for (const name of names) chips.push(el("span", { class: "chip chip-speaker" }, name));
    if (!names.length)
      chips.push(
        speakerless(view)
          ? el("span", { class: "chip" }, speakerless(view))
          : el("span", { class: "chip needs" }, "! speaker"),
      );
  }
  const { stance, target } = view.span.attributes ?? {};
  if (stance) chips.push(el("span", { class: "chip" }, `${STANCE_MARKS[stance] ?? ""} ${stance}`));
  for (const name of view.missing)
    if (name !== "speaker") chips.push(el("span", { class: "chip needs" }, `! ${name}`));
  const shown =
    target ??
    (view.role === "claim" && model.hasAttribute(view.span.label, "target")
      ? model.document.default_target
      : null);
  if (shown) chips.push(el("span", { class: "chip" }, `→ ${shown}`));
  return el("div", { class: "chips" }, ...chips);
}

/** @param {string} name @param {...(Node|string|null)} children */
function field(name, ...children) {
  return el(
    "div",
    { class: "card-row", role: "group", "aria-label": name },
    el("span", { class: "card-label", "aria-hidden": "true" }, name),
    el("div", { class: "chips" }, ...children),
  );
}

/** @param {Model} model @param {View} view @param {CardUi} ui */
function speakerField(model, view, ui) {
  const parts = view.links.map((link) =>
    el(
      "span",
      { class: "chip chip-speaker" },
      mention(model, link),
      actionButton("dropSpeaker", "✕", {
        arg: link.target,
        class: "chip-drop",
        name: `take off ${mention(model, link)}`,
      }),
    ),
  );
  if (!parts.length)
    parts.push(
      el(
        "span",
        { class: `chip ${speakerless(view) ? "" : "needs"}` },
        speakerless(view) ?? "! not linked",
      ),
    );
  const letters = [...ui.hints.values()];
  if (ui.linking) {
    ui.offers.slice(0, SHOWN).forEach((speaker, index) =>
      parts.push(
        actionButton("pick", `${speaker.code} ${shorten(model.words(speaker.span), 28)}`, {
          key: letters[index],
          arg: index,
          class: "chip chip-speaker",
        }),
      ),
    );
    if (view.links.length && model.link?.many)
      parts.push(actionButton("also", "add to the others", { key: "⇧", pressed: ui.also }));
  } else parts.push(actionButton("link", "change", { key: cap(ui, "link") }));
  parts.push(actionButton("findSpeaker", "find", { key: cap(ui, "findSpeaker") }));
  if (model.hasAttribute(view.span.label, "speaker_state")) {
    const state = view.span.attributes?.speaker_state;
    parts.push(
      actionButton("noSpeaker", "not in text", {
        key: cap(ui, "noSpeaker", "unknown"),
        arg: "unknown",
        pressed: state === "unknown",
      }),
    );
    parts.push(
      actionButton("noSpeaker", "the writer", {
        key: cap(ui, "noSpeaker", "author"),
        arg: "author",
        pressed: state === "author",
      }),
    );
  }
  return field("speaker", ...parts);
}

/** @param {View} view @param {Attribute} attribute @param {CardUi} ui */
function choiceField(view, attribute, ui) {
  const value = view.span.attributes?.[attribute.name];
  const parts = attribute.choices.map((choice) =>
    attribute.name === "stance"
      ? actionButton("stance", `${STANCE_MARKS[choice] ?? ""} ${choice}`, {
          key: cap(ui, "stance", choice),
          arg: choice,
          pressed: value === choice,
        })
      : actionButton("choose", choice, {
          arg: `${attribute.name}=${choice}`,
          pressed: value === choice,
        }),
  );
  if (attribute.required && !value) parts.unshift(el("span", { class: "chip needs" }, "! choose"));
  return field(attribute.name, ...parts);
}

/** @param {View} view @param {Attribute} attribute */
function textField(view, attribute) {
  const value = view.span.attributes?.[attribute.name] ?? "";
  const input = el("input", {
    type: "text",
    class: "card-input",
    "aria-label": attribute.name,
    value,
    maxlength: 200,
    data: { attribute: attribute.name },
  });
  return field(attribute.name, input);
}

/** @param {Model} model @param {View} view @param {CardUi} ui */
function targetField(model, view, ui) {
  const own = view.span.attributes?.target;
  const words =
    own ?? (model.document.default_target ? `${model.document.default_target} (default)` : "none");
  return field(
    "target",
    el("span", { class: "chip" }, `→ ${words}`),
    actionButton("target", "change", { key: cap(ui, "target") }),
  );
}

/** @param {Model} model @param {View} view @param {CardUi} ui */
function attributeFields(model, view, ui) {
  const fields = [];
  if (view.role === "claim") fields.push(speakerField(model, view, ui));
  for (const attribute of model.label(view.span.label).attributes) {
    if (attribute.name === "speaker_state") continue;
    if (attribute.name === "target") fields.push(targetField(model, view, ui));
    else if (attribute.kind === "choice") fields.push(choiceField(view, attribute, ui));
    else if (attribute.kind === "text") fields.push(textField(view, attribute));
  }
  return fields;
}

/** @param {CardUi} ui */
function edgeField(ui) {
  const step = (
    /** @type {1|-1} */ direction,
    /** @type {string} */ unit,
    /** @type {string} */ label,
    /** @type {string} */ name,
  ) =>
    actionButton("edge", label, {
      arg: `${direction},${unit}`,
      class: "chip chip-square",
      name,
      title: cap(ui, "edge", [direction, unit]),
    });
  return field(
    "edge",
    actionButton("otherEdge", ui.edge, {
      key: cap(ui, "otherEdge"),
      name: `edge in hand: ${ui.edge}; take the other`,
    }),
    step(-1, "natural", "⇤", "back to the clause"),
    step(-1, "word", "←", "back a word"),
    step(-1, "grapheme", "‹", "back a character"),
    step(1, "grapheme", "›", "on a character"),
    step(1, "word", "→", "on a word"),
    step(1, "natural", "⇥", "on to the clause"),
  );
}

/** @param {Model} model @param {View} view */
function labelField(model, view) {
  return field(
    "label",
    ...model.labels.map((label) =>
      actionButton("relabel", label.title || label.name, {
        key: label.key,
        arg: label.name,
        pressed: view.span.label === label.name,
      }),
    ),
  );
}

/** @param {View} view @param {CardUi} ui */
function decideField(view, ui) {
  const mine = view.state !== "suggested" && view.state !== "rejected";
  const away = view.state === "added" ? "delete" : "reject";
  return el(
    "div",
    { class: "card-actions" },
    actionButton("accept", mine ? "next" : "accept", {
      key: cap(ui, "accept"),
      class: "button button-primary button-small",
    }),
    view.state === "rejected"
      ? null
      : actionButton("reject", away, { key: cap(ui, "reject"), class: "button button-small" }),
    actionButton("comment", "comment", { key: cap(ui, "comment") }),
    actionButton("flag", "flag", { key: cap(ui, "flag"), name: "flag for the guideline" }),
  );
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
      data: { card: view.ident },
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
    { class: "claim-card", data: { card: view.ident, action: "goTo", arg: view.ident } },
    head(model, view),
    summary(model, view),
  );
}
