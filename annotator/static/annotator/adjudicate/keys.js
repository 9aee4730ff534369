/** The keys of the adjudication page: "list" while a dispute is chosen, "edit" while a version is edited. */

/** @type {import("../review/keys.js").Binding[]} */
export const DISPUTE_KEYS = [
  { keys: ["1–9"], contexts: ["bar"], action: "take", label: "take that version and go on", bar: "take, next", group: "Settle" },
  { keys: ["Enter"], contexts: ["list"], action: "majority", label: "take what most say (or version 1) and go on", bar: "majority", group: "Settle" },
  { keys: ["0"], contexts: ["list"], action: "none", label: "nobody says this here: drop it", bar: "nobody", group: "Settle" },
  { keys: ["Shift+1–9"], contexts: [], action: "pick", label: "one facet of that version, facet after facet; a digit alone takes the rest from its version", group: "Settle" },
  { keys: ["e"], contexts: ["list"], action: "edit", label: "start from what most say (or version 1) and edit", bar: "edit", group: "Settle" },
  { keys: ["d"], contexts: ["list"], action: "defer", label: "put it off and go on", bar: "defer", group: "Settle" },
  { keys: ["z", "Ctrl+z"], contexts: ["list"], action: "undo", label: "undo the last choice, in another document too", bar: "undo", group: "Settle" },
  { keys: ["ArrowDown", "j"], contexts: ["list", "edit"], action: "next", label: "next dispute", bar: "next", group: "Move" },
  { keys: ["ArrowUp", "k"], contexts: ["list", "edit"], action: "previous", label: "previous dispute", bar: "previous", group: "Move" },
  { keys: ["ArrowLeft"], contexts: ["edit"], action: "edge", arg: "-1,word", label: "while editing: edge back a word (Shift: a character, Ctrl: a clause)", bar: "edge by word", group: "Edit" },
  { keys: ["ArrowRight"], contexts: ["edit"], action: "edge", arg: "1,word", label: "while editing: edge on a word", group: "Edit" },
  { keys: ["Shift+ArrowLeft"], contexts: ["edit"], action: "edge", arg: "-1,grapheme", label: "", group: "" },
  { keys: ["Shift+ArrowRight"], contexts: ["edit"], action: "edge", arg: "1,grapheme", label: "", group: "" },
  { keys: ["Ctrl+ArrowLeft"], contexts: ["edit"], action: "edge", arg: "-1,natural", label: "", group: "" },
  { keys: ["Ctrl+ArrowRight"], contexts: ["edit"], action: "edge", arg: "1,natural", label: "", group: "" },
  { keys: ["e"], contexts: ["edit"], action: "otherEdge", label: "the other edge", bar: "other edge", group: "Edit" },
  { keys: ["Enter"], contexts: ["edit"], action: "reason", label: "go on to the reason", bar: "reason", group: "Edit" },
  { keys: ["Escape"], contexts: ["edit"], action: "escape", label: "leave the edit", bar: "cancel", group: "Edit" },
  { keys: ["c"], contexts: ["list"], action: "flag", label: "flag it: the guideline does not settle this", bar: "flag", group: "Settle" },
  { keys: ["Escape"], contexts: ["list"], action: "unpick", label: "forget the facets picked here", group: "Settle" },
  { keys: ["v"], contexts: ["list"], action: "names", label: "show or hide names, where the manager allows it", bar: "names", group: "Page" },
  { keys: ["?"], contexts: ["list", "edit"], action: "help", label: "this table", bar: "keys", group: "Page" },
  { keys: ["Ctrl+Enter"], contexts: ["list"], action: "finish", label: "finish this document", group: "Page" },
];
