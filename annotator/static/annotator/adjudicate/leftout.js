/** Links that gold leaves out, named so that none is lost without a word. */
import { linkWord } from "../text/schema.js";
import { announce, byId, el, shorten } from "../ui/dom.js";

/**
 * @typedef {import("./disputes.js").LeftOut} LeftOut
 * @typedef {import("./session.js").Session} Session
 */

/** @type {Record<LeftOut["reason"], string>} */
const WHY = {
  nothing: "nothing was settled there",
  label: "what was settled there has another label",
  one: "only one such link may stand, and another one does",
};

/** @param {Session} session @param {LeftOut} one */
function wordsOf({ schema }, { kind, words, reason }) {
  const found = schema.kind(kind);
  return `${found ? linkWord(found) : kind}: ${shorten(words, 60)} (${WHY[reason]})`;
}

/** @param {number} count */
function countWords(count) {
  return count === 1 ? "1 link is left out of gold" : `${count} links are left out of gold`;
}

/**
 * What is left out of a settled frame, for its card.
 * @param {Session} session @param {number} ident
 */
export function leftOutLine(session, ident) {
  const links = session.data.left_out.filter((one) => one.ident === ident);
  if (!links.length) return null;
  const what = links.map((one) => wordsOf(session, one)).join("; ");
  return el("p", { class: "card-hint" }, `${countWords(links.length)} — ${what}`);
}

/** All that is left out in the document. @param {Session} session */
export function renderLeftOut(session) {
  const { left_out: links } = session.data;
  byId("left-out").hidden = !links.length;
  byId("left-out-summary").textContent = countWords(links.length);
  const rows = links.map((one) => {
    const code = session.codeOf(one.ident) || "agreed";
    return el("li", {}, `${code} — ${wordsOf(session, one)}`);
  });
  byId("left-out-list").replaceChildren(...rows);
}

/** Say what the last choice left out. @param {Session} session @param {LeftOut[]} before */
export function sayLeftOut(session, before) {
  const known = new Set(before.map((one) => JSON.stringify(one)));
  const fresh = session.data.left_out.filter((one) => !known.has(JSON.stringify(one)));
  if (!fresh.length) return;
  announce(`${countWords(fresh.length)}: ${fresh.map((one) => wordsOf(session, one)).join("; ")}`);
}
