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
 * The form for a version of the adjudicator's own.
 * @param {FrozenText} text
 * @param {Draft} draft
 * @param {Span[]} speakers
 * @param {Schema} schema
 * @param {Edge} edge the one in hand
 */
export function editForm(text, draft, speakers, schema, edge) {
  const claimLabel = schema.labels.find((label) => label.name === draft.claim.label);
  const stance = claimLabel?.attributes.find((attribute) => attribute.name === "stance");
  const choices = [
    ["", "no speaker in the text"],
    ...speakers.map((speaker, index) => [
      String(index),
      shorten(text.slice(speaker.start, speaker.end), 60),
    ]),
  ];
  const select = (
    /** @type {string} */ name,
    /** @type {string[][]} */ options,
    /** @type {string|undefined} */ value,
  ) =>
    el(
      "select",
      { name },
      ...options.map(([key, words]) =>
        el("option", { value: key, selected: key === value }, words),
      ),
    );
  const label = (/** @type {string} */ words, /** @type {HTMLElement} */ control) =>
    el("div", { class: "field" }, el("label", {}, words, control));
  const step = (
    /** @type {1|-1} */ direction,
    /** @type {Unit} */ unit,
    /** @type {string} */ words,
    /** @type {string} */ name,
  ) =>
    actionButton("edge", words, { arg: `${direction},${unit}`, class: "chip chip-square", name });
  return el(
    "form",
    { class: "edit-form", id: "edit-form" },
    el(
      "p",
      { class: "version-claim", id: "draft-words", dir: "auto" },
      ranges(draft.claim)
        .map(([from, to]) => text.slice(from, to))
        .join(" … "),
    ),
    el(
      "div",
      { class: "chips field" },
      actionButton("otherEdge", edge, { key: "e", name: `edge in hand: ${edge}` }),
      step(-1, "natural", "⇤", "back to the clause"),
      step(-1, "word", "←", "back a word"),
      step(-1, "grapheme", "‹", "back a character"),
      step(1, "grapheme", "›", "on a character"),
      step(1, "word", "→", "on a word"),
      step(1, "natural", "⇥", "on to the clause"),
    ),
    draft.claim.label === schema.links[0]?.source
      ? label("Speaker", select("speaker", choices, draft.speaker))
      : null,
    stance
      ? label(
          "Stance",
          select(
            "stance",
            stance.choices.map((choice) => [choice, choice]),
            draft.claim.attributes?.stance,
          ),
        )
      : null,
    stance &&
      label(
        "Target",
        el("input", {
          name: "target",
          value: draft.claim.attributes?.target ?? "",
          maxlength: 200,
        }),
      ),
    label(
      "Reason (required)",
      el("input", { name: "reason", required: true, maxlength: 500, value: draft.reason }),
    ),
    el(
      "div",
      { class: "actions" },
      el(
        "button",
        { type: "submit", class: "button button-primary button-small" },
        "Save this version",
      ),
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
