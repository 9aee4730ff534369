/**
 * What a key press means: its names, and the binding that it carries out in a context.
 * @typedef {object} Binding
 * @property {string[]} keys
 * @property {string[]} contexts where the keys hold
 * @property {string} action
 * @property {any} [arg]
 * @property {string} label what the help says
 * @property {string} [bar] what the bar at the bottom says, where it shows the key
 * @property {string} group its heading in the help; "" leaves it out
 * @property {string} [only] the label that has to be in hand
 */

/** @param {KeyboardEvent} event @returns {string[]} the names a key event answers to */
export function chords(event) {
  const letter = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  const base = event.key === " " ? "Space" : letter;
  const control = event.ctrlKey || event.metaKey ? "Ctrl+" : "";
  const names = [control + (event.shiftKey ? "Shift+" : "") + base];
  // "?" and "/" need Shift on some keyboards: the sign itself counts.
  if (event.key.length === 1 && !/\p{L}/u.test(event.key)) names.push(control + base);
  return names;
}

/**
 * The digit of a key press, by place on the keyboard, so that it works on AZERTY too.
 * @param {KeyboardEvent} event
 * @param {boolean} [shifted] whether Shift has to be held
 * @returns {string|null}
 */
export function digit(event, shifted = false) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey !== shifted) return null;
  return /^(?:Digit|Numpad)(\d)$/u.exec(event.code)?.[1] ?? null;
}

/**
 * @param {Binding[]} table
 * @param {KeyboardEvent} event
 * @param {string} context
 * @returns {Binding[]} what the key can mean here; several only where a schema shares it
 */
export function matches(table, event, context) {
  if (event.altKey || event.isComposing) return [];
  const names = chords(event);
  const number = digit(event);
  if (number) names.push(number);
  const here = table.filter((binding) => binding.contexts.includes(context));
  // The chord itself goes before the sign that it types.
  const found = names.map((name) => here.filter((binding) => binding.keys.includes(name)));
  return found.find((bindings) => bindings.length) ?? [];
}

/**
 * @param {Binding[]} table
 * @param {KeyboardEvent} event
 * @param {string} context
 * @returns {Binding|null}
 */
export function match(table, event, context) {
  return matches(table, event, context)[0] ?? null;
}

/** What may go on for as long as a key is held down: none of it decides about what comes next. */
export const MOVES = new Set([
  "next",
  "previous",
  "nextUnsettled",
  "previousUnsettled",
  "nextSpan",
  "previousSpan",
  "edge",
  "caretMove",
  "caretLine",
  "undo",
  "redo",
]);

/**
 * Keys typed into a field belong to the field; Enter and Space on a button belong to the button.
 * @param {KeyboardEvent} event
 */
export function isForControl(event) {
  const target = /** @type {HTMLElement} */ (event.target);
  if (target.closest?.("dialog, input, textarea, select, [contenteditable]")) return true;
  return Boolean(target.closest?.("button, a, summary")) && ["Enter", " "].includes(event.key);
}

/** @type {Record<string, string>} */
const CAPS = { ArrowLeft: "←", ArrowRight: "→", ArrowUp: "↑", ArrowDown: "↓", Escape: "Esc" };

/** How a chord is written on the screen. @param {string} chord */
export function caption(chord) {
  return chord
    .split("+")
    .map((part) => CAPS[part] ?? part)
    .join(" ");
}
