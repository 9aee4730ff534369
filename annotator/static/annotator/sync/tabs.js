/**
 * One window at a time writes a document: it holds a lock, the others are read only and may take
 * over. Where the browser has no locks (plain http inside a network) every window writes, and
 * versions sort it out.
 */

export class Tabs {
  /**
   * @param {string} name of the document and its reviewer
   * @param {{onLost: () => void, onGained: () => void, beforeLoss: () => Promise<void>}} page
   */
  constructor(name, page) {
    this.name = name;
    this.page = page;
    this.held = false;
    /** @type {() => void} */
    this.letGo = () => {};
    this.locks = navigator.locks;
    /** @type {AbortController|null} */
    this.waiting = null;
    /** @type {Promise<any>} */
    this.released = Promise.resolve();
    this.channel = "BroadcastChannel" in window ? new BroadcastChannel(name) : null;
    this.channel?.addEventListener("message", () => this.#give());
  }

  /** @returns {Promise<boolean>} whether this window may write */
  async enter() {
    if (!this.locks) return true;
    return new Promise((resolve) => {
      this.released = this.locks.request(this.name, { ifAvailable: true }, (lock) => {
        resolve(Boolean(lock));
        if (lock) return this.#hold();
        this.#wait();
        return undefined;
      });
    });
  }

  /** Until the lock is let go, or another window steals it. */
  #hold() {
    this.held = true;
    return new Promise((resolve) => {
      this.letGo = () => resolve(undefined);
    });
  }

  /** The lock comes to us when the window that has it is closed or gives it away. */
  #wait() {
    this.waiting = new AbortController();
    this.#request({ signal: this.waiting.signal });
  }

  /** @param {LockOptions} options */
  #request(options) {
    this.released = this.locks
      .request(this.name, options, () => {
        this.page.onGained();
        return this.#hold();
      })
      .catch(() => this.#lost());
  }

  /**
   * This window has another document now, or this one anew: let go, and wait for it no more.
   * @returns {Promise<any>} until another may have the lock
   */
  leave() {
    this.held = false;
    this.letGo();
    this.waiting?.abort();
    this.channel?.close();
    return this.released;
  }

  #lost() {
    if (!this.held) return;
    this.held = false;
    this.page.onLost();
    this.#wait();
  }

  async #give() {
    if (!this.held) return;
    await this.page.beforeLoss();
    this.letGo();
    this.#lost();
  }

  /**
   * Ask the window that writes to stop; a window that does not answer is not waited for.
   * @param {number} patience milliseconds
   */
  takeOver(patience = 3000) {
    this.channel?.postMessage("give");
    setTimeout(
      () => {
        if (this.held) return;
        // Else our own place in the line would be served after the theft.
        this.waiting?.abort();
        this.#request({ steal: true });
      },
      this.channel ? patience : 0,
    );
  }
}
