/** What to offer for the other end of a link, likeliest first. */
import { sentenceAt } from "./edges.js";
import { canLink } from "./linking.js";

/** Letters that pick the other end of a link; none of them is a command. */
export const HINTS = ["a", "s", "d", "f", "b", "v", "q", "y"];

/**
 * So many spans before the one in hand and half as many behind it are looked at: a speaker is named
 * near what they say.
 */
const REACH = 400;

/**
 * @typedef {import("./schema.js").LinkKind} LinkKind
 * @typedef {import("./model.js").Model} Model @typedef {import("./model.js").View} View
 * @typedef {{linked: Set<number>, outer: Set<number>, sentence: number[]}} Context
 * @param {View} view @param {View} other @param {Context} context
 */
function unlikeliness(view, other, context) {
  const { span } = other;
  const gap = Math.max(span.start - view.span.end, view.span.start - span.end, 0) / 1e6;
  const inside = span.start >= view.span.start && span.end <= view.span.end;
  if (context.linked.has(other.ident)) return 0;
  if (inside) return 5 + gap;
  // A quotation inside a quotation is rarely by the one who quotes it.
  if (context.outer.has(other.ident)) return 4 + gap;
  if (span.start >= context.sentence[0] && span.end <= context.sentence[1]) return 1 + gap;
  return (span.end <= view.span.start ? 2 : 3) + gap;
}

/**
 * The spans around one that may stand at the other end, and those it is linked to wherever they
 * are.
 * @param {Model} model
 * @param {View} view
 * @param {LinkKind} kind
 * @param {Set<number>} linked
 */
function around(model, view, kind, linked) {
  const at = model.inOrder.indexOf(view);
  const near = model.inOrder.slice(Math.max(0, at - REACH), at + REACH / 2);
  const far = [...linked]
    .map((ident) => model.views.get(ident))
    .filter((other) => other !== undefined);
  return [...new Set([...near, ...far])].filter(
    (other) => other.state !== "rejected" && canLink(model, view, kind, other.ident),
  );
}

/**
 * One mention of each person, best first.
 * @param {Model} model @param {View} view @param {LinkKind} kind @returns {View[]}
 */
export function candidates(model, view, kind) {
  const { ident, span, links } = view;
  const outer = model.outer(view);
  const ofKind = (/** @type {{kind: string}} */ link) => link.kind === kind.name;
  const suggested = (model.suggestedBySource.get(ident) ?? []).filter(ofKind);
  const context = {
    linked: new Set([
      ...suggested.map((link) => link.target),
      ...links.filter(ofKind).map((link) => link.other),
    ]),
    outer: new Set((outer?.links ?? []).filter(ofKind).map((link) => link.other)),
    sentence: [
      sentenceAt(model.text, span.start)[0],
      sentenceAt(model.text, Math.max(span.start, span.end - 1))[1],
    ],
  };
  const ranked = around(model, view, kind, context.linked)
    .map((other) => ({ other, unlikeliness: unlikeliness(view, other, context) }))
    .sort((one, two) => one.unlikeliness - two.unlikeliness);
  const seen = new Set();
  return ranked.map((entry) => entry.other).filter(({ code }) => !seen.has(code) && seen.add(code));
}
