/** What is done to the attributes of the span in focus, of its links, and of the document. */
import { setLinkAttribute } from "../text/linking.js";
import { setAttribute } from "../text/ops.js";
import { isEmpty, linkWord, valueWords, word } from "../text/schema.js";
import { announce } from "../ui/dom.js";
import { askValue } from "./askvalue.js";
import { keylessFields } from "./keys.js";
import { stillMissing } from "./links.js";

/**
 * @typedef {import("../text/model.js").View} View
 * @typedef {import("../text/model.js").Shown} Shown
 * @typedef {import("../text/layer.js").Decision} Decision
 * @typedef {import("../text/schema.js").Attribute} Attribute
 *
 * @typedef {object} Place an attribute of the item in hand, or of one of its links
 * @property {View} view
 * @property {Attribute} attribute
 * @property {Shown|null} link
 *
 * @typedef {(decisions: Decision[], words: () => string) => boolean} Act carries out decisions and
 *   says so
 * @typedef {object} Acts
 * @property {Act} change
 * @property {Act} fill goes on to the next item where nothing is missing any more
 */

/** More choices than these are chosen from a list. */
const MOST_IN_TURN = 5;

/**
 * A typed value as the attribute holds it; null where it is none.
 * @param {Attribute} attribute
 * @param {string} typed
 */
export function readTyped(attribute, typed) {
  const words = typed.trim();
  if (!words || attribute.kind !== "number") return words || null;
  const number = Number(words.replace(",", "."));
  return Number.isFinite(number) ? number : undefined;
}

/**
 * The value that a choice leads to: the choice that holds is taken back.
 * @param {Attribute} attribute
 * @param {any} current
 * @param {any} choice
 */
function toggled(attribute, current, choice) {
  if (attribute.kind !== "choices") return current === choice ? null : choice;
  const held = current ?? [];
  if (held.includes(choice)) return held.filter((/** @type {string} */ one) => one !== choice);
  return attribute.choices.filter((one) => one === choice || held.includes(one));
}

/**
 * @param {import("./session.js").Session} session
 * @param {Acts} acts
 * @returns {Record<string, (arg?: any) => unknown>} actions by name
 */
export function attributeActions(session, { change, fill }) {
  const { ui, model } = session;

  /**
   * @param {string} name
   * @param {string} [kindName] of the link whose attribute it is
   * @param {number} [ident] of that link; else the first that lacks it, else the last
   * @returns {Place|null}
   */
  function place(name, kindName = "", ident = undefined) {
    const view = session.focused;
    if (!view || view.state === "rejected") return null;
    const kind = model.schema.kind(kindName);
    if (!kind) {
      const attribute = model.schema.attribute(view.span.label, name);
      return attribute ? { view, attribute, link: null } : null;
    }
    const attribute = kind.attributes.find((other) => other.name === name);
    const links = view.links.filter((link) => link.kind === kindName);
    const link =
      links.find((other) => other.ident === ident) ??
      links.find((other) => isEmpty(other.attributes?.[name])) ??
      links.at(-1);
    return attribute && link ? { view, attribute, link } : null;
  }

  /** @param {Place} at */
  function valueAt({ view, attribute, link }) {
    return (link ?? view.span).attributes?.[attribute.name];
  }

  /**
   * @param {Place} at
   * @param {any} value
   * @param {Act} act
   */
  function set({ view, attribute, link }, value, act) {
    const decisions = link
      ? setLinkAttribute(model, view, link, attribute.name, value)
      : setAttribute(model, view, attribute.name, value);
    const words = isEmpty(value) ? "default" : valueWords(attribute, value);
    act(decisions, () => `${word(attribute)}: ${words}. ${stillMissing(session.focused)}`);
  }

  /** @param {Place} at */
  async function ask(at) {
    const { view, attribute, link } = at;
    const kind = link && model.schema.kind(link.kind);
    const called = kind ? `${linkWord(kind)}, ${word(attribute)}` : word(attribute);
    const answer = await askValue(model, attribute, {
      title: `${view.code}: ${called}`,
      current: valueAt(at),
      last: ui.lastValues.get(attribute.name),
      ofLink: Boolean(link),
    });
    if (!answer) return;
    const typed = typeof answer.value === "string" && attribute.kind === "number";
    const value = typed ? readTyped(attribute, answer.value) : answer.value;
    if (value === undefined) {
      announce(`${called}: that is no number.`);
      return;
    }
    if (!isEmpty(value)) ui.lastValues.set(attribute.name, value);
    set(at, value, fill);
  }

  /** The fields that keys cannot fill in, in order. @returns {Place[]} */
  function fields() {
    const label = session.focused?.span.label;
    if (label === undefined) return [];
    return keylessFields(model.schema, label)
      .map(({ name, kind }) => place(name, kind))
      .filter((at) => at !== null);
  }

  function nextField() {
    const list = fields();
    const id = (/** @type {Place} */ at) =>
      `${at.view.ident} ${at.link?.ident} ${at.attribute.name}`;
    const last = list.findIndex((at) => id(at) === ui.field);
    const lacks = (/** @type {Place} */ at) => isEmpty(valueAt(at));
    const next =
      list[last < 0 ? -1 : (last + 1) % list.length] ??
      list.find((at) => at.attribute.required && lacks(at)) ??
      list.find(lacks) ??
      list[0];
    if (!next) return;
    ui.field = id(next);
    ask(next);
  }

  return {
    /** A choice by its key: the one that holds stays. */
    choose(arg) {
      const [name, choice, kindName] = JSON.parse(arg);
      const at = place(name, kindName);
      if (!at) return;
      const { kind, required } = at.attribute;
      const current = valueAt(at);
      if (kind === "choices") set(at, toggled(at.attribute, current, choice), change);
      else set(at, kind === "flag" && !required ? nextFlag(current) : choice, fill);
    },
    /** A choice by its button: the one that holds is taken back. */
    toggle(arg) {
      const [name, choice, kindName, ident] = JSON.parse(arg);
      const at = place(name, kindName, ident);
      if (!at) return;
      // Of several choices more may follow.
      const act = at.attribute.kind === "choices" ? change : fill;
      set(at, toggled(at.attribute, valueAt(at), choice), act);
    },
    setText([arg, typed]) {
      const [name, kindName, ident] = JSON.parse(arg);
      const at = place(name, kindName, ident);
      if (!at) return;
      const value = readTyped(at.attribute, typed);
      if (value === undefined) announce(`${word(at.attribute)}: that is no number.`);
      else set(at, value, change);
    },
    /** Ask for one value; the argument names the attribute as `setText` does. */
    field(arg) {
      const [name, kindName, ident] = JSON.parse(arg);
      const at = place(name, kindName, ident);
      if (at) ask(at);
    },
    /** The one key of an attribute: its choices in turn, or the list where there are many. */
    round(arg) {
      const at = place(JSON.parse(arg)[0]);
      if (!at) return;
      const { kind, choices } = at.attribute;
      const current = valueAt(at);
      if (kind === "flag") set(at, nextFlag(current), change);
      else if (kind !== "choice" || choices.length > MOST_IN_TURN) ask(at);
      else set(at, choices[(choices.indexOf(current) + 1) % choices.length], change);
    },
    nextField,
  };
}

/** The key of a flag that may be empty goes round: yes, no, nothing. @param {any} current */
function nextFlag(current) {
  if (isEmpty(current)) return true;
  return current ? false : null;
}
