/** A version of the adjudicator's own: the draft, what can be chosen for it, and its frame. */
import { moveEdge, snapOut } from "../text/edges.js";
import { ranges, spanValue } from "../text/layer.js";
import { isWhole } from "../text/occurrences.js";
import { allows, isEmpty } from "../text/schema.js";
import { shorten } from "../ui/dom.js";
import { frameWord } from "./words.js";

/**
 * @typedef {import("../text/layer.js").Span} Span
 * @typedef {import("../text/layer.js").Attributes} Attributes
 * @typedef {import("../text/schema.js").Schema} Schema
 * @typedef {import("../text/schema.js").LinkKind} LinkKind
 * @typedef {import("../text/edges.js").Edge} Edge
 * @typedef {import("../text/edges.js").Unit} Unit
 * @typedef {import("../text/offsets.js").FrozenText} FrozenText
 * @typedef {import("./session.js").Session} Session
 * @typedef {import("./disputes.js").Linked} Linked
 *
 * @typedef {object} Slot a link of the draft, or room for one
 * @property {string} kind
 * @property {string} choice the id of what it goes to; "" for nothing
 * @property {Linked|null} linked what it was in the version
 * @property {Attributes} attributes
 *
 * @typedef {object} Draft made from the version of that number
 * @property {number} number
 * @property {Span} span
 * @property {Slot[]} slots
 * @property {string} reason
 * @property {string} words of the text, for a new span or for this one's place
 * @property {import("../text/layer.js").Place|null} marked where they are marked
 * @property {Span[]} added spans of the adjudicator's own, for links to go to
 * @property {Map<string, Attributes>} held attributes under labels that it had before
 *
 * @typedef {object} Option something that a link can go to
 * @property {string} id
 * @property {string} words
 * @property {Span} [span] a part
 * @property {number} [cluster] a frame
 *
 * @typedef {import("../text/layer.js").SpanValue & {exact: string}} ExactSpan
 *
 * @typedef {object} ExactLink
 * @property {string} kind
 * @property {number} [cluster]
 * @property {ExactSpan} [span]
 * @property {Attributes} [attributes]
 * @property {boolean} [reverse]
 *
 * @typedef {{span: ExactSpan, links: ExactLink[]}} ExactFrame a frame with its words, as the server
 *   takes it
 */

/** @param {Span} span */
function partId({ label, start, end }) {
  return `part ${start} ${end} ${label}`;
}

/** @param {Linked} linked what a link goes to, as an id */
function choiceOf({ cluster, span }) {
  return cluster === null ? partId(span) : `frame ${cluster}`;
}

/** What a slot chose in the version; "" where there was none. @param {Linked|null} linked */
export function choiceIn(linked) {
  return linked ? choiceOf(linked) : "";
}

/**
 * A draft that says what a version says.
 * @param {import("./disputes.js").Version} version
 * @returns {Draft}
 */
export function draftOf(version) {
  const slots = version.links.map((linked) => ({
    kind: linked.kind,
    choice: choiceOf(linked),
    linked,
    attributes: { ...linked.attributes },
  }));
  const span = structuredClone(version.span);
  const blank = { reason: "", words: "", marked: null, added: [], held: new Map() };
  return { number: version.number, span, slots, ...blank };
}

/**
 * Give the draft another label. What both labels know stays; the rest comes back with the label.
 * @param {Draft} draft @param {Schema} schema @param {string} label
 */
export function relabel(draft, schema, label) {
  const { span, held } = draft;
  if (span.label === label || !schema.labelOf.has(label)) return;
  held.set(span.label, span.attributes);
  /** @type {Attributes} */
  const kept = {};
  for (const attribute of schema.attributesOf(label)) {
    const value = span.attributes[attribute.name];
    if (!isEmpty(value) && allows(attribute, value)) kept[attribute.name] = value;
  }
  span.attributes = { ...(held.get(label) ?? schema.defaults(label)), ...kept };
  span.label = label;
}

/**
 * The place of the words in the draft's field: where they are marked, else the nearest to its span,
 * as whole words where there are any.
 * @param {FrozenText} text @param {Draft} draft @returns {{start: number, end: number}|null}
 */
export function placeOf(text, { words, marked, span }) {
  const typed = words.trim();
  if (!typed) return null;
  // The field holds no line ends, though marked words may run over some.
  const inOneLine = (/** @type {string} */ some) => some.replaceAll(/[\r\n]/gu, "").trim();
  if (marked && inOneLine(text.slice(marked.start, marked.end)) === inOneLine(typed)) return marked;
  /** @type {{start: number, end: number}[]} */
  const places = [];
  const length = [...typed].length;
  for (let unit = text.string.indexOf(typed); unit >= 0;) {
    const start = text.toPoint(unit);
    places.push({ start, end: start + length });
    unit = text.string.indexOf(typed, unit + typed.length);
  }
  const whole = places.filter(({ start, end }) => isWhole(text, start) && isWhole(text, end));
  const gap = (/** @type {{start: number}} */ { start }) => Math.abs(start - span.start);
  const [nearest] = (whole.length ? whole : places).sort((a, b) => gap(a) - gap(b));
  return nearest ?? null;
}

/**
 * Whole words of what was marked in the text.
 * @param {FrozenText} text @param {Draft} draft @param {{start: number, end: number}} place
 */
export function markIn(text, draft, place) {
  const snapped = snapOut(text, place.start, place.end);
  if (!snapped) return;
  draft.marked = snapped;
  draft.words = text.slice(snapped.start, snapped.end);
}

/**
 * Take the words in the draft's field as its own place.
 * @param {FrozenText} text @param {Draft} draft @returns {boolean} whether they are in the text
 */
export function takePlace(text, draft) {
  const place = placeOf(text, draft);
  if (place) Object.assign(draft.span, { ...place, fragments: null });
  return !!place;
}

/**
 * Link to a new span over the words in the draft's field, in the first slot that is free.
 * @param {Session} session @param {Draft} draft @param {string} kindName @param {string} label
 * @returns {boolean} whether the words are in the text
 */
export function linkWords({ text, schema }, draft, kindName, label) {
  const kind = schema.kind(kindName);
  const place = placeOf(text, draft);
  if (!kind || !place) return false;
  /** @type {Span} */
  const span = { ident: 0, label, ...place, fragments: null, attributes: schema.defaults(label) };
  const choice = partId(span);
  if (!draft.added.some((other) => partId(other) === choice)) draft.added.push(span);
  const slots = slotsOf(draft, kindName);
  if (slots.some((slot) => slot.choice === choice)) return true;
  const free = slots.find((slot) => !slot.choice || slot.choice.startsWith("reason "));
  if (free) free.choice = choice;
  else if (!kind.many) Object.assign(slots[0], { choice, attributes: {} });
  else draft.slots.push({ kind: kindName, choice, linked: null, attributes: {} });
  clearReason(draft, kind);
  draft.words = "";
  draft.marked = null;
  return true;
}

/**
 * A link stands instead of the reason for having none.
 * @param {Draft} draft @param {LinkKind} kind
 */
function clearReason({ span: { attributes } }, kind) {
  for (const [name, reasons] of Object.entries(kind.unless ?? {})) {
    if (reasons.includes(attributes[name])) delete attributes[name];
  }
}

/**
 * The slots of a kind; one that is empty where there is none.
 * @param {Draft} draft
 * @param {string} kind
 */
export function slotsOf(draft, kind) {
  if (!draft.slots.some((slot) => slot.kind === kind)) {
    draft.slots.push({ kind, choice: "", linked: null, attributes: {} });
  }
  return draft.slots.filter((slot) => slot.kind === kind);
}

/**
 * What a link of a kind can go to: new spans, parts that any annotator marked, and the document's
 * frames.
 * @param {Session} session @param {LinkKind} kind @param {Draft|null} [draft] @returns {Option[]}
 */
export function optionsFor(session, kind, draft = session.ui.draft) {
  const { schema } = session;
  const added = (draft?.added ?? []).filter(({ label }) => kind.targets.includes(label));
  const isPart = (/** @type {Span} */ { label }) =>
    kind.owned && schema.parts.has(label) && kind.targets.includes(label);
  const parts = partsIn(session).filter(isPart);
  const known = new Set(parts.map(partId));
  const fresh = added.filter((span) => !known.has(partId(span)));
  return [
    ...fresh.map((span) => {
      const option = partOption(session, span);
      return { ...option, words: `${option.words} (new)` };
    }),
    ...parts.map((span) => partOption(session, span)),
    ...framesFor(session, kind),
  ];
}

/** Every distinct place that any annotator marked, in text order. @param {Session} session */
function partsIn({ data }) {
  /** @type {Map<string, Span>} */
  const spans = new Map();
  for (const layer of data.layers) for (const span of layer.spans) spans.set(partId(span), span);
  for (const frame of [...data.disputes.flatMap(({ versions }) => versions), ...data.agreed]) {
    for (const { span, cluster } of frame.links)
      if (cluster === null) spans.set(partId(span), span);
  }
  return [...spans.values()].sort((a, b) => a.start - b.start);
}

/** @param {Session} session @param {Span} span @returns {Option} */
function partOption({ text }, span) {
  return { id: partId(span), words: shorten(text.slice(span.start, span.end), 60), span };
}

/** @param {Session} session @param {LinkKind} kind @returns {Option[]} */
function framesFor({ data, schema, text, ui, codes }, kind) {
  const agreed = data.agreed.map(({ ident, span }) => ({ ident, ...place(span) }));
  const disputed = data.disputes.map(({ ident, label, start, end }) => ({
    ident,
    ...place({ label, start, end }),
  }));
  return [...agreed, ...disputed]
    .filter(({ ident, label }) => ident !== ui.focus && isTarget(schema, kind, label))
    .sort((a, b) => a.start - b.start || b.end - a.end)
    .map(({ ident, label, start, end }) => {
      const words = shorten(text.slice(start, end), 50);
      const notes = [frameWord(schema, label), codes.get(ident)].filter(Boolean).join(" ");
      return { id: `frame ${ident}`, words: `${words} (${notes})`, cluster: ident };
    });
}

/** @param {{label: string, start: number, end: number}} span */
function place({ label, start, end }) {
  return { label, start, end };
}

/** @param {Schema} schema @param {LinkKind} kind @param {string} label of a frame */
function isTarget(schema, kind, label) {
  return kind.targets.includes(label) && !(kind.owned && schema.parts.has(label));
}

/**
 * Move an edge to its next stop, unless nothing would be left.
 * @param {FrozenText} text
 * @param {Draft} draft
 * @param {Edge} edge
 * @param {1|-1} direction
 * @param {Unit} unit
 * @returns {boolean} whether the draft can be drawn again
 */
export function moveIn(text, draft, edge, direction, unit) {
  const pieces = ranges(draft.span).map((piece) => [...piece]);
  const piece = edge === "start" ? pieces[0] : pieces[pieces.length - 1];
  const at = edge === "start" ? 0 : 1;
  piece[at] = moveEdge(text, piece[at], direction, unit, edge);
  if (piece[0] >= piece[1]) return false;
  Object.assign(draft.span, {
    start: pieces[0][0],
    end: pieces[pieces.length - 1][1],
    fragments: pieces.length > 1 ? pieces : null,
  });
  return true;
}

/** @param {Session} session @param {Draft} draft @returns {ExactFrame} */
export function frameOf(session, draft) {
  const { span, slots } = draft;
  const { text, schema } = session;
  const exact = (/** @type {Span} */ one) => ({
    ...spanValue(one),
    exact: text.slice(one.start, one.end),
  });
  /** @type {ExactLink[]} */
  const links = [];
  const seen = new Set();
  for (const { kind: name, choice, linked, attributes } of slots) {
    const kind = schema.kind(name);
    if (!kind?.sources.includes(span.label)) continue;
    if (!choice || choice.startsWith("reason ") || seen.has(`${name} ${choice}`)) continue;
    seen.add(`${name} ${choice}`);
    const isSame = linked && choiceOf(linked) === choice;
    const option = optionsFor(session, kind, draft).find(({ id }) => id === choice);
    const cluster = isSame ? linked.cluster : (option?.cluster ?? null);
    const part = isSame ? linked.span : option?.span;
    const reverse = isSame ? linked.reverse : false;
    if (cluster !== null) links.push({ kind: name, cluster, attributes, reverse });
    else if (part) links.push({ kind: name, span: exact(part), attributes });
  }
  return { span: exact(span), links };
}
