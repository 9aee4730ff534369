/**
 * Where an edge may stop: graphemes, words, natural breaks. Always a paragraph at a time:
 * segmenting a whole book takes minutes.
 */

/**
 * @typedef {import("./offsets.js").FrozenText} FrozenText
 * @typedef {import("./offsets.js").Paragraph} Paragraph
 * @typedef {"word"|"grapheme"|"natural"} Unit
 * @typedef {"start"|"end"} Edge
 *
 * @typedef {object} Stops
 * @property {number[]} starts
 * @property {number[]} ends
 * @property {number[]} naturalStarts
 * @property {number[]} naturalEnds
 * @property {number[][]} words
 */

const CLOSERS = /["”’»›)\]}]/u;
const OPENERS = /["“‘«‹([{„‚]/u;
const BREAKS = /[,;:.!?…—–"“”‘’«»‹›()[\]{}„‚،؛؟。，、！？]/u;

const words = new Intl.Segmenter(undefined, { granularity: "word" });
const graphemes = new Intl.Segmenter(undefined, { granularity: "grapheme" });
const sentences = new Intl.Segmenter(undefined, { granularity: "sentence" });

/** @type {WeakMap<FrozenText, Map<number, Stops>>} */
const cache = new WeakMap();

/**
 * How far the gap after a word belongs to an end edge: up to and with the last closing quote or
 * bracket that touches the word.
 * @param {string} gap
 */
function closing(gap) {
  const touching = /^\S*/u.exec(gap)?.[0] ?? "";
  let size = 0;
  for (let at = 0; at < touching.length; at += 1) if (CLOSERS.test(touching[at])) size = at + 1;
  return size;
}

/** @param {string} gap */
function opening(gap) {
  const touching = /\S*$/u.exec(gap)?.[0] ?? "";
  for (let at = 0; at < touching.length; at += 1) {
    if (OPENERS.test(touching[at])) return touching.length - at;
  }
  return 0;
}

/** A hyphen inside a compound is no natural break. @param {string} gap */
function isBreak(gap) {
  return BREAKS.test(gap);
}

/** @param {FrozenText} text @param {Paragraph} paragraph @returns {Stops} */
function measure(text, paragraph) {
  const source = text.textOf(paragraph);
  const point = (/** @type {number} */ unit) => text.pointIn(paragraph, unit);
  const wordParts = [...words.segment(source)].filter((part) => part.isWordLike);
  /** @type {Stops} */
  const result = { starts: [], ends: [], naturalStarts: [], naturalEnds: [], words: [] };
  wordParts.forEach((word, index) => {
    const wordEnd = word.index + word.segment.length;
    const previousEnd = index
      ? wordParts[index - 1].index + wordParts[index - 1].segment.length
      : 0;
    const nextStart = wordParts[index + 1]?.index ?? source.length;
    const before = source.slice(previousEnd, word.index);
    const after = source.slice(wordEnd, nextStart);
    result.words.push([point(word.index), point(wordEnd)]);
    const open = opening(before);
    if (open) result.starts.push(point(word.index - open));
    result.starts.push(point(word.index));
    result.ends.push(point(wordEnd));
    const close = closing(after);
    if (close) result.ends.push(point(wordEnd + close));
    if (index === 0 || isBreak(before)) result.naturalStarts.push(point(word.index - open));
    if (index === wordParts.length - 1 || isBreak(after)) {
      result.naturalEnds.push(point(wordEnd + close));
    }
  });
  const trimmed = source.trimEnd().length;
  if (wordParts.length) {
    result.ends.push(point(trimmed));
    result.naturalEnds.push(point(trimmed));
  }
  for (const key of /** @type {const} */ (["starts", "ends", "naturalStarts", "naturalEnds"])) {
    result[key] = [...new Set(result[key])].sort((a, b) => a - b);
  }
  return result;
}

/** @param {FrozenText} text @param {Paragraph} paragraph @returns {Stops} */
function stopsOf(text, paragraph) {
  const byParagraph = cache.get(text) ?? new Map();
  cache.set(text, byParagraph);
  const measured = byParagraph.get(paragraph.index) ?? measure(text, paragraph);
  byParagraph.set(paragraph.index, measured);
  return measured;
}

/** @param {FrozenText} text @param {Paragraph} paragraph */
function graphemeStops(text, paragraph) {
  const source = text.textOf(paragraph);
  const stops = [...graphemes.segment(source)].map((part) => text.pointIn(paragraph, part.index));
  return [...stops, paragraph.end];
}

/**
 * Whether what is read as one sign begins, or ends, at an offset.
 * @param {FrozenText} text @param {number} point
 */
export function isBetweenSigns(text, point) {
  const paragraph = text.paragraphAt(point);
  const unit = text.toUnit(point) - paragraph.unitStart;
  const around = graphemes.segment(text.textOf(paragraph)).containing(unit);
  return !around || around.index === unit;
}

/**
 * A span neither begins nor ends in white space, so no edge stops there.
 * @param {FrozenText} text
 * @param {number} stop
 * @param {Edge} edge
 */
function holds(text, stop, edge) {
  const [from, to] = edge === "start" ? [stop, stop + 1] : [stop - 1, stop];
  return from >= 0 && to <= text.length && /\S/u.test(text.slice(from, to));
}

/** @param {FrozenText} text @param {Paragraph} paragraph @param {Unit} unit @param {Edge} edge */
function stops(text, paragraph, unit, edge) {
  if (unit === "grapheme") {
    return graphemeStops(text, paragraph).filter((stop) => holds(text, stop, edge));
  }
  const measured = stopsOf(text, paragraph);
  if (unit === "natural") return edge === "start" ? measured.naturalStarts : measured.naturalEnds;
  return edge === "start" ? measured.starts : measured.ends;
}

/**
 * The next stop of an edge.
 * @param {FrozenText} text
 * @param {number} point
 * @param {1|-1} direction
 * @param {"word"|"grapheme"|"natural"} unit
 * @param {"start"|"end"} edge
 * @returns {number}
 */
export function moveEdge(text, point, direction, unit, edge) {
  let paragraph = text.paragraphAt(point);
  while (paragraph) {
    const list = stops(text, paragraph, unit, edge);
    const after = list.find((stop) => stop > point);
    const next = direction > 0 ? after : list.findLast((stop) => stop < point);
    if (next !== undefined) return next;
    paragraph = text.paragraphs[paragraph.index + direction];
  }
  return point;
}

/**
 * Offsets without white space at either end.
 * @param {FrozenText} text
 * @param {number} start
 * @param {number} end
 */
export function trim(text, start, end) {
  const exact = text.slice(start, end);
  const lead = [...(/^\s*/u.exec(exact)?.[0] ?? "")].length;
  if (lead === end - start) return null;
  const tail = [...(/\s*$/u.exec(exact)?.[0] ?? "")].length;
  return { start: start + lead, end: end - tail };
}

/**
 * Grow a selection to whole graphemes and, unless asked not to, to whole words; then drop white
 * space.
 * @param {FrozenText} text
 * @param {number} start
 * @param {number} end
 * @param {boolean} [wholeWords]
 */
export function snapOut(text, start, end, wholeWords = true) {
  const first = text.paragraphAt(start);
  const last = text.paragraphAt(end);
  let from = graphemeStops(text, first).findLast((stop) => stop <= start) ?? start;
  let to = graphemeStops(text, last).find((stop) => stop >= end) ?? end;
  const trimmed = trim(text, from, to);
  if (!trimmed) return null;
  ({ start: from, end: to } = trimmed);
  if (!wholeWords) return { start: from, end: to };
  for (const [wordStart, wordEnd] of stopsOf(text, first).words) {
    if (wordStart < from && from < wordEnd) from = wordStart;
  }
  for (const [wordStart, wordEnd] of stopsOf(text, last).words) {
    if (wordStart < to && to < wordEnd) to = wordEnd;
  }
  return { start: from, end: to };
}

/**
 * The sentence around an offset, as [start, end).
 * @param {FrozenText} text
 * @param {number} point
 */
export function sentenceAt(text, point) {
  const paragraph = text.paragraphAt(point);
  for (const part of sentences.segment(text.textOf(paragraph))) {
    const start = text.pointIn(paragraph, part.index);
    const end = text.pointIn(paragraph, part.index + part.segment.length);
    if (point < end) return [start, end];
  }
  return [paragraph.start, paragraph.end];
}

/**
 * The allowed stop nearest to a point: where a dragged edge lands.
 * @param {FrozenText} text
 * @param {number} point
 * @param {Unit} unit
 * @param {Edge} edge
 */
export function nearestStop(text, point, unit, edge) {
  const list = stops(text, text.paragraphAt(point), unit, edge);
  if (!list.length) return point;
  return list.reduce((best, stop) =>
    Math.abs(stop - point) < Math.abs(best - point) ? stop : best,
  );
}

/**
 * Where a word begins: the word around an offset, else what comes next in its paragraph, else the
 * last one.
 * @param {FrozenText} text
 * @param {number} point
 * @returns {number}
 */
export function wordStart(text, point) {
  const paragraph = text.paragraphAt(point);
  const { starts, words: all } = stopsOf(text, paragraph);
  const around = all.find(([start, end]) => start < point && point < end);
  if (around) return around[0];
  return starts.find((stop) => stop >= point) ?? starts[starts.length - 1] ?? paragraph.start;
}

/**
 * The word that a caret stands in or before, with the signs that touch it; "" where there is none.
 * @param {FrozenText} text
 * @param {number} point
 */
export function wordAt(text, point) {
  const { ends } = stopsOf(text, text.paragraphAt(point));
  const end = ends.find((stop) => stop > point);
  return end === undefined ? "" : text.slice(point, end).trim();
}

/**
 * Whether an offset is in the middle of a word.
 * @param {FrozenText} text
 * @param {number} point
 */
export function isInWord(text, point) {
  const { words: all } = stopsOf(text, text.paragraphAt(point));
  return all.some(([start, end]) => start < point && point < end);
}
