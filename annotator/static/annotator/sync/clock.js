/**
 * How long the reviewer worked: time goes on while something happens and the page is seen, and
 * stops in a pause.
 */

/**
 * Reading goes on without a key or a scroll for as long as this; more is a pause, and none of it
 * counts beyond.
 */
export const PAUSE_MS = 30_000;

export class Clock {
  /** @param {() => number} now milliseconds, never going back */
  constructor(now = () => performance.now()) {
    this.now = now;
    this.worked = 0;
    this.last = now();
    this.away = false;
  }

  /**
   * Something happened: a key, a click, a scroll, or the page was hidden or shown.
   * @param {boolean} [away] the page is hidden now
   */
  tick(away = false) {
    const now = this.now();
    if (!this.away) this.worked += Math.min(now - this.last, PAUSE_MS);
    this.last = now;
    this.away = away;
  }

  /** @returns {number} milliseconds worked since they were last taken */
  take() {
    this.tick(this.away);
    const worked = Math.round(this.worked);
    this.worked = 0;
    return worked;
  }

  /** @param {Document} page */
  listenTo(page) {
    for (const type of ["keydown", "pointerdown", "pointermove", "wheel", "scroll"]) {
      page.addEventListener(type, () => this.tick(), { capture: true, passive: true });
    }
    page.addEventListener("visibilitychange", () => this.tick(page.hidden));
  }
}
