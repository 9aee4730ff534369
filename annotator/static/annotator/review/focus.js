/**
 * Where the keyboard's focus is on the review page: it survives a redraw and goes from pane to
 * pane.
 */

/**
 * @typedef {object} Kept what had the focus
 * @property {boolean} [row]
 * @property {string} [action]
 * @property {string} [arg]
 * @property {string} [attribute]
 */

export class Focus {
  /**
   * @param {HTMLElement} grid the queue
   * @param {HTMLElement} article the text
   * @param {HTMLElement} lane the cards
   */
  constructor(grid, article, lane) {
    this.grid = grid;
    this.article = article;
    this.lane = lane;
  }

  /** @returns {HTMLElement|null} the row that has the tab stop */
  get row() {
    return this.grid.querySelector('[role=row][tabindex="0"]');
  }

  toRow() {
    const { row } = this;
    row?.focus({ preventScroll: true });
    row?.scrollIntoView({ block: "nearest" });
    // The queue is a closed drawer on a small screen; keys then live in the text.
    const isElsewhere = document.activeElement !== row;
    if (isElsewhere && !document.querySelector("dialog[open]")) {
      this.article.focus({ preventScroll: true });
    }
  }

  /** What has the focus, before the page is drawn again. @returns {Kept|null} */
  remember() {
    const active = /** @type {HTMLElement} */ (document.activeElement);
    if (this.grid.contains(active)) return { row: true };
    if (!this.lane.contains(active)) return null;
    const { action, arg, attribute } = active.dataset;
    return { action, arg, attribute };
  }

  /** Drawing again must not throw the reader's focus away. @param {Kept|null} kept */
  restore(kept) {
    if (!kept) return;
    if (kept.row) {
      if (document.activeElement !== this.row) this.toRow();
      return;
    }
    const controls = /** @type {NodeListOf<HTMLElement>} */ (
      this.lane.querySelectorAll("button, input")
    );
    const same = [...controls].find(
      ({ dataset }) =>
        dataset.action === kept.action &&
        dataset.arg === kept.arg &&
        dataset.attribute === kept.attribute,
    );
    if (same) same.focus({ preventScroll: true });
    else this.toRow();
  }

  /** From the queue to the text, to the card, to the guideline where it is open, and back. */
  toNextPane() {
    const find = (/** @type {ParentNode} */ within, /** @type {string} */ selector) =>
      /** @type {HTMLElement|null} */ (within.querySelector(selector));
    const card = find(this.lane, ".focused button");
    const guideline = find(document, "#guideline-pane:not([hidden]) #guideline-text");
    const panes = [this.row, this.article, card, guideline].filter((node) => node !== null);
    const active = document.activeElement;
    const at = panes.findIndex(
      (node) => node === active || (node !== this.article && node.parentElement?.contains(active)),
    );
    panes[(at + 1) % panes.length]?.focus();
  }
}
