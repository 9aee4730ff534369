/** What a dispute's card shows of its facets: what all versions share, and what each says else. */
import { isEmpty, linkWord, reasonIn, reasonWords, valueWords } from "../text/schema.js";
import { el, hidden, shorten } from "../ui/dom.js";
import { abridged, sharedWords, stretches } from "./diff.js";
import { aboutFacet, attributeFact, facetWord, facts, linkedWords, linkFacts } from "./words.js";

/**
 * @typedef {import("../text/schema.js").Schema} Schema
 * @typedef {import("../text/schema.js").LinkKind} LinkKind
 * @typedef {import("../text/offsets.js").FrozenText} FrozenText
 * @typedef {import("./disputes.js").Dispute} Dispute
 * @typedef {import("./disputes.js").Linked} Linked
 * @typedef {import("./disputes.js").Version} Version
 */

/** What a version holds and others do not, and the reverse: a sign, a line, and words to hear. */
const MARKS = {
  more: { name: "ins", sign: "+", say: "added: " },
  less: { name: "del", sign: "−", say: "without: " },
};

/** @param {"more"|"less"} kind @param {string} words */
function marked(kind, words) {
  const { name, sign, say } = MARKS[kind];
  const shown = el("span", { class: "diff-sign", "aria-hidden": "true" }, sign);
  return el(name, {}, hidden(say), shown, words);
}

/**
 * The words of a version, and how they differ from the other versions'.
 * @param {FrozenText} text @param {Dispute} dispute @param {Version} version
 */
function boundaryValue(text, { versions }, version) {
  const places = versions.map(({ span }) => span);
  const parts = abridged(stretches(text, places, version.span));
  const nodes = parts.map(({ kind, words }) =>
    kind === "more" || kind === "less" ? marked(kind, words) : words,
  );
  return el("span", { class: "version-claim", dir: "auto" }, ...nodes);
}

/** What a link goes to, as something to compare. @param {Linked} linked */
function endOf({ cluster, span, attributes }) {
  const place = cluster ?? `${span.start} ${span.end} ${span.label}`;
  return `${place} ${JSON.stringify(attributes)}`;
}

/**
 * What a version links to by a kind; what not all of them link to is marked where some is shared.
 * @param {Dispute} dispute @param {Version} version @param {LinkKind} kind
 */
function linksValue({ versions }, version, kind) {
  const of = (/** @type {Version} */ one) => one.links.filter((link) => link.kind === kind.name);
  const mine = of(version);
  if (!mine.length) {
    const reason = reasonIn(kind, version.span.attributes);
    return el("span", {}, reason ? reasonWords(kind, reason.value) : "none");
  }
  const isShared = (/** @type {Linked} */ link) =>
    versions.every((other) => of(other).some((one) => endOf(one) === endOf(link)));
  const isPart = mine.some(isShared);
  const nodes = mine.flatMap((link, index) => {
    const words = linkedWords(link, kind);
    const node = isPart && !isShared(link) ? marked("more", words) : words;
    return index ? [", ", node] : [node];
  });
  return el("span", { dir: "auto" }, ...nodes);
}

/**
 * What a version says in a facet.
 * @param {FrozenText} text @param {Schema} schema @param {Dispute} dispute
 * @param {Version} version @param {string} facet
 */
function facetValue(text, schema, dispute, version, facet) {
  const { span } = version;
  if (facet === "boundary") return boundaryValue(text, dispute, version);
  if (facet === "label") return el("span", { class: "facet-large" }, schema.title(span.label));
  const { kind, attribute } = aboutFacet(schema, span.label, facet);
  if (kind) return linksValue(dispute, version, kind);
  const value = attribute ? valueWords(attribute, span.attributes?.[attribute.name]) : "none";
  return el("span", { class: "facet-large" }, value);
}

/**
 * What a version says where versions differ, a line for each facet.
 * @param {FrozenText} text @param {Schema} schema @param {Dispute} dispute
 * @param {Version} version
 */
export function differences(text, schema, dispute, version) {
  const lines = dispute.parts.map((facet) => {
    const value = facetValue(text, schema, dispute, version, facet);
    const name =
      dispute.parts.length > 1
        ? el("span", { class: "facet-name" }, `${facetWord(schema, dispute.label, facet)}: `)
        : null;
    return el("span", { class: "facet" }, name, value);
  });
  // Under another label nothing else was compared.
  if (dispute.kinds.includes("label")) {
    const words = facts(schema, version);
    if (words) lines.push(el("span", { class: "version-facts" }, words));
  }
  if (lines.length) return lines;
  const marks = dispute.kinds.includes("unseen") ? "✓ accept" : "✓ marked";
  const words = dispute.label ? marks : facts(schema, version) || "nothing chosen";
  return [el("span", { class: "facet-large" }, words)];
}

/**
 * What all versions say alike, in a line.
 * @param {Schema} schema @param {Dispute} dispute
 */
function sharedFacts(schema, { kinds, label, versions }) {
  if (kinds.includes("label")) return "";
  const [version] = versions;
  const isShared = (/** @type {{kind?: any, attribute?: any}} */ about) =>
    !kinds.some((facet) => {
      const { kind, attribute } = aboutFacet(schema, label, facet);
      return (kind ?? attribute) === (about.kind ?? about.attribute);
    });
  const parts = [];
  for (const kind of schema.kindsFrom(label)) {
    const words = isShared({ kind }) ? linkFacts(schema, version, kind) : "";
    if (words) parts.push(kind.owned ? words : `${linkWord(kind)}: ${words}`);
  }
  for (const attribute of schema.fieldsOf(label)) {
    const value = version.span.attributes?.[attribute.name];
    if (!attribute.fold && !isEmpty(value) && isShared({ attribute })) {
      parts.push(attributeFact(attribute, value));
    }
  }
  return parts.join(" · ");
}

/**
 * What all versions of a dispute share, told once: words, then links and attributes.
 * @param {FrozenText} text @param {Schema} schema @param {Dispute} dispute
 */
export function shared(text, schema, dispute) {
  const places = dispute.versions.map(({ span }) => span);
  const words = dispute.label ? shorten(sharedWords(text, places), 320) : "";
  const rest = sharedFacts(schema, dispute);
  if (!words && !rest) return null;
  return el(
    "div",
    { class: "shared" },
    words ? el("p", { class: "version-claim", dir: "auto" }, words) : null,
    rest ? el("p", { class: "version-facts" }, rest) : null,
  );
}
