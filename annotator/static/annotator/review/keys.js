/**
 * The table of keys for a schema: the commands, and for each label what its spans can be given.
 * Keys that the schema chooses are kept; a command keeps its key against them, and what has no key
 * of its own gets a free one.
 */
import { HINTS } from "../text/rank.js";
import {
  DOCUMENT,
  isEmpty,
  linkWord,
  reasonsOf,
  reasonTitle,
  reasonWords,
  Schema,
  valueWords,
  word,
} from "../text/schema.js";
import { COMMANDS, WORK } from "./commands.js";

/**
 * @typedef {import("../ui/keys.js").Binding} Binding
 * @typedef {import("../text/schema.js").Attribute} Attribute
 * @typedef {import("../text/schema.js").LinkKind} LinkKind
 * @typedef {import("../text/schema.js").SchemaData} SchemaData
 *
 * @typedef {object} Field what the key for the next field goes through, as it has no key of its own
 * @property {string} name of an attribute
 * @property {string} kind of link whose attribute it is; "" for the span's own
 */

/** Keys of what every label can have, apart from its own. */
const LINK = "l";
const FIND = "/";
const FIELD = "t";
const NO_LINK = "0";
const DIGITS = [..."123456789"];
const LETTERS = [..."wabcdefghijklmnopqrstuvxyz"];

/** Keys of commands that hold while there is work, and those that each label has. */
const RESERVED = new Set([
  ...COMMANDS.flatMap(({ keys, contexts }) =>
    contexts.some((name) => WORK.includes(name)) && contexts.includes("browse") ? keys : [],
  ),
  ...[LINK, FIND, FIELD, NO_LINK],
]);
/** Keys of all commands, with those that hold while words are selected. */
const COMMAND_KEYS = new Set([...RESERVED, ...COMMANDS.flatMap(({ keys }) => keys)]);

/** A key of the schema as a chord. @param {string} key */
function chord(key) {
  const lower = key.toLowerCase();
  return key === lower ? key : `Shift+${lower}`;
}

/**
 * A key that is free: a letter of the words, else any; letters that pick the other end of a link
 * come last.
 * @param {Set<string>} taken @param {string} words @returns {string} "" when none is left
 */
function freeKey(taken, words) {
  const own = [...words.toLowerCase()].filter((sign) => LETTERS.includes(sign));
  const isHint = (/** @type {string} */ letter) => HINTS.includes(letter);
  const letters = [...own, ...LETTERS];
  const keys = [
    ...letters.filter((letter) => !isHint(letter)),
    ...letters.filter(isHint),
    ...letters.map((letter) => `Shift+${letter}`),
  ];
  return keys.find((key) => !taken.has(key)) ?? "";
}

/**
 * The schema with a key for each label: its own where that is free, else a digit, else a letter.
 * @param {SchemaData} schema @returns {SchemaData}
 */
export function withLabelKeys(schema) {
  /** @type {Set<string>} */
  const taken = new Set(COMMAND_KEYS);
  const claim = (/** @type {string} */ key) => (key && !taken.has(key) ? key : "");
  /** @type {Map<string, string>} */
  const keys = new Map();
  for (const { name, key } of schema.labels) {
    const own = claim(chord(key));
    if (!own) continue;
    taken.add(own);
    keys.set(name, own);
  }
  for (const { name, title } of schema.labels) {
    if (keys.has(name)) continue;
    const key = DIGITS.find((digit) => !taken.has(digit)) ?? freeKey(taken, title || name);
    taken.add(key);
    keys.set(name, key);
  }
  const labels = schema.labels.map((label) => ({ ...label, key: keys.get(label.name) ?? "" }));
  return { ...schema, labels };
}

/**
 * @param {SchemaData} data with the keys of its labels
 * @returns {Binding[]}
 */
export function reviewKeys(data) {
  const schema = new Schema(data);
  const letters = schema.labels.filter(({ key }) => key && !DIGITS.includes(key));
  // What is in hand comes before what is added.
  const behind = COMMANDS.findIndex(({ group }) => group === "Spans");
  const labels = [...schema.labels.map(({ name }) => name), DOCUMENT];
  return [
    ...COMMANDS.slice(0, behind),
    ...labels.flatMap((label) => labelBindings(schema, label)),
    ...COMMANDS.slice(behind),
    ...letters.map(({ name, key, title }) => ({
      keys: [key],
      contexts: ["browse", "linking", "select", "caret"],
      action: "label",
      arg: name,
      label: `relabel, or add the selected words: ${title || name}`,
      group: "Spans",
    })),
  ];
}

/** What spans of a label can be given, by keys. @param {Schema} schema @param {string} label */
function labelBindings(schema, label) {
  const group = label === DOCUMENT ? "Document" : schema.title(label);
  const rows = [
    ...linkBindings(schema, label),
    ...attributeBindings(schema, label),
    ...fieldBinding(schema, label),
  ];
  return rows.map((row) => ({ ...row, group, only: label }));
}

/** @typedef {Omit<Binding, "group">} Row a binding that is not in its group yet */

/**
 * Keys by what they give, as one label has them.
 * @typedef {object} LabelKeys
 * @property {Map<LinkKind, string>} kinds
 * @property {Map<string, string>} choices by `choiceId`
 * @property {Map<string, string>} reasons by `choiceId`
 * @property {Map<Attribute, string>} rounds of attributes that ride along, whose one key goes round
 */

/** @type {WeakMap<Schema, Map<string, LabelKeys>>} */
const known = new WeakMap();

/** @param {Schema} schema @param {string} label @returns {LabelKeys} */
function keysOf(schema, label) {
  const byLabel = known.get(schema) ?? new Map();
  known.set(schema, byLabel);
  if (!byLabel.has(label)) byLabel.set(label, assign(schema, label));
  return byLabel.get(label);
}

/** What names a choice: its attribute, its value, and the kind of link whose attribute it is. */
function choiceId(/** @type {string} */ name, /** @type {any} */ value, kind = "") {
  return JSON.stringify(kind ? [name, value, kind] : [name, value]);
}

/**
 * The choices that have a key each. One key of a flag goes round, unless it has to be answered:
 * then yes and no have one each.
 * @param {Attribute} attribute @returns {any[]}
 */
function keyed(attribute) {
  if (attribute.kind !== "flag") return attribute.choices;
  return attribute.required ? [true, false] : [true];
}

/** @param {Schema} schema @param {string} label @returns {LabelKeys} */
function assign(schema, label) {
  /** @type {LabelKeys} */
  const keys = { kinds: new Map(), choices: new Map(), reasons: new Map(), rounds: new Map() };
  const taken = new Set(RESERVED);
  for (const other of schema.labels) taken.add(other.key);
  const kinds = schema.kindsFrom(label);
  for (const kind of kinds) {
    const key = chord(kind.key);
    if (!key || taken.has(key)) continue;
    taken.add(key);
    keys.kinds.set(kind, key);
  }
  // Attributes may share a key: the one that lacks a value takes it.
  /** @type {Set<string>} */
  const shared = new Set();
  for (const { attribute, kind } of keyedAttributes(schema, label)) {
    for (const choice of keyed(attribute)) {
      const key = chord(attribute.keys?.[choice] ?? "");
      if (!key || taken.has(key)) continue;
      shared.add(key);
      keys.choices.set(choiceId(attribute.name, choice, kind), key);
    }
  }
  for (const key of shared) taken.add(key);
  const give = (/** @type {string} */ words) => {
    const key = freeKey(taken, words);
    taken.add(key);
    return key;
  };
  kinds.forEach((kind, index) => {
    if (!keys.kinds.has(kind)) keys.kinds.set(kind, index ? give(linkWord(kind)) : LINK);
  });
  let isFirst = true;
  for (const kind of kinds) {
    for (const { attribute, value } of [...reasonsOf(kind)].reverse()) {
      const id = choiceId(attribute, value, kind.name);
      keys.reasons.set(id, isFirst ? NO_LINK : give(value));
      isFirst = false;
    }
  }
  for (const attribute of schema.fieldsOf(label)) {
    if (attribute.fold) continue;
    for (const choice of keyed(attribute)) {
      const id = choiceId(attribute.name, choice);
      const words = attribute.kind === "flag" ? word(attribute) : choice;
      if (!keys.choices.has(id)) keys.choices.set(id, give(words));
    }
  }
  // What rides along is seldom changed: one key for all its choices is enough.
  for (const attribute of schema.fieldsOf(label)) {
    const hasKey = (/** @type {any} */ choice) =>
      keys.choices.has(choiceId(attribute.name, choice));
    const hasAll = keyed(attribute).length > 0 && keyed(attribute).every(hasKey);
    if (attribute.fold && !hasAll) keys.rounds.set(attribute, give(word(attribute)));
  }
  return keys;
}

/**
 * Attributes whose choices may have keys: the span's own, and those of its links.
 * @param {Schema} schema @param {string} label
 */
function keyedAttributes(schema, label) {
  const own = schema.fieldsOf(label).map((attribute) => ({ attribute, kind: "" }));
  const ofLinks = schema
    .kindsFrom(label)
    .flatMap((kind) => kind.attributes.map((attribute) => ({ attribute, kind: kind.name })));
  return [...own, ...ofLinks];
}

/** Where a key holds: not where it picks the other end of a link. @param {string} key */
function contextsOf(key) {
  return HINTS.includes(key.replace("Shift+", "")) ? ["browse"] : WORK;
}

/** @param {Schema} schema @param {string} label @returns {Row[]} */
function linkBindings(schema, label) {
  const { kinds, reasons } = keysOf(schema, label);
  /** @type {Row[]} */
  const rows = [];
  for (const kind of schema.kindsFrom(label)) {
    const key = kinds.get(kind) ?? "";
    rows.push({
      keys: key ? [key] : [],
      contexts: contextsOf(key),
      action: "link",
      arg: kind.name,
      label: `${linkWord(kind)}: choose by letter, or click in the text`,
      bar: linkWord(kind),
    });
  }
  const [first] = schema.kindsFrom(label);
  if (first) {
    const bar = `find ${linkWord(first)}`;
    rows.push({
      keys: [FIND],
      contexts: WORK,
      action: "findTarget",
      label: kinds.size > 1 ? "search what can be linked" : `${linkWord(first)}: search`,
      bar: kinds.size > 1 ? "find" : bar,
    });
  }
  for (const [id, key] of reasons) {
    const [, value, name] = JSON.parse(id);
    const kind = /** @type {LinkKind} */ (schema.kind(name));
    rows.push({
      keys: key ? [key] : [],
      contexts: contextsOf(key),
      action: "noLink",
      arg: id,
      label:
        reasonWords(kind, value) === value ? reasonTitle(kind, value) : reasonWords(kind, value),
      ...(key === NO_LINK ? { bar: reasonTitle(kind, value) } : {}),
    });
  }
  return rows;
}

/** @param {Schema} schema @param {string} label @returns {Row[]} */
function attributeBindings(schema, label) {
  const { choices, rounds } = keysOf(schema, label);
  /** @type {Row[]} */
  const rows = [];
  for (const [id, key] of choices) {
    const [name, value, kindName] = JSON.parse(id);
    const kind = schema.kind(kindName ?? "");
    const attribute = kind
      ? kind.attributes.find((other) => other.name === name)
      : schema.attribute(label, name);
    if (!key || !attribute) continue;
    const called = kind ? `${linkWord(kind)}, ${word(attribute)}` : word(attribute);
    const isFlag = attribute.kind === "flag";
    const isRound = isFlag && !attribute.required;
    const chosenWords = isFlag ? valueWords(attribute, value) : value;
    rows.push({
      keys: [key],
      contexts: contextsOf(key),
      action: "choose",
      arg: id,
      label: isRound ? called : `${called}: ${chosenWords}`,
      bar: called,
    });
  }
  for (const [attribute, key] of rounds) {
    const called = word(attribute);
    rows.push({
      keys: key ? [key] : [],
      contexts: contextsOf(key),
      action: "round",
      arg: JSON.stringify([attribute.name]),
      label: attribute.kind === "choice" ? `${called}: the next choice` : called,
      bar: called,
    });
  }
  return rows;
}

/** @param {Schema} schema @param {string} label @returns {Row[]} */
function fieldBinding(schema, label) {
  const fields = keylessFields(schema, label);
  if (!fields.length) return [];
  const words = fields.map(({ name, kind }) => {
    const found = schema.kind(kind);
    const attributes = found ? found.attributes : schema.attributesOf(label);
    const attribute = attributes.find((other) => other.name === name);
    return attribute ? word(attribute) : name;
  });
  const only = fields.length === 1;
  return [
    {
      keys: [FIELD],
      contexts: WORK,
      action: "nextField",
      label: only
        ? `${words[0]}; ${FIELD} again: the last one used`
        : `the next of ${words.join(", ")}`,
      ...(only ? {} : { bar: "next field" }),
    },
  ];
}

/**
 * The fields that have no keys of their own: they open one after the other.
 * @param {Schema} schema @param {string} label @returns {Field[]}
 */
export function keylessFields(schema, label) {
  const { choices } = keysOf(schema, label);
  const used = [...choices.values()];
  return keyedAttributes(schema, label)
    .filter(({ attribute, kind }) => {
      if (attribute.fold) return false;
      const values = keyed(attribute);
      const keys = values.map((value) => choices.get(choiceId(attribute.name, value, kind)) ?? "");
      const isAlone = (/** @type {string} */ key) =>
        key !== "" && used.indexOf(key) === used.lastIndexOf(key);
      return !values.length || !keys.every(isAlone);
    })
    .map(({ attribute, kind }) => ({ name: attribute.name, kind }));
}

/**
 * Of the bindings of one key the one that counts: of several attributes the first without a value.
 * @param {Binding[]} bindings
 * @param {import("../text/model.js").View|null} view
 * @returns {Binding|null}
 */
export function firstLacking(bindings, view) {
  const lacking = bindings.find((binding) => {
    if (binding.action !== "choose") return true;
    const [name, , kind] = JSON.parse(binding.arg);
    if (!kind) return isEmpty(view?.span.attributes?.[name]);
    const links = view?.links.filter((link) => link.kind === kind) ?? [];
    return links.some((link) => isEmpty(link.attributes?.[name]));
  });
  return lacking ?? bindings[0] ?? null;
}
