/**
 * The documents of one sitting: those that were open, and those fetched before they are needed.
 */

/** So many documents are kept, the ones longest out of use dropped first. */
const KEPT = 12;
/** So many of the next documents are fetched ahead. */
const AHEAD = 3;
/** A document fetched longer ago is fetched anew, as others may have settled in it. */
const FRESH_MS = 120_000;

/**
 * @typedef {import("./disputes.js").Disputes} Disputes
 * @typedef {import("./session.js").Session} Session
 *
 * @typedef {object} Sheet a document with its session
 * @property {Session} session
 * @property {string} url where it was asked for
 * @property {number} at when it was fetched
 *
 * @typedef {{sheet: Sheet}|{failure: "signed-out"|"failed"|"no-page"}} Loaded
 */

/** @param {string} url */
export function pathOf(url) {
  return new URL(url, location.href).pathname;
}

/**
 * Ask for the disputes of a page.
 * @param {string} url
 * @returns {Promise<{data: Disputes, url: string}|{failure: "signed-out"|"failed"|"no-page"}>} a
 *   queue of which nothing is left leads to no page
 */
export async function ask(url) {
  const options = {
    headers: { Accept: "application/json" },
    cache: /** @type {const} */ ("no-store"),
  };
  const answer = await fetch(url, options).catch(() => null);
  if (answer?.redirected && pathOf(answer.url).endsWith("/login/"))
    return { failure: "signed-out" };
  if (answer?.status === 204) return { failure: "no-page" };
  if (!answer?.ok) return { failure: answer?.status === 401 ? "signed-out" : "failed" };
  const data = await answer.json().catch(() => null);
  return data?.disputes ? { data, url: answer.url } : { failure: "failed" };
}

export class Sitting {
  /** @param {(data: Disputes, url: string) => Session} open makes a session of what was fetched */
  constructor(open) {
    this.open = open;
    /** @type {Map<string, Sheet>} by path, the one used last at the end */
    this.sheets = new Map();
    /** @type {Map<string, Promise<Loaded>>} */
    this.coming = new Map();
  }

  /** @param {Disputes} data @param {string} url @returns {Sheet} */
  add(data, url) {
    const sheet = { session: this.open(data, url), url, at: Date.now() };
    this.#keep(pathOf(url), sheet);
    return sheet;
  }

  /** @param {string} path @param {Sheet} sheet */
  #keep(path, sheet) {
    this.sheets.delete(path);
    this.sheets.set(path, sheet);
    for (const [other, { session }] of this.sheets) {
      if (this.sheets.size <= KEPT) return;
      if (!session.settling.waiting && other !== path) this.sheets.delete(other);
    }
  }

  /** A document at hand. @param {string} url @returns {Sheet|null} */
  held(url) {
    const path = pathOf(url);
    const sheet = this.sheets.get(path);
    if (!sheet) return null;
    const isOld = Date.now() - sheet.at > FRESH_MS && !sheet.session.settling.waiting;
    if (isOld || sheet.session.settling.refused) {
      this.sheets.delete(path);
      return null;
    }
    this.#keep(path, sheet);
    return sheet;
  }

  /** Fetch a document, unless it is on its way. @param {string} url @returns {Promise<Loaded>} */
  load(url) {
    const path = pathOf(url);
    const coming =
      this.coming.get(path) ?? this.#fetch(url).finally(() => this.coming.delete(path));
    this.coming.set(path, coming);
    return coming;
  }

  /** @param {string} url @returns {Promise<Loaded>} */
  async #fetch(url) {
    const answer = await ask(url);
    if ("failure" in answer) return answer;
    const path = pathOf(answer.url);
    const known = this.sheets.get(path);
    // What was chosen in it meanwhile is newer than this answer.
    if (known?.session.settling.waiting) return { sheet: known };
    return { sheet: this.add(answer.data, answer.url) };
  }

  /** Fetch the next documents, one after another. @param {string[]} urls in the order of need */
  async prefetch(urls) {
    const paths = new Map(urls.map((url) => [pathOf(url), url]));
    for (const [path, url] of [...paths].slice(0, AHEAD)) {
      if (!this.sheets.has(path) && !this.coming.has(path)) await this.load(url);
    }
  }

  /** How many choices are on their way, in all documents. */
  get waiting() {
    let sum = 0;
    for (const { session } of this.sheets.values()) sum += session.settling.waiting;
    return sum;
  }

  /** A document where a choice was refused. @returns {Session|null} */
  get refused() {
    const sessions = [...this.sheets.values()].map(({ session }) => session);
    return sessions.find(({ settling }) => settling.refused) ?? null;
  }

  /** Wait until all is saved. @returns {Promise<boolean>} whether it was */
  async saved() {
    const sheets = [...this.sheets.values()];
    await Promise.all(sheets.map(({ session }) => session.settling.done));
    return sheets.every(({ session }) => !session.settling.refused);
  }
}
