/** Where the queue of disputes goes on, and how much of it lies ahead. */

/** @typedef {import("./disputes.js").Ahead} Ahead */

/** With fewer items left the queue takes in what follows them. */
const FEW = 15;

/**
 * Where the queue goes on: a dispute of this page, or another address.
 * @param {Ahead} queue its items are used up on the way
 * @param {string} path this page's
 * @param {(ident: number) => boolean} open
 * @returns {{ident: number}|{url: string}}
 */
export function following(queue, path, open) {
  for (let item = queue.items.shift(); item; item = queue.items.shift()) {
    if (item.url.split("?")[0] !== path) return { url: item.url };
    if (open(item.ident)) return { ident: item.ident };
  }
  return { url: queue.on };
}

/**
 * The last known item, where what follows it has to be asked for.
 * @param {Ahead} queue @returns {{url: string}|null}
 */
export function lastOfFew({ items, more }) {
  return more && items.length < FEW ? (items.at(-1) ?? null) : null;
}

/**
 * Take in what follows an item, as its page tells it, unless more became known meanwhile.
 * @param {Ahead} queue @param {string} url of the item @param {Ahead|undefined} fresh
 */
export function extend(queue, url, fresh) {
  const last = queue.items.at(-1);
  if (!fresh || (last && last.url !== url)) return;
  queue.items.push(...fresh.items);
  queue.more = fresh.more;
}

/**
 * How much of the queue is known to lie ahead, in words.
 * @param {{items: unknown[], more: boolean}} queue
 */
export function leftIn({ items, more }) {
  return items.length
    ? `${items.length}${more ? "+" : ""} more in this queue`
    : "last in this queue";
}
