/** Which row under the words each overlapping span gets: the shortest lies nearest to the text. */

/**
 * @template {{start: number, end: number}} Item
 * @param {Item[]} items
 * @returns {Map<Item, number>}
 */
export function assignLanes(items) {
  /** @type {Map<Item, number>} */
  const lanes = new Map();
  /** @type {Item[]} */
  const placed = [];
  const order = [...items].sort((a, b) => a.end - a.start - (b.end - b.start) || a.start - b.start);
  for (const item of order) {
    const taken = new Set(
      placed
        .filter((other) => other.start < item.end && item.start < other.end)
        .map((other) => lanes.get(other)),
    );
    let lane = 0;
    while (taken.has(lane)) lane += 1;
    lanes.set(item, lane);
    placed.push(item);
  }
  return lanes;
}

/**
 * Cut a stretch of text at every edge inside it.
 * @template {{start: number, end: number}} Item
 * @param {number} start @param {number} end
 * @param {Item[]} items
 * @returns {{start: number, end: number, items: Item[]}[]} in order; items of a piece longest first
 */
export function cut(start, end, items) {
  const points = new Set([start, end]);
  for (const item of items) {
    if (item.start > start && item.start < end) points.add(item.start);
    if (item.end > start && item.end < end) points.add(item.end);
  }
  const sorted = [...points].sort((a, b) => a - b);
  const outerFirst = [...items].sort(
    (a, b) => b.end - b.start - (a.end - a.start) || a.start - b.start,
  );
  return sorted.slice(0, -1).map((from, index) => ({
    start: from,
    end: sorted[index + 1],
    items: outerFirst.filter((item) => item.start <= from && item.end >= sorted[index + 1]),
  }));
}
