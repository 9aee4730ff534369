/**
 * How long the words of a span have been on the screen: since when each paragraph is in view, while
 * the page is seen. The browser tells what comes into view; nothing is measured for a key.
 * @typedef {import("../text/offsets.js").FrozenText} FrozenText
 */

export class Seen {
  /** @param {() => number} now milliseconds, never going back */
  constructor(now = () => performance.now()) {
    this.now = now;
    this.away = false;
    /** @type {Map<number, number>} paragraphs in view, since when */
    this.since = new Map();
    /** @type {Map<number, number>} milliseconds of paragraphs before that */
    this.before = new Map();
  }

  /** @param {number} paragraph @param {boolean} inView */
  note(paragraph, inView) {
    const since = this.since.get(paragraph);
    if (inView === (since !== undefined)) return;
    if (inView) this.since.set(paragraph, this.now());
    else {
      this.before.set(paragraph, this.ms(paragraph));
      this.since.delete(paragraph);
    }
  }

  /** The page is hidden now, or shown again. @param {boolean} away */
  turn(away) {
    if (away === this.away) return;
    for (const paragraph of this.since.keys()) {
      if (away) this.before.set(paragraph, this.ms(paragraph));
      this.since.set(paragraph, this.now());
    }
    this.away = away;
  }

  /** @param {number} paragraph @returns {number} milliseconds that it has been seen */
  ms(paragraph) {
    const since = this.since.get(paragraph);
    const now = since === undefined || this.away ? 0 : this.now() - since;
    return (this.before.get(paragraph) ?? 0) + now;
  }

  /**
   * How long all words of a span have been seen: as long as its paragraph that was seen least.
   * @param {FrozenText} text
   * @param {{start: number, end: number}} span
   */
  spanMs(text, { start, end }) {
    const first = text.paragraphAt(start).index;
    const last = text.paragraphAt(Math.max(start, end - 1)).index;
    const withWords = text.paragraphs
      .slice(first, last + 1)
      .filter((paragraph) => text.textOf(paragraph).trim());
    return Math.round(Math.min(...withWords.map(({ index }) => this.ms(index))));
  }

  /**
   * Follow the paragraphs of an article. Only those in stretches near the view are watched, as the
   * browser looks at each of them whenever something moves.
   * @param {HTMLElement} article @param {HTMLElement} pane what scrolls
   */
  watch(article, pane) {
    const lines = new IntersectionObserver(
      (entries) => {
        for (const { target, isIntersecting } of entries) {
          this.note(Number(/** @type {HTMLElement} */ (target).dataset.p), isIntersecting);
        }
      },
      { root: pane },
    );
    const stretches = new IntersectionObserver(
      (entries) => {
        for (const { target, isIntersecting } of entries) {
          for (const line of target.children) {
            if (isIntersecting) lines.observe(line);
            else {
              lines.unobserve(line);
              this.note(Number(/** @type {HTMLElement} */ (line).dataset.p), false);
            }
          }
        }
      },
      { root: pane },
    );
    for (const stretch of article.children) stretches.observe(stretch);
    this.turn(document.hidden);
  }
}
