/**
 * The disputes of a document as data: what they hold, their order, and what most annotators say.
 *
 * @typedef {import("../text/layer.js").Span} Span
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

/** Every distinct speaker mention that any annotator marked. @param {Disputes} data */
export function allSpeakers(data) {
  const label = data.schema.links[0]?.target;
  /** @type {Map<string, Span>} */
  const mentions = new Map();
  const add = (/** @type {Span} */ span) => mentions.set(`${span.start}-${span.end}`, span);
  for (const layer of data.layers) layer.spans.filter((span) => span.label === label).forEach(add);
  for (const dispute of data.disputes) {
    for (const version of dispute.versions) version.speakers.forEach(add);
  }
  return [...mentions.values()].sort((a, b) => a.start - b.start);
}
