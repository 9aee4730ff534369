/**
 * Decisions on their way to the server: applied locally first, kept in localStorage, sent in order,
 * one request at a time. Sending is idempotent by client id, so anything may be sent twice.
 * @typedef {import("../text/layer.js").Entry} Entry
 * @typedef {{version: number, groups: Entry[][], sha256?: string}} Kept
 * @typedef {{status: number, body: any}} Answer
 */

const BATCH = 50;
const RETRY = [2000, 4000, 8000, 15000, 30000];
const KEEPALIVE_LIMIT = 60000;
/** Quick keys go out together. */
const GATHER_MS = 80;

export function csrfToken() {
  const cookie = document.cookie.split("; ").find((part) => part.startsWith("csrftoken="));
  const meta = /** @type {HTMLMetaElement|null} */ (document.querySelector('meta[name="csrf"]'));
  return cookie ? decodeURIComponent(cookie.slice("csrftoken=".length)) : (meta?.content ?? "");
}

/**
 * @param {string} url
 * @returns {Promise<any>} null when the server cannot be reached or does not let us
 */
export async function getJson(url) {
  try {
    const response = await fetch(url, {
      credentials: "same-origin",
      headers: { Accept: "application/json" },
      cache: "no-store",
    });
    return response.ok ? await response.json() : null;
  } catch {
    return null;
  }
}

/**
 * @param {string} url
 * @param {any} payload
 * @param {boolean} [keepalive]
 * @returns {Promise<Answer>} status 0 when the server cannot be reached
 */
export async function postJson(url, payload, keepalive = false) {
  const body = JSON.stringify(payload);
  try {
    const response = await fetch(url, {
      method: "POST",
      credentials: "same-origin",
      headers: {
        "Content-Type": "application/json",
        Accept: "application/json",
        "X-CSRFToken": csrfToken(),
      },
      body,
      keepalive: keepalive && body.length < KEEPALIVE_LIMIT,
      redirect: "manual",
    });
    // A login redirect is opaque here; it means that the session is over.
    if (response.type === "opaqueredirect") return { status: 401, body: {} };
    return { status: response.status, body: await response.json().catch(() => ({})) };
  } catch {
    return { status: 0, body: {} };
  }
}

/**
 * Signed out (or a stale CSRF token) answers without one of our codes; somebody else's session with
 * one.
 * @param {Answer} answer
 */
export function signedOut(answer) {
  const { status, body } = answer;
  return status === 401 || (status === 403 && (!body.code || body.code === "other-user"));
}

export class Outbox {
  /**
   * @param {object} options
   * @param {string} options.url
   * @param {string} options.owner
   * @param {number} options.version
   * @param {string} options.sha256 of the text that the decisions are about
   * @param {(state: string, detail: any) => void} options.onState
   * @param {(groups: Entry[][]) => void} options.onSaved
   * @param {(answer: any) => Promise<Entry[][]>} options.onConflict gives what is still to be sent
   * @param {(group: Entry[], message: string) => void} options.onRefused
   */
  constructor(options) {
    this.options = options;
    this.version = options.version;
    this.prefix = `saidby:${options.owner}:${options.url}:`;
    this.key = this.prefix + this.#tab();
    /** @type {Entry[][]} */
    this.groups = [];
    /** What could not be sent before the text was corrected. @type {Entry[][]} */
    this.outdated = [];
    this.sending = false;
    /** @type {Promise<void>} */
    this.running = Promise.resolve();
    this.failures = 0;
    this.trouble = "offline";
    this.oneByOne = false;
    this.timer = 0;
  }

  #tab() {
    try {
      const known = sessionStorage.getItem("saidby:tab") ?? String(Math.random()).slice(2);
      sessionStorage.setItem("saidby:tab", known);
      return known;
    } catch {
      return "tab";
    }
  }

  get size() {
    return this.groups.reduce((sum, group) => sum + group.length, 0);
  }

  /**
   * Take up what an earlier page left behind, from this tab or another one.
   * @param {Set<string>} known client ids the server already has
   */
  adopt(known) {
    // They are kept beside the others, and are read again with them.
    this.outdated = [];
    for (const key of this.#keptKeys()) {
      const kept = /** @type {Kept} */ (JSON.parse(localStorage.getItem(key) ?? "null"));
      const left = (kept?.groups ?? []).filter(
        (group) => !group.every((decision) => known.has(decision.client_id)),
      );
      const { sha256 } = this.options;
      if (left.length && (kept.sha256 ?? sha256) !== sha256) {
        // What it is about stands elsewhere now.
        this.outdated.push(...left);
      } else if (left.length) {
        this.groups.push(...left);
        // Sending the old version makes the server tell what came in between.
        this.version = Math.min(this.version, kept.version);
      }
      if (key !== this.key) localStorage.removeItem(key);
    }
    this.#keep();
    this.#keepOutdated();
    return this.groups;
  }

  /** Let go of what was about the text before. */
  forgetOutdated() {
    this.outdated = [];
    this.#keepOutdated();
  }

  #keepOutdated() {
    const key = `${this.prefix}outdated`;
    try {
      if (!this.outdated.length) localStorage.removeItem(key);
      else {
        const kept = { version: 0, groups: this.outdated, sha256: "" };
        localStorage.setItem(key, JSON.stringify(kept));
      }
    } catch {
      // The page shows them still.
    }
  }

  #keptKeys() {
    try {
      return Object.keys(localStorage).filter((key) => key.startsWith(this.prefix));
    } catch {
      return [];
    }
  }

  #keep() {
    try {
      if (!this.groups.length) localStorage.removeItem(this.key);
      else {
        const { sha256 } = this.options;
        const kept = { version: this.version, groups: this.groups, sha256 };
        localStorage.setItem(this.key, JSON.stringify(kept));
      }
    } catch {
      // Without storage the changes still wait in memory; the save state shows how many.
    }
  }

  /** @param {Entry[]} group */
  push(group) {
    this.groups.push(group);
    this.#keep();
    this.#report();
    // While the server is away its own timer goes on; before that, quick keys are gathered.
    if (!this.sending && !this.failures) this.#flushIn(GATHER_MS);
  }

  /** @param {number} wait milliseconds */
  #flushIn(wait) {
    window.clearTimeout(this.timer);
    this.timer = window.setTimeout(() => this.flush(), wait);
  }

  /** Nothing waits any more, and nothing will. */
  close() {
    window.clearTimeout(this.timer);
  }

  /** @param {Entry[][]} groups */
  replace(groups) {
    this.groups = groups;
    this.#keep();
  }

  #report() {
    if (this.failures) this.options.onState(this.trouble, this.size);
    else this.options.onState("saving", this.size);
  }

  #batch() {
    /** @type {Entry[][]} */
    const taken = [];
    let size = 0;
    for (const group of this.groups) {
      if (taken.length && (this.oneByOne || size + group.length > BATCH)) break;
      taken.push(group);
      size += group.length;
    }
    return taken;
  }

  /** Send what waits. Resolves when nothing waits or sending has failed. */
  async flush() {
    if (this.sending) return this.running;
    this.running = this.#drain();
    return this.running;
  }

  async #drain() {
    this.sending = true;
    window.clearTimeout(this.timer);
    try {
      while (this.groups.length) {
        const batch = this.#batch();
        this.options.onState(this.failures ? this.trouble : "saving", this.size);
        const { url, owner, sha256 } = this.options;
        const decisions = batch.flat().map(wire);
        const answer = await postJson(
          url,
          { version: this.version, owner, sha256, decisions },
          true,
        );
        if (!(await this.#settle(batch, answer))) return;
      }
    } finally {
      this.sending = false;
    }
  }

  /**
   * @param {Entry[][]} batch
   * @param {Answer} answer
   * @returns {Promise<boolean>} whether to go on sending
   */
  async #settle(batch, answer) {
    if (answer.status === 200) return this.#saved(batch, answer.body);
    if (answer.status === 409 && answer.body.code === "stale-version") {
      return this.#rebase(answer.body);
    }
    if (signedOut(answer)) return this.#later("signed-out", true);
    if (answer.status === 0 || answer.status >= 500 || answer.status === 429) {
      return this.#later("offline", false);
    }
    // What is not saved is about words that may stand elsewhere now, or nowhere.
    if (answer.body.code === "text-corrected") return this.#later("corrected", true);
    // A manager took the document out, and may put it back: what is refused so is not wrong.
    if (answer.status === 404) return this.#later("gone", false);
    return this.#refused(batch, answer.body);
  }

  /** @param {Entry[][]} batch @param {{version: number, saved_at: string}} body */
  #saved(batch, body) {
    this.failures = 0;
    this.oneByOne = false;
    this.version = body.version;
    this.groups.splice(0, batch.length);
    this.#keep();
    this.options.onSaved(batch);
    if (!this.groups.length) this.options.onState("saved", body.saved_at);
    return true;
  }

  /** @param {any} body */
  async #rebase(body) {
    this.options.onState("changed", this.size);
    this.version = body.version;
    this.replace(await this.options.onConflict(body));
    if (!this.groups.length) this.options.onState("saved", null);
    return true;
  }

  /** @param {string} state @param {boolean} asleep until somebody signs in, or loads the page */
  #later(state, asleep) {
    const wait = RETRY[Math.min(this.failures, RETRY.length - 1)];
    this.failures += 1;
    this.trouble = state;
    this.options.onState(state, this.size);
    if (!asleep) this.#flushIn(wait);
    return false;
  }

  /**
   * A POST is all or none: find the one action that the server will not take, and drop only that.
   * @param {Entry[][]} batch
   * @param {{message?: string, detail?: string}} body
   */
  #refused(batch, body) {
    if (batch.length > 1) {
      this.oneByOne = true;
      return true;
    }
    const [group] = this.groups.splice(0, 1);
    this.#keep();
    this.options.onRefused(
      group,
      body.message ?? body.detail ?? "The server did not accept a change.",
    );
    if (!this.groups.length) this.options.onState("saved", null);
    return true;
  }
}

/** Only what the contract names goes over the wire. @param {Entry} decision */
function wire(decision) {
  const { client_id, group, verb, subject, ident, after, exact, undoes } = decision;
  const { elapsed_ms, seen_ms } = decision;
  return { client_id, group, verb, subject, ident, after, exact, undoes, elapsed_ms, seen_ms };
}
