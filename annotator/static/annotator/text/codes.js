/**
 * The short names of spans: C1, S2. The suggestions have the first numbers, in text order; what
 * comes later has the next ones in the order of the log. Both stay as they are, so that a page that
 * is opened again gives the codes that it gave before.
 */

/**
 * @typedef {import("./schema.js").Schema} Schema
 * @typedef {import("./schema.js").Label} Label
 * @typedef {import("./layer.js").Decision} Decision
 * @typedef {import("./layer.js").Span} Span
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
   * Number what is there when the page opens.
   * @param {Span[]} suggested
   * @param {Span[]} own the reviewer's
   * @param {Decision[]} log of the reviewer's layer, perhaps cut off at its beginning
   */
  begin(suggested, own, log) {
    const inOrder = [...suggested].sort(
      (one, other) => one.start - other.start || other.end - one.end || one.ident - other.ident,
    );
    for (const span of inOrder) this.number(span.ident, span);
    const isAdded = (/** @type {Decision} */ { subject, before }) => subject === "span" && !before;
    const told = new Set(log.filter(isAdded).map(({ ident }) => ident));
    const earlier = own.filter(({ ident }) => !told.has(ident));
    for (const span of earlier.sort((one, other) => one.ident - other.ident)) {
      this.number(span.ident, span);
    }
    for (const decision of log) this.note(decision);
  }

  /** Number what a decision brings. @param {Decision} decision */
  note({ subject, ident, after }) {
    if (subject === "span" && after?.label) this.number(ident, after);
  }

  /**
   * The code of a span; parts that are known again, as every mention of one person, share one.
   * @param {View} view
   * @returns {string}
   */
  of({ ident, span, role }) {
    return role === "document" ? "Doc" : this.number(ident, span);
  }

  /**
   * @param {number} ident
   * @param {{label: string, attributes?: Record<string, any>}} span
   * @returns {string} its code: the one that it has, else the next
   */
  number(ident, span) {
    const prefix = this.prefixes.get(span.label) ?? span.label[0];
    const isPart = this.schema.role(span.label) === "part";
    const identity = isPart ? this.schema.identity(span.label) : null;
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
