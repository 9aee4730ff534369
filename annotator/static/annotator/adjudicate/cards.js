/** The card of a dispute: its versions, the answers to it, and the facets one by one. */
import { ranges, SPEAKERLESS_WORDS } from "../text/layer.js";
import { STANCE_MARKS } from "../text/stances.js";
import { actionButton, el, kbd, shorten } from "../ui/dom.js";
import { isOpen, majority, personOf } from "./disputes.js";

/**
 * @typedef {import("../text/layer.js").Span} Span
 * @typedef {import("../text/offsets.js").FrozenText} FrozenText
 * @typedef {import("./disputes.js").Dispute} Dispute
 * @typedef {import("./disputes.js").Settled} Settled
 * @typedef {import("./disputes.js").Ui} Ui
 * @typedef {import("./disputes.js").Version} Version
 */

/** Longer claims are shown without what sets them apart. */
const LONGEST_COMPARED = 360;

/** What the annotators differ in. @param {Dispute} dispute */
function headline(dispute) {
  const names = (/** @type {string[]} */ letters) => [...letters].sort().join(" and ");
  if (dispute.kind === "missing") {
    const holders = dispute.versions.flatMap((version) => version.layers);
    return `${names(holders)} marked it, ${names(dispute.absent)} did not`;
  }
  const others = dispute.kinds.filter((kind) => kind !== dispute.kind);
  const silent = dispute.absent?.length ? `, ${names(dispute.absent)} marked nothing` : "";
  const also = others.length ? `; also ${others.join(", ")}` : "";
  return `${dispute.versions.length} versions${silent}${also}`;
}

/** @param {Settled} settled @param {Dispute} dispute @param {Ui} ui */
function settledWords({ choice, number, reason, facets }, dispute, ui) {
  const holders = (/** @type {number} */ wanted) => {
    const version = dispute.versions.find((other) => other.number === wanted);
    const names = (version?.layers ?? []).map((letter) => personOf(letter, ui, true));
    return names.join(", ") || `version ${wanted}`;
  };
  const exceptions = Object.entries(facets ?? {});
  const others = exceptions.map(([facet, from]) => `, ${facet} of ${holders(from)}`).join("");
  /** @type {Record<string, string>} */
  const chosen = {
    none: "settled: nobody",
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
  const start = Math.max(...dispute.versions.map((other) => other.claim.start));
  const end = Math.min(...dispute.versions.map((other) => other.claim.end));
  const { claim } = version;
  const node = el("span", { class: "version-claim", dir: "auto" });
  // What all versions share must be one stretch, and short enough to be read beside the others.
  if (claim.fragments || start >= end || claim.end - claim.start > LONGEST_COMPARED) {
    const pieces = ranges(claim).map(([from, to]) => text.slice(from, to));
    node.append(shorten(pieces.join(" … "), 400));
    return node;
  }
  if (claim.start < start) node.append(el("u", {}, text.slice(claim.start, start)));
  node.append(text.slice(start, end));
  if (claim.end > end) node.append(el("u", {}, text.slice(end, claim.end)));
  return node;
}

/**
 * Who says it and with which stance; a span that is no claim has neither.
 * @param {FrozenText} text
 * @param {Span} claim
 * @param {Span[]} speakers
 * @param {string|undefined} claimLabel
 * @returns {string}
 */
export function facts(text, claim, speakers, claimLabel) {
  if (claim.label !== claimLabel) return claim.attributes?.name ?? "";
  const { stance, target, speaker_state: state } = claim.attributes ?? {};
  const names = speakers.map((speaker) => shorten(text.slice(speaker.start, speaker.end), 40));
  const parts = [names.join(", ") || (SPEAKERLESS_WORDS[state] ?? "no speaker")];
  if (stance) parts.push(`${STANCE_MARKS[stance] ?? ""} ${stance}`);
  if (target) parts.push(`→ ${target}`);
  return parts.join(" · ");
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

/** @param {FrozenText} text @param {Dispute} dispute @param {Ui} ui */
function versions(text, dispute, ui) {
  const { settled } = dispute;
  const best = majority(dispute);
  const isTaken = (/** @type {string} */ choice, number = settled?.number) =>
    settled ? settled.choice === choice && settled.number === number : null;
  const rows = dispute.versions.map((version) => {
    const { number, claim, speakers, layers } = version;
    const holders = layers.map((letter) => personOf(letter, ui, ui.names || !!settled));
    const notes = facts(text, claim, speakers, ui.claimLabel);
    return option({
      action: "take",
      arg: number,
      key: String(number),
      who: holders.join(ui.names ? ", " : " "),
      words: [versionWords(text, version, dispute), el("span", { class: "version-facts" }, notes)],
      taken: isTaken("version", number),
      best: version === best,
    });
  });
  const isClaim = dispute.label === ui.claimLabel;
  const none = option({
    action: "none",
    arg: "",
    key: "0",
    who: dispute.absent?.join(" ") || "none",
    words: [isClaim ? "nobody says this here: drop the claim" : "nothing to mark here: drop it"],
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
 * What a version says in one facet, in a word or two.
 * @param {FrozenText} text
 * @param {Version} version
 * @param {string} facet
 * @param {Ui} ui
 */
function facetWords(text, version, facet, ui) {
  const { claim, speakers } = version;
  if (facet === "boundary") {
    const words = text.slice(claim.start, claim.end).trim().split(/\s+/u);
    if (words.length <= 4) return words.join(" ");
    return `${words.slice(0, 2).join(" ")} … ${words.slice(-2).join(" ")}`;
  }
  if (facet === "label") return claim.label;
  if (facet === "speaker") {
    const attributes = { speaker_state: claim.attributes?.speaker_state };
    return facts(text, { ...claim, attributes }, speakers, ui.claimLabel);
  }
  /** @type {string} */
  const value = claim.attributes?.[facet] ?? "none";
  return `${STANCE_MARKS[value] ?? ""} ${value}`.trim();
}

/**
 * Where more than one facet is in dispute: a row for each, to take it from one version and the rest
 * from another.
 * @param {FrozenText} text
 * @param {Dispute} dispute
 * @param {Ui} ui
 */
function partRows(text, dispute, ui) {
  if (dispute.parts.length < 2 || dispute.settled) return null;
  const rows = dispute.parts.map((facet) => {
    /** @type {Map<string, number[]>} */
    const numbersByWords = new Map();
    for (const version of dispute.versions) {
      const words = facetWords(text, version, facet, ui);
      numbersByWords.set(words, [...(numbersByWords.get(words) ?? []), version.number]);
    }
    const chips = [...numbersByWords].map(([words, numbers]) =>
      actionButton("pick", shorten(words, 60), {
        key: numbers.join(" "),
        arg: `${facet},${numbers[0]}`,
        pressed: numbers.includes(ui.picks.get(facet) ?? -1),
      }),
    );
    return el(
      "div",
      { class: "part" },
      el("span", { class: "card-label" }, facet),
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
function claimLine(dispute, text) {
  const { versions: all, settled } = dispute;
  const { claim } = all.find((version) => version.number === settled?.number) ?? all[0];
  const words = shorten(text.slice(claim.start, claim.end), 110);
  return el("p", { class: "version-claim", dir: "auto" }, words);
}

/** @param {Dispute} dispute @param {Ui} ui */
function gist(dispute, ui) {
  if (dispute.settled) return `✓ ${settledWords(dispute.settled, dispute, ui)}`;
  return dispute.deferred ? `put off · ${headline(dispute)}` : headline(dispute);
}

/**
 * @param {FrozenText} text
 * @param {Dispute} dispute
 * @param {string} code
 * @param {Ui} ui
 * @param {HTMLElement|null} form
 */
export function disputeCard(text, dispute, code, ui, form) {
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
      el("span", { class: "badge" }, dispute.kind),
      el("h2", {}, gist(dispute, ui)),
      !isOpen(dispute) && !ui.closed
        ? actionButton("reopen", "undo", { arg: dispute.ident, name: `undo ${code}` })
        : null,
    ),
    ...(choosing ? versions(text, dispute, ui) : [claimLine(dispute, text)]),
    current && !ui.closed && !form ? partRows(text, dispute, ui) : null,
    form,
  );
}
