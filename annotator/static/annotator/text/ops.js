/**
 * What a reviewer does, as decisions. Each function returns the decisions of one action, in the
 * order the server wants them: spans before the links that use them, links away before their spans.
 * @typedef {import("./model.js").Model} Model
 * @typedef {import("./model.js").View} View
 * @typedef {import("./layer.js").Decision} Decision
 */
import { trim } from "./edges.js";
import { ranges, spanValue } from "./layer.js";
import { allows, DOCUMENT_IDENT, isEmpty } from "./schema.js";
import { linkDecision, spanDecision, takeIn } from "./takein.js";

/**
 * A span with some values changed. A suggestion is copied into my layer by its first change; its
 * parts and links stay suggested until it is accepted.
 * @param {View} view
 * @param {string} verb
 * @param {Partial<import("./layer.js").SpanValue>} change
 * @returns {Decision[]}
 */
function edit(view, verb, change) {
  return [spanDecision(verb, view.ident, { ...spanValue(view.span), ...change })];
}

/**
 * @param {Model} model
 * @param {View} view
 * @returns {Decision[]} nothing when it is accepted already, or was never suggested
 */
export function accept(model, view) {
  if (view.role === "document") return acceptDocument(model, view);
  return takeIn(model, [view.ident]);
}

/** The document as shown. @param {Model} model @param {View} view */
function acceptDocument(model, view) {
  if (model.layer.documentSeen && !view.unaccepted) return [];
  return [documentDecision("accept", { ...view.span.attributes })];
}

/** @param {string} verb @param {import("./layer.js").Attributes} attributes @returns {Decision} */
function documentDecision(verb, attributes) {
  return { verb, subject: "document", ident: DOCUMENT_IDENT, after: { attributes } };
}

/** My links that touch a span, taken away. @param {Model} model @param {number} ident */
function unlinkAll(model, ident) {
  return model.layer.linksAt(ident).map((link) => linkDecision("unlink", link.ident, null));
}

/**
 * Reject a suggestion (kept as a negative), or take away a span that a person added.
 * @param {Model} model
 * @param {View} view
 * @returns {Decision[]}
 */
export function reject(model, view) {
  if (view.state === "rejected" || view.role === "document") return [];
  const away = model.suggested.has(view.ident)
    ? spanDecision("reject", view.ident, { rejected: true })
    : spanDecision("remove", view.ident, null);
  return [...unlinkAll(model, view.ident), away];
}

/**
 * Another label: what both labels have stays, attributes and links alike.
 * @param {Model} model @param {View} view @param {string} label @returns {Decision[]}
 */
export function relabel(model, view, label) {
  if (view.span.label === label || view.role === "document") return [];
  const { schema } = model;
  const kept = Object.entries(view.span.attributes ?? {}).filter(([name, value]) => {
    const attribute = schema.attribute(label, name);
    return attribute && allows(attribute, value);
  });
  const attributes = { ...schema.defaults(label), ...Object.fromEntries(kept) };
  const labelOf = (/** @type {number} */ ident) =>
    ident === view.ident ? label : (model.views.get(ident)?.span.label ?? "");
  const gone = model.layer
    .linksAt(view.ident)
    .filter((link) => !schema.joins(link.kind, labelOf(link.source), labelOf(link.target)));
  return [
    ...gone.map((link) => linkDecision("unlink", link.ident, null)),
    ...edit(view, "relabel", { label, attributes }),
  ];
}

/**
 * Move one edge of the envelope; in a discontinuous span the edge stays inside its own piece.
 * @param {Model} model
 * @param {View} view
 * @param {"start"|"end"} edge
 * @param {number} point
 * @returns {Decision[]}
 */
export function resize(model, view, edge, point) {
  const pieces = ranges(view.span).map((piece) => [...piece]);
  const piece = edge === "start" ? pieces[0] : pieces[pieces.length - 1];
  piece[edge === "start" ? 0 : 1] = point;
  if (piece[0] >= piece[1] || view.span[edge] === point) return [];
  return edit(view, "resize", envelope(pieces));
}

/** @param {number[][]} pieces */
function envelope(pieces) {
  const start = pieces[0][0];
  const end = pieces[pieces.length - 1][1];
  return { start, end, fragments: pieces.length > 1 ? pieces : null };
}

/**
 * Whether a span may be in several pieces: what is only part of a frame is one mention.
 * @param {View} view
 */
export function canHavePieces({ role, state }) {
  return role !== "part" && role !== "document" && state !== "rejected";
}

/**
 * Join a further piece to a span; pieces that touch become one.
 * @param {Model} model
 * @param {View} view
 * @param {number} start
 * @param {number} end
 */
export function addPiece(model, view, start, end) {
  /** @type {number[][]} */
  const pieces = [];
  for (const piece of [...ranges(view.span), [start, end]].sort((a, b) => a[0] - b[0])) {
    const last = pieces[pieces.length - 1];
    if (last && piece[0] <= last[1]) last[1] = Math.max(last[1], piece[1]);
    else pieces.push([...piece]);
  }
  return edit(view, "resize", envelope(pieces));
}

/**
 * Take words out of a span: a piece that they cover goes, one that they cut grows shorter or falls
 * in two.
 * @param {Model} model
 * @param {View} view
 * @param {number} start
 * @param {number} end
 * @returns {Decision[]} nothing when that would leave no words
 */
export function takePiece(model, view, start, end) {
  const left = ranges(view.span).flatMap(([from, to]) => [
    [from, Math.min(to, start)],
    [Math.max(from, end), to],
  ]);
  const pieces = left
    .filter(([from, to]) => from < to)
    .map(([from, to]) => trim(model.text, from, to))
    .filter((piece) => piece !== null)
    .map((piece) => [piece.start, piece.end]);
  if (!pieces.length || JSON.stringify(pieces) === JSON.stringify(ranges(view.span))) return [];
  return edit(view, "resize", envelope(pieces));
}

/**
 * @param {Model} model
 * @param {string} label
 * @param {number} start
 * @param {number} end
 * @returns {{ident: number, decisions: Decision[]}}
 */
export function add(model, label, start, end) {
  const ident = model.nextIdent();
  const attributes = { ...model.schema.defaults(label), ...knownAs(model, label, start, end) };
  return {
    ident,
    decisions: [spanDecision("add", ident, { label, start, end, fragments: null, attributes })],
  };
}

/**
 * A new mention in the very words of one that is known by name is the same person or thing.
 * @param {Model} model
 * @param {string} label
 * @param {number} start
 * @param {number} end
 */
function knownAs(model, label, start, end) {
  const identity = model.schema.identity(label);
  if (!identity) return {};
  const words = model.text.slice(start, end);
  for (const { span } of model.inOrder) {
    const name = span.attributes?.[identity.name];
    if (span.label === label && name && model.exact(span) === words) {
      return { [identity.name]: name };
    }
  }
  return {};
}

/**
 * Give an attribute a value; nothing, "" and an empty list take it away.
 * @param {Model} model
 * @param {View} view
 * @param {string} name
 * @param {any} value
 * @returns {Decision[]}
 */
export function setAttribute(model, view, name, value) {
  const attributes = changed(view.span.attributes, name, value);
  if (!attributes) return [];
  if (view.role === "document") return [documentDecision("attribute", attributes)];
  return edit(view, "attribute", { attributes });
}

/**
 * Attributes with one changed; null when it has that value already.
 * @param {import("./layer.js").Attributes|undefined} attributes
 * @param {string} name
 * @param {any} value
 */
export function changed(attributes, name, value) {
  const before = attributes?.[name];
  const same = isEmpty(value) ? isEmpty(before) : JSON.stringify(before) === JSON.stringify(value);
  if (same) return null;
  const after = { ...attributes };
  if (isEmpty(value)) delete after[name];
  else after[name] = value;
  return after;
}

/**
 * Decide all of these suggestions alike. What one lacks it goes on lacking; the queue keeps it.
 * @param {Model} model @param {View[]} views @param {"accept"|"reject"} verb @returns {Decision[]}
 */
export function decideAll(model, views, verb) {
  const spans = views.filter((view) => view.role !== "document");
  if (verb === "accept") {
    return takeIn(
      model,
      spans.map((view) => view.ident),
    );
  }
  const seen = new Set();
  return spans
    .flatMap((view) => reject(model, view))
    .filter(({ subject, ident }) => {
      const place = `${subject} ${ident}`;
      return !seen.has(place) && seen.add(place);
    });
}
