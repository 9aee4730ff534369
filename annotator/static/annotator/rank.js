/** Which speakers to offer for a claim, likeliest first. */
import { sentenceAt } from "./edges.js";

/** Letters that pick a speaker; none of them is a command. */
export const HINTS = ["a", "s", "d", "f", "g", "h", "b", "v", "q", "y"];

/** @typedef {import("./model.js").Model} Model @typedef {import("./model.js").View} View */

function cost(model, claim, speaker, context) {
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
 * One mention of each person, best first.
 * @param {Model} model @param {View} claim @returns {View[]}
 */
export function candidates(model, claim) {
  const outer = model.outer(claim);
  const suggested = model.suggestedBySource.get(claim.ident) ?? [];
  const context = {
    linked: new Set([...suggested, ...claim.links].map((link) => link.target)),
    outer: new Set((outer?.links ?? []).map((link) => link.target)),
    sentence: [sentenceAt(model.text, claim.span.start)[0], sentenceAt(model.text, Math.max(claim.span.start, claim.span.end - 1))[1]],
  };
  const speakers = [...model.views.values()].filter((view) => view.role === "speaker" && view.state !== "rejected");
  const ranked = speakers
    .map((view) => ({ view, cost: cost(model, claim, view, context) }))
    .sort((one, other) => one.cost - other.cost);
  const seen = new Set();
  return ranked
    .map((entry) => entry.view)
    .filter((view) => !seen.has(view.code) && seen.add(view.code));
}
