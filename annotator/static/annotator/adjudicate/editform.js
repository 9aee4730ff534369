/** The form in which an adjudicator writes a version of their own. */
import { ranges } from "../text/layer.js";
import {
  isEmpty,
  linkWord,
  reasonIn,
  reasonsOf,
  reasonWords,
  signed,
  word,
} from "../text/schema.js";
import { actionButton, el, shorten } from "../ui/dom.js";
import { choiceIn, optionsFor, slotsOf } from "./draft.js";

/**
 * @typedef {import("../text/schema.js").Attribute} Attribute
 * @typedef {import("../text/schema.js").LinkKind} LinkKind
 * @typedef {import("../text/layer.js").Attributes} Attributes
 * @typedef {import("./draft.js").Draft} Draft
 * @typedef {import("./draft.js").Slot} Slot
 * @typedef {import("./session.js").Session} Session
 */

/** @param {string} words */
function capital(words) {
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/**
 * @param {string} name
 * @param {string[][]} options value and words of each
 * @param {string} value
 * @param {string} [label] for those who listen, where no label stands beside it
 */
function select(name, options, value, label) {
  const choices = options.map(([key, words]) =>
    el("option", { value: key, selected: key === value }, words),
  );
  return el("select", { name, "aria-label": label }, ...choices);
}

/** @param {string} words @param {...HTMLElement} controls */
function field(words, ...controls) {
  return el("div", { class: "field" }, el("label", {}, words, ...controls));
}

/** The buttons that move an edge. @param {import("../text/edges.js").Edge} edge the one in hand */
function edgeButtons(edge) {
  /** @type {[string, string, string][]} */
  const steps = [
    ["-1,natural", "⇤", "back to the clause"],
    ["-1,word", "←", "back a word"],
    ["-1,grapheme", "‹", "back a character"],
    ["1,grapheme", "›", "on a character"],
    ["1,word", "→", "on a word"],
    ["1,natural", "⇥", "on to the clause"],
  ];
  const buttons = steps.map(([arg, sign, name]) =>
    actionButton("edge", sign, { arg, class: "chip chip-square", name }),
  );
  const other = actionButton("otherEdge", edge, { key: "e", name: `${edge} is the edge in hand` });
  return el("div", { class: "chips field" }, other, ...buttons);
}

/**
 * The label of the draft, where there is a choice. What rides along is no frame of its own.
 * @param {Session} session @param {Draft} draft
 */
function labelField({ schema }, { span: { label } }) {
  const labels = schema.labels.filter(({ name, fold }) => !fold || name === label);
  if (!label || labels.length < 2) return null;
  const options = labels.map(({ name }) => [name, schema.title(name)]);
  return field("Label", select("label", options, label));
}

/**
 * Words marked or typed, and what can be made of them: this span's place, or a new span to link to.
 * @param {Session} session @param {Draft} draft
 */
function wordsField({ schema }, { span: { label }, words }) {
  if (!label) return null;
  const input = el("input", { name: "words", value: words, autocomplete: "off", dir: "auto" });
  const buttons = [actionButton("takePlace", `the ${schema.title(label).toLowerCase()} itself`)];
  for (const kind of schema.kindsFrom(label)) {
    for (const target of kind.targets) {
      const several = kind.targets.length > 1 ? ` (${schema.title(target).toLowerCase()})` : "";
      const arg = JSON.stringify([kind.name, target]);
      buttons.push(actionButton("linkWords", `new ${linkWord(kind)}${several}`, { arg }));
    }
  }
  return el(
    "div",
    { class: "field" },
    el("label", {}, "Mark words in the text, or type them", input),
    el("div", { class: "chips" }, el("span", {}, "They are:"), ...buttons),
  );
}

/**
 * The reasons for having no link of a kind, as values of its first field.
 * @param {LinkKind} kind @returns {string[][]}
 */
function reasonOptions(kind) {
  return reasonsOf(kind)
    .reverse()
    .map(({ attribute, value }) => [
      `reason ${JSON.stringify([attribute, value])}`,
      reasonWords(kind, value),
    ]);
}

/**
 * What a slot shows: what it goes to, else why there is nothing.
 * @param {Draft} draft
 * @param {Slot} slot
 * @param {LinkKind} kind
 */
function shownIn(draft, slot, kind) {
  const reason = reasonIn(kind, draft.span.attributes);
  if (slot.choice || !reason) return slot.choice;
  return `reason ${JSON.stringify([reason.attribute, reason.value])}`;
}

/**
 * A list of what each link of a kind goes to, and room for more.
 * @param {Session} session @param {Draft} draft @param {LinkKind} kind
 */
function linkField(session, draft, kind) {
  const called = capital(linkWord(kind));
  const slots = slotsOf(draft, kind.name);
  const targets = optionsFor(session, kind).map(({ id, words }) => [id, words]);
  const rows = slots.map((slot, index) => {
    const reasons = index ? [] : reasonOptions(kind);
    const none = reasons.length ? reasons : [["", slot.linked ? "none: take it off" : "none"]];
    const isListed = targets.some(([id]) => id === slot.choice);
    const kept =
      slot.linked && slot.choice && !isListed
        ? [[slot.choice, shorten(slot.linked.span.text, 60)]]
        : [];
    const name = `link:${draft.slots.indexOf(slot)}`;
    const label = slots.length > 1 ? `${called} ${index + 1}` : called;
    const list = select(name, [...none, ...kept, ...targets], shownIn(draft, slot, kind), label);
    const details = kind.attributes.map((attribute) =>
      attributeField(
        attribute,
        slot.attributes[attribute.name],
        `${name}:${attribute.name}`,
        `${label}, ${word(attribute)}`,
      ),
    );
    return el("div", { class: "slot" }, list, ...details);
  });
  const more =
    kind.many && slots.every((slot) => slot.choice)
      ? actionButton("addLink", "+ another", {
          arg: kind.name,
          name: `+ another ${linkWord(kind)}`,
        })
      : null;
  return el(
    "div",
    { class: "field", role: "group", "aria-label": called, data: { kind: kind.name } },
    el("span", { class: "field-name", "aria-hidden": "true" }, called),
    ...rows,
    more,
  );
}

/**
 * @param {Attribute} attribute
 * @param {any} value
 * @param {string} name of the control
 * @param {string} [called]
 */
function attributeField(attribute, value, name, called = capital(word(attribute))) {
  const { kind, choices } = attribute;
  if (kind === "choices") {
    const boxes = choices.map((choice) =>
      el(
        "label",
        { class: "check" },
        el("input", {
          type: "checkbox",
          name,
          value: choice,
          checked: (value ?? []).includes(choice),
        }),
        ` ${choice}`,
      ),
    );
    return el("fieldset", { class: "field" }, el("legend", {}, called), ...boxes);
  }
  const isRequired = attribute.required && !isEmpty(value);
  const none = isRequired ? [] : [["", attribute.required ? "choose" : "none"]];
  if (kind === "choice") {
    const options = choices.map((choice) => [choice, signed(attribute, choice)]);
    return field(called, select(name, [...none, ...options], value ?? ""));
  }
  if (kind === "flag") {
    const options = [
      ["true", "yes"],
      ["false", "no"],
    ];
    return field(called, select(name, [...none, ...options], isEmpty(value) ? "" : String(value)));
  }
  const type = kind === "number" ? { type: "number", step: "any" } : { maxlength: 500 };
  return field(called, el("input", { name, value: value ?? "", ...type }));
}

/**
 * The form for a version of the adjudicator's own.
 * @param {import("../text/offsets.js").FrozenText} text
 * @param {Draft} draft
 * @param {Session} session
 * @param {import("../text/edges.js").Edge} edge the one in hand
 */
export function editForm(text, draft, session, edge) {
  const { schema } = session;
  const { label, attributes } = draft.span;
  const words = ranges(draft.span).map(([from, to]) => text.slice(from, to));
  const place = label
    ? [
        el("p", { class: "version-claim", id: "draft-words", dir: "auto" }, words.join(" … ")),
        edgeButtons(edge),
      ]
    : [];
  const reason = { name: "reason", required: true, maxlength: 500, value: draft.reason };
  const save = { type: "submit", class: "button button-primary button-small" };
  return el(
    "form",
    { class: "edit-form", id: "edit-form" },
    ...place,
    labelField(session, draft),
    wordsField(session, draft),
    ...schema.kindsFrom(label).map((kind) => linkField(session, draft, kind)),
    ...schema
      .fieldsOf(label)
      .map((attribute) =>
        attributeField(attribute, attributes?.[attribute.name], `attribute:${attribute.name}`),
      ),
    field("Reason (required)", el("input", reason)),
    el(
      "div",
      { class: "actions" },
      el("button", save, "Save this version"),
      actionButton("escape", "Cancel", { class: "button button-small" }),
    ),
  );
}

/** What an input shows of a value: one line. @param {any} value */
function lineOf(value) {
  return isEmpty(value)
    ? ""
    : String(value)
        .replace(/[\r\n]/gu, "")
        .trim();
}

/**
 * The value that a control holds; null for none. What nobody changed in the form is as it was.
 * @param {Attribute} attribute
 * @param {FormData} values
 * @param {string} name
 * @param {any} before
 */
function valueIn({ kind }, values, name, before) {
  if (kind === "choices") {
    const ticked = values.getAll(name).map(String);
    const isSame = ticked.length === before?.length && ticked.every((one) => before.includes(one));
    return isSame ? before : ticked;
  }
  const typed = String(values.get(name) ?? "").trim();
  if (typed === lineOf(before)) return before;
  if (!typed) return null;
  if (kind === "flag") return typed === "true";
  return kind === "number" ? Number(typed) : typed;
}

/**
 * Attributes with what the form says of some of them.
 * @param {Attributes} before @param {Attribute[]} attributes @param {FormData} values
 * @param {string} prefix of the names of their controls
 */
function attributesIn(before, attributes, values, prefix) {
  const after = { ...before };
  for (const attribute of attributes) {
    const name = `${prefix}:${attribute.name}`;
    const value = valueIn(attribute, values, name, before[attribute.name]);
    if (isEmpty(value)) delete after[attribute.name];
    else after[attribute.name] = value;
  }
  return after;
}

/**
 * Take over what was typed.
 * @param {Draft} draft
 * @param {HTMLFormElement} form
 * @param {Session} session
 */
export function readInto(draft, form, { schema }) {
  const values = new FormData(form);
  const { label } = draft.span;
  const fields = schema.fieldsOf(label);
  draft.reason = String(values.get("reason") ?? "").trim();
  draft.words = String(values.get("words") ?? "");
  draft.span.attributes = attributesIn(draft.span.attributes, fields, values, "attribute");
  draft.slots.forEach((slot, index) => {
    const name = `link:${index}`;
    if (!values.has(name)) return;
    slot.choice = String(values.get(name));
    const kind = schema.kind(slot.kind);
    slot.attributes = attributesIn(slot.attributes, kind?.attributes ?? [], values, name);
  });
  for (const kind of schema.kindsFrom(label)) readReasons(draft, kind, schema);
}

/**
 * Say in the attributes why there is no link of a kind, or that there is one.
 * @param {Draft} draft @param {LinkKind} kind @param {import("../text/schema.js").Schema} schema
 */
function readReasons(draft, kind, schema) {
  const slots = draft.slots.filter((slot) => slot.kind === kind.name && slot.choice);
  const chosen = slots.find((slot) => slot.choice.startsWith("reason "));
  const isLinked = slots.some((slot) => !slot.choice.startsWith("reason "));
  const { attributes, label } = draft.span;
  const isChanged = draft.slots.some(
    ({ kind: name, choice, linked }) => name === kind.name && choice !== choiceIn(linked),
  );
  for (const [name, reasons] of isChanged ? Object.entries(kind.unless ?? {}) : []) {
    const choices = schema.attribute(label, name)?.choices ?? [];
    const others = choices.filter((choice) => !reasons.includes(choice));
    if (isLinked && others.length === 1) [attributes[name]] = others;
    else if (isLinked && reasons.includes(attributes[name])) delete attributes[name];
  }
  if (!chosen) return;
  const [name, value] = JSON.parse(chosen.choice.slice("reason ".length));
  if (!isLinked) attributes[name] = value;
  chosen.choice = "";
}
