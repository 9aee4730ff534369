/**
 * The other places of marked words, and the spans that a person proposes there. Each waits to be
 * looked at: a proposal is accepted or taken away as a suggestion is.
 * @typedef {import("./model.js").Model} Model
 * @typedef {import("./offsets.js").FrozenText} FrozenText
 * @typedef {import("./layer.js").Decision} Decision
 * @typedef {import("./layer.js").Attributes} Attributes
 * @typedef {import("./search.js").Match} Match
 */
import { isBetweenSigns, isInWord } from "./edges.js";
import { spanDecision } from "./takein.js";

const LETTER = /[\p{L}\p{N}\p{M}]/u;
/** What makes one sign of several. */
const JOINING = /[\u200d\ufe0f\p{Emoji_Modifier}\p{Regional_Indicator}]/u;
/** Scripts that are written without spaces, where a letter beside a word says nothing. */
const UNSPACED = new RegExp(
  `[${["Han", "Hiragana", "Katakana", "Thai", "Lao", "Khmer", "Myanmar"]
    .map((script) => `\\p{Script=${script}}`)
    .join("")}]`,
  "u",
);

/**
 * Whole places by words: the page asks again whenever it draws a card, and the text never changes.
 * @type {WeakMap<FrozenText, Map<string, Match[]>>}
 */
const placesByWords = new WeakMap();

/**
 * Whether the words of a span may be marked everywhere: it stands in the reviewer's layer, in one
 * piece.
 * @param {import("./model.js").View} view
 */
export function canRepeat({ state, role, span, unaccepted }) {
  const isDecided = ["accepted", "edited", "added"].includes(state) && !unaccepted;
  return isDecided && role !== "document" && !span.fragments;
}

/**
 * The places where the same words stand as whole words, in the same case, apart from the one given.
 * @param {FrozenText} text
 * @param {number} start
 * @param {number} end
 * @returns {Match[]}
 */
export function otherPlaces(text, start, end) {
  const words = text.slice(start, end);
  const byWords = placesByWords.get(text) ?? new Map();
  placesByWords.set(text, byWords);
  /** @type {Match[]} */
  const places = byWords.get(words) ?? wholePlaces(text, words);
  byWords.set(words, places);
  return places.filter((place) => place.end <= start || place.start >= end);
}

/** All places where words stand as whole words. @param {FrozenText} text @param {string} words */
function wholePlaces(text, words) {
  /** @type {Match[]} */
  const places = [];
  for (
    let unit = text.string.indexOf(words);
    unit >= 0;
    unit = text.string.indexOf(words, unit + words.length)
  ) {
    const place = { start: text.toPoint(unit), end: text.toPoint(unit + words.length) };
    if (isWhole(text, place.start) && isWhole(text, place.end)) places.push(place);
  }
  return places;
}

/**
 * Whether no word goes on over a place.
 * @param {FrozenText} text @param {number} point
 */
export function isWhole(text, point) {
  if (point === 0 || point === text.length) return true;
  const before = text.slice(point - 1, point);
  const after = text.slice(point, point + 1);
  if (JOINING.test(before + after) && !isBetweenSigns(text, point)) return false;
  if (!LETTER.test(before) || !LETTER.test(after)) return true;
  if (!UNSPACED.test(before) && !UNSPACED.test(after)) return false;
  return !isInWord(text, point);
}

/**
 * Those of the places that no span of a label touches, and where none was rejected.
 * @param {Model} model @param {string} label @param {Match[]} places in order
 */
export function freePlaces(model, label, places) {
  if (!places.length) return [];
  const views = model.inOrder.filter(({ span }) => span.label === label);
  const known = new Set(views.map(({ span }) => `${span.start} ${span.end}`));
  const held = views.filter(({ state }) => state !== "rejected");
  let next = 0;
  // How far the spans reach that begin before the end of a place.
  let reach = 0;
  return places.filter(({ start, end }) => {
    while (next < held.length && held[next].span.start < end) {
      reach = Math.max(reach, held[next].span.end);
      next += 1;
    }
    return reach <= start && !known.has(`${start} ${end}`);
  });
}

/**
 * The attribute by which a span is known again, as the name of a speaker.
 * @param {Model} model
 * @param {string} label
 * @param {Attributes|undefined} attributes of the span
 * @returns {Attributes}
 */
export function knownBy(model, label, attributes) {
  const identity = model.schema.identity(label)?.name ?? "";
  const name = attributes?.[identity];
  return name ? { [identity]: name } : {};
}

/**
 * Spans of a label that a person proposes, each with what the first one is known by.
 * @param {Model} model
 * @param {string} label
 * @param {Match[]} places
 * @param {Attributes|undefined} attributes of the first one
 * @returns {Decision[]}
 */
export function propose(model, label, places, attributes) {
  const known = { ...model.schema.defaults(label), ...knownBy(model, label, attributes) };
  return places.map(({ start, end }) =>
    spanDecision("propose", model.nextIdent(), {
      label,
      start,
      end,
      fragments: null,
      attributes: known,
    }),
  );
}
