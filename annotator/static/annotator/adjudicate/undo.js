/** Undo of an adjudicator's choices, in other documents too: what was settled in this tab. */

const LONGEST = 300;

/**
 * @typedef {object} Step a dispute settled or put off on a page
 * @property {string} path
 * @property {string} query
 * @property {number} ident
 */

/**
 * The steps taken in this tab, newest last; kept over page loads, so that undo goes back to other
 * documents.
 */
export class UndoHistory {
  /** @param {string} name the corpus @param {Storage} store */
  constructor(name, store) {
    this.key = `saidby-settled:${name}`;
    this.store = store;
  }

  /** @returns {Step[]} */
  get steps() {
    try {
      return JSON.parse(this.store.getItem(this.key) ?? "[]");
    } catch {
      return [];
    }
  }

  set steps(steps) {
    try {
      this.store.setItem(this.key, JSON.stringify(steps.slice(-LONGEST)));
    } catch {
      // Without storage undo stays within the page.
    }
  }

  /** @returns {Step|null} */
  get last() {
    return this.steps.at(-1) ?? null;
  }

  /** @param {Step} step */
  add(step) {
    this.steps = [...this.steps, step];
  }

  /** Forget the newest step at a dispute. @param {string} path @param {number} ident */
  drop(path, ident) {
    const steps = this.steps;
    const at = steps.findLastIndex((step) => step.path === path && step.ident === ident);
    if (at >= 0) this.steps = steps.toSpliced(at, 1);
  }
}

/** The address of a step: its page, at its dispute, asked to open it again. @param {Step} step */
export function addressOf(step) {
  const query = new URLSearchParams(step.query);
  query.set("at", String(step.ident));
  query.set("undo", "1");
  return `${step.path}?${query}`;
}
