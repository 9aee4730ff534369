/**
 * A layer of annotation as values: spans, links, what was rejected, and how one decision changes
 * it.
 * @typedef {number[]} Piece start and end, in code points
 * @typedef {{start: number, end: number, fragments?: Piece[]|null}} Place
 * @typedef {Record<string, any>} Attributes
 *
 * @typedef {object} SpanValue
 * @property {string} label
 * @property {number} start
 * @property {number} end
 * @property {Piece[]|null} fragments
 * @property {Attributes} attributes
 *
 * @typedef {SpanValue & {ident: number, score?: number|null, evidence?: any, origin?: number|null}}
 *   Span
 * @typedef {{kind: string, source: number, target: number, attributes?: Attributes}} LinkValue
 * @typedef {LinkValue & {ident: number}} Link
 *
 * @typedef {"span"|"link"|"document"} Subject
 *
 * @typedef {object} Decision what one action says, before it is numbered for the log
 * @property {string} verb
 * @property {Subject} subject
 * @property {number} ident
 * @property {any} after
 * @property {any} [before]
 * @property {string|null} [undoes]
 * @property {string} [exact]
 *
 * @typedef {Decision & {client_id: string, group: string, elapsed_ms?: number, seen_ms?: number,
 *   words?: string}} Entry a decision in the log; `words` say what it is about, on this computer
 */
import { Acceptance } from "./acceptance.js";
import { isEmpty } from "./schema.js";

/** The wire value of a span: no ident, no score. @param {SpanValue} span @returns {SpanValue} */
export function spanValue(span) {
  return {
    label: span.label,
    start: span.start,
    end: span.end,
    fragments: span.fragments ?? null,
    attributes: span.attributes ?? {},
  };
}

/** @param {LinkValue} link @returns {LinkValue} */
export function linkValue({ kind, source, target, attributes }) {
  const ends = { kind, source, target };
  return Object.keys(attributes ?? {}).length ? { ...ends, attributes } : ends;
}

/** @param {Place} span @returns {Piece[]} the pieces of a span */
export function ranges(span) {
  return span.fragments?.length ? span.fragments : [[span.start, span.end]];
}

/**
 * Attributes in one order and without empty ones, so that absent and null count as the same.
 * @param {Attributes|undefined} attributes
 */
export function canonical(attributes) {
  const kept = Object.entries(attributes ?? {}).filter(([, value]) => !isEmpty(value));
  return JSON.stringify(kept.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** @param {Span} one @param {Span} other */
export function sameSpan(one, other) {
  return (
    one.label === other.label &&
    JSON.stringify(ranges(one)) === JSON.stringify(ranges(other)) &&
    canonical(one.attributes) === canonical(other.attributes)
  );
}

/** @param {Link[]} mine @param {Link[]} theirs */
export function sameLinks(mine, theirs) {
  const keys = (/** @type {Link[]} */ links) =>
    links
      .map((link) => `${link.kind} ${link.source} ${link.target} ${canonical(link.attributes)}`)
      .sort()
      .join();
  return keys(mine) === keys(theirs);
}

/**
 * Links by the span at one of their ends.
 * @param {Iterable<Link>} links @param {"source"|"target"} end @returns {Map<number, Link[]>}
 */
export function linksBy(links, end) {
  const bySpan = new Map();
  for (const link of links) {
    const list = bySpan.get(link[end]);
    if (list) list.push(link);
    else bySpan.set(link[end], [link]);
  }
  return bySpan;
}

/** My layer: the part that decisions change. */
export class Layer {
  /**
   * @param {Iterable<Span>} spans
   * @param {Iterable<Link>} links
   * @param {Iterable<number>} rejected
   * @param {Attributes} attributes of the document
   */
  constructor(spans = [], links = [], rejected = [], attributes = {}) {
    this.spans = new Map(Array.from(spans, (span) => [span.ident, span]));
    this.links = new Map(Array.from(links, (link) => [link.ident, link]));
    this.rejected = new Set(rejected);
    this.attributes = attributes;
    /** whether the document itself was decided on */
    this.documentSeen = Object.keys(attributes).length > 0;
    /** @type {Set<number>} suggested links that were taken off while their other end waited */
    this.dropped = new Set();
    this.acceptance = new Acceptance();
    this.outgoing = linksBy(this.links.values(), "source");
    this.incoming = linksBy(this.links.values(), "target");
  }

  copy() {
    const { spans, links, rejected, attributes } = this;
    const copy = new Layer(spans.values(), links.values(), rejected, attributes);
    copy.documentSeen = this.documentSeen;
    copy.dropped = new Set(this.dropped);
    copy.acceptance = this.acceptance.copy();
    return copy;
  }

  /**
   * What the log says that spans and links do not show.
   * @param {Decision[]} log
   * @param {Set<number>} origins what was suggested
   */
  remember(log, origins) {
    if (log.some(({ subject }) => subject === "document")) this.documentSeen = false;
    for (const decision of log) this.#note(decision, decision.before, origins);
  }

  /** @param {Decision} decision @param {any} before @param {Set<number>} origins */
  #note(decision, before, origins) {
    const { subject, ident, verb, after } = decision;
    if (subject !== "link") {
      const isNew = subject === "span" ? !before || before.rejected : !this.documentSeen;
      this.acceptance.note(decision, isNew, origins.has(ident));
    }
    if (subject === "link") {
      if (after || verb === "undo") this.dropped.delete(ident);
      else this.dropped.add(ident);
    } else if (subject === "document") {
      this.documentSeen = verb !== "undo" || Object.keys(after?.attributes ?? {}).length > 0;
    }
  }

  /**
   * @param {Subject} subject
   * @param {number} ident
   * @returns {any} the wire value, null when absent
   */
  value(subject, ident) {
    if (subject === "link") {
      const link = this.links.get(ident);
      return link ? linkValue(link) : null;
    }
    if (subject === "document") return { attributes: this.attributes };
    if (this.rejected.has(ident)) return { rejected: true };
    const span = this.spans.get(ident);
    return span ? spanValue(span) : null;
  }

  /**
   * @param {Decision} decision
   * @param {Set<number>} origins what was suggested
   * @returns {any} the value before
   */
  apply(decision, origins) {
    const { subject, ident, after } = decision;
    const before = this.value(subject, ident);
    this.#note(decision, before, origins);
    if (subject === "link") {
      this.#setLink(ident, after);
      return before;
    }
    if (subject === "document") {
      this.attributes = after?.attributes ?? {};
      return before;
    }
    this.spans.delete(ident);
    this.rejected.delete(ident);
    if (after?.rejected) this.rejected.add(ident);
    else if (after) {
      this.spans.set(ident, { ident, ...after, origin: origins.has(ident) ? ident : null });
    }
    return before;
  }

  /** @param {number} ident @param {LinkValue|null} value */
  #setLink(ident, value) {
    const old = this.links.get(ident);
    if (old) {
      this.links.delete(ident);
      this.outgoing.set(
        old.source,
        (this.outgoing.get(old.source) ?? []).filter((link) => link.ident !== ident),
      );
      this.incoming.set(
        old.target,
        (this.incoming.get(old.target) ?? []).filter((link) => link.ident !== ident),
      );
    }
    if (!value) return;
    const link = { ident, ...value };
    this.links.set(ident, link);
    this.outgoing.set(link.source, [...(this.outgoing.get(link.source) ?? []), link]);
    this.incoming.set(link.target, [...(this.incoming.get(link.target) ?? []), link]);
  }

  /** @param {number} ident @returns {Link[]} links that touch a span */
  linksAt(ident) {
    return [...(this.outgoing.get(ident) ?? []), ...(this.incoming.get(ident) ?? [])];
  }
}
