/**
 * The lane beside the text: a card for each frame near the view, at the height of its first line.
 */
import { byPlace } from "../text/model.js";
import { focusedCard, smallCard } from "./cards.js";

/**
 * @typedef {import("../text/model.js").View} View
 * @typedef {import("./cards.js").CardUi} CardUi
 * @typedef {{view: View, node: HTMLElement, top: number, height: number}} Placed
 */

const GAP = 8;
/** So much of the text is seen above and below a span, in pixels. */
const MARGIN = 60;

export class CardLane {
  /**
   * @param {HTMLElement} lane
   * @param {HTMLElement} pane what scrolls
   * @param {import("./session.js").Session} session
   * @param {import("../ui/paint.js").Painter} painter
   * @param {CardUi} ui
   */
  constructor(lane, pane, session, painter, ui) {
    this.lane = lane;
    this.pane = pane;
    this.session = session;
    this.painter = painter;
    this.ui = ui;
    /**
     * @type {Map<number, {parts: any[], node: HTMLElement, height: number}>} cards out of focus, as
     *   long as they say the same
     */
    this.kept = new Map();
    /** @type {HTMLElement|null} */
    this.focusedNode = null;
  }

  /**
   * Draw the cards near the view. Everything is measured before anything is placed, so the page is
   * laid out once.
   */
  render() {
    const { painter, ui } = this;
    const frame = this.pane.getBoundingClientRect();
    const origin = this.lane.getBoundingClientRect().top;
    /** @type {Placed[]} */
    const cards = [];
    const boxes = this.#near().map((view) => ({
      view,
      box: painter.piece(view)?.getBoundingClientRect(),
    }));
    for (const { view, box } of boxes) {
      const focused = view.ident === ui.focus;
      const near =
        box &&
        box.bottom > frame.top - frame.height / 2 &&
        box.top < frame.bottom + frame.height / 2;
      if (focused || near) {
        const isDocument = view.role === "document";
        cards.push({
          view,
          node: this.#card(view),
          top: isDocument ? GAP : (box?.top ?? origin) - origin - GAP,
          height: 0,
        });
      }
    }
    this.#show(cards.map((card) => card.node));
    for (const card of cards) card.height = this.#height(card);
    this.#layOut(cards);
  }

  /** Views with a card in the painted stretches near the view, in text order. */
  #near() {
    const { model } = this.session;
    const { ui, painter } = this;
    const hasCard = (/** @type {View} */ view) => {
      if (view.role === "part" || view.role === "fold") return false;
      if (view.state === "rejected") return ui.showRejected;
      return view.state !== "suggested" || !ui.hideSuggested;
    };
    const paragraphs = painter.nearParagraphs();
    const views = paragraphs.flatMap((paragraph) => model.viewsAt(paragraph.index));
    const near = new Set(views.filter(hasCard));
    const { focused } = this.session;
    if (!focused || near.has(focused)) return [...near];
    return [...near, focused].sort(byPlace);
  }

  /** @param {View} view */
  #card(view) {
    const { model } = this.session;
    if (view.ident === this.ui.focus) {
      this.focusedNode = focusedCard(model, view, this.ui);
      return this.focusedNode;
    }
    const parts = [
      view,
      model.outer(view)?.code,
      ...view.links.map((link) => model.views.get(link.other)),
    ];
    const kept = this.kept.get(view.ident);
    const isSame =
      kept?.parts.length === parts.length &&
      parts.every((part, index) => part === kept.parts[index]);
    if (kept && isSame) return kept.node;
    const node = smallCard(model, view);
    this.kept.set(view.ident, { parts, node, height: 0 });
    return node;
  }

  /** @param {HTMLElement[]} nodes */
  #show(nodes) {
    const wanted = new Set(nodes);
    for (const child of [...this.lane.children]) {
      if (!wanted.has(/** @type {HTMLElement} */ (child))) child.remove();
    }
    let place = this.lane.firstChild;
    for (const node of nodes) {
      if (node === place) place = place.nextSibling;
      else this.lane.insertBefore(node, place);
    }
  }

  /** @param {Placed} card */
  #height({ view, node }) {
    const known = this.kept.get(view.ident);
    if (known?.node !== node) return node.offsetHeight;
    known.height ||= node.offsetHeight;
    return known.height;
  }

  /** Heights hold for one width. */
  forgetHeights() {
    for (const card of this.kept.values()) card.height = 0;
  }

  /** Bring a span and its card into view. @param {View} view */
  bringIntoView(view) {
    const { pane, lane, painter } = this;
    if (view.role === "document") {
      pane.scrollTo({ top: 0 });
      return;
    }
    const piece = painter.piece(view);
    if (!piece) return;
    const box = piece.getBoundingClientRect();
    const frame = pane.getBoundingClientRect();
    const sheet = getComputedStyle(lane).position === "fixed" ? lane.offsetHeight : 0;
    // The card stands beside the span's first line; both have to be in view.
    const card = sheet ? 0 : (this.focusedNode?.offsetHeight ?? 0);
    const bottom = frame.bottom - sheet;
    // A tall card takes the room that the words have above them.
    const margin = card > frame.height - 2 * MARGIN ? MARGIN / 6 : MARGIN;
    const hiddenBelow = Math.max(box.bottom + MARGIN, box.top + card) - bottom;
    const toTop = box.top - frame.top - margin;
    if (toTop >= 0 && hiddenBelow <= 0) return;
    const wordsInView = toTop >= 0 && box.bottom <= bottom - MARGIN;
    // No further than needed where the words are seen already; else to the upper third.
    const least = Math.min(hiddenBelow, toTop);
    const third = box.top - frame.top - (frame.height - sheet) * 0.3;
    pane.scrollBy({ top: wordsInView ? least : Math.max(third, least) });
  }

  /**
   * The focused card keeps its place, the others give way.
   * @param {Placed[]} cards in text order
   */
  #layOut(cards) {
    const from = Math.max(
      0,
      cards.findIndex((card) => card.view.ident === this.ui.focus),
    );
    for (let index = from + 1; index < cards.length; index += 1) {
      cards[index].top = Math.max(
        cards[index].top,
        cards[index - 1].top + cards[index - 1].height + GAP,
      );
    }
    for (let index = from - 1; index >= 0; index -= 1) {
      cards[index].top = Math.min(
        cards[index].top,
        cards[index + 1].top - cards[index].height - GAP,
      );
    }
    // A card is not cut off where the text ends before it does.
    const focused = cards.find((card) => card.view.ident === this.ui.focus);
    const bottom = focused ? Math.ceil(Math.max(0, focused.top) + focused.height) + GAP : 0;
    this.lane.style.setProperty("--least", `${bottom}px`);
    for (const { node, top } of cards) {
      const place = `translateY(${Math.round(top)}px)`;
      if (node.style.transform !== place) node.style.setProperty("transform", place);
    }
  }
}
