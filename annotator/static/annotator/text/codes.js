/** The short names of spans: C1, S2. They stay what they were while the page is open. */

/**
 * @typedef {import("./schema.js").Schema} Schema
 * @typedef {import("./schema.js").Label} Label
 * @typedef {import("./model.js").View} View
 */

export class Codes {
  /** @param {Schema} schema */
  constructor(schema) {
    this.schema = schema;
    this.prefixes = prefixes(schema.labels);
    /** @type {Map<string, string>} codes that were given, by what they name */
    this.given = new Map();
    /** @type {Map<string, number>} how many codes each prefix has */
    this.counts = new Map();
  }

  /**
   * The code of a span; parts that are known again, as every mention of one person, share one.
   * @param {View} view
   * @returns {string}
   */
  of({ ident, span, role }) {
    if (role === "document") return "Doc";
    const prefix = this.prefixes.get(span.label) ?? span.label[0];
    const identity = role === "part" ? this.schema.identity(span.label) : null;
    const name = identity && span.attributes?.[identity.name];
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

/** The first letter of each label, or more where labels share it. @param {Label[]} labels */
function prefixes(labels) {
  /** @type {Map<string, string>} */
  const prefixOf = new Map();
  const taken = new Set();
  for (const label of labels) {
    const letters = [...label.name.toUpperCase()].filter((sign) => /[\p{L}\p{N}]/u.test(sign));
    const candidates = [
      letters[0],
      letters.slice(0, 2).join(""),
      ...letters.slice(2).map((letter) => `${letters[0]}${letter}`),
      letters.slice(0, 3).join(""),
    ];
    const found = candidates.find((prefix) => prefix && !taken.has(prefix));
    const prefix = found ?? `${letters[0] ?? "#"}${taken.size}-`;
    taken.add(prefix);
    prefixOf.set(label.name, prefix);
  }
  return prefixOf;
}
