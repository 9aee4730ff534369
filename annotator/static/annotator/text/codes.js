/** The short names of spans: C1, S2. They stay what they were while the page is open. */

/**
 * @typedef {import("./model.js").Label} Label
 * @typedef {import("./model.js").View} View
 */

export class Codes {
  /** @param {Label[]} labels */
  constructor(labels) {
    this.prefixes = prefixes(labels);
    /** @type {Map<string, string>} codes that were given, by what they name */
    this.given = new Map();
    /** @type {Map<string, number>} how many codes each prefix has */
    this.counts = new Map();
  }

  /**
   * The code of a span; every mention of one person has the same.
   * @param {View} view
   * @returns {string}
   */
  of({ ident, span, role }) {
    const prefix = this.prefixes.get(span.label) ?? span.label[0];
    const name = role === "speaker" && span.attributes?.name;
    const key = name ? `${prefix} ${String(name).toLowerCase()}` : `${prefix}#${ident}`;
    const earlier = this.given.get(key);
    if (earlier) return earlier;
    const count = (this.counts.get(prefix) ?? 0) + 1;
    this.counts.set(prefix, count);
    const code = prefix + count;
    this.given.set(key, code);
    return code;
  }
}

/** The first letter of each label, or two where labels share it. @param {Label[]} labels */
function prefixes(labels) {
  /** @type {Map<string, string>} */
  const prefixOf = new Map();
  for (const label of labels) {
    const letter = label.name[0].toUpperCase();
    const isTaken = [...prefixOf.values()].includes(letter);
    prefixOf.set(label.name, isTaken ? label.name.slice(0, 2).toUpperCase() : letter);
  }
  return prefixOf;
}
