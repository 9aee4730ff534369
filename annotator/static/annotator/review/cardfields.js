/**
 * The fields of the card in focus: a row for each thing that can be changed, with a button for each
 * key.
 */
import { canRepeat, freePlaces, otherPlaces } from "../text/occurrences.js";
import {
  isEmpty,
  isTarget,
  linkWord,
  reasonButton,
  reasonIn,
  reasonsOf,
  reasonWords,
  signed,
  valueWords,
  word,
} from "../text/schema.js";
import { actionButton, el, kbd, shorten } from "../ui/dom.js";
import { caption } from "../ui/keys.js";

/** So many spans are offered to link to. */
const SHOWN = 8;
/** More choices than these are chosen from a list. */
const MOST_BUTTONS = 12;

/**
 * @typedef {import("../text/schema.js").Attribute} Attribute
 * @typedef {import("../text/schema.js").LinkKind} LinkKind
 * @typedef {import("../text/model.js").Model} Model
 * @typedef {import("../text/model.js").Shown} Shown
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

/** @param {Model} model @param {number} ident @param {number} [limit] */
export function mention(model, ident, limit = 42) {
  const view = model.views.get(ident);
  return view ? `${view.code} ${shorten(model.words(view.span), limit)}` : "";
}

/** Why a span has no link of a kind. @param {View} view @param {LinkKind} kind */
export function reasonOf(view, kind) {
  const reason = reasonIn(kind, view.span.attributes);
  return reason ? reasonWords(kind, reason.value) : null;
}

/** @param {string} name @param {...(Node|string|null)} children */
function field(name, ...children) {
  return el(
    "div",
    { class: "card-row", role: "group", "aria-label": name },
    el("span", { class: "card-label", "aria-hidden": "true", title: name }, name),
    el("div", { class: "chips" }, ...children),
  );
}

/**
 * A link with its other end, to be taken off.
 * @param {Model} model @param {Shown} link
 */
function linkChip(model, link) {
  const words = mention(model, link.other);
  return el(
    "span",
    {
      class: `chip chip-link${link.pending ? " waiting" : ""}`,
      title: link.pending ? "comes when the span at its other end is accepted" : null,
    },
    words,
    actionButton("dropLink", "✕", {
      arg: link.ident,
      class: "chip-drop",
      name: `take off ${words}`,
    }),
  );
}

/** @param {Model} model @param {View} view @param {LinkKind} kind @param {CardUi} ui */
function linkField(model, view, kind, ui) {
  const called = linkWord(kind);
  const links = view.links.filter((link) => link.kind === kind.name);
  /** @type {HTMLElement[]} */
  const parts = links.map((link) => linkChip(model, link));
  const reason = reasonOf(view, kind);
  if (!parts.length && (reason || kind.required)) {
    const props = { class: `chip ${reason ? "" : "needs"}` };
    parts.push(el("span", props, reason ?? "! not linked"));
  }
  if (ui.linking === kind) {
    parts.push(...offerButtons(model, ui));
    if (links.length && kind.many && kind.owned) {
      parts.push(actionButton("also", "add to the others", { key: "⇧", pressed: ui.also }));
    }
  } else {
    const words = links.length && (kind.owned || !kind.many) ? "change" : "add";
    const verb = kind.owned ? "change" : words;
    const key = cap(ui, "link", kind.name);
    parts.push(actionButton("link", verb, { key, arg: kind.name, name: `${verb} ${called}` }));
  }
  const findKey = ui.linking === kind || ui.firstKind === kind ? cap(ui, "findTarget") : "";
  parts.push(
    actionButton("findTarget", "find", { key: findKey, arg: kind.name, name: `find ${called}` }),
  );
  for (const { attribute, value } of [...reasonsOf(kind)].reverse()) {
    const arg = JSON.stringify([attribute, value, kind.name]);
    parts.push(
      actionButton("noLink", reasonButton(value), {
        key: cap(ui, "noLink", arg),
        arg,
        pressed: view.span.attributes?.[attribute] === value,
      }),
    );
  }
  const details = links.flatMap((link) => linkDetails(model, link, kind, ui));
  return field(called, ...parts, ...details);
}

/** What the letters pick. @param {Model} model @param {CardUi} ui */
function offerButtons(model, ui) {
  const letters = [...ui.hints.values()];
  return ui.offers.slice(0, SHOWN).map((other, index) =>
    actionButton("pick", mention(model, other.ident, 28), {
      key: letters[index],
      arg: index,
      class: "chip chip-link",
    }),
  );
}

/**
 * The attributes of a link, under it.
 * @param {Model} model @param {Shown} link @param {LinkKind} kind @param {CardUi} ui
 */
function linkDetails(model, link, kind, ui) {
  if (!kind.attributes.length) return [];
  const other = model.views.get(link.other)?.code ?? "";
  const rows = kind.attributes.map((attribute) =>
    el(
      "div",
      { class: "link-row", role: "group", "aria-label": `${other}: ${word(attribute)}` },
      el("span", { class: "card-label", "aria-hidden": "true" }, `${other} · ${word(attribute)}`),
      ...controls(attribute, link.attributes?.[attribute.name], ui, [kind.name, link.ident]),
    ),
  );
  return [el("div", { class: "link-details" }, ...rows)];
}

/**
 * What an attribute is changed by.
 * @param {Attribute} attribute
 * @param {any} value
 * @param {CardUi} ui
 * @param {any[]} of the kind and ident of the link whose attribute it is
 * @returns {HTMLElement[]}
 */
function controls(attribute, value, ui, of = []) {
  const { kind, name, choices, required } = attribute;
  const needed = required && isEmpty(value);
  const needs = needed ? [el("span", { class: "chip needs" }, "! choose")] : [];
  if (kind === "flag") return [...needs, ...flagButtons(attribute, value, ui, of)];
  if (!choices.length) return [...(needed ? [neededMark()] : []), input(attribute, value, of)];
  if (choices.length > MOST_BUTTONS) return listButton(attribute, value, ui, of);
  const held = Array.isArray(value) ? value : [value];
  const buttons = choices.map((choice) =>
    actionButton("toggle", signed(attribute, choice), {
      key: cap(ui, "choose", JSON.stringify([name, choice, ...of.slice(0, 1)])),
      arg: JSON.stringify([name, choice, ...of]),
      pressed: held.includes(choice),
    }),
  );
  return [...needs, ...buttons];
}

function neededMark() {
  return el("span", { class: "chip needs" }, "! fill in");
}

/** @param {Attribute} attribute @param {any} value @param {CardUi} ui @param {any[]} of */
function flagButtons({ name }, value, ui, of) {
  return [true, false].map((choice) =>
    actionButton("toggle", choice ? "yes" : "no", {
      key: cap(ui, "choose", JSON.stringify([name, choice, ...of.slice(0, 1)])),
      arg: JSON.stringify([name, choice, ...of]),
      pressed: value === choice,
    }),
  );
}

/** @param {Attribute} attribute @param {any} value @param {CardUi} ui @param {any[]} of */
function listButton(attribute, value, ui, of) {
  const isNeeded = attribute.required && isEmpty(value);
  const words = isNeeded ? "! choose" : valueWords(attribute, value);
  return [
    el("span", { class: `chip${isNeeded ? " needs" : ""}` }, words),
    actionButton("field", "change", {
      arg: JSON.stringify([attribute.name, ...of]),
      name: `change ${word(attribute)}`,
    }),
  ];
}

/** @param {Attribute} attribute @param {any} value @param {any[]} of */
function input(attribute, value, of) {
  const isNumber = attribute.kind === "number";
  return el("input", {
    type: isNumber ? "number" : "text",
    step: isNumber ? "any" : null,
    class: "card-input",
    "aria-label": word(attribute),
    value: value ?? "",
    maxlength: isNumber ? null : 500,
    data: { attribute: JSON.stringify([attribute.name, ...of]) },
  });
}

/** @param {Model} model @param {View} view @param {Attribute} attribute @param {CardUi} ui */
function targetField(model, view, attribute, ui) {
  const fallback = model.document.default_target;
  const unsaid = fallback ? `${fallback} (default)` : "none";
  const words = view.span.attributes?.[attribute.name] ?? unsaid;
  const needs = attribute.required && isEmpty(view.span.attributes?.[attribute.name]);
  return field(
    word(attribute),
    el("span", { class: `chip${needs ? " needs" : ""}` }, `→ ${words}`),
    actionButton("field", "change", {
      key: cap(ui, "nextField"),
      arg: JSON.stringify([attribute.name]),
    }),
  );
}

/** @param {Model} model @param {View} view @param {CardUi} ui */
export function attributeFields(model, view, ui) {
  const { label } = view.span;
  const kinds = model.schema.kindsFrom(label);
  const links = kinds.map((kind) => linkField(model, view, kind, ui));
  const own = model.schema.fieldsOf(label).map((attribute) => {
    if (isTarget(attribute)) return targetField(model, view, attribute, ui);
    const value = view.span.attributes?.[attribute.name];
    const round = cap(ui, "round", JSON.stringify([attribute.name]));
    const key = round ? kbd(round) : null;
    return field(word(attribute), key, ...controls(attribute, value, ui));
  });
  const key = cap(ui, "nextField");
  const hasTarget = model.schema.fieldsOf(label).some(isTarget);
  const hint = key && !hasTarget ? [el("p", { class: "card-hint" }, kbd(key), " next field")] : [];
  return [...links, ...own, ...hint];
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
      name: `${ui.edge} is the edge in hand; take the other`,
    }),
    step(-1, "natural", "⇤", "back to the clause"),
    step(-1, "word", "←", "back a word"),
    step(-1, "grapheme", "‹", "back a character"),
    step(1, "grapheme", "›", "on a character"),
    step(1, "word", "→", "on a word"),
    step(1, "natural", "⇥", "on to the clause"),
  );
}

/** @param {Model} model @param {View} view @param {CardUi} ui */
export function labelField(model, view, ui) {
  return field(
    "label",
    ...model.labels.map((label) =>
      actionButton("relabel", label.title || label.name, {
        key: caption(label.key),
        arg: label.name,
        pressed: view.span.label === label.name,
      }),
    ),
    everywhereButton(model, view, ui),
    ui.addsPatterns && canRepeat(view)
      ? actionButton("addPattern", "as a pattern", {
          name: "suggest these words wherever they stand: as a pattern",
        })
      : null,
  );
}

/**
 * What proposes the label for the other places of the words.
 * @param {Model} model @param {View} view @param {CardUi} ui
 */
function everywhereButton(model, view, ui) {
  if (!canRepeat(view)) return null;
  const { label, start, end } = view.span;
  const count = freePlaces(model, label, otherPlaces(model.text, start, end)).length;
  if (!count) return null;
  const words = count === 1 ? "in 1 more place" : `in ${count} more places`;
  return actionButton("everywhere", words, { key: cap(ui, "everywhere") });
}

/** @param {View} view @param {CardUi} ui */
export function decideField(view, ui) {
  const isWaiting = ["suggested", "rejected", "open"].includes(view.state) || view.unaccepted;
  const away = view.state === "added" ? "delete" : "reject";
  const isDocument = view.role === "document";
  const yes = view.state === "open" ? "done" : "accept";
  return el(
    "div",
    { class: "card-actions" },
    actionButton("accept", isWaiting ? yes : "next", {
      key: cap(ui, "accept"),
      class: "button button-primary button-small",
    }),
    view.state === "rejected" || isDocument
      ? null
      : actionButton("reject", away, { key: cap(ui, "reject"), class: "button button-small" }),
    ...(isDocument ? [] : noteButtons(ui)),
  );
}

/** @param {CardUi} ui */
function noteButtons(ui) {
  return [
    actionButton("comment", "comment", { key: cap(ui, "comment") }),
    actionButton("flag", "flag", { key: cap(ui, "flag"), name: "flag for the guideline" }),
    actionButton("settledBefore", "settled before", { key: cap(ui, "settledBefore") }),
  ];
}
