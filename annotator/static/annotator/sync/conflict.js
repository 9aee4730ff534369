/** Both sides of a change that was made in two places, in words. */
import { STANCE_MARKS } from "../text/stances.js";
import { shorten } from "../ui/dom.js";

/**
 * @typedef {{code: string, mine: string, theirs: string}} Sides
 * @typedef {import("../text/layer.js").Entry} Entry
 * @typedef {import("../text/model.js").Model} Model
 */

/** @param {Model} model @param {"span"|"link"} subject @param {any} value */
function say(model, subject, value) {
  if (!value) return subject === "link" ? "no such speaker" : "not in the layer";
  if (value.rejected) return "rejected";
  if (subject === "link") {
    const speaker = model.views.get(value.target);
    return speaker
      ? `said by ${shorten(model.words(speaker.span), 60)}`
      : "said by a speaker that is gone";
  }
  const { stance, target, name } = value.attributes ?? {};
  const facts = [
    model.label(value.label).title || value.label,
    stance && `${STANCE_MARKS[stance] ?? ""} ${stance}`,
    target && `→ ${target}`,
    name,
  ];
  return `“${shorten(model.words(value), 120)}” · ${facts.filter(Boolean).join(" · ")}`;
}

/**
 * @param {Model} model whose base holds the other side already
 * @param {Entry[][]} groups mine, that clash
 * @returns {Sides[]} one for each span or link that both changed to different things
 */
export function sidesOf(model, groups) {
  /** @type {Map<string, Entry>} */
  const last = new Map();
  for (const decision of groups.flat()) last.set(`${decision.subject} ${decision.ident}`, decision);
  const sides = Array.from(last.values(), ({ subject, ident, before, after }) => {
    const claim = subject === "link" ? (after?.source ?? before?.source) : ident;
    return {
      code: model.views.get(claim)?.code ?? "",
      mine: say(model, subject, after),
      theirs: say(model, subject, model.base.value(subject, ident)),
    };
  });
  return sides.filter(({ mine, theirs }) => mine !== theirs);
}
