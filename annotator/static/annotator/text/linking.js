/**
 * What a reviewer does to links, as decisions: made, replaced, taken off, given attributes, or told
 * why there are none.
 * @typedef {import("./model.js").Model} Model
 * @typedef {import("./model.js").View} View
 * @typedef {import("./model.js").Shown} Shown
 * @typedef {import("./layer.js").Decision} Decision
 * @typedef {import("./layer.js").Link} Link
 * @typedef {import("./schema.js").LinkKind} LinkKind
 */
import { canonical, linkValue, spanValue } from "./layer.js";
import { changed } from "./ops.js";
import { defaultsOf } from "./schema.js";
import { linkDecision, spanDecision, takeIn } from "./takein.js";

/**
 * Whether a span may stand at the other end of a link of this kind.
 * @param {Model} model @param {View} view @param {LinkKind} kind @param {number} other
 */
export function canLink({ schema, views }, view, kind, other) {
  const label = views.get(other)?.span.label ?? "";
  return other !== view.ident && schema.joins(kind.name, view.span.label, label);
}

/**
 * The attributes of a span that has links of a kind now: a reason for having none goes, and where
 * one value is left for having some, that is set.
 * @param {Model} model @param {View} view @param {LinkKind} kind
 */
function withoutReason(model, view, kind) {
  const attributes = { ...view.span.attributes };
  for (const { name, reasons, others } of reasonAttributes(model, view, kind)) {
    if (others.length === 1) [attributes[name]] = others;
    else if (reasons.includes(attributes[name])) delete attributes[name];
  }
  return attributes;
}

/**
 * The attributes of a span that has no links of a kind any more: what said that it has some goes.
 * @param {Model} model @param {View} view @param {LinkKind} kind
 */
function withoutLinks(model, view, kind) {
  const attributes = { ...view.span.attributes };
  for (const { name, others } of reasonAttributes(model, view, kind)) {
    if (others.length === 1 && attributes[name] === others[0]) delete attributes[name];
  }
  return attributes;
}

/**
 * The attributes that say why there is no link of a kind: their reasons, and their other choices.
 * @param {Model} model @param {View} view @param {LinkKind} kind
 */
function reasonAttributes(model, view, kind) {
  return Object.entries(kind.unless ?? {}).flatMap(([name, reasons]) => {
    const attribute = model.schema.attribute(view.span.label, name);
    if (!attribute) return [];
    const others = attribute.choices.filter((choice) => !reasons.includes(choice));
    return [{ name, reasons, others }];
  });
}

/**
 * What brings the span itself into my layer with these attributes; nothing when it is there.
 * @param {Model} model @param {View} view @param {import("./layer.js").Attributes} attributes
 * @returns {Decision[]}
 */
function ownDecision(model, view, attributes) {
  const isSame = canonical(attributes) === canonical(view.span.attributes);
  if (isSame && model.layer.spans.has(view.ident)) return [];
  return [spanDecision("attribute", view.ident, { ...spanValue(view.span), attributes })];
}

/**
 * The ident of a suggested link is kept, so that choosing what was suggested counts as accepting
 * it.
 * @param {Model} model
 * @param {LinkKind} kind
 * @param {{source: number, target: number}} place
 * @returns {Decision}
 */
function linkAt(model, kind, { source, target }) {
  const suggested = (model.suggestedBySource.get(source) ?? []).find(
    (link) => link.kind === kind.name && link.target === target,
  );
  const isFree = suggested && !model.layer.links.has(suggested.ident);
  const ident = isFree ? suggested.ident : model.nextIdent();
  const given = isFree ? suggested.attributes : undefined;
  const attributes = { ...defaultsOf(kind.attributes), ...given };
  return linkDecision("link", ident, linkValue({ kind: kind.name, source, target, attributes }));
}

/**
 * Whether a new link takes the place of those that are there.
 * @param {LinkKind} kind @param {boolean} also
 */
function replaces(kind, also) {
  return !kind.many || (kind.owned && !also);
}

/**
 * Link a span to another. Where a frame owns what it links to, the new one takes the place of the
 * others, unless it is asked to join them.
 * @param {Model} model @param {View} view @param {LinkKind} kind @param {number} other
 * @param {boolean} also keep the links it has
 * @returns {Decision[]}
 */
export function setLink(model, view, kind, other, also = false) {
  return canLink(model, view, kind, other) ? linkTo(model, view, kind, other, also) : [];
}

/**
 * Link a span to one that fits, which may be on its way into the layer.
 * @param {Model} model @param {View} view @param {LinkKind} kind @param {number} other
 * @param {boolean} also keep the links it has
 * @returns {Decision[]}
 */
export function linkTo(model, view, kind, other, also) {
  const held = view.links.filter((link) => link.kind === kind.name);
  const existing = held.find((link) => link.other === other);
  const keep = replaces(kind, also) ? [] : held.filter((link) => link.other !== other);
  // A part is shown with its frame already; another frame is chosen by being linked to.
  const isHeld = existing && (kind.owned || model.layer.links.has(existing.ident));
  if (isHeld && keep.length + 1 === held.length) return [];
  const keptIdents = new Set(keep.map((link) => link.ident));
  const gone = held.filter(({ ident }) => !keptIdents.has(ident));
  const own = ownDecision(model, view, withoutReason(model, view, kind));
  const wanted = (/** @type {Link} */ link) =>
    !isAt(link, view, kind) || keptIdents.has(link.ident);
  const made = linkAt(model, kind, { source: view.ident, target: other });
  return inOrder([
    ...own,
    ...takeIn(model, [other], wanted),
    ...takenOff(model, gone).filter(({ ident }) => ident !== made.ident),
    made,
  ]);
}

/**
 * Links away: mine are undone, of suggested ones it is said that they are left out when the span is
 * accepted.
 * @param {Model} model @param {Link[]} links @returns {Decision[]}
 */
function takenOff(model, links) {
  const isMine = (/** @type {Link} */ { ident }) => model.layer.links.has(ident);
  return links.map((link) => linkDecision(isMine(link) ? "unlink" : "leave", link.ident, null));
}

/**
 * Whether a link is one that a span shows as its own of a kind.
 * @param {Link} link @param {View} view @param {LinkKind} kind
 */
function isAt(link, { ident }, kind) {
  if (link.kind !== kind.name) return false;
  return link.source === ident || (kind.symmetric && link.target === ident);
}

/** Spans, links away, links. @param {Decision[]} decisions */
function inOrder(decisions) {
  const rank = (/** @type {Decision} */ { subject, after }) => {
    if (subject === "span") return 0;
    return after ? 2 : 1;
  };
  return decisions.sort((one, two) => rank(one) - rank(two));
}

/**
 * Take one link off a span.
 * @param {Model} model
 * @param {View} view
 * @param {Shown} link
 * @returns {Decision[]}
 */
export function dropLink(model, view, link) {
  const kind = model.schema.kind(link.kind);
  if (!kind) return [];
  const rest = view.links.filter((other) => other.kind === link.kind && other !== link);
  const isLast = !rest.length && link.source === view.ident;
  const attributes = isLast ? withoutLinks(model, view, kind) : { ...view.span.attributes };
  return [...ownDecision(model, view, attributes), ...takenOff(model, [link])];
}

/**
 * Say why a span has no link of a kind.
 * @param {Model} model
 * @param {View} view
 * @param {LinkKind} kind
 * @param {string} name of the attribute
 * @param {string} value
 * @returns {Decision[]}
 */
export function noLink(model, view, kind, name, value) {
  const gone = view.links.filter(
    (link) =>
      isAt(link, view, kind) && link.source === view.ident && model.layer.links.has(link.ident),
  );
  const own = ownDecision(model, view, { ...view.span.attributes, [name]: value });
  return [...own, ...takenOff(model, gone)];
}

/**
 * Give a link's attribute a value.
 * @param {Model} model
 * @param {View} view at one of its ends
 * @param {Shown} link
 * @param {string} name
 * @param {any} value
 * @returns {Decision[]}
 */
export function setLinkAttribute(model, view, link, name, value) {
  const attributes = changed(link.attributes, name, value);
  if (!attributes) return [];
  const { kind, source, target, ident } = link;
  const after = linkValue({ kind, source, target, attributes });
  if (model.layer.links.has(ident)) return [linkDecision("attribute", ident, after)];
  const own = ownDecision(model, view, view.span.attributes ?? {});
  const other = takeIn(model, [link.other], (one) => one.ident !== ident);
  return inOrder([...own, ...other, linkDecision("link", ident, after)]);
}
