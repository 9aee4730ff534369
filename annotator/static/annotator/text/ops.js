/**
 * What a reviewer does, as decisions. Each function returns the decisions of one action, in the
 * order the server wants them: spans before the links that use them, links away before their spans.
 * @typedef {import("./model.js").Model} Model
 * @typedef {import("./model.js").View} View
 * @typedef {import("./layer.js").Decision} Decision
 * @typedef {import("./layer.js").Link} Link
 */
import { trim } from "./edges.js";
import { linkValue, ranges, spanValue } from "./layer.js";

/** @param {string} verb @param {number} ident @param {any} after @returns {Decision} */
function spanDecision(verb, ident, after) {
  return { verb, subject: "span", ident, after };
}

/**
 * @param {string} verb
 * @param {number} ident
 * @param {import("./layer.js").LinkValue|null} after
 * @returns {Decision}
 */
function linkDecision(verb, ident, after) {
  return { verb, subject: "link", ident, after };
}

/** @param {Model} model @param {number} ident */
function acceptSpan(model, ident) {
  return spanDecision(
    "accept",
    ident,
    spanValue(/** @type {import("./layer.js").Span} */ (model.suggested.get(ident))),
  );
}

/**
 * Speakers that a claim's links need and my layer does not hold yet.
 * @param {Model} model
 * @param {{target: number}[]} links
 */
function acceptSpeakers(model, links) {
  const wanted = [...new Set(links.map((link) => link.target))];
  return wanted
    .filter((ident) => !model.layer.spans.has(ident) && model.suggested.has(ident))
    .map((ident) => acceptSpan(model, ident));
}

/**
 * A span of mine with some values changed. A suggestion is copied into my layer by its first
 * change, with its speakers and links unless the caller sets those itself.
 * @param {Model} model
 * @param {View} view
 * @param {string} verb
 * @param {Partial<import("./layer.js").SpanValue>} change
 * @returns {Decision[]}
 */
function edit(model, view, verb, change, withLinks = true) {
  const span = spanDecision(verb, view.ident, { ...spanValue(view.span), ...change });
  if (model.layer.spans.has(view.ident) || !withLinks) return [span];
  const links = model.suggestedFrom(view.ident);
  return [
    ...acceptSpeakers(model, links),
    span,
    ...links.map((link) => linkDecision("link", link.ident, linkValue(link))),
  ];
}

/**
 * @param {Model} model
 * @param {View} view
 * @returns {Decision[]} nothing when the span is already mine
 */
export function accept(model, view) {
  if (model.layer.spans.has(view.ident)) return [];
  return edit(model, view, "accept", {});
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
  if (view.state === "rejected") return [];
  const away = model.suggested.has(view.ident)
    ? spanDecision("reject", view.ident, { rejected: true })
    : spanDecision("remove", view.ident, null);
  return [...unlinkAll(model, view.ident), away];
}

/** @param {Model} model @param {View} view @param {string} label @returns {Decision[]} */
export function relabel(model, view, label) {
  if (view.span.label === label) return [];
  const kept = Object.entries(view.span.attributes ?? {}).filter(([name]) =>
    model.hasAttribute(label, name),
  );
  const change = { label, attributes: Object.fromEntries(kept) };
  return [...unlinkAll(model, view.ident), ...edit(model, view, "relabel", change, false)];
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
  return edit(model, view, "resize", envelope(pieces));
}

/** @param {number[][]} pieces */
function envelope(pieces) {
  const start = pieces[0][0];
  const end = pieces[pieces.length - 1][1];
  return { start, end, fragments: pieces.length > 1 ? pieces : null };
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
  return edit(model, view, "resize", envelope(pieces));
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
  return edit(model, view, "resize", envelope(pieces));
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
  const attributes = model.role(label) === "speaker" ? knownName(model, label, start, end) : {};
  return {
    ident,
    decisions: [spanDecision("add", ident, { label, start, end, fragments: null, attributes })],
  };
}

/**
 * A new mention in the very words of a named one is the same person.
 * @param {Model} model
 * @param {string} label
 * @param {number} start
 * @param {number} end
 */
function knownName(model, label, start, end) {
  if (!model.hasAttribute(label, "name")) return {};
  const words = model.text.slice(start, end);
  for (const view of model.inOrder) {
    if (
      view.span.label === label &&
      view.span.attributes?.name &&
      model.exact(view.span) === words
    ) {
      return { name: view.span.attributes.name };
    }
  }
  return {};
}

/**
 * @param {Model} model
 * @param {View} view
 * @param {string} name
 * @param {string|null} value
 * @returns {Decision[]}
 */
export function setAttribute(model, view, name, value) {
  if ((view.span.attributes?.[name] ?? null) === (value || null)) return [];
  const attributes = { ...view.span.attributes };
  if (value === null || value === "") delete attributes[name];
  else attributes[name] = value;
  return edit(model, view, "attribute", { attributes });
}

/**
 * The claim itself, copied into my layer if need be, with its speaker state as it has to be; its
 * links are the caller's.
 * @param {Model} model
 * @param {View} view
 * @param {string} value
 * @returns {Decision[]}
 */
function withSpeakerState(model, view, value) {
  const current = view.span.attributes?.speaker_state ?? null;
  const known = model.hasAttribute(view.span.label, "speaker_state");
  if (known && current !== value) {
    return edit(
      model,
      view,
      "attribute",
      { attributes: { ...view.span.attributes, speaker_state: value } },
      false,
    );
  }
  return model.layer.spans.has(view.ident) ? [] : edit(model, view, "accept", {}, false);
}

/**
 * The ident of a suggested link is kept, so that choosing what was suggested counts as accepting
 * it.
 * @param {Model} model
 * @param {View} view
 * @param {number} target
 */
function linkTo(model, view, target) {
  const kind = /** @type {import("./model.js").LinkKind} */ (model.link).name;
  const suggested = (model.suggestedBySource.get(view.ident) ?? []).find(
    (link) => link.target === target,
  );
  const ident =
    suggested && !model.layer.links.has(suggested.ident) ? suggested.ident : model.nextIdent();
  return linkDecision("link", ident, { kind, source: view.ident, target });
}

/**
 * Say who made a claim.
 * @param {Model} model @param {View} view @param {number} target @returns {Decision[]}
 * @param {boolean} also keep the speakers it has
 */
export function setSpeaker(model, view, target, also = false) {
  const keep = also && model.link?.many ? view.links.filter((link) => link.target !== target) : [];
  if (view.links.some((link) => link.target === target) && keep.length + 1 === view.links.length) {
    return [];
  }
  const mine = model.layer.spans.has(view.ident);
  const keptIdents = new Set(keep.map((link) => link.ident));
  const gone = mine ? view.links.filter((link) => !keptIdents.has(link.ident)) : [];
  const fresh = mine ? [] : keep;
  return [
    ...acceptSpeakers(model, [...fresh, { target }]),
    ...withSpeakerState(model, view, "linked"),
    ...gone.map((link) => linkDecision("unlink", link.ident, null)),
    ...fresh.map((link) => linkDecision("link", link.ident, linkValue(link))),
    linkTo(model, view, target),
  ];
}

/**
 * Take one speaker off a claim.
 * @param {Model} model
 * @param {View} view
 * @param {number} target
 * @returns {Decision[]}
 */
export function dropSpeaker(model, view, target) {
  const mine = model.layer.spans.has(view.ident);
  const rest = view.links.filter((link) => link.target !== target);
  const attributes = { ...view.span.attributes };
  if (!rest.length) delete attributes.speaker_state;
  const changed = edit(model, view, "attribute", { attributes }, false);
  if (mine) {
    const gone = view.links
      .filter((link) => link.target === target)
      .map((link) => linkDecision("unlink", link.ident, null));
    return [...(rest.length ? [] : changed), ...gone];
  }
  return [
    ...acceptSpeakers(model, rest),
    ...changed,
    ...rest.map((link) => linkDecision("link", link.ident, linkValue(link))),
  ];
}

/**
 * The claim has no speaker mention in the text: it is the article's own voice, or nobody is named.
 * @param {Model} model
 * @param {View} view
 * @param {string} value
 * @returns {Decision[]}
 */
export function noSpeaker(model, view, value) {
  const gone = model.layer.spans.has(view.ident) ? view.links : [];
  return [
    ...withSpeakerState(model, view, value),
    ...gone.map((link) => linkDecision("unlink", link.ident, null)),
  ];
}

/**
 * Decide all of these suggestions alike. What a claim lacks it goes on lacking; the queue keeps it.
 * @param {Model} model @param {View[]} views @param {"accept"|"reject"} verb @returns {Decision[]}
 */
export function decideAll(model, views, verb) {
  /** @type {Set<number>} */
  const done = new Set();
  return views.flatMap((view) => {
    const decisions = verb === "accept" ? accept(model, view) : reject(model, view);
    // Two claims of one speaker both want to take the speaker in.
    return decisions.filter(
      (decision) =>
        decision.subject === "link" || (!done.has(decision.ident) && done.add(decision.ident)),
    );
  });
}
