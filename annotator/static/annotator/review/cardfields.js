/**
 * The fields of the card in focus: a row for each thing that can be changed, with a button for each
 * key.
 */
import { SPEAKERLESS_WORDS } from "../text/layer.js";
import { STANCE_MARKS } from "../text/stances.js";
import { actionButton, el, shorten } from "../ui/dom.js";
import { caption } from "../ui/keys.js";

/** So many speakers are offered. */
const SHOWN = 8;

/**
 * @typedef {import("../text/model.js").Attribute} Attribute
 * @typedef {import("../text/model.js").Model} Model
 * @typedef {import("../text/model.js").View} View
 * @typedef {import("./cards.js").CardUi} CardUi
 */

/**
 * The key of a button as it is written.
 * @param {CardUi} ui
 * @param {string} action
 * @param {any} [arg]
 */
function cap(ui, action, arg) {
  return caption(ui.keyOf(action, arg));
}

/** @param {Model} model @param {{target: number}} link */
export function mention(model, link) {
  const speaker = model.views.get(link.target);
  if (!speaker) return "";
  return `${speaker.code} ${shorten(model.words(speaker.span), 42)}`;
}

/** @param {View} view @returns {string|null} */
export function speakerless(view) {
  return SPEAKERLESS_WORDS[view.span.attributes?.speaker_state] ?? null;
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
  if (!parts.length) {
    parts.push(
      el(
        "span",
        { class: `chip ${speakerless(view) ? "" : "needs"}` },
        speakerless(view) ?? "! not linked",
      ),
    );
  }
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
    if (view.links.length && model.link?.many) {
      parts.push(actionButton("also", "add to the others", { key: "⇧", pressed: ui.also }));
    }
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
  /** @type {HTMLElement[]} */
  const parts = attribute.choices.map((choice) => {
    const pressed = value === choice;
    if (attribute.name !== "stance") {
      return actionButton("choose", choice, { arg: `${attribute.name}=${choice}`, pressed });
    }
    const key = cap(ui, "stance", choice);
    const words = `${STANCE_MARKS[choice] ?? ""} ${choice}`;
    return actionButton("stance", words, { key, arg: choice, pressed });
  });
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
  const fallback = model.document.default_target;
  const unsaid = fallback ? `${fallback} (default)` : "none";
  const words = view.span.attributes?.target ?? unsaid;
  return field(
    "target",
    el("span", { class: "chip" }, `→ ${words}`),
    actionButton("target", "change", { key: cap(ui, "target") }),
  );
}

/** @param {Model} model @param {View} view @param {CardUi} ui */
export function attributeFields(model, view, ui) {
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
export function edgeField(ui) {
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
export function labelField(model, view) {
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
export function decideField(view, ui) {
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
