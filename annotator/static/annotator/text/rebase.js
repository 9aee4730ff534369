/** Bring waiting groups onto a layer that changed elsewhere. */

/** @typedef {import("./layer.js").Entry} Decision */

const place = (/** @type {Decision} */ decision) => `${decision.subject} ${decision.ident}`;

/**
 * Drop what the server already has, and tell which waiting groups touch the same things as the
 * server's news.
 * @param {Decision[][]} waiting
 * @param {Decision[]} news
 * @returns {{clear: Decision[][], clashing: Decision[][]}}
 */
export function sortOut(waiting, news) {
  const known = new Set(news.map((decision) => decision.client_id));
  const left = waiting.filter((group) => !group.every((decision) => known.has(decision.client_id)));
  const own = new Set(left.flat().map((decision) => decision.client_id));
  const touched = new Set(news.filter((decision) => !own.has(decision.client_id)).map(place));
  const clashing = left.filter((group) => group.some((decision) => touched.has(place(decision))));
  return { clear: left.filter((group) => !clashing.includes(group)), clashing };
}

/** Whether a decision makes something that was not there. @param {Decision} decision */
export function isNew({ verb, before }) {
  return ["add", "propose", "link"].includes(verb) && !before;
}

/**
 * Two pages may give the same number to two new things; ours take other numbers.
 * @param {Decision[][]} waiting
 * @param {Decision[]} news
 * @param {() => number} nextIdent
 */
export function renumber(waiting, news, nextIdent) {
  const taken = new Set(news.filter((decision) => decision.after).map(place));
  const moved = new Map();
  for (const decision of waiting.flat()) {
    if (!isNew(decision) || !taken.has(place(decision))) continue;
    if (decision.verb === "link" && sameLink(decision, news)) continue;
    moved.set(place(decision), nextIdent());
  }
  if (!moved.size) return waiting;
  const span = (/** @type {number} */ ident) => moved.get(`span ${ident}`) ?? ident;
  const renumbered = (/** @type {Decision} */ decision) => {
    const ident = moved.get(place(decision)) ?? decision.ident;
    const { subject, after } = decision;
    if (subject !== "link" || !after) return { ...decision, ident };
    const ends = { source: span(after.source), target: span(after.target) };
    return { ...decision, ident, after: { ...after, ...ends } };
  };
  return waiting.map((group) => group.map(renumbered));
}

/**
 * A suggested link keeps its number on both sides.
 * @param {Decision} decision
 * @param {Decision[]} news
 */
function sameLink(decision, news) {
  return news.some(
    (other) =>
      place(other) === place(decision) &&
      JSON.stringify(other.after) === JSON.stringify(decision.after),
  );
}
