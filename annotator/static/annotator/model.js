/**
 * What the reviewer's layer is: the fold of decisions over nothing, beside the pinned suggestions.
 * @typedef {{ident: number, label: string, start: number, end: number, fragments: number[][]|null,
 *   attributes: Object<string, any>, score?: number|null, evidence?: any, origin?: number|null}} Span
 * @typedef {{ident: number, kind: string, source: number, target: number}} Link
 * @typedef {"suggested"|"accepted"|"edited"|"added"|"rejected"} State
 * @typedef {{ident: number, span: Span, state: State, role: "claim"|"speaker"|"cue"|"plain", code: string,
 *   links: Link[], missing: string[], settled: boolean, score: number|null, evidence: any}} View
 * @typedef {{verb: string, subject: "span"|"link", ident: number, after: any, before?: any, client_id?: string,
 *   group?: string, exact?: string, undoes?: string, elapsed_ms?: number}} Decision
 */

export const SPEAKERLESS = ["author", "unknown"];

/** The wire value of a span: no ident, no score. */
export function spanValue(span) {
  return {
    label: span.label,
    start: span.start,
    end: span.end,
    fragments: span.fragments ?? null,
    attributes: span.attributes ?? {},
  };
}

export function linkValue(link) {
  return { kind: link.kind, source: link.source, target: link.target };
}

/** @returns {number[][]} the pieces of a span */
export function ranges(span) {
  return span.fragments?.length ? span.fragments : [[span.start, span.end]];
}

/** Attributes in one order and without empty ones, so that absent and null count as the same. */
function canonical(attributes) {
  const kept = Object.entries(attributes ?? {}).filter(([, value]) => value !== null && value !== undefined && value !== "");
  return JSON.stringify(kept.sort(([a], [b]) => (a < b ? -1 : 1)));
}

function sameSpan(one, other) {
  return (
    one.label === other.label &&
    JSON.stringify(ranges(one)) === JSON.stringify(ranges(other)) &&
    canonical(one.attributes) === canonical(other.attributes)
  );
}

function sameLinks(mine, theirs) {
  const keys = (links) => links.map((link) => `${link.kind} ${link.target}`).sort().join();
  return keys(mine) === keys(theirs);
}

/** My layer: the part that decisions change. */
export class Layer {
  constructor(spans = [], links = [], rejected = []) {
    this.spans = new Map(spans.map((span) => [span.ident, span]));
    this.links = new Map(links.map((link) => [link.ident, link]));
    this.rejected = new Set(rejected);
  }

  copy() {
    return new Layer([...this.spans.values()], [...this.links.values()], this.rejected);
  }

  value(subject, ident) {
    if (subject === "link") {
      const link = this.links.get(ident);
      return link ? linkValue(link) : null;
    }
    if (this.rejected.has(ident)) return { rejected: true };
    const span = this.spans.get(ident);
    return span ? spanValue(span) : null;
  }

  /** @param {Decision} decision @param {Map<number, Span>} suggested @returns {any} the value before */
  apply(decision, suggested) {
    const { subject, ident, after } = decision;
    const before = this.value(subject, ident);
    if (subject === "link") {
      if (after) this.links.set(ident, { ident, ...after });
      else this.links.delete(ident);
      return before;
    }
    this.spans.delete(ident);
    this.rejected.delete(ident);
    if (after?.rejected) this.rejected.add(ident);
    else if (after) this.spans.set(ident, { ident, ...after, origin: suggested.has(ident) ? ident : null });
    return before;
  }
}

/** Code letters for labels: the first letter, or two where labels share it and are painted alike. */
function prefixes(labels) {
  const taken = new Map();
  for (const label of labels) {
    const letter = label.name[0].toUpperCase();
    const clash = [...taken.values()].includes(letter);
    taken.set(label.name, clash ? label.name.slice(0, 2).toUpperCase() : letter);
  }
  return taken;
}

export class Model {
  /** @param {any} workspace the page's JSON @param {import("./offsets.js").FrozenText} text */
  constructor(workspace, text) {
    this.text = text;
    this.document = workspace.document;
    this.labels = workspace.schema.labels;
    this.link = workspace.schema.links[0] ?? null;
    this.suggested = new Map(workspace.suggestions.spans.map((span) => [span.ident, span]));
    this.suggestedLinks = new Map(workspace.suggestions.links.map((link) => [link.ident, link]));
    /** what the server has confirmed; the rest waits in the outbox */
    this.base = new Layer(workspace.spans, workspace.links, workspace.rejected);
    this.layer = this.base.copy();
    this.prefixes = prefixes(this.labels);
    this.codes = new Map();
    this.counts = new Map();
    this.lastIdent = Math.max(
      0,
      ...this.suggested.keys(),
      ...this.suggestedLinks.keys(),
      ...this.layer.spans.keys(),
      ...this.layer.links.keys(),
      ...this.layer.rejected,
    );
    this.refresh();
  }

  nextIdent() {
    this.lastIdent += 1;
    return this.lastIdent;
  }

  label(name) {
    return this.labels.find((label) => label.name === name) ?? { name, title: name, key: "", attributes: [] };
  }

  role(label) {
    if (label === this.link?.source) return "claim";
    if (label === this.link?.target) return "speaker";
    return label === "CUE" ? "cue" : "plain";
  }

  hasAttribute(label, name) {
    return this.label(label).attributes.some((attribute) => attribute.name === name);
  }

  /** @param {Decision} decision */
  apply(decision) {
    const before = this.layer.apply(decision, this.suggested);
    this.lastIdent = Math.max(this.lastIdent, decision.ident);
    return before;
  }

  /** Links out of a claim as shown: mine when the claim is mine, else the suggested ones that can still hold. */
  linksFrom(ident) {
    if (this.layer.spans.has(ident)) return [...this.layer.links.values()].filter((link) => link.source === ident);
    if (this.layer.rejected.has(ident)) return [];
    return this.suggestedFrom(ident);
  }

  /** Suggested links of a claim whose speaker has not been rejected. */
  suggestedFrom(ident) {
    const outgoing = this.suggestedBySource.get(ident) ?? [];
    return outgoing.filter((link) => this.suggested.has(link.target) && !this.layer.rejected.has(link.target));
  }

  get suggestedBySource() {
    if (!this.bySource) {
      this.bySource = new Map();
      for (const link of this.suggestedLinks.values()) {
        this.bySource.set(link.source, [...(this.bySource.get(link.source) ?? []), link]);
      }
    }
    return this.bySource;
  }

  #state(ident, links) {
    const mine = this.layer.spans.get(ident);
    if (!mine) return this.layer.rejected.has(ident) ? "rejected" : "suggested";
    const suggestion = this.suggested.get(mine.origin ?? -1);
    if (!suggestion) return "added";
    const unchanged = sameSpan(mine, suggestion) && sameLinks(links, this.suggestedBySource.get(ident) ?? []);
    return unchanged ? "accepted" : "edited";
  }

  #missing(span, role, links) {
    const missing = [];
    if (role === "claim" && !links.length && !SPEAKERLESS.includes(span.attributes?.speaker_state)) missing.push("speaker");
    for (const attribute of this.label(span.label).attributes) {
      if (attribute.required && !span.attributes?.[attribute.name]) missing.push(attribute.name);
    }
    return missing;
  }

  /** @returns {View} */
  #view(ident) {
    const suggestion = this.suggested.get(ident);
    const span = this.layer.spans.get(ident) ?? suggestion;
    const role = this.role(span.label);
    const links = role === "claim" ? this.linksBySource.get(ident) ?? [] : [];
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
      code: this.#code(ident, span, role),
      score: suggestion?.score ?? null,
      evidence: suggestion?.evidence ?? null,
    };
  }

  /** Codes stay what they were while the page is open; every mention of one person shares a code. */
  #code(ident, span, role) {
    const prefix = this.prefixes.get(span.label) ?? span.label[0];
    const name = role === "speaker" && span.attributes?.name;
    const key = name ? `${prefix} ${String(name).toLowerCase()}` : `${prefix}#${ident}`;
    if (!this.codes.has(key)) {
      this.counts.set(prefix, (this.counts.get(prefix) ?? 0) + 1);
      this.codes.set(key, prefix + this.counts.get(prefix));
    }
    return this.codes.get(key);
  }

  /** Work out the views again after decisions. */
  refresh() {
    const idents = new Set([...this.suggested.keys(), ...this.layer.spans.keys()]);
    const span = (ident) => this.layer.spans.get(ident) ?? this.suggested.get(ident);
    const ordered = [...idents].sort((a, b) => span(a).start - span(b).start || span(b).end - span(a).end || a - b);
    this.linksBySource = this.#groupLinks(ordered);
    /** @type {Map<number, View>} in text order */
    this.views = new Map(ordered.map((ident) => [ident, this.#view(ident)]));
    this.linked = new Set();
    for (const links of this.linksBySource.values()) for (const link of links) this.linked.add(link.target);
  }

  #groupLinks(idents) {
    const grouped = new Map();
    for (const link of this.layer.links.values()) {
      grouped.set(link.source, [...(grouped.get(link.source) ?? []), link]);
    }
    for (const ident of idents) {
      if (this.layer.spans.has(ident)) continue;
      const links = this.linksFrom(ident);
      if (links.length) grouped.set(ident, links);
    }
    return grouped;
  }

  exact(span) {
    return this.text.slice(span.start, span.end);
  }

  /** What the reader sees of a span: its pieces, joined. */
  words(span) {
    return ranges(span).map(([start, end]) => this.text.slice(start, end)).join(" … ");
  }

  /** A speaker is settled with the claim that names it, so only unlinked ones wait in the queue. */
  queued(view) {
    if (view.role === "cue") return false;
    return view.role !== "speaker" || !this.linked.has(view.ident);
  }

  /** @returns {View|null} the smallest claim around a claim */
  outer(view) {
    let best = null;
    for (const other of this.views.values()) {
      if (other.span.start > view.span.start) break;
      if (other.ident === view.ident || other.role !== "claim" || other.state === "rejected") continue;
      const around = other.span.end >= view.span.end && other.span.end - other.span.start > view.span.end - view.span.start;
      if (around && (!best || other.span.end - other.span.start <= best.span.end - best.span.start)) best = other;
    }
    return best;
  }
}
