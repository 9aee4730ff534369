/**
 * Choices on their way to the server: one request at a time, each with the version that the one
 * before it brought.
 */
import { uuid } from "../ui/dom.js";
import { postJson } from "./outbox.js";

const RETRIES = 4;
/** @param {number} time milliseconds */
const pause = (time) => new Promise((done) => setTimeout(done, time));

export class Settling {
  /**
   * @param {{version: number, sha256: string, address: string,
   *   onState: (state: string, waiting: number) => void,
   *   onFresh: (data: any, waiting: number) => void, onRefused: (answer: any) => void}} options
   */
  constructor(options) {
    this.options = options;
    this.version = options.version;
    this.waiting = 0;
    this.refused = false;
    this.done = Promise.resolve();
  }

  /**
   * @param {string} url
   * @param {{dispute: number}} payload repeated under the same client id until it is answered
   */
  send(url, payload) {
    this.waiting += 1;
    this.options.onState("saving", this.waiting);
    this.done = this.done.then(() => this.#attempt(url, { ...payload, client_id: uuid() }));
  }

  /** @param {string} url @param {object} payload @returns {Promise<void>} */
  async #attempt(url, payload) {
    for (let round = 0; ; round += 1) {
      const answer = await postJson(
        url,
        { ...payload, version: this.version, sha256: this.options.sha256 },
        true,
      );
      if (answer.status === 200) return this.#accepted(answer.body);
      if (answer.body.code === "stale-version" && round < RETRIES) {
        // Another adjudicator settled something else: what they did not touch goes in after it.
        await this.#refresh();
        continue;
      }
      if (answer.status !== 0 && answer.status < 500) return this.#refuse(answer);
      this.options.onState("offline", this.waiting);
      if (round >= RETRIES) {
        return this.#refuse({
          status: 0,
          body: { message: "The server does not answer. Your last choice was not saved." },
        });
      }
      await pause(1000 * 2 ** round);
    }
  }

  async #refresh() {
    const answer = await fetch(this.options.address, {
      headers: { Accept: "application/json" },
      redirect: "manual",
    }).catch(() => null);
    if (answer?.ok) this.version = (await answer.json()).version;
  }

  /** @param {any} fresh the document as the server has it now */
  #accepted(fresh) {
    this.version = fresh.version;
    this.waiting -= 1;
    this.options.onFresh(fresh, this.waiting);
  }

  /** @param {{status: number, body: any}} answer */
  #refuse(answer) {
    this.waiting = Math.max(0, this.waiting - 1);
    this.refused = true;
    this.options.onRefused(answer);
  }
}
