/** How disputes, layers and the draft are marked in the text of the adjudication page. */
import { ranges } from "../text/layer.js";
import { clip } from "../ui/paint.js";

/**
 * @typedef {import("../text/layer.js").Span} Span
 * @typedef {import("../text/schema.js").Schema} Schema
 * @typedef {import("../text/offsets.js").FrozenText} FrozenText
 * @typedef {import("../text/offsets.js").Paragraph} Paragraph
 * @typedef {import("./disputes.js").Dispute} Dispute
 * @typedef {import("./disputes.js").Disputes} Disputes
 * @typedef {import("./disputes.js").Letter} Letter
 * @typedef {import("./disputes.js").Ui} Ui
 *
 * @typedef {object} Item something to be marked in the text
 * @property {import("../text/layer.js").Piece[]} pieces
 * @property {number} lane
 * @property {string} classes
 * @property {Record<string, string>} data
 * @property {string} tag
 */

/**
 * What the versions of a dispute link to, each place once, tagged with the versions that name it.
 * @param {Dispute} dispute
 * @returns {Item[]}
 */
function linkedMarks(dispute) {
  /** @type {Map<string, {span: Span, numbers: number[]}>} */
  const places = new Map();
  for (const version of dispute.versions) {
    for (const { span } of version.links) {
      const place = `${span.start}-${span.end}`;
      const numbers = places.get(place)?.numbers ?? [];
      if (!numbers.includes(version.number)) numbers.push(version.number);
      places.set(place, { span, numbers });
    }
  }
  return [...places.values()].map(({ span, numbers }) => ({
    pieces: ranges(span),
    lane: -1,
    classes: "part",
    data: { state: "accepted" },
    tag: numbers.join(" "),
  }));
}

/**
 * The frames of an annotator, in a lane of their own.
 * @param {Letter} layer
 * @param {number} lane
 * @param {Schema} schema
 * @returns {Item[]}
 */
function layerMarks(layer, lane, schema) {
  const frames = layer.spans.filter(({ label }) => ["frame", "plain"].includes(schema.role(label)));
  return frames.map((span) => ({
    pieces: ranges(span),
    lane,
    classes: `layer layer-${lane}`,
    data: { span: String(span.ident), layer: layer.name, state: "accepted" },
    tag: "",
  }));
}

/** A stretch of text without a lane. @param {Span} span @param {string} classes @returns {Item} */
function plainMark(span, classes) {
  return { pieces: ranges(span), lane: -1, classes, data: {}, tag: "" };
}

/**
 * The place of a dispute.
 * @param {Dispute} dispute
 * @param {boolean} focused
 * @param {string} code
 * @returns {Item}
 */
function placeMark(dispute, focused, code) {
  const classes = ["place", dispute.settled ? "settled" : "open"];
  if (focused) classes.push("focused");
  return {
    pieces: [[dispute.start, dispute.end]],
    lane: -1,
    classes: classes.join(" "),
    data: { place: String(dispute.ident) },
    tag: code,
  };
}

/**
 * A part of an item, as the painter takes it.
 * @param {Item} item
 * @param {import("../ui/paint.js").Part} part
 * @returns {import("../ui/paint.js").Mark}
 */
function markOf(item, part) {
  return {
    start: part.start,
    end: part.end,
    lane: item.lane,
    classes: item.classes,
    data: item.data,
    tag: item.tag && part.continued ? `…${item.tag}` : item.tag,
    say: item.tag ? `${item.tag}: ` : "",
    hint: "",
    opens: part.opens,
    closes: part.closes,
  };
}

/**
 * Marks for the painter: a lane for each annotator, the places of disputes, the draft, and what the
 * dispute in focus links to.
 * @param {FrozenText} text
 * @param {Disputes} data
 * @param {Schema} schema
 * @param {Ui} ui
 * @param {Map<number, string>} codes
 * @returns {(paragraph: Paragraph) => import("../ui/paint.js").Mark[]}
 */
export function disputeMarker(text, data, schema, ui, codes) {
  const items = data.layers.flatMap((layer, index) => layerMarks(layer, index, schema));
  for (const { span } of data.agreed) if (span.label) items.push(plainMark(span, "agreed"));
  for (const dispute of data.disputes) {
    if (!dispute.label) continue;
    const focused = dispute.ident === ui.focus;
    items.push(placeMark(dispute, focused, codes.get(dispute.ident) ?? ""));
    if (focused && !ui.draft) items.push(...linkedMarks(dispute));
  }
  if (ui.draft?.span.label) items.push(plainMark(ui.draft.span, "draft"));
  const byParagraph = buckets(text, items);
  return (paragraph) => {
    const here = byParagraph.get(paragraph.index) ?? [];
    return here.flatMap((item) => clip(item.pieces, paragraph).map((part) => markOf(item, part)));
  };
}

/** Which items lie in which paragraph. @param {FrozenText} text @param {Item[]} items */
function buckets(text, items) {
  /** @type {Map<number, Item[]>} */
  const byParagraph = new Map();
  for (const item of items) {
    for (const [start, end] of item.pieces) {
      const first = text.paragraphAt(start).index;
      const last = text.paragraphAt(Math.max(start, end - 1)).index;
      for (let index = first; index <= last; index += 1) {
        const list = byParagraph.get(index) ?? [];
        if (!list.includes(item)) byParagraph.set(index, [...list, item]);
      }
    }
  }
  return byParagraph;
}
