/** The card of a dispute: its versions, the answers to it, and the facets one by one. */
import { valueWords } from "../text/schema.js";
import { actionButton, el, kbd, shorten } from "../ui/dom.js";
import { isOpen, majority, personOf } from "./disputes.js";
import { differences, shared } from "./facets.js";
import { aboutFacet, facetWord, linkFacts } from "./words.js";

/**
 * @typedef {import("../text/schema.js").Schema} Schema
 * @typedef {import("../text/offsets.js").FrozenText} FrozenText
 * @typedef {import("./disputes.js").Dispute} Dispute
 * @typedef {import("./disputes.js").Settled} Settled
 * @typedef {import("./disputes.js").Ui} Ui
 * @typedef {import("./disputes.js").Version} Version
 */

/** Letters in one phrase. @param {string[]} letters */
function named(letters) {
  return [...letters].sort().join(" and ");
}

/** What the annotators differ in. @param {Schema} schema @param {Dispute} dispute */
function headline(schema, { versions: all, absent, unseen, kinds, kind, label }) {
  const notes = [];
  if (absent.length) notes.push(`${named(absent)} marked nothing`);
  if (unseen.length) notes.push(`not looked at by ${named(unseen)}`);
  const others = kinds
    .filter((other) => other !== kind && !["missing", "unseen"].includes(other))
    .map((other) => facetWord(schema, label, other));
  const holders = all.flatMap((version) => version.layers);
  const first = all.length > 1 ? `${all.length} versions` : `${named(holders)} marked it`;
  const also = others.length ? `; also ${others.join(", ")}` : "";
  return `${[first, ...notes].join(", ")}${also}`;
}

/** @param {Schema} schema @param {Settled} settled @param {Dispute} dispute @param {Ui} ui */
function settledWords(schema, settled, dispute, ui) {
  const { choice, number, reason, facets, policy, probability } = settled;
  const holders = (/** @type {number} */ wanted) => {
    const version = dispute.versions.find((other) => other.number === wanted);
    const names = (version?.layers ?? []).map((letter) => personOf(letter, ui, true));
    return names.join(", ") || `version ${wanted}`;
  };
  const exceptions = Object.entries(facets ?? {});
  const others = exceptions
    .map(([facet, from]) => `, ${facetWord(schema, dispute.label, facet)} of ${holders(from)}`)
    .join("");
  const sure = probability === undefined ? "" : `, ${probability.toFixed(2)} probable`;
  const byPolicy = policy ? ` by policy ${policy}${sure}` : "";
  /** @type {Record<string, string>} */
  const chosen = {
    none: `${dispute.label ? "settled: nobody" : "settled: left empty"}${byPolicy}`,
    edit: "settled: edited",
    version: `settled: ${holders(number)}${others}`,
  };
  const words = chosen[choice] ?? `settled${byPolicy}`;
  return reason ? `${words} — ${reason}` : words;
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
  const { settled, label, absent } = dispute;
  const best = majority(dispute);
  const isTaken = (/** @type {string} */ choice, number = settled?.number) =>
    settled ? settled.choice === choice && settled.number === number : null;
  const rows = dispute.versions.map((version) => {
    const { number, layers } = version;
    const holders = layers.map((letter) => personOf(letter, ui, ui.names || !!settled));
    return option({
      action: "take",
      arg: number,
      key: String(number),
      who: holders.join(ui.names ? ", " : " "),
      words: differences(text, schema, dispute, version),
      taken: isTaken("version", number),
      best: version === best,
    });
  });
  const nothing = label ? "∅ nothing here" : "leave the document's fields empty";
  const none = option({
    action: "none",
    arg: "",
    key: "0",
    who: absent.map((letter) => personOf(letter, ui, ui.names || !!settled)).join(" "),
    words: [el("span", { class: absent.length ? "facet-large" : "" }, nothing)],
    taken: isTaken("none"),
    best: best === null,
  });
  const edit = option({
    action: "edit",
    arg: "",
    key: "e",
    who: "",
    words: [`your own version, from version ${(best ?? dispute.versions[0]).number}`],
    taken: isTaken("edit"),
  });
  return [...rows, none, edit];
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
    ...(choosing
      ? [shared(text, schema, dispute), ...versions(text, schema, dispute, ui)]
      : [wordsLine(dispute, text)]),
    current && ui.hint ? el("p", { class: "card-hint" }, ui.hint) : null,
    current && !ui.closed && !form ? partRows(text, schema, dispute, ui) : null,
    form,
  );
}
