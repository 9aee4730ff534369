/** The table of keys, and how a reviewer moves or switches off a key. */
import { actionButton, el, kbd } from "./dom.js";
import { idOf, pressed } from "./keymap.js";
import { caption } from "./keys.js";

/**
 * @typedef {import("./keys.js").Binding} Binding
 * @typedef {import("./keymap.js").Keymap} Keymap
 */

/** @param {Binding} binding */
function keysOf(binding) {
  if (!binding.keys.length) return ["off"];
  return binding.keys.flatMap((key, index) => [index ? " or " : "", kbd(caption(key))]);
}

/**
 * The help: one list for each group; with a keymap each key can be changed.
 * @param {Binding[]} table @param {Keymap|null} [keymap] @returns {HTMLElement}
 */
export function helpTable(table, keymap = null) {
  const groups = [...new Set(table.map((binding) => binding.group).filter(Boolean))];
  const sections = groups.map((name) => {
    const rows = table.filter((binding) => binding.group === name);
    const list = el(
      "dl",
      {},
      ...rows.flatMap((binding) => [
        el("dt", {}, ...keysOf(binding)),
        el("dd", {}, binding.label, keymap ? controls(binding) : null),
      ]),
    );
    return el("section", {}, el("h3", {}, name), list);
  });
  return el("div", { class: "key-help" }, ...sections);
}

/** @param {Binding} binding */
function controls(binding) {
  const id = idOf(binding);
  const movable = binding.contexts.length > 0;
  return el(
    "span",
    { class: "key-change" },
    movable
      ? actionButton("changeKey", "change", {
          arg: id,
          class: "link-button",
          name: `change the key for: ${binding.label}`,
        })
      : null,
    actionButton("keyOff", "off", {
      arg: id,
      class: "link-button",
      name: `switch off: ${binding.label}`,
    }),
  );
}

/**
 * The help as a panel that changes keys in place.
 * @param {Keymap} keymap @param {() => void} onChange @returns {HTMLElement}
 */
export function keySettings(keymap, onChange) {
  const status = el("p", { class: "hint", role: "status" });
  const panel = el("div", { class: "key-settings" });
  /** @type {string|null} */
  let waitsFor = null;

  const draw = (/** @type {string} */ words, /** @type {string} */ back = "") => {
    status.textContent = words;
    panel.replaceChildren(
      status,
      helpTable(keymap.table, keymap),
      actionButton("resetKeys", "all keys as they were", { class: "button button-small" }),
    );
    onChange();
    // Drawing again took the button away that had the focus.
    if (back) /** @type {HTMLElement|null} */ (panel.querySelector(back))?.focus();
  };
  panel.addEventListener("click", (event) => {
    const button = /** @type {HTMLElement} */ (event.target).closest("button");
    if (!button) return;
    event.stopPropagation();
    const { action, arg = "" } = button.dataset;
    if (action === "changeKey") {
      waitsFor = arg;
      status.textContent = "Press the new key (Escape leaves it as it is).";
    } else if (action === "keyOff") {
      keymap.off(arg);
      draw("That key is off.", `[data-arg="${CSS.escape(arg)}"]`);
    } else if (action === "resetKeys") {
      keymap.reset();
      draw("All keys are as they were.", "[data-action=resetKeys]");
    }
  });
  panel.addEventListener("keydown", (event) => {
    const key = waitsFor === null ? null : pressed(event);
    if (waitsFor === null || key === null) return;
    event.preventDefault();
    event.stopPropagation();
    const id = waitsFor;
    waitsFor = null;
    const back = `[data-arg="${CSS.escape(id)}"]`;
    if (key === "Escape") return draw("", back);
    const lost = keymap.move(id, key);
    return draw(
      lost.length ? `${caption(key)} was taken from: ${lost.join("; ")}.` : `Now ${caption(key)}.`,
      back,
    );
  });
  draw("");
  return panel;
}
