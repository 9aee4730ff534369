/** What the adjudicator sees of a dispute: its card, its versions, its place in the text. */
import { actionButton, el, kbd, shorten } from "../ui/dom.js";
import { STANCE_MARKS } from "../text/stances.js";
import { ranges, SPEAKERLESS } from "../text/layer.js";
import { clip } from "../ui/paint.js";

/**
 * @typedef {import("../text/layer.js").Span} Span
 * @typedef {import("../text/offsets.js").FrozenText} FrozenText
 * @typedef {import("../text/offsets.js").Paragraph} Paragraph
 * @typedef {{claim: Span, speakers: Span[]}} Frame
 * @typedef {Frame & {number: number, layers: string[]}} Version its layers are the letters of those who hold it
 * @typedef {{choice: string, number: number, reason: string, facets?: Record<string, number>}} Settled what was chosen
 * @typedef {{ident: number, kind: string, kinds: string[], label: string, start: number, end: number, versions: Version[],
 *   parts: string[], absent: string[], deferred: boolean, settled: Settled|null}} Dispute
 * @typedef {{name: string, spans: Span[], links: import("../text/layer.js").Link[]}} Letter the layer of an annotator
 * @typedef {{items: {ident: number, url: string}[], more: boolean, on: string}} Ahead what the queue holds after this dispute
 * @typedef {{document: import("../text/model.js").DocumentFacts, corpus: {slug: string, name: string}, schema: import("../text/model.js").Schema,
 *   version: number, state: "open"|"done", own: boolean, people: Record<string, string>, layers: Letter[], agreed: Frame[],
 *   disputes: Dispute[], queue?: Ahead, urls: Record<string, string>}} Disputes the page's JSON
 * @typedef {{focus: number|null, draft: import("./draft.js").Draft|null, edge: import("../text/edges.js").Edge, picks: Map<string, number>,
 *   names: boolean, leaving: boolean, closed: boolean, claimLabel: string|undefined, people: Record<string, string>}} Ui
 * @typedef {{pieces: import("../text/layer.js").Piece[], lane: number, classes: string, data: Record<string, string>, tag: string}} Item
 *   something to be marked in the text
 */

/** Whether a dispute still waits for a choice. @param {Dispute|null|undefined} dispute @returns {boolean} */
export function isOpen(dispute) {
  return !!dispute && !dispute.settled && !dispute.deferred;
}

/** The letter of an annotator, with the name where it is known and shown. @param {string} letter @param {Ui} ui @param {boolean} shown */
export function personOf(letter, ui, shown) {
  return shown && ui.people[letter] ? `${letter} ${ui.people[letter]}` : letter;
}

/** The version most annotators share; none when two share the lead, or when more saw nothing here. @param {Dispute} dispute */
export function majority(dispute) {
  const sorted = [...dispute.versions].sort((a, b) => b.layers.length - a.layers.length);
  const [first, second] = sorted;
  const rival = Math.max(second?.layers.length ?? 0, dispute.absent?.length ?? 0);
  return first && first.layers.length > rival ? first : null;
}

/** @param {Dispute[]} disputes */
export function inOrder(disputes) {
  return [...disputes].sort((a, b) => a.start - b.start || b.end - a.end || a.ident - b.ident);
}

/** @param {Dispute} dispute */
function headline(dispute) {
  const names = (/** @type {string[]} */ list) => [...list].sort().join(" and ");
  const others = dispute.kinds.filter((kind) => kind !== dispute.kind);
  if (dispute.kind === "missing")
    return `${names(dispute.versions.flatMap((version) => version.layers))} marked it, ${names(dispute.absent)} did not`;
  const also = others.length ? `; also ${others.join(", ")}` : "";
  return `${dispute.versions.length} versions${dispute.absent?.length ? `, ${names(dispute.absent)} marked nothing` : ""}${also}`;
}

/** @param {Settled} settled @param {Dispute} dispute @param {Ui} ui */
function settledWords({ choice, number, reason, facets }, dispute, ui) {
  const holders = (/** @type {number} */ wanted) =>
    dispute.versions
      .find((other) => other.number === wanted)
      ?.layers.map((letter) => personOf(letter, ui, true))
      .join(", ") || `version ${wanted}`;
  const others = Object.entries(facets ?? {})
    .map(([facet, from]) => `, ${facet} of ${holders(from)}`)
    .join("");
  /** @type {Record<string, string>} */
  const chosen = {
    none: "settled: nobody",
    edit: "settled: edited",
    version: `settled: ${holders(number)}${others}`,
  };
  const words = chosen[choice] ?? "settled by policy";
  return reason ? `${words} — ${reason}` : words;
}

/** The words of a version; what not every version holds is underlined twice. @param {FrozenText} text @param {Version} version @param {Dispute} dispute */
function versionWords(text, version, dispute) {
  const start = Math.max(...dispute.versions.map((other) => other.claim.start));
  const end = Math.min(...dispute.versions.map((other) => other.claim.end));
  const { claim } = version;
  const node = el("span", { class: "version-claim", dir: "auto" });
  const whole = shorten(
    ranges(claim)
      .map(([from, to]) => text.slice(from, to))
      .join(" … "),
    400,
  );
  if (claim.fragments || start >= end || claim.end - claim.start > 360) node.append(whole);
  else {
    if (claim.start < start) node.append(el("u", {}, text.slice(claim.start, start)));
    node.append(text.slice(start, end));
    if (claim.end > end) node.append(el("u", {}, text.slice(end, claim.end)));
  }
  return node;
}

/**
 * Who says it and with which stance; a span that is no claim has neither.
 * @param {FrozenText} text @param {Span} claim @param {Span[]} speakers @param {string|undefined} claimLabel @returns {string}
 */
export function facts(text, claim, speakers, claimLabel) {
  if (claim.label !== claimLabel) return claim.attributes?.name ?? "";
  const { stance, target, speaker_state: state } = claim.attributes ?? {};
  const who = speakers
    .map((speaker) => shorten(text.slice(speaker.start, speaker.end), 40))
    .join(", ");
  const parts = [
    who ||
      (SPEAKERLESS.includes(state)
        ? state === "author"
          ? "the article itself"
          : "no speaker in the text"
        : "no speaker"),
  ];
  if (stance) parts.push(`${STANCE_MARKS[stance] ?? ""} ${stance}`);
  if (target) parts.push(`→ ${target}`);
  return parts.join(" · ");
}

/**
 * @param {string} action @param {string|number} arg @param {string} key @param {string} who @param {(Node|string)[]} words
 * @param {string} classes @param {boolean|null} pressed null where nothing is chosen yet
 */
function option(action, arg, key, who, words, classes, pressed) {
  return el(
    "button",
    {
      type: "button",
      class: `version ${classes}`,
      data: { action, arg },
      "aria-pressed": pressed === null ? null : String(pressed),
    },
    kbd(key),
    el("b", {}, who),
    el("span", {}, ...words),
  );
}

/** @param {FrozenText} text @param {Dispute} dispute @param {Ui} ui */
function versions(text, dispute, ui) {
  const best = majority(dispute);
  const settled = dispute.settled;
  const rows = dispute.versions.map((version) => {
    const taken = settled?.choice === "version" && settled.number === version.number;
    const notes = el(
      "span",
      { class: "version-facts" },
      facts(text, version.claim, version.speakers, ui.claimLabel),
    );
    return option(
      "take",
      version.number,
      String(version.number),
      version.layers
        .map((letter) => personOf(letter, ui, ui.names || !!settled))
        .join(ui.names ? ", " : " "),
      [versionWords(text, version, dispute), notes],
      `${version === best ? "majority" : ""} ${taken ? "taken" : ""}`,
      settled ? taken : null,
    );
  });
  rows.push(
    option(
      "none",
      "",
      "0",
      dispute.absent?.join(" ") || "none",
      [
        dispute.label === ui.claimLabel
          ? "nobody says this here: drop the claim"
          : "nothing to mark here: drop it",
      ],
      settled?.choice === "none" ? "taken" : "",
      settled ? settled.choice === "none" : null,
    ),
  );
  rows.push(
    option(
      "edit",
      "",
      "e",
      "edit",
      [`start from version ${(best ?? dispute.versions[0]).number}`],
      settled?.choice === "edit" ? "taken" : "",
      settled ? settled.choice === "edit" : null,
    ),
  );
  return rows;
}

/** What a version says in one facet, in a word or two. @param {FrozenText} text @param {Version} version @param {string} facet @param {Ui} ui */
function saidIn(text, version, facet, ui) {
  const { claim, speakers } = version;
  const words = text.slice(claim.start, claim.end).trim().split(/\s+/u);
  if (facet === "boundary")
    return words.length > 4
      ? `${words.slice(0, 2).join(" ")} … ${words.slice(-2).join(" ")}`
      : words.join(" ");
  if (facet === "label") return claim.label;
  if (facet === "speaker")
    return facts(
      text,
      { ...claim, attributes: { speaker_state: claim.attributes?.speaker_state } },
      speakers,
      ui.claimLabel,
    );
  /** @type {string} */
  const value = claim.attributes?.[facet] ?? "none";
  return `${STANCE_MARKS[value] ?? ""} ${value}`.trim();
}

/** Where more than one facet is in dispute: a row for each, to take it from one version and the rest from another. @param {FrozenText} text @param {Dispute} dispute @param {Ui} ui */
function partRows(text, dispute, ui) {
  if (dispute.parts.length < 2 || dispute.settled) return null;
  const rows = dispute.parts.map((facet) => {
    /** @type {Map<string, number[]>} */
    const said = new Map();
    for (const version of dispute.versions) {
      const words = saidIn(text, version, facet, ui);
      said.set(words, [...(said.get(words) ?? []), version.number]);
    }
    const chips = [...said].map(([words, numbers]) =>
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

/** @param {Dispute} dispute @param {FrozenText} text */
function short(dispute, text) {
  const version =
    dispute.versions.find((other) => other.number === dispute.settled?.number) ??
    dispute.versions[0];
  return el(
    "p",
    { class: "version-claim", dir: "auto" },
    shorten(text.slice(version.claim.start, version.claim.end), 110),
  );
}

/** @param {FrozenText} text @param {Dispute} dispute @param {string} code @param {Ui} ui @param {HTMLElement|null} form */
export function disputeCard(text, dispute, code, ui, form) {
  const current = dispute.ident === ui.focus;
  const body = ui.closed
    ? [short(dispute, text)]
    : current || !dispute.settled
      ? versions(text, dispute, ui)
      : [short(dispute, text)];
  const gist = dispute.settled
    ? `✓ ${settledWords(dispute.settled, dispute, ui)}`
    : dispute.deferred
      ? `put off · ${headline(dispute)}`
      : headline(dispute);
  return el(
    "li",
    {
      class: `dispute${dispute.settled ? " settled" : dispute.deferred ? " deferred" : ""}`,
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
      el("h2", {}, gist),
      !isOpen(dispute) && !ui.closed
        ? actionButton("reopen", "undo", { arg: dispute.ident, name: `undo ${code}` })
        : null,
    ),
    ...body,
    current && !ui.closed && !form ? partRows(text, dispute, ui) : null,
    form,
  );
}

/** Every distinct speaker mention that any annotator marked. @param {Disputes} data */
export function allSpeakers(data) {
  const label = data.schema.links[0]?.target;
  /** @type {Map<string, Span>} */
  const found = new Map();
  const add = (/** @type {Span} */ span) => found.set(`${span.start}-${span.end}`, span);
  for (const layer of data.layers) layer.spans.filter((span) => span.label === label).forEach(add);
  for (const dispute of data.disputes)
    for (const version of dispute.versions) version.speakers.forEach(add);
  return [...found.values()].sort((a, b) => a.start - b.start);
}

/** The speakers in question, each mention once, tagged with the versions that name it. @param {Dispute} dispute @returns {Item[]} */
function speakerMarks(dispute) {
  /** @type {Map<string, {speaker: Span, numbers: number[]}>} */
  const found = new Map();
  for (const version of dispute.versions) {
    for (const speaker of version.speakers) {
      const key = `${speaker.start}-${speaker.end}`;
      const numbers = [...(found.get(key)?.numbers ?? []), version.number];
      found.set(key, { speaker, numbers });
    }
  }
  return [...found.values()].map(({ speaker, numbers }) => ({
    pieces: ranges(speaker),
    lane: -1,
    classes: "speaker",
    data: { state: "accepted" },
    tag: numbers.join(" "),
  }));
}

/**
 * Marks for the painter: a lane for each annotator, the places of disputes, the draft, and the speakers in question.
 * @param {FrozenText} text @param {Disputes} data @param {Ui} ui @param {Map<number, string>} codes
 * @returns {(paragraph: Paragraph) => import("../ui/paint.js").Mark[]}
 */
export function disputeMarker(text, data, ui, codes) {
  const label = data.schema.links[0]?.source;
  /** @type {Item[]} */
  const items = [];
  data.layers.forEach((layer, index) => {
    for (const span of layer.spans)
      if (span.label === label || !label)
        items.push({
          pieces: ranges(span),
          lane: index,
          classes: `layer layer-${index}`,
          data: { span: String(span.ident), layer: layer.name, state: "accepted" },
          tag: "",
        });
  });
  for (const { claim } of data.agreed)
    items.push({ pieces: ranges(claim), lane: -1, classes: "agreed", data: {}, tag: "" });
  for (const dispute of data.disputes) {
    const state = `${dispute.settled ? "settled" : "open"}${dispute.ident === ui.focus ? " focused" : ""}`;
    items.push({
      pieces: [[dispute.start, dispute.end]],
      lane: -1,
      classes: `place ${state}`,
      data: { place: String(dispute.ident) },
      tag: codes.get(dispute.ident) ?? "",
    });
    if (dispute.ident === ui.focus && !ui.draft) items.push(...speakerMarks(dispute));
  }
  if (ui.draft)
    items.push({ pieces: ranges(ui.draft.claim), lane: -1, classes: "draft", data: {}, tag: "" });
  const found = buckets(text, items);
  return (paragraph) =>
    (found.get(paragraph.index) ?? []).flatMap((item) =>
      clip(item.pieces, paragraph).map((part) => ({
        start: part.start,
        end: part.end,
        lane: item.lane,
        classes: item.classes,
        data: item.data,
        tag: item.tag && (part.continued ? `…${item.tag}` : item.tag),
        say: item.tag ? `${item.tag}: ` : "",
        hint: "",
        opens: part.opens,
        closes: part.closes,
      })),
    );
}

/** Which things lie in which paragraph. @param {FrozenText} text @param {Item[]} items */
function buckets(text, items) {
  /** @type {Map<number, Item[]>} */
  const found = new Map();
  for (const item of items) {
    for (const [start, end] of item.pieces) {
      const first = text.paragraphAt(start).index;
      const last = text.paragraphAt(Math.max(start, end - 1)).index;
      for (let index = first; index <= last; index += 1) {
        const list = found.get(index) ?? [];
        if (!list.includes(item)) found.set(index, [...list, item]);
      }
    }
  }
  return found;
}
