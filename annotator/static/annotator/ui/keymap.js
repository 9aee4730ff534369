/**
 * The reviewer's own keys: each binding of the table can be moved to another key or switched off.
 * Kept in this browser.
 * @typedef {import("./keys.js").Binding} Binding
 * @typedef {Record<string, string[]>} Own keys by the id of a binding
 */
import { chords } from "./keys.js";

/** What a binding is called whatever its keys are. @param {Binding} binding */
export function idOf(binding) {
  const { contexts, action, arg, only } = binding;
  return [contexts[0] ?? "", action, arg ?? "", only ?? []].flat().join(" ");
}

/**
 * An action with its argument, written as a list or as a button has it.
 * @param {string} action @param {any} [arg]
 */
function nameOf(action, arg) {
  return [action, arg ?? ""].flat().join(" ");
}

export class Keymap {
  /** @param {Binding[]} table @param {string} owner @param {Storage|null} storage */
  constructor(table, owner, storage) {
    this.standard = table;
    this.storage = storage;
    this.name = `saidby:keys:${owner}`;
    this.own = this.#read();
    this.table = this.#merged();
    this.byName = this.#named();
  }

  /** @returns {Own} */
  #read() {
    try {
      return JSON.parse(this.storage?.getItem(this.name) ?? "{}");
    } catch {
      return {};
    }
  }

  #merged() {
    return this.standard.map((binding) => ({
      ...binding,
      keys: this.own[idOf(binding)] ?? binding.keys,
    }));
  }

  /** The bindings by what they do: each button of a card asks for its key. */
  #named() {
    /** @type {Map<string, Binding[]>} */
    const byName = new Map();
    for (const binding of this.table) {
      const name = nameOf(binding.action, binding.arg);
      byName.set(name, [...(byName.get(name) ?? []), binding]);
    }
    return byName;
  }

  #keep() {
    this.table = this.#merged();
    this.byName = this.#named();
    try {
      if (Object.keys(this.own).length) this.storage?.setItem(this.name, JSON.stringify(this.own));
      else this.storage?.removeItem(this.name);
    } catch {
      // Without storage the keys hold until the page is closed.
    }
  }

  /**
   * Give a binding another key, and take that key from whatever had it in the same contexts.
   * @param {string} id
   * @param {string} key
   * @returns {string[]} labels of the bindings that lost the key
   */
  move(id, key) {
    const wanted = this.table.find((binding) => idOf(binding) === id);
    const losers = this.table.filter(
      (other) =>
        idOf(other) !== id &&
        other.keys.includes(key) &&
        (other.only ?? wanted?.only ?? "") === (wanted?.only ?? other.only ?? "") &&
        other.contexts.some((name) => wanted?.contexts.includes(name)),
    );
    for (const other of losers) this.own[idOf(other)] = other.keys.filter((held) => held !== key);
    this.own[id] = [key];
    this.#keep();
    return losers.map((binding) => binding.label || binding.action);
  }

  /** @param {string} id */
  off(id) {
    this.own[id] = [];
    this.#keep();
  }

  reset() {
    this.own = {};
    this.#keep();
  }

  /**
   * The binding of an action, for what shows its key.
   * @param {string} action
   * @param {any} [arg]
   * @param {string} [label] what is in hand
   * @returns {Binding|undefined}
   */
  bindingOf(action, arg, label) {
    const named = this.byName.get(nameOf(action, arg)) ?? [];
    return named.find(({ only }) => only === undefined || only === label);
  }

  /**
   * The first key of an action now.
   * @param {string} action
   * @param {any} [arg]
   * @returns {string} "" when it is off
   */
  keyOf(action, arg) {
    return this.bindingOf(action, arg)?.keys[0] ?? "";
  }
}

/**
 * The name of the key that was pressed; null for a modifier alone.
 * @param {KeyboardEvent} event
 * @returns {string|null}
 */
export function pressed(event) {
  if (["Shift", "Control", "Alt", "Meta", "AltGraph", "Dead", "Tab"].includes(event.key)) {
    return null;
  }
  const names = chords(event);
  return names[names.length - 1];
}
