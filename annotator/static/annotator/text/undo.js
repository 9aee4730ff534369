/**
 * Undo and redo of a reviewer's decisions: which groups can be reversed, and by what decisions.
 * @typedef {import("./layer.js").Decision} Decision
 * @typedef {import("./layer.js").Entry} Entry
 * @typedef {{id: string, verb: string, undoes: string|null, decisions: Entry[]}} Group
 */

/** @type {Set<string>} */
const REVIEWED = new Set(["span", "link", "document"]);

/**
 * Reverse a group: the values before, last first.
 * @param {Group} group
 * @param {"undo"|"redo"} verb
 * @returns {Decision[]}
 */
export function reverse(group, verb) {
  return [...group.decisions].reverse().map((decision) => ({
    verb,
    subject: decision.subject,
    ident: decision.ident,
    after: decision.before ?? null,
    undoes: group.id,
  }));
}

/** Which groups can be undone and redone, from the log. */
export class History {
  constructor() {
    /** @type {Group[]} */
    this.undoable = [];
    /** @type {Group[]} */
    this.redoable = [];
  }

  /**
   * @param {Entry[]} log in order
   * @param {boolean} whole false when the log was cut off at its beginning
   */
  static from(log, whole = true) {
    const history = new History();
    /** @type {Map<string, Entry[]>} */
    const groups = new Map();
    // That a review was handed in or opened again is nothing that its author takes back.
    for (const decision of log.filter(({ subject }) => REVIEWED.has(subject))) {
      if (!groups.has(decision.group)) groups.set(decision.group, []);
      groups.get(decision.group)?.push(decision);
    }
    [...groups.values()].slice(whole ? 0 : 1).forEach((decisions) => history.record(decisions));
    return history;
  }

  /** @param {Entry[]} decisions one group */
  record(decisions) {
    const [{ group, verb, undoes }] = decisions;
    const entry = { id: group, verb, undoes: undoes ?? null, decisions };
    // A large group comes in parts.
    const begun = [...this.undoable.slice(-1), ...this.redoable.slice(-1)].find(
      (other) => other.id === group,
    );
    if (begun) {
      begun.decisions = [...begun.decisions, ...decisions];
      return;
    }
    if (verb === "undo") {
      this.undoable = this.undoable.filter((other) => other.id !== undoes);
      this.redoable.push(entry);
      return;
    }
    this.redoable = verb === "redo" ? this.redoable.filter((other) => other.id !== undoes) : [];
    this.undoable.push(entry);
  }
}
