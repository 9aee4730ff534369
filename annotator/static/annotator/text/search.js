/**
 * Finding words in the text, whatever their case and accents. The text is folded once, each folded
 * sign with the place of the one that it comes from, so that places stay right where folding makes
 * a sign longer (ß) or shorter (e with an accent of its own).
 * @typedef {import("./offsets.js").FrozenText} FrozenText
 * @typedef {{start: number, end: number}} Match in code points
 * @typedef {{words: string, places: number[]}} Folded `places` has the end of the text at its end
 */

/** Accents, and the points of Hebrew and Arabic. */
const ACCENTS =
  /[\u0300-\u036f\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u064b-\u065f\u0670]/gu;

/** @type {[RegExp, string][]} signs that are typed alike */
const ALIKE = [
  [/[‘’‚‛ʼ′]/u, "'"],
  [/[“”„‟«»″]/u, '"'],
  [/[‐‑‒–—−]/u, "-"],
  [/[^\S\n]/u, " "],
];

/** @type {Map<string, string>} */
const known = new Map();

/** @param {string} sign one code point */
function foldSign(sign) {
  const found = known.get(sign);
  if (found !== undefined) return found;
  const apart = sign.normalize("NFD");
  const bare = apart.replace(ACCENTS, "");
  const kept = bare === apart ? sign : bare;
  // Up and down again: what looks alike in capitals is alike, as ß and ss, or the two small sigmas.
  const lower = kept.toUpperCase().toLowerCase().normalize("NFD").replace(ACCENTS, "");
  const alike = ALIKE.find(([signs]) => signs.test(lower));
  const folded = alike ? alike[1] : lower.normalize("NFC");
  known.set(sign, folded);
  return folded;
}

/** @param {string} string @returns {Folded} */
function fold(string) {
  /** @type {string[]} */
  const signs = [];
  /** @type {number[]} */
  const places = [];
  let point = 0;
  for (const sign of string) {
    const folded = foldSign(sign);
    signs.push(folded);
    for (let unit = 0; unit < folded.length; unit += 1) places.push(point);
    point += 1;
  }
  places.push(point);
  return { words: signs.join(""), places };
}

/** @type {WeakMap<FrozenText, Folded>} */
const foldedTexts = new WeakMap();

/**
 * Every place of words in the text, none inside another.
 * @param {FrozenText} text
 * @param {string} wanted
 * @returns {Match[]}
 */
export function search(text, wanted) {
  const sought = fold(wanted.trim()).words;
  if (!sought) return [];
  const { words, places } = foldedTexts.get(text) ?? fold(text.string);
  foldedTexts.set(text, { words, places });
  /** @type {Match[]} */
  const matches = [];
  let from = words.indexOf(sought);
  while (from >= 0) {
    let to = from + sought.length;
    // All of a sign that became several, and the accents behind the last one.
    while (to < words.length && places[to] === places[to - 1]) to += 1;
    matches.push({ start: places[from], end: places[to] });
    from = words.indexOf(sought, to);
  }
  return matches;
}

/**
 * The first match at or behind a place, round to the first of all.
 * @param {Match[]} matches
 * @param {number} point
 * @returns {number} -1 when there is none
 */
export function firstFrom(matches, point) {
  if (!matches.length) return -1;
  let low = 0;
  let high = matches.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (matches[middle].start < point) low = middle + 1;
    else high = middle;
  }
  return low % matches.length;
}
