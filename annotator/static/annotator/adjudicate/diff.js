/** In which words the versions of a dispute differ. */
import { ranges } from "../text/layer.js";

/**
 * @typedef {import("../text/offsets.js").FrozenText} FrozenText
 * @typedef {import("../text/layer.js").Place} Place
 * @typedef {import("../text/layer.js").Piece} Piece
 *
 * @typedef {object} Stretch words that all versions hold ("same"), that this one holds and not all
 *   do ("more"), that others hold and this one does not ("less"), or that lie between ("gap")
 * @property {"same"|"more"|"less"|"gap"} kind
 * @property {string} words
 */

/** So many characters of what all hold stand beside a difference. */
const CONTEXT = 30;
/** Longer differences are shown by their two ends. */
const LONGEST = 150;

/** @param {Piece[]} pieces @param {number} point */
function covers(pieces, point) {
  return pieces.some(([start, end]) => start <= point && point < end);
}

/**
 * The words of a version among those of all, cut where they differ.
 * @param {FrozenText} text @param {Place[]} places of all versions @param {Place} place of this one
 * @returns {Stretch[]}
 */
export function stretches(text, places, place) {
  const all = places.map(ranges);
  const mine = ranges(place);
  const cuts = [...new Set(all.flat(2))].sort((one, other) => one - other);
  /** @type {Stretch[]} */
  const found = [];
  cuts.slice(1).forEach((end, index) => {
    const start = cuts[index];
    const holders = all.filter((pieces) => covers(pieces, start)).length;
    /** @type {Stretch["kind"]} */
    let kind = holders ? "less" : "gap";
    if (covers(mine, start)) kind = holders === all.length ? "same" : "more";
    const words = text.slice(start, end);
    const last = found[found.length - 1];
    if (last?.kind === kind) last.words += words;
    else found.push({ kind, words });
  });
  return found;
}

/** @param {string} words @param {number} most */
function beginning(words, most) {
  const points = [...words];
  if (points.length <= most) return words;
  const cut = points.slice(0, most).join("");
  // Where words are parted by spaces, none is cut.
  return `${cut.replace(/\s+\S*$/u, "") || cut} …`;
}

/** @param {string} words @param {number} most */
function ending(words, most) {
  const points = [...words];
  if (points.length <= most) return words;
  const cut = points.slice(-most).join("");
  return `… ${cut.replace(/^\S*\s+/u, "") || cut}`;
}

/** The two ends of long words. @param {string} words @param {number} each */
function ends(words, each) {
  if ([...words].length <= 2 * each + CONTEXT) return words;
  return `${beginning(words, each)} ${ending(words, each).slice(2)}`;
}

/**
 * The stretches as a card shows them: what all hold only beside a difference.
 * @param {Stretch[]} found @returns {Stretch[]}
 */
export function abridged(found) {
  return found.map(({ kind, words }, index) => {
    if (kind === "gap") return { kind, words: " … " };
    if (kind !== "same") return { kind, words: ends(words, LONGEST / 2) };
    if (found.length === 1) return { kind, words: ends(words, LONGEST / 2) };
    if (index === 0) return { kind, words: ending(words, CONTEXT) };
    if (index === found.length - 1) return { kind, words: beginning(words, CONTEXT) };
    return { kind, words: ends(words, CONTEXT) };
  });
}

/**
 * The words that all versions hold.
 * @param {FrozenText} text @param {Place[]} places @returns {string}
 */
export function sharedWords(text, places) {
  const held = stretches(text, places, places[0]).filter(({ kind }) => kind === "same");
  return held
    .map(({ words }) => words.trim())
    .filter(Boolean)
    .join(" … ");
}
