/** Where the queue of disputes goes on, and how much of it lies ahead. */

/**
 * Where the queue goes on: a dispute of this page, or another address.
 * @param {{items: {ident: number, url: string}[], more: boolean, on: string}} queue its items are
 *   used up on the way
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
 * How much of the queue is known to lie ahead, in words.
 * @param {{items: unknown[], more: boolean}} queue
 */
export function leftIn({ items, more }) {
  return items.length
    ? `${items.length}${more ? "+" : ""} more in this queue`
    : "last in this queue";
}
