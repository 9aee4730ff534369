/**
 * What the page shows: the reviewer's layer over the pinned suggestions, one view for each span. A
 * decision touches few spans, and only their views are worked out again.
 * @typedef {import("./layer.js").Span} Span
 * @typedef {import("./layer.js").Link} Link
 * @typedef {import("./layer.js").Decision} Decision
 * @typedef {"suggested"|"accepted"|"edited"|"added"|"rejected"} State
 * @typedef {"claim"|"speaker"|"cue"|"plain"} RoleOfSpan
 *
 * @typedef {object} View
 * @property {number} ident
 * @property {Span} span
 * @property {State} state
 * @property {RoleOfSpan} role
 * @property {string} code
 * @property {Link[]} links
 * @property {string[]} missing
 * @property {boolean} settled
 * @property {number|null} score
 * @property {any} evidence
 *
 * @typedef {{name: string, kind: string, choices: string[], required: boolean}} Attribute
 * @typedef {{name: string, title: string, key: string, attributes: Attribute[]}} Label
 * @typedef {{name: string, source: string, target: string, many: boolean}} LinkKind
 * @typedef {{labels: Label[], links: LinkKind[]}} Schema
 *
 * @typedef {object} DocumentFacts
 * @property {string} id
 * @property {string} title
 * @property {string} text
 * @property {string[]} targets
 * @property {string|null} default_target
 *
 * @typedef {object} Workspace
 * @property {DocumentFacts} document
 * @property {Schema} schema
 * @property {{spans: Span[], links: Link[]}} suggestions
 * @property {Span[]} spans
 * @property {Link[]} links
 * @property {number[]} rejected
 * @property {any[]} [history]
 * @property {any} layer
 * @property {Record<string, string>} urls
 */
import { Codes } from "./codes.js";
import { Layer, linksBy, ranges, sameLinks, sameSpan, SPEAKERLESS } from "./layer.js";

/** Text order: by start, the longer first. @param {View} one @param {View} other */
function byPlace(one, other) {
  return (
    one.span.start - other.span.start || other.span.end - one.span.end || one.ident - other.ident
  );
}

/**
 * Where a view stands, or would stand, among views in text order.
 * @param {View[]} views
 * @param {View} view
 */
function placeIn(views, view) {
  let low = 0;
  let high = views.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (byPlace(views[middle], view) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

export class Model {
  /**
   * @param {Workspace} workspace the page's JSON
   * @param {import("./offsets.js").FrozenText} text
   */
  constructor(workspace, text) {
    this.text = text;
    this.document = workspace.document;
    this.labels = workspace.schema.labels;
    /** @type {LinkKind|null} */
    this.link = workspace.schema.links[0] ?? null;
    this.suggested = new Map(workspace.suggestions.spans.map((span) => [span.ident, span]));
    this.suggestedBySource = linksBy(workspace.suggestions.links, "source");
    this.suggestedByTarget = linksBy(workspace.suggestions.links, "target");
    /** what the server has confirmed; the rest waits in the outbox */
    this.base = new Layer(workspace.spans, workspace.links, workspace.rejected);
    this.layer = this.base.copy();
    this.codes = new Codes(this.labels);
    this.lastIdent = 0;
    for (const { ident } of workspace.suggestions.links) this.#known(ident);
    for (const idents of [
      this.suggested.keys(),
      this.layer.spans.keys(),
      this.layer.links.keys(),
      this.layer.rejected,
    ]) {
      for (const ident of idents) this.#known(ident);
    }
    /** @type {Set<number>} spans whose views have to be worked out again */
    this.touched = new Set();
    /** grows with every change, so that what was computed can be kept until then */
    this.revision = 0;
    /** @type {View[]} all views in text order */
    this.inOrder = [];
    /** @type {Map<number, View>} */
    this.views = new Map();
    /** @type {Map<number, Set<number>>} idents of spans by the paragraphs that they touch */
    this.byParagraph = new Map();
    /** @type {Map<number, number>} how many shown links end at a span */
    this.namedBy = new Map();
    this.rebuild();
  }

  /** @param {number} ident */
  #known(ident) {
    if (ident > this.lastIdent) this.lastIdent = ident;
  }

  nextIdent() {
    this.lastIdent += 1;
    return this.lastIdent;
  }

  /** @param {string} name @returns {Label} */
  label(name) {
    return (
      this.labels.find((label) => label.name === name) ?? {
        name,
        title: name,
        key: "",
        attributes: [],
      }
    );
  }

  /** @param {string} label @returns {RoleOfSpan} */
  role(label) {
    if (label === this.link?.source) return "claim";
    if (label === this.link?.target) return "speaker";
    return label === "CUE" ? "cue" : "plain";
  }

  /** @param {string} label @param {string} name */
  hasAttribute(label, name) {
    return this.label(label).attributes.some((attribute) => attribute.name === name);
  }

  /** @param {Decision} decision @returns {any} the value before */
  apply(decision) {
    const before = this.layer.apply(decision, this.suggested);
    this.#known(decision.ident);
    if (decision.subject === "span") this.#touch(decision.ident);
    else for (const link of [before, decision.after]) if (link) this.#touch(link.source);
    return before;
  }

  /** A span, and the claims whose shown links depend on it. @param {number} ident */
  #touch(ident) {
    this.touched.add(ident);
    for (const link of this.suggestedByTarget.get(ident) ?? []) this.touched.add(link.source);
    for (const link of this.layer.incoming.get(ident) ?? []) this.touched.add(link.source);
  }

  /** Work out the views of what changed since the last time. */
  refresh() {
    this.revision += 1;
    // In text order, so that codes are numbered as they are read.
    const fresh = [...this.touched]
      .filter((ident) => this.#span(ident))
      .map((ident) => this.#view(ident))
      .sort(byPlace);
    for (const ident of this.touched) this.#forget(ident);
    this.touched.clear();
    for (const view of fresh) {
      view.code = this.codes.of(view);
      this.views.set(view.ident, view);
      this.inOrder.splice(placeIn(this.inOrder, view), 0, view);
      this.#index(view);
    }
  }

  /** Work out everything, after a change of the whole layer. */
  rebuild() {
    this.revision += 1;
    this.touched.clear();
    const idents = new Set([...this.suggested.keys(), ...this.layer.spans.keys()]);
    this.inOrder = Array.from(idents, (ident) => this.#view(ident)).sort(byPlace);
    for (const view of this.inOrder) view.code = this.codes.of(view);
    this.views = new Map(this.inOrder.map((view) => [view.ident, view]));
    this.byParagraph = new Map();
    this.namedBy = new Map();
    for (const view of this.inOrder) this.#index(view);
  }

  /** @param {number} ident */
  #forget(ident) {
    const view = this.views.get(ident);
    if (!view) return;
    this.views.delete(ident);
    this.inOrder.splice(placeIn(this.inOrder, view), 1);
    for (const paragraph of this.#paragraphs(view)) this.byParagraph.get(paragraph)?.delete(ident);
    for (const link of view.links) {
      this.namedBy.set(link.target, (this.namedBy.get(link.target) ?? 0) - 1);
    }
  }

  /** @param {View} view */
  #index(view) {
    for (const paragraph of this.#paragraphs(view)) {
      const idents = this.byParagraph.get(paragraph);
      if (idents) idents.add(view.ident);
      else this.byParagraph.set(paragraph, new Set([view.ident]));
    }
    for (const link of view.links) {
      this.namedBy.set(link.target, (this.namedBy.get(link.target) ?? 0) + 1);
    }
  }

  /** @param {View} view @returns {number[]} indexes of the paragraphs between a span's edges */
  #paragraphs(view) {
    const first = this.text.paragraphAt(view.span.start).index;
    const last = this.text.paragraphAt(Math.max(view.span.start, view.span.end - 1)).index;
    return Array.from({ length: last - first + 1 }, (_, index) => first + index);
  }

  /**
   * @param {number} index of a paragraph
   * @returns {View[]} the spans that touch it, in text order
   */
  viewsAt(index) {
    return Array.from(
      this.byParagraph.get(index) ?? [],
      (ident) => /** @type {View} */ (this.views.get(ident)),
    ).sort(byPlace);
  }

  /**
   * Links out of a claim as shown: mine when the claim is mine, else the suggested ones that can
   * still hold.
   * @param {number} ident
   */
  linksFrom(ident) {
    if (this.layer.spans.has(ident)) return this.layer.outgoing.get(ident) ?? [];
    if (this.layer.rejected.has(ident)) return [];
    return this.suggestedFrom(ident);
  }

  /** Suggested links of a claim whose speaker has not been rejected. @param {number} ident */
  suggestedFrom(ident) {
    const outgoing = this.suggestedBySource.get(ident) ?? [];
    return outgoing.filter(
      (link) => this.suggested.has(link.target) && !this.layer.rejected.has(link.target),
    );
  }

  /** @param {number} ident @returns {Span|undefined} */
  #span(ident) {
    return this.layer.spans.get(ident) ?? this.suggested.get(ident);
  }

  /** @param {number} ident @param {Link[]} links @returns {State} */
  #state(ident, links) {
    const mine = this.layer.spans.get(ident);
    if (!mine) return this.layer.rejected.has(ident) ? "rejected" : "suggested";
    const suggestion = this.suggested.get(mine.origin ?? -1);
    if (!suggestion) return "added";
    const unchanged =
      sameSpan(mine, suggestion) && sameLinks(links, this.suggestedBySource.get(ident) ?? []);
    return unchanged ? "accepted" : "edited";
  }

  /** @param {Span} span @param {RoleOfSpan} role @param {Link[]} links */
  #missing(span, role, links) {
    const missing = [];
    if (
      role === "claim" &&
      !links.length &&
      !SPEAKERLESS.includes(span.attributes?.speaker_state)
    ) {
      missing.push("speaker");
    }
    for (const attribute of this.label(span.label).attributes) {
      if (attribute.required && !span.attributes?.[attribute.name]) missing.push(attribute.name);
    }
    return missing;
  }

  /** @param {number} ident @returns {View} without its code yet */
  #view(ident) {
    const suggestion = this.suggested.get(ident);
    const span = /** @type {Span} */ (this.#span(ident));
    const role = this.role(span.label);
    const links = role === "claim" ? this.linksFrom(ident) : [];
    const state = this.#state(ident, links);
    const missing = state === "rejected" ? [] : this.#missing(span, role, links);
    return {
      ident,
      span,
      state,
      role,
      links,
      missing,
      settled: state !== "suggested" && !missing.length,
      code: "",
      score: suggestion?.score ?? null,
      evidence: suggestion?.evidence ?? null,
    };
  }

  /** @param {number} ident @returns {View[]} the claims that a speaker makes, as shown */
  claimsOf(ident) {
    const links = [
      ...(this.suggestedByTarget.get(ident) ?? []),
      ...(this.layer.incoming.get(ident) ?? []),
    ];
    const sources = new Set(links.map((link) => link.source));
    const claims = Array.from(sources, (source) => this.views.get(source));
    const known = claims.filter((view) => view !== undefined);
    return known.filter((view) => view.links.some((link) => link.target === ident));
  }

  /** @param {Span} span */
  exact(span) {
    return this.text.slice(span.start, span.end);
  }

  /**
   * What the reader sees of a span: its pieces, joined.
   * @param {import("./layer.js").Place} span
   */
  words(span) {
    return ranges(span)
      .map(([start, end]) => this.text.slice(start, end))
      .join(" … ");
  }

  /**
   * A speaker is settled with the claim that names it, and one suggested for claims that are
   * rejected falls silent with them: only those that no claim ever named wait in the queue.
   * @param {View} view
   */
  queued(view) {
    if (view.role === "cue") return false;
    if (view.role !== "speaker") return true;
    const suggestedFor =
      view.state === "suggested" ? (this.suggestedByTarget.get(view.ident) ?? []) : [];
    return !this.namedBy.get(view.ident) && !suggestedFor.length;
  }

  /** @param {View} view @returns {View|null} the smallest claim around a claim */
  outer(view) {
    const size = (/** @type {View} */ other) => other.span.end - other.span.start;
    const around = this.viewsAt(this.text.paragraphAt(view.span.start).index).filter(
      (other) =>
        other.ident !== view.ident &&
        other.role === "claim" &&
        other.state !== "rejected" &&
        other.span.start <= view.span.start &&
        other.span.end >= view.span.end &&
        size(other) > size(view),
    );
    return around.reduce(
      (/** @type {View|null} */ best, other) => (best && size(best) < size(other) ? best : other),
      null,
    );
  }
}
