/** Case law on the card of a dispute: how like ones were settled, in short and in full. */
import { getJson, postJson } from "../sync/outbox.js";
import { ask } from "../ui/dialogs.js";
import { announce, el, kbd, shorten } from "../ui/dom.js";
import { quoted, rulingInFull, verdict } from "../ui/rulings.js";

/**
 * @typedef {import("./session.js").Session} Session
 * @typedef {import("./disputes.js").Dispute} Dispute
 * @typedef {import("../ui/rulings.js").Ruling} Ruling
 * @typedef {Ruling & {document: string, title: string, dispute: number, settled: string,
 *   url: string, example: string, earlier: string|null}} Precedent
 * @typedef {{precedents: Precedent[], may_put: boolean}} Found
 */

/** Who goes through disputes quickly asks for none of them. */
const WAIT = 200;
/** Characters of the words in short. */
const SHORT = 70;

export class Precedents {
  /** @param {Session} session */
  constructor(session) {
    this.session = session;
    /** @type {Map<number, Found>} */
    this.found = new Map();
    this.waiting = 0;
    this.closed = false;
  }

  /** Another document is shown: nothing comes later. */
  close() {
    this.closed = true;
    window.clearTimeout(this.waiting);
  }

  /** Where the card of the dispute in focus shows its case law. @param {Dispute} dispute */
  block({ ident }) {
    const node = el("div", { class: "precedents", data: { precedents: ident } });
    const found = this.found.get(ident);
    if (found) this.#fill(node, found);
    else this.#lookUp(ident);
    return node;
  }

  /** @param {number} ident */
  #lookUp(ident) {
    window.clearTimeout(this.waiting);
    this.waiting = window.setTimeout(async () => {
      const found = await this.#ask(ident);
      const node = document.querySelector(`[data-precedents="${ident}"]`);
      if (!found || !node || this.closed) return;
      this.#fill(/** @type {HTMLElement} */ (node), found);
      // What came later must not hide below the edge.
      node.parentElement?.scrollIntoView({ block: "nearest" });
    }, WAIT);
  }

  /** @param {number} ident @returns {Promise<Found|null>} null when the server does not say */
  async #ask(ident) {
    const known = this.found.get(ident);
    if (known) return known;
    const url = `${this.session.data.urls.precedents}?dispute=${ident}`;
    const found = await getJson(url);
    if (found) this.found.set(ident, found);
    return found;
  }

  /** @param {HTMLElement} node @param {Found} found */
  #fill(node, { precedents }) {
    if (!precedents.length) return node.replaceChildren();
    const kinds = new Set(precedents.map(({ facet }) => facet));
    const rows = precedents.map((precedent) => {
      const { words, reason, about } = precedent;
      return el(
        "li",
        {},
        kinds.size > 1 ? `${about}: ` : "",
        `settled ${verdict(precedent)}`,
        words ? el("span", { dir: "auto" }, `: ${quoted(shorten(words, SHORT))}`) : null,
        reason ? el("span", {}, ` — because ${shorten(reason, SHORT)}`) : null,
      );
    });
    const open = el(
      "button",
      { type: "button", class: "chip", data: { action: "precedents" } },
      kbd("p"),
      "settled before",
    );
    return node.replaceChildren(open, el("ul", {}, ...rows));
  }

  /** Show in full how disputes like the one in focus were settled. */
  async open() {
    const dispute = this.session.focused;
    if (!dispute) return;
    const known = this.found.get(dispute.ident);
    const loading = el("p", { role: "status" }, "Loading…");
    const body = el("div", {}, known ? this.#inFull(known) : loading);
    // Open at once: keys pressed while the server is asked must not reach the page.
    const closed = ask("Settled before", () => [body], true);
    if (!known) {
      body.replaceChildren(this.#inFull(await this.#ask(dispute.ident)));
      /** @type {HTMLElement|null} */ (body.querySelector("[data-first]"))?.focus();
    }
    await closed;
  }

  /** @param {Found|null} found @returns {HTMLElement} */
  #inFull(found) {
    if (!found) return el("p", {}, "The server does not answer. Try again.");
    if (!found.precedents.length) {
      return el("p", {}, "No like dispute has been settled yet: this one will be the first.");
    }
    const rows = found.precedents.map((one, at) => this.#row(one, at, found));
    return el("ol", { class: "ruling-list" }, ...rows);
  }

  /** @param {Precedent} precedent @param {number} at @param {Found} found */
  #row(precedent, at, found) {
    const { url, title, settled, earlier } = precedent;
    const when = earlier ? `${settled}, in an earlier text` : settled;
    const first = at ? {} : { first: "" };
    return el(
      "li",
      {},
      ...rulingInFull(precedent),
      el(
        "p",
        { class: "ruling-acts" },
        el("a", { href: url, target: "_blank", rel: "noopener", data: first }, shorten(title, 60)),
        el("span", { class: "hint" }, when),
        found.may_put ? this.#putButton(precedent, String(at + 1)) : null,
      ),
    );
  }

  /** @param {Precedent} precedent @param {string} key */
  #putButton(precedent, key) {
    const put = el(
      "button",
      { type: "button", class: "button button-small", data: { key } },
      kbd(key),
      "put into the guideline",
    );
    const said = el("span", { class: "hint", role: "status" });
    put.addEventListener("click", async () => {
      const { dispute, facet } = precedent;
      const answer = await postJson(precedent.example, { dispute, facet });
      if (answer.status === 200) {
        put.setAttribute("disabled", "");
        said.textContent = `In the guideline, under “${answer.body.title}”.`;
      } else {
        said.textContent = answer.body.message ?? "The server does not answer. Try again.";
      }
      announce(said.textContent);
    });
    return el("span", {}, put, " ", said);
  }
}
