/**
 * What the page shows: the reviewer's layer over the pinned suggestions, one view for each span. A
 * decision touches few spans, and only their views are worked out again.
 * @typedef {import("./layer.js").Span} Span
 * @typedef {import("./layer.js").Link} Link
 * @typedef {import("./layer.js").Attributes} Attributes
 * @typedef {import("./layer.js").Decision} Decision
 * @typedef {import("./schema.js").Label} Label
 * @typedef {import("./schema.js").Role} Role
 * @typedef {"open"|"suggested"|"accepted"|"edited"|"added"|"rejected"} State only the document can
 *   be open: nobody suggested anything of it
 *
 * @typedef {Link & {other: number, pending: boolean}} Shown a link as the span at one of its ends
 *   shows it: `other` is the span at the other end; a `pending` one comes when that is accepted
 *
 * @typedef {import("./missing.js").Missing} Missing
 *
 * @typedef {object} View
 * @property {number} ident
 * @property {Span} span
 * @property {State} state
 * @property {Role} role
 * @property {string} code
 * @property {Shown[]} links
 * @property {Missing[]} missing
 * @property {boolean} settled
 * @property {boolean} unaccepted a person changed it; what else was suggested of it is not accepted
 * @property {number|null} score
 * @property {any} evidence
 *
 * @typedef {object} DocumentFacts
 * @property {string} id
 * @property {string} title
 * @property {"ltr"|"rtl"} [direction]
 * @property {string} text
 * @property {string} sha256 of the text
 * @property {string[]} targets
 * @property {string|null} default_target
 *
 * @typedef {object} Workspace
 * @property {DocumentFacts} document
 * @property {import("./schema.js").SchemaData} schema
 * @property {{spans: Span[], links: Link[], attributes?: Attributes}} suggestions
 * @property {Span[]} spans
 * @property {Link[]} links
 * @property {Attributes} [attributes] of the document
 * @property {number[]} rejected
 * @property {any[]} [history]
 * @property {number[]} [unaccepted] suggestions changed and not accepted, by the whole log
 * @property {any} layer
 * @property {{steps: import("../review/practice.js").Step[]}} [practice] where nothing is kept
 * @property {boolean} [reading] by somebody who does not review it
 * @property {Record<string, string>} urls
 */
import { Codes } from "./codes.js";
import { canonical, Layer, linksBy, ranges, sameLinks, sameSpan } from "./layer.js";
import { missingOf } from "./missing.js";
import { ridersByHead } from "./riding.js";
import { defaultsOf, DOCUMENT, DOCUMENT_IDENT, reasonIn, Schema } from "./schema.js";

/**
 * Text order: the document, then by start, the longer first.
 * @param {View} one @param {View} other
 */
export function byPlace(one, other) {
  const rank = (/** @type {View} */ view) => Number(view.role !== "document");
  return (
    rank(one) - rank(other) ||
    one.span.start - other.span.start ||
    other.span.end - one.span.end ||
    one.ident - other.ident
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
    this.isRead = Boolean(workspace.reading);
    this.schema = new Schema(workspace.schema);
    this.labels = this.schema.labels;
    this.hasDocument = this.schema.attributes.length > 0;
    /** @type {Attributes} */
    this.suggestedAttributes = workspace.suggestions.attributes ?? {};
    this.suggested = new Map(workspace.suggestions.spans.map((span) => [span.ident, span]));
    this.suggestedLinks = new Map(workspace.suggestions.links.map((link) => [link.ident, link]));
    this.suggestedBySource = linksBy(workspace.suggestions.links, "source");
    this.suggestedByTarget = linksBy(workspace.suggestions.links, "target");
    /** idents of all that was suggested; the document's own among them where it was */
    this.origins = new Set(this.suggested.keys());
    if (canonical(this.suggestedAttributes) !== canonical({})) this.origins.add(DOCUMENT_IDENT);
    this.riders = ridersByHead(this);
    /** what the server has confirmed; the rest waits in the outbox */
    this.base = this.#stored(workspace);
    this.layer = this.base.copy();
    this.codes = new Codes(this.schema);
    this.codes.begin(workspace.suggestions.spans, workspace.spans, workspace.history ?? []);
    this.lastIdent = 0;
    this.#knowAll(workspace);
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
    /** @type {Map<number, number>} how many frames have a span as their part */
    this.namedBy = new Map();
    this.rebuild();
  }

  /** The layer as the server holds it. @param {Workspace} workspace @returns {Layer} */
  #stored({ spans, links, rejected, attributes, history, unaccepted }) {
    const layer = new Layer(spans, links, rejected, attributes);
    layer.remember(history ?? [], this.origins);
    if (unaccepted) layer.acceptance.waiting = new Set(unaccepted);
    return layer;
  }

  /** Begin again from what the server holds now. @param {Workspace} workspace */
  restart(workspace) {
    this.base = this.#stored(workspace);
    this.layer = this.base.copy();
    this.#knowAll(workspace);
    this.rebuild();
  }

  /** What is new gets a number that nothing ever had. @param {Workspace} workspace */
  #knowAll({ spans, links, rejected, history = [] }) {
    const suggested = [...this.suggested.values(), ...this.suggestedLinks.values()];
    for (const { ident } of [...suggested, ...spans, ...links, ...history]) this.#known(ident);
    for (const ident of rejected) this.#known(ident);
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
    return this.schema.label(name);
  }

  /** @param {Decision} decision @returns {any} the value before */
  apply(decision) {
    const before = this.layer.apply(decision, this.origins);
    this.#known(decision.ident);
    this.codes.note(decision);
    if (decision.subject !== "link") this.#touch(decision.ident);
    else {
      // A link that is not in my layer may be one that waits for its other end.
      const suggested = this.suggestedLinks.get(decision.ident);
      for (const link of [before, decision.after, suggested]) if (link) this.#touchEnds(link);
    }
    return before;
  }

  /** @param {{kind: string, source: number, target: number}} link */
  #touchEnds(link) {
    this.touched.add(link.source);
    if (this.schema.kind(link.kind)?.symmetric) this.touched.add(link.target);
  }

  /** A span, and those whose shown links depend on it. @param {number} ident */
  #touch(ident) {
    this.touched.add(ident);
    for (const links of [this.suggestedByTarget, this.layer.incoming]) {
      for (const link of links.get(ident) ?? []) this.#touchEnds(link);
    }
    for (const links of [this.suggestedBySource, this.layer.outgoing]) {
      for (const link of links.get(ident) ?? []) this.#touchEnds(link);
    }
  }

  /** Work out the views of what changed since the last time. */
  refresh() {
    this.revision += 1;
    // In text order, so that codes are numbered as they are read.
    const fresh = [...this.touched]
      .filter((ident) => ident === DOCUMENT_IDENT || this.#span(ident))
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
    if (this.hasDocument) idents.add(DOCUMENT_IDENT);
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
    this.#count(view, -1);
  }

  /** @param {View} view */
  #index(view) {
    for (const paragraph of this.#paragraphs(view)) {
      const idents = this.byParagraph.get(paragraph);
      if (idents) idents.add(view.ident);
      else this.byParagraph.set(paragraph, new Set([view.ident]));
    }
    this.#count(view, 1);
  }

  /** Count the frames that a span is part of. @param {View} view @param {1|-1} step */
  #count({ ident, links }, step) {
    for (const link of links) {
      if (link.source !== ident || !this.schema.kind(link.kind)?.owned) continue;
      this.namedBy.set(link.target, (this.namedBy.get(link.target) ?? 0) + step);
    }
  }

  /** @param {View} view @returns {number[]} indexes of the paragraphs between a span's edges */
  #paragraphs(view) {
    if (view.role === "document") return [];
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
   * Links of a span as shown: mine, with those that come when their other end is accepted; before
   * the span is accepted itself, all suggested ones that can still hold. A symmetric link is shown
   * at both ends.
   * @param {number} ident
   * @returns {Shown[]}
   */
  linksOf(ident) {
    if (ident === DOCUMENT_IDENT || this.layer.rejected.has(ident)) return [];
    const isAccepted = this.stands(ident);
    const offered = this.offeredAt(ident);
    const pending = isAccepted ? offered.filter((link) => this.#waits(link)) : [];
    const isSymmetric = (/** @type {Link} */ link) => this.schema.kind(link.kind)?.symmetric;
    return [...this.layer.linksAt(ident), ...(isAccepted ? pending : offered)]
      .filter((link) => link.source === ident || isSymmetric(link))
      .map((link) => ({
        ...link,
        other: link.source === ident ? link.target : link.source,
        pending: pending.includes(link),
      }));
  }

  /** Whether a span is mine and nothing of it waits to be accepted. @param {number} ident */
  stands(ident) {
    return this.layer.spans.has(ident) && !this.layer.acceptance.waiting.has(ident);
  }

  /** Whether a span was suggested or proposed and is not accepted. @param {number} ident */
  canBeAccepted(ident) {
    return Boolean(this.#span(ident)) && !this.stands(ident);
  }

  /** Suggested links at a span that can still be had. @param {number} ident @returns {Link[]} */
  offeredAt(ident) {
    const outgoing = this.suggestedBySource.get(ident) ?? [];
    const incoming = this.suggestedByTarget.get(ident) ?? [];
    return [...outgoing, ...incoming].filter((link) => this.#isOffered(link));
  }

  /**
   * A link whose frame is mine waits for its other end; parts come with their frame.
   * @param {Link} link
   */
  #waits({ kind, source, target }) {
    const label = this.#span(target)?.label ?? "";
    return !(this.stands(source) && this.stands(target)) && !this.schema.owns(kind, label);
  }

  /** @param {Link} link whether a suggested link can still hold */
  #isOffered(link) {
    const { spans, rejected, links, dropped, outgoing } = this.layer;
    const source = this.#span(link.source);
    const target = this.#span(link.target);
    if (!source || !target || rejected.has(link.source) || rejected.has(link.target)) return false;
    if (!this.schema.joins(link.kind, source.label, target.label)) return false;
    const isSourceMine = spans.has(link.source);
    const kind = this.schema.kind(link.kind);
    if (!kind || links.has(link.ident)) return false;
    const isShownByMine = isSourceMine || (kind.symmetric && spans.has(link.target));
    if (isShownByMine && dropped.has(link.ident)) return false;
    if (!isSourceMine) return true;
    if (reasonIn(kind, source.attributes)) return false;
    return (outgoing.get(link.source) ?? []).every(
      (other) => other.kind !== link.kind || (kind.many && other.target !== link.target),
    );
  }

  /** @param {number} ident @returns {Span|undefined} */
  #span(ident) {
    return this.layer.spans.get(ident) ?? this.suggested.get(ident);
  }

  /** @param {number} ident @param {Shown[]} links @returns {State} */
  #state(ident, links) {
    const mine = this.layer.spans.get(ident);
    if (!mine) return this.layer.rejected.has(ident) ? "rejected" : "suggested";
    const suggestion = this.suggested.get(mine.origin ?? -1);
    if (!suggestion) return "added";
    if (!this.stands(ident)) return "edited";
    const own = links.filter((link) => link.source === ident);
    const unchanged =
      sameSpan(mine, suggestion) && sameLinks(own, this.suggestedBySource.get(ident) ?? []);
    return unchanged ? "accepted" : "edited";
  }

  /** @param {number} ident @returns {View} without its code yet */
  #view(ident) {
    if (ident === DOCUMENT_IDENT) return this.#documentView();
    const suggestion = this.suggested.get(ident);
    const span = /** @type {Span} */ (this.#span(ident));
    const links = this.linksOf(ident);
    const state = this.#state(ident, links);
    const missing = state === "rejected" ? [] : this.#missing(span, links);
    const unaccepted = this.layer.acceptance.waiting.has(ident);
    return {
      ident,
      span,
      state,
      role: this.schema.role(span.label),
      links,
      missing,
      settled: state !== "suggested" && !missing.length && !unaccepted,
      unaccepted,
      code: "",
      score: suggestion?.score ?? null,
      evidence: suggestion?.evidence ?? null,
    };
  }

  /**
   * What a span lacks: nothing where it is only read, since nobody could give it.
   * @param {Span} span @param {Shown[]} links
   */
  #missing(span, links) {
    return this.isRead ? [] : missingOf(this.schema, span, links);
  }

  /** @returns {View} the document and its attributes, as an item like the spans */
  #documentView() {
    const { documentSeen } = this.layer;
    const offered = { ...defaultsOf(this.schema.attributes), ...this.suggestedAttributes };
    const attributes = documentSeen ? this.layer.attributes : offered;
    const state = this.#documentState();
    const ident = DOCUMENT_IDENT;
    /** @type {Span} */
    const span = { ident, label: DOCUMENT, start: 0, end: 0, fragments: null, attributes };
    const missing = this.#missing(span, []);
    const unaccepted = this.layer.acceptance.waiting.has(ident);
    return {
      ident,
      span,
      state,
      role: "document",
      links: [],
      missing,
      settled: documentSeen && !missing.length && !unaccepted,
      unaccepted,
      code: "",
      score: null,
      evidence: null,
    };
  }

  /** @returns {State} */
  #documentState() {
    const suggested = canonical(this.suggestedAttributes);
    const mine = canonical(this.layer.attributes);
    const isSuggested = suggested !== canonical({});
    if (!this.layer.documentSeen) return isSuggested ? "suggested" : "open";
    if (this.layer.acceptance.waiting.has(DOCUMENT_IDENT)) return "edited";
    if (isSuggested) return mine === suggested ? "accepted" : "edited";
    return mine === canonical({}) ? "accepted" : "added";
  }

  /** @param {number} ident @returns {View[]} the spans with a shown link to a span */
  linkedTo(ident) {
    const links = [
      ...(this.suggestedByTarget.get(ident) ?? []),
      ...(this.layer.incoming.get(ident) ?? []),
    ];
    const sources = new Set(links.map((link) => link.source));
    const views = Array.from(sources, (source) => this.views.get(source));
    const known = views.filter((view) => view !== undefined);
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
   * Whether a view waits in the queue. A part is settled with the frame that names it, and one
   * suggested for frames that are rejected falls silent with them: only those that no frame ever
   * named wait. Nothing waits that rides along. Whatever lacks something waits, and whatever a
   * person proposed.
   * @param {View} view
   */
  queued(view) {
    if (view.missing.length && this.layer.spans.has(view.ident)) return true;
    if (view.state === "added" && view.unaccepted) return true;
    if (view.role === "fold") return view.missing.length > 0;
    if (view.role !== "part") return true;
    if (this.namedBy.get(view.ident)) return false;
    const isOwned = (/** @type {Link} */ link) => this.schema.kind(link.kind)?.owned;
    return view.state !== "suggested" || !this.suggestedByTarget.get(view.ident)?.some(isOwned);
  }

  /** @param {View} view @returns {View|null} the smallest frame around a frame */
  outer(view) {
    const size = (/** @type {View} */ other) => other.span.end - other.span.start;
    const around = this.viewsAt(this.text.paragraphAt(view.span.start).index).filter(
      (other) =>
        other.ident !== view.ident &&
        other.role === "frame" &&
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
