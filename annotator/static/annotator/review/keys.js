/**
 * The table of keys. A binding holds in its contexts only: "browse" (queue or text), "linking" (a claim waits for
 * its speaker), "select" (words are selected), "caret" (the reading caret is on).
 * @typedef {{keys: string[], contexts: string[], action: string, arg?: any, label: string, bar?: string, group: string}} Binding
 */
import { HINTS } from "../text/rank.js";

const WORK = ["browse", "linking"];
const ALL = ["browse", "linking", "select", "caret"];

/** Stances have letters that mean something; other choices get buttons only. */
/** @type {Record<string, string>} */
export const STANCE_KEYS = { support: "u", oppose: "o", neutral: "n", mixed: "m", unclear: "i" };
/** @type {Record<string, string>} */
export const STANCE_MARKS = { support: "▲", oppose: "▼", neutral: "●", mixed: "◐", unclear: "◌" };

/** @type {Binding[]} */
export const REVIEW_KEYS = [
  {
    keys: ["Enter"],
    contexts: WORK,
    action: "accept",
    label: "accept as shown, go to the next unsettled",
    bar: "accept, next",
    group: "Decide",
  },
  {
    keys: ["x", "Delete", "Backspace"],
    contexts: WORK,
    action: "reject",
    label: "reject (or delete what you added) and go on",
    bar: "reject",
    group: "Decide",
  },
  { keys: ["z", "Ctrl+z"], contexts: ALL, action: "undo", label: "undo", group: "Decide" },
  {
    keys: ["Shift+z", "Ctrl+Shift+z", "Ctrl+y"],
    contexts: ALL,
    action: "redo",
    label: "redo",
    group: "Decide",
  },
  {
    keys: ["ArrowDown", "j"],
    contexts: WORK,
    action: "next",
    label: "next item",
    bar: "next",
    group: "Move",
  },
  {
    keys: ["ArrowUp", "k"],
    contexts: WORK,
    action: "previous",
    label: "previous item",
    group: "Move",
  },
  {
    keys: ["Shift+ArrowDown", "Shift+j"],
    contexts: WORK,
    action: "nextUnsettled",
    label: "next unsettled item",
    group: "Move",
  },
  {
    keys: ["Shift+ArrowUp", "Shift+k"],
    contexts: WORK,
    action: "previousUnsettled",
    label: "previous unsettled item",
    group: "Move",
  },
  {
    keys: ["."],
    contexts: WORK,
    action: "nextSpan",
    label: "next span of any kind in the text",
    group: "Move",
  },
  {
    keys: [","],
    contexts: WORK,
    action: "previousSpan",
    label: "previous span of any kind in the text",
    group: "Move",
  },
  {
    keys: ["ArrowLeft"],
    contexts: WORK,
    action: "edge",
    arg: [-1, "word"],
    label: "move the edge back by a word",
    bar: "edge by word",
    group: "Edges",
  },
  {
    keys: ["ArrowRight"],
    contexts: WORK,
    action: "edge",
    arg: [1, "word"],
    label: "move the edge on by a word",
    group: "Edges",
  },
  {
    keys: ["Shift+ArrowLeft"],
    contexts: WORK,
    action: "edge",
    arg: [-1, "grapheme"],
    label: "back by a character",
    group: "Edges",
  },
  {
    keys: ["Shift+ArrowRight"],
    contexts: WORK,
    action: "edge",
    arg: [1, "grapheme"],
    label: "on by a character",
    group: "Edges",
  },
  {
    keys: ["Ctrl+ArrowLeft"],
    contexts: WORK,
    action: "edge",
    arg: [-1, "natural"],
    label: "back to a quotation mark, comma, sentence or paragraph edge",
    group: "Edges",
  },
  {
    keys: ["Ctrl+ArrowRight"],
    contexts: WORK,
    action: "edge",
    arg: [1, "natural"],
    label: "on to a quotation mark, comma, sentence or paragraph edge",
    bar: "to clause",
    group: "Edges",
  },
  {
    keys: ["e"],
    contexts: WORK,
    action: "otherEdge",
    label: "the other edge (the end comes first)",
    bar: "other edge",
    group: "Edges",
  },
  {
    keys: ["l"],
    contexts: WORK,
    action: "link",
    label: "choose the speaker",
    bar: "speaker",
    group: "Speaker",
  },
  ...HINTS.map((letter, index) => ({
    keys: [letter],
    contexts: ["linking"],
    action: "pick",
    arg: index,
    label: `pick speaker ${index + 1}`,
    group: "",
  })),
  ...HINTS.map((letter, index) => ({
    keys: [`Shift+${letter}`],
    contexts: ["linking"],
    action: "pickAlso",
    arg: index,
    label: "",
    group: "",
  })),
  {
    keys: ["/"],
    contexts: WORK,
    action: "findSpeaker",
    label: "search the speakers",
    bar: "find speaker",
    group: "Speaker",
  },
  {
    keys: ["0"],
    contexts: WORK,
    action: "noSpeaker",
    arg: "unknown",
    label: "no speaker in the text",
    bar: "no speaker",
    group: "Speaker",
  },
  {
    keys: ["w"],
    contexts: WORK,
    action: "noSpeaker",
    arg: "author",
    label: "the article itself speaks (its writer)",
    group: "Speaker",
  },
  ...Object.entries(STANCE_KEYS).map(([stance, key]) => ({
    keys: [key],
    contexts: WORK,
    action: "stance",
    arg: stance,
    label: `stance: ${stance}`,
    group: "Stance",
  })),
  {
    keys: ["t"],
    contexts: WORK,
    action: "target",
    label: "target of the stance; t again: the last one used",
    group: "Stance",
  },
  {
    keys: ["1–9"],
    contexts: [],
    action: "relabel",
    label: "relabel, or add the selected words under that label",
    bar: "label",
    group: "Spans",
  },
  {
    keys: ["Space"],
    contexts: WORK,
    action: "caret",
    label: "caret: arrows move, Shift extends, then a label key",
    bar: "new span",
    group: "Spans",
  },
  {
    keys: ["p"],
    contexts: ["select", "caret"],
    action: "addPiece",
    label: "the selected words are a further part of the current span",
    bar: "part of it",
    group: "Spans",
  },
  {
    keys: ["Shift+p"],
    contexts: ["select", "caret"],
    action: "takePiece",
    label: "take the selected words out of the current span",
    bar: "not part of it",
    group: "Spans",
  },
  {
    keys: ["Enter"],
    contexts: ["select", "caret"],
    action: "openPopup",
    label: "choose a label for the selected words",
    bar: "choose label",
    group: "",
  },
  ...["Left", "Right"].flatMap((side, index) => [
    {
      keys: [`Arrow${side}`],
      contexts: ["caret"],
      action: "caretMove",
      arg: [index * 2 - 1, "word", false],
      label: "",
      group: "",
    },
    {
      keys: [`Shift+Arrow${side}`],
      contexts: ["caret"],
      action: "caretMove",
      arg: [index * 2 - 1, "word", true],
      label: "",
      group: "",
    },
    {
      keys: [`Ctrl+Arrow${side}`],
      contexts: ["caret"],
      action: "caretMove",
      arg: [index * 2 - 1, "natural", false],
      label: "",
      group: "",
    },
    {
      keys: [`Ctrl+Shift+Arrow${side}`],
      contexts: ["caret"],
      action: "caretMove",
      arg: [index * 2 - 1, "natural", true],
      label: "",
      group: "",
    },
  ]),
  {
    keys: ["."],
    contexts: ["caret"],
    action: "caretMove",
    arg: [1, "grapheme", false],
    label: "",
    group: "",
  },
  {
    keys: [","],
    contexts: ["caret"],
    action: "caretMove",
    arg: [-1, "grapheme", false],
    label: "",
    group: "",
  },
  {
    keys: ["Shift+.", ">"],
    contexts: ["caret"],
    action: "caretMove",
    arg: [1, "grapheme", true],
    label: "in the caret: extend by a character (, and . move by one)",
    group: "Spans",
  },
  {
    keys: ["Shift+,", "<"],
    contexts: ["caret"],
    action: "caretMove",
    arg: [-1, "grapheme", true],
    label: "",
    group: "",
  },
  {
    keys: ["ArrowDown"],
    contexts: ["caret"],
    action: "caretLine",
    arg: [1, false],
    label: "",
    group: "",
  },
  {
    keys: ["ArrowUp"],
    contexts: ["caret"],
    action: "caretLine",
    arg: [-1, false],
    label: "",
    group: "",
  },
  {
    keys: ["Shift+ArrowDown"],
    contexts: ["caret"],
    action: "caretLine",
    arg: [1, true],
    label: "",
    group: "",
  },
  {
    keys: ["Shift+ArrowUp"],
    contexts: ["caret"],
    action: "caretLine",
    arg: [-1, true],
    label: "",
    group: "",
  },
  {
    keys: ["Shift+l"],
    contexts: WORK,
    action: "find",
    label: "find among the suggestions; accept or reject all that are found",
    bar: "find",
    group: "Many at once",
  },
  {
    keys: ["h"],
    contexts: WORK,
    action: "suggestions",
    label: "hide or show the suggestions that wait",
    group: "Many at once",
  },
  {
    keys: ["c"],
    contexts: WORK,
    action: "comment",
    label: "comment on the item",
    group: "Guideline",
  },
  {
    keys: ["Shift+g"],
    contexts: WORK,
    action: "flag",
    label: "flag for the guideline, which does not settle this",
    group: "Guideline",
  },
  {
    keys: ["g"],
    contexts: WORK,
    action: "guideline",
    label: "what the guideline says of this label",
    group: "Guideline",
  },
  {
    keys: ["r"],
    contexts: WORK,
    action: "rejected",
    label: "show or hide what was rejected",
    group: "Page",
  },
  { keys: ["?"], contexts: ALL, action: "help", label: "this table", group: "Page" },
  { keys: ["Escape"], contexts: ALL, action: "escape", label: "leave, one level", group: "Page" },
  {
    keys: ["F6"],
    contexts: ALL,
    action: "pane",
    label: "next pane: queue, text, card",
    group: "Page",
  },
  {
    keys: ["Ctrl+Enter"],
    contexts: ALL,
    action: "finish",
    label: "finish the document",
    group: "Page",
  },
];

/** @param {KeyboardEvent} event @returns {string[]} the names a key event answers to */
export function chords(event) {
  const base =
    event.key === " " ? "Space" : event.key.length === 1 ? event.key.toLowerCase() : event.key;
  const control = event.ctrlKey || event.metaKey ? "Ctrl+" : "";
  const names = [control + (event.shiftKey ? "Shift+" : "") + base];
  // "?" and "/" need Shift on some keyboards: the sign itself counts.
  if (event.key.length === 1 && !/\p{L}/u.test(event.key)) names.push(control + base);
  return names;
}

/** The digit of a key press, by place on the keyboard, so that it works on AZERTY too. @param {KeyboardEvent} event @returns {string|null} */
export function digit(event) {
  const found = /^(?:Digit|Numpad)(\d)$/u.exec(event.code);
  if (!found || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return null;
  return found[1];
}

/** @param {Binding[]} table @param {KeyboardEvent} event @param {string} context @returns {Binding|null} */
export function match(table, event, context) {
  if (event.altKey || event.isComposing) return null;
  const names = chords(event);
  const number = digit(event);
  if (number) names.push(number);
  const here = table.filter((binding) => binding.contexts.includes(context));
  // The chord itself goes before the sign that it types.
  return (
    names
      .map((name) => here.find((binding) => binding.keys.includes(name)))
      .find((binding) => binding !== undefined) ?? null
  );
}

/** Keys typed into a field belong to the field; Enter and Space on a button belong to the button. @param {KeyboardEvent} event */
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
