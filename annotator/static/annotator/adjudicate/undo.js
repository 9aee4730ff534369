/** The way an adjudicator takes through the documents: what was settled in this tab, and where the queue goes on. */
const LONGEST = 300;

/** @typedef {{path: string, query: string, ident: number}} Step a dispute settled or put off on a page */

/** The steps taken in this tab, newest last; kept over page loads, so that undo goes back to other documents. */
export class Trail {
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

/**
 * Where the queue goes on: a dispute of this page, or another address.
 * @param {{items: {ident: number, url: string}[], more: boolean, on: string}} queue its items are used up on the way
 * @param {string} path this page's @param {(ident: number) => boolean} open
 * @returns {{ident: number}|{url: string}}
 */
export function following(queue, path, open) {
  for (let item = queue.items.shift(); item; item = queue.items.shift()) {
    if (item.url.split("?")[0] !== path) return { url: item.url };
    if (open(item.ident)) return { ident: item.ident };
  }
  return { url: queue.on };
}

/** How much of the queue is known to lie ahead, in words. @param {{items: unknown[], more: boolean}} queue */
export function leftIn({ items, more }) {
  return items.length
    ? `${items.length}${more ? "+" : ""} more in this queue`
    : "last in this queue";
}
