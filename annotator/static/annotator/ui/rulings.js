/** How a question was settled before, in words: numbers and no names. */
import { el } from "./dom.js";

/**
 * @typedef {object} Ruling what one facet of a dispute was settled as
 * @property {string} facet
 * @property {string} about what the schema calls the facet
 * @property {string} label
 * @property {string} value
 * @property {number} votes
 * @property {number} against
 * @property {{value: string, votes: number}[]} others
 * @property {string} words
 * @property {string} cue
 * @property {string} reason
 * @property {{slug: string, title: string}|null} section
 */

/** A ruling in a line: "4 : 1 for oppose". @param {Ruling} ruling */
export function verdict({ votes, against, value }) {
  return `${votes} : ${against} for ${value}`;
}

/** Words in quotation marks, unless they begin with some of their own. @param {string} words */
export function quoted(words) {
  return /^[“"‘'«‹„‚「『]/u.test(words) ? words : `“${words}”`;
}

/** A ruling in full. @param {Ruling} ruling */
export function rulingInFull(ruling) {
  const { about, words, others, cue, reason, section } = ruling;
  /** @type {[string, string][]} */
  const facts = [
    [about.charAt(0).toUpperCase() + about.slice(1), verdict(ruling)],
    ["Refused", others.map(({ value, votes }) => `${value} (${votes})`).join(", ")],
    ["With", cue],
    ["Because", reason],
    ["Guideline", section?.title ?? ""],
  ];
  const rows = facts.filter(([, value]) => value);
  return [
    words ? el("blockquote", { class: "note-words", dir: "auto" }, words) : null,
    el(
      "dl",
      { class: "ruling" },
      ...rows.flatMap(([name, value]) => [el("dt", {}, name), el("dd", { dir: "auto" }, value)]),
    ),
  ];
}
