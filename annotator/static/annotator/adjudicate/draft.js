/**
 * A version of the adjudicator's own: the draft, the form that it is written in, and the frame that
 * it makes.
 */
import { moveEdge } from "../text/edges.js";
import { ranges, spanValue } from "../text/layer.js";
import { actionButton, el, shorten } from "../ui/dom.js";

/**
 * @typedef {import("../text/layer.js").Span} Span
 * @typedef {import("../text/model.js").Schema} Schema
 * @typedef {import("../text/edges.js").Edge} Edge
 * @typedef {import("../text/edges.js").Unit} Unit
 * @typedef {import("../text/offsets.js").FrozenText} FrozenText
 *
 * @typedef {object} Draft made from the version of that number, with its speakers; the speaker is a
 *   place among all of them, "" for none
 * @property {number} number
 * @property {Span} claim
 * @property {string} speaker
 * @property {Span[]} speakers
 * @property {string} reason
 *
 * @typedef {import("../text/layer.js").SpanValue & {exact: string}} ExactSpan
 *
 * @typedef {object} ExactFrame a frame with its words, as the server takes it
 * @property {ExactSpan} claim
 * @property {ExactSpan[]} speakers
 */

/** @param {Span} one @param {Span} other */
function samePlace(one, other) {
  return one.start === other.start && one.end === other.end;
}

/**
 * A draft that says what a version says.
 * @param {import("./disputes.js").Version} version
 * @param {Span[]} speakers all that can be chosen
 * @returns {Draft}
 */
export function draftOf(version, speakers) {
  const own = version.speakers[0];
  const index = own ? speakers.findIndex((speaker) => samePlace(speaker, own)) : -1;
  return {
    number: version.number,
    claim: structuredClone(version.claim),
    speaker: index < 0 ? "" : String(index),
    speakers: version.speakers,
    reason: "",
  };
}

/**
 * @param {string} name
 * @param {string[][]} options value and words of each
 * @param {string|undefined} value
 */
function select(name, options, value) {
  const choices = options.map(([key, words]) =>
    el("option", { value: key, selected: key === value }, words),
  );
  return el("select", { name }, ...choices);
}

/** @param {string} words @param {HTMLElement} control */
function field(words, control) {
  return el("div", { class: "field" }, el("label", {}, words, control));
}

/** The buttons that move an edge. @param {Edge} edge the one in hand */
function edgeButtons(edge) {
  /** @type {[string, string, string][]} */
  const steps = [
    ["-1,natural", "⇤", "back to the clause"],
    ["-1,word", "←", "back a word"],
    ["-1,grapheme", "‹", "back a character"],
    ["1,grapheme", "›", "on a character"],
    ["1,word", "→", "on a word"],
    ["1,natural", "⇥", "on to the clause"],
  ];
  const buttons = steps.map(([arg, sign, name]) =>
    actionButton("edge", sign, { arg, class: "chip chip-square", name }),
  );
  const other = actionButton("otherEdge", edge, { key: "e", name: `edge in hand: ${edge}` });
  return el("div", { class: "chips field" }, other, ...buttons);
}

/** @param {FrozenText} text @param {Draft} draft @param {Span[]} speakers */
function speakerField(text, draft, speakers) {
  const mentions = speakers.map((speaker, index) => [
    String(index),
    shorten(text.slice(speaker.start, speaker.end), 60),
  ]);
  const options = [["", "no speaker in the text"], ...mentions];
  return field("Speaker", select("speaker", options, draft.speaker));
}

/** The stance and its target. @param {Draft} draft @param {string[]} stances */
function stanceFields(draft, stances) {
  const { stance, target } = draft.claim.attributes ?? {};
  const options = stances.map((value) => [value, value]);
  const input = el("input", { name: "target", value: target ?? "", maxlength: 200 });
  return [field("Stance", select("stance", options, stance)), field("Target", input)];
}

/**
 * The form for a version of the adjudicator's own.
 * @param {FrozenText} text
 * @param {Draft} draft
 * @param {Span[]} speakers
 * @param {Schema} schema
 * @param {Edge} edge the one in hand
 */
export function editForm(text, draft, speakers, schema, edge) {
  const label = schema.labels.find((other) => other.name === draft.claim.label);
  const stance = label?.attributes.find((attribute) => attribute.name === "stance");
  const isClaim = draft.claim.label === schema.links[0]?.source;
  const words = ranges(draft.claim).map(([from, to]) => text.slice(from, to));
  const reason = { name: "reason", required: true, maxlength: 500, value: draft.reason };
  const save = { type: "submit", class: "button button-primary button-small" };
  return el(
    "form",
    { class: "edit-form", id: "edit-form" },
    el("p", { class: "version-claim", id: "draft-words", dir: "auto" }, words.join(" … ")),
    edgeButtons(edge),
    isClaim ? speakerField(text, draft, speakers) : null,
    ...(stance ? stanceFields(draft, stance.choices) : []),
    field("Reason (required)", el("input", reason)),
    el(
      "div",
      { class: "actions" },
      el("button", save, "Save this version"),
      actionButton("escape", "Cancel", { class: "button button-small" }),
    ),
  );
}

/** Take over what was typed. @param {Draft} draft @param {HTMLFormElement} form */
export function readInto(draft, form) {
  const values = new FormData(form);
  draft.speaker = String(values.get("speaker") ?? "");
  draft.reason = String(values.get("reason") ?? "").trim();
  const attributes = { ...draft.claim.attributes };
  for (const name of ["stance", "target"]) {
    const value = String(values.get(name) ?? "").trim();
    if (value) attributes[name] = value;
    else delete attributes[name];
  }
  draft.claim.attributes = attributes;
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
  const pieces = ranges(draft.claim).map((piece) => [...piece]);
  const piece = edge === "start" ? pieces[0] : pieces[pieces.length - 1];
  const at = edge === "start" ? 0 : 1;
  piece[at] = moveEdge(text, piece[at], direction, unit, edge);
  if (piece[0] >= piece[1]) return false;
  Object.assign(draft.claim, {
    start: pieces[0][0],
    end: pieces[pieces.length - 1][1],
    fragments: pieces.length > 1 ? pieces : null,
  });
  return true;
}

/**
 * @param {FrozenText} text
 * @param {Draft} draft
 * @param {Span[]} all speakers that can be chosen
 * @param {Schema} schema
 * @returns {ExactFrame}
 */
export function frameOf(text, { claim, speaker, speakers }, all, schema) {
  const exact = (/** @type {Span} */ span) => ({
    ...spanValue(span),
    exact: text.slice(span.start, span.end),
  });
  const chosen = speaker === "" ? [] : [all[Number(speaker)]];
  // Several speakers of the version stay together while the first of them is still the choice.
  const same = chosen[0] && speakers.some((other) => samePlace(other, chosen[0]));
  const named = same ? speakers : chosen;
  const label = schema.labels.find((other) => other.name === claim.label);
  if (label?.attributes.some((attribute) => attribute.name === "speaker_state")) {
    claim.attributes.speaker_state = named.length ? "linked" : "unknown";
  }
  return { claim: exact(claim), speakers: named.map(exact) };
}
