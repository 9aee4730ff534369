/** Which speakers to offer for a claim, likeliest first. */
import { sentenceAt } from "./edges.js";

/** Letters that pick a speaker; none of them is a command. */
export const HINTS = ["a", "s", "d", "f", "b", "v", "q", "y"];

/**
 * So many spans before the claim and half as many behind it are looked at: a speaker is named near
 * what they say.
 */
const REACH = 400;

/**
 * @typedef {import("./model.js").Model} Model @typedef {import("./model.js").View} View
 * @typedef {{linked: Set<number>, outer: Set<number>, sentence: number[]}} Context
 * @param {View} claim @param {View} speaker @param {Context} context
 */
function unlikeliness(claim, speaker, context) {
  const { span } = speaker;
  const gap = Math.max(span.start - claim.span.end, claim.span.start - span.end, 0) / 1e6;
  const inside = span.start >= claim.span.start && span.end <= claim.span.end;
  if (context.linked.has(speaker.ident)) return 0;
  if (inside) return 5 + gap;
  // A quotation inside a quotation is rarely by the one who quotes it.
  if (context.outer.has(speaker.ident)) return 4 + gap;
  if (span.start >= context.sentence[0] && span.end <= context.sentence[1]) return 1 + gap;
  return (span.end <= claim.span.start ? 2 : 3) + gap;
}

/**
 * The spans around a claim, and the speakers it is linked to wherever they are.
 * @param {Model} model
 * @param {View} claim
 * @param {Set<number>} linked
 */
function around(model, claim, linked) {
  const at = model.inOrder.indexOf(claim);
  const near = model.inOrder.slice(Math.max(0, at - REACH), at + REACH / 2);
  const far = [...linked]
    .map((ident) => model.views.get(ident))
    .filter((view) => view !== undefined);
  return [...new Set([...near, ...far])].filter(
    (view) => view.role === "speaker" && view.state !== "rejected",
  );
}

/**
 * One mention of each person, best first.
 * @param {Model} model @param {View} claim @returns {View[]}
 */
export function candidates(model, claim) {
  const outer = model.outer(claim);
  const suggested = model.suggestedBySource.get(claim.ident) ?? [];
  const context = {
    linked: new Set([...suggested, ...claim.links].map((link) => link.target)),
    outer: new Set((outer?.links ?? []).map((link) => link.target)),
    sentence: [
      sentenceAt(model.text, claim.span.start)[0],
      sentenceAt(model.text, Math.max(claim.span.start, claim.span.end - 1))[1],
    ],
  };
  const ranked = around(model, claim, context.linked)
    .map((view) => ({ view, unlikeliness: unlikeliness(claim, view, context) }))
    .sort((one, other) => one.unlikeliness - other.unlikeliness);
  const seen = new Set();
  return ranked
    .map((entry) => entry.view)
    .filter((view) => !seen.has(view.code) && seen.add(view.code));
}
