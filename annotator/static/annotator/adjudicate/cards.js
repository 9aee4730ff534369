/** The card of a dispute: its versions, the answers to it, and the facets one by one. */
import { ranges } from "../text/layer.js";
import { valueWords } from "../text/schema.js";
import { actionButton, el, kbd, shorten } from "../ui/dom.js";
import { isOpen, majority, personOf } from "./disputes.js";
import { aboutFacet, facetWord, facts, frameWord, linkFacts } from "./words.js";

/**
 * @typedef {import("../text/schema.js").Schema} Schema
 * @typedef {import("../text/offsets.js").FrozenText} FrozenText
 * @typedef {import("./disputes.js").Dispute} Dispute
 * @typedef {import("./disputes.js").Settled} Settled
 * @typedef {import("./disputes.js").Ui} Ui
 * @typedef {import("./disputes.js").Version} Version
 */

/** Longer spans are shown without what sets them apart. */
const LONGEST_COMPARED = 360;

/** What the annotators differ in. @param {Schema} schema @param {Dispute} dispute */
function headline(schema, dispute) {
  const names = (/** @type {string[]} */ letters) => [...letters].sort().join(" and ");
  if (dispute.kind === "missing") {
    const holders = dispute.versions.flatMap((version) => version.layers);
    return `${names(holders)} marked it, ${names(dispute.absent)} did not`;
  }
  const others = dispute.kinds
    .filter((kind) => kind !== dispute.kind)
    .map((kind) => facetWord(schema, dispute.label, kind));
  const silent = dispute.absent?.length ? `, ${names(dispute.absent)} marked nothing` : "";
  const also = others.length ? `; also ${others.join(", ")}` : "";
  return `${dispute.versions.length} versions${silent}${also}`;
}

/** @param {Schema} schema @param {Settled} settled @param {Dispute} dispute @param {Ui} ui */
function settledWords(schema, { choice, number, reason, facets }, dispute, ui) {
  const holders = (/** @type {number} */ wanted) => {
    const version = dispute.versions.find((other) => other.number === wanted);
    const names = (version?.layers ?? []).map((letter) => personOf(letter, ui, true));
    return names.join(", ") || `version ${wanted}`;
  };
  const exceptions = Object.entries(facets ?? {});
  const others = exceptions
    .map(([facet, from]) => `, ${facetWord(schema, dispute.label, facet)} of ${holders(from)}`)
    .join("");
  /** @type {Record<string, string>} */
  const chosen = {
    none: dispute.label ? "settled: nobody" : "settled: left empty",
    edit: "settled: edited",
    version: `settled: ${holders(number)}${others}`,
  };
  const words = chosen[choice] ?? "settled by policy";
  return reason ? `${words} — ${reason}` : words;
}

/**
 * The words of a version; what not every version holds is underlined twice.
 * @param {FrozenText} text
 * @param {Version} version
 * @param {Dispute} dispute
 */
function versionWords(text, version, dispute) {
  const start = Math.max(...dispute.versions.map((other) => other.span.start));
  const end = Math.min(...dispute.versions.map((other) => other.span.end));
  const { span } = version;
  const node = el("span", { class: "version-claim", dir: "auto" });
  // What all versions share must be one stretch, and short enough to be read beside the others.
  if (span.fragments || start >= end || span.end - span.start > LONGEST_COMPARED) {
    const pieces = ranges(span).map(([from, to]) => text.slice(from, to));
    node.append(shorten(pieces.join(" … "), 400));
    return node;
  }
  if (span.start < start) node.append(el("u", {}, text.slice(span.start, start)));
  node.append(text.slice(start, end));
  if (span.end > end) node.append(el("u", {}, text.slice(end, span.end)));
  return node;
}

/**
 * One of the answers to a dispute.
 * @typedef {object} Answer
 * @property {string} action
 * @property {string|number} arg
 * @property {string} key
 * @property {string} who
 * @property {(Node|string)[]} words
 * @property {boolean|null} taken null while nothing is chosen
 * @property {boolean} [best] whether most say so
 * @param {Answer} answer
 */
function option({ action, arg, key, who, words, taken, best = false }) {
  const classes = ["version"];
  if (best) classes.push("majority");
  if (taken) classes.push("taken");
  return el(
    "button",
    {
      type: "button",
      class: classes.join(" "),
      data: { action, arg },
      "aria-pressed": taken === null ? null : String(taken),
    },
    kbd(key),
    el("b", {}, who),
    el("span", {}, ...words),
  );
}

/**
 * What is offered at a dispute: its versions, nothing, and a version of one's own.
 * @param {FrozenText} text @param {Schema} schema @param {Dispute} dispute @param {Ui} ui
 */
function versions(text, schema, dispute, ui) {
  const { settled, label } = dispute;
  const best = majority(dispute);
  const isTaken = (/** @type {string} */ choice, number = settled?.number) =>
    settled ? settled.choice === choice && settled.number === number : null;
  const rows = dispute.versions.map((version) => {
    const { number, layers } = version;
    const holders = layers.map((letter) => personOf(letter, ui, ui.names || !!settled));
    const notes = el(
      "span",
      { class: "version-facts" },
      facts(schema, version) || (label ? "" : "nothing chosen"),
    );
    return option({
      action: "take",
      arg: number,
      key: String(number),
      who: holders.join(ui.names ? ", " : " "),
      words: label
        ? [versionWords(text, version, dispute), labelNote(schema, version, dispute), notes]
        : [notes],
      taken: isTaken("version", number),
      best: version === best,
    });
  });
  const drop = `nothing to mark here: drop the ${frameWord(schema, label)}`;
  const none = option({
    action: "none",
    arg: "",
    key: "0",
    who: dispute.absent?.join(" ") || "none",
    words: [label ? drop : "leave the document's fields empty"],
    taken: isTaken("none"),
  });
  const edit = option({
    action: "edit",
    arg: "",
    key: "e",
    who: "edit",
    words: [`start from version ${(best ?? dispute.versions[0]).number}`],
    taken: isTaken("edit"),
  });
  return [...rows, none, edit];
}

/**
 * The label of a version, where versions differ in it.
 * @param {Schema} schema @param {Version} version @param {Dispute} dispute
 */
function labelNote(schema, { span }, { kinds }) {
  return kinds.includes("label")
    ? el("span", { class: "version-facts" }, schema.title(span.label))
    : "";
}

/**
 * What a version says in one facet, in a word or two.
 * @param {FrozenText} text
 * @param {Schema} schema
 * @param {Version} version
 * @param {string} facet
 */
function facetWords(text, schema, version, facet) {
  const { span } = version;
  if (facet === "boundary") {
    const words = text.slice(span.start, span.end).trim().split(/\s+/u);
    if (words.length <= 4) return words.join(" ");
    return `${words.slice(0, 2).join(" ")} … ${words.slice(-2).join(" ")}`;
  }
  if (facet === "label") return schema.title(span.label);
  const { kind, attribute } = aboutFacet(schema, span.label, facet);
  if (kind) return linkFacts(schema, version, kind) || "none";
  const value = attribute ? span.attributes?.[attribute.name] : null;
  return attribute ? valueWords(attribute, value) : "none";
}

/**
 * Where more than one facet is in dispute: a row for each, to take it from one version and the rest
 * from another.
 * @param {FrozenText} text
 * @param {Schema} schema
 * @param {Dispute} dispute
 * @param {Ui} ui
 */
function partRows(text, schema, dispute, ui) {
  if (dispute.parts.length < 2 || dispute.settled) return null;
  const rows = dispute.parts.map((facet) => {
    /** @type {Map<string, number[]>} */
    const numbersByWords = new Map();
    for (const version of dispute.versions) {
      const words = facetWords(text, schema, version, facet);
      numbersByWords.set(words, [...(numbersByWords.get(words) ?? []), version.number]);
    }
    const chips = [...numbersByWords].map(([words, numbers]) =>
      actionButton("pick", shorten(words, 60), {
        key: numbers.join(" "),
        arg: JSON.stringify([facet, numbers[0]]),
        pressed: numbers.includes(ui.picks.get(facet) ?? -1),
      }),
    );
    return el(
      "div",
      { class: "facet-row" },
      el("span", { class: "card-label" }, facetWord(schema, dispute.label, facet)),
      el("span", { class: "chips" }, ...chips),
    );
  });
  return el(
    "div",
    { class: "parts", role: "group", "aria-label": "Facet by facet" },
    el(
      "p",
      { class: "hint" },
      "Facet by facet: ",
      kbd("Shift 1–9"),
      " in this order; a digit alone takes the rest.",
    ),
    ...rows,
  );
}

/**
 * The words of a dispute that is not to be chosen in.
 * @param {Dispute} dispute
 * @param {FrozenText} text
 */
function wordsLine(dispute, text) {
  const { versions: all, settled, label } = dispute;
  const { span } = all.find((version) => version.number === settled?.number) ?? all[0];
  const words = label ? shorten(text.slice(span.start, span.end), 110) : "The document";
  return el("p", { class: "version-claim", dir: "auto" }, words);
}

/** @param {Schema} schema @param {Dispute} dispute @param {Ui} ui */
function gist(schema, dispute, ui) {
  if (dispute.settled) return `✓ ${settledWords(schema, dispute.settled, dispute, ui)}`;
  const words = headline(schema, dispute);
  return dispute.deferred ? `put off · ${words}` : words;
}

/**
 * @param {FrozenText} text
 * @param {Schema} schema
 * @param {Dispute} dispute
 * @param {string} code
 * @param {Ui} ui
 * @param {HTMLElement|null} form
 */
export function disputeCard(text, schema, dispute, code, ui, form) {
  const current = dispute.ident === ui.focus;
  const classes = ["dispute"];
  if (dispute.settled) classes.push("settled");
  else if (dispute.deferred) classes.push("deferred");
  const choosing = !ui.closed && (current || !dispute.settled);
  return el(
    "li",
    {
      class: classes.join(" "),
      id: `dispute-${dispute.ident}`,
      tabindex: current ? 0 : -1,
      "aria-current": current ? "true" : null,
      data: { dispute: dispute.ident },
    },
    el(
      "div",
      { class: "dispute-head" },
      el("strong", { class: "code" }, code),
      el("span", { class: "badge" }, facetWord(schema, dispute.label, dispute.kind)),
      el("h2", {}, dispute.label ? "" : "The document: ", gist(schema, dispute, ui)),
      !isOpen(dispute) && !ui.closed
        ? actionButton("reopen", "undo", { arg: dispute.ident, name: `undo ${code}` })
        : null,
    ),
    ...(choosing ? versions(text, schema, dispute, ui) : [wordsLine(dispute, text)]),
    current && !ui.closed && !form ? partRows(text, schema, dispute, ui) : null,
    form,
  );
}
