/**
 * The article: plain paragraphs, all of them in the page; those near the view are cut into pieces
 * that carry the spans. Pieces nest (the longest outermost), each draws its own line under the
 * words, so the words stay untouched.
 * @typedef {import("../text/offsets.js").FrozenText} FrozenText
 * @typedef {import("../text/offsets.js").Paragraph} Paragraph
 *
 * @typedef {object} Mark
 * @property {number} start
 * @property {number} end
 * @property {number} lane
 * @property {string} classes
 * @property {Record<string, string>} data
 * @property {string} tag
 * @property {string} say
 * @property {string} hint
 * @property {boolean} opens
 * @property {boolean} closes
 *
 * @typedef {object} Part
 * @property {number} start
 * @property {number} end
 * @property {boolean} opens
 * @property {boolean} closes
 * @property {boolean} continued
 * @property {boolean} last
 *
 * @typedef {{ident: number, span: {start: number, end: number}}} Placed
 */
import { cut } from "../text/lanes.js";
import { el } from "./dom.js";

/** Paragraphs are cut, and laid out by the browser, in sections of so many. */
const SECTION = 16;
/** So many sections stay cut; those far off go back to plain words. */
const LIVE_LIMIT = 14;
/** Spans that overlap more deeply share the lowest lane. */
const LAST_LANE = 3;

export class Painter {
  /**
   * @param {HTMLElement} root
   * @param {FrozenText} text
   * @param {(paragraph: Paragraph) => Mark[]} marksOf
   * @param {() => void} onPaint
   */
  constructor(root, text, marksOf, onPaint) {
    this.root = root;
    this.text = text;
    this.marksOf = marksOf;
    this.onPaint = onPaint;
    /** @type {Set<number>} sections that are cut now, in the order they came into view */
    this.live = new Set();
    /** @type {Set<number>} */
    this.near = new Set();
    /** @type {Map<number, string>} what each paragraph shows now */
    this.painted = new Map();
    this.waiting = false;
    this.observer = new IntersectionObserver((entries) => this.#observe(entries), {
      // A margin around the window would be clipped by the pane that scrolls.
      root: root.closest(".text-scroll"),
      rootMargin: "500px 0px",
    });
    this.sections = this.#build();
    root.replaceChildren(...this.sections);
    this.live.add(0);
    this.#paintSection(0);
    this.sections.forEach((section) => this.observer.observe(section));
  }

  /** Another text takes the place of this one. */
  close() {
    this.observer.disconnect();
    this.near.clear();
  }

  #build() {
    /** @type {HTMLElement[]} */
    const sections = [];
    let number = 0;
    this.text.paragraphs.forEach((paragraph, index) => {
      if (index % SECTION === 0) {
        sections.push(el("section", { class: "stretch", data: { section: sections.length } }));
      }
      const words = this.text.textOf(paragraph);
      const blank = !words.trim();
      if (!blank) number += 1;
      const line = el("p", {
        dir: "auto",
        class: blank ? "blank" : null,
        data: { p: index, n: blank ? "" : number },
      });
      line.append(document.createTextNode(words));
      sections[sections.length - 1].append(line);
    });
    return sections;
  }

  /** @param {IntersectionObserverEntry[]} entries */
  #observe(entries) {
    for (const entry of entries) {
      const index = Number(/** @type {HTMLElement} */ (entry.target).dataset.section);
      if (entry.isIntersecting) this.near.add(index);
      else this.near.delete(index);
    }
    if (this.waiting) return;
    this.waiting = true;
    if (window.requestIdleCallback) {
      window.requestIdleCallback(() => this.#catchUp(), { timeout: 100 });
    } else setTimeout(() => this.#catchUp(), 1);
  }

  #catchUp() {
    this.waiting = false;
    const fresh = [...this.near].filter((index) => !this.live.has(index));
    for (const index of fresh) {
      this.live.add(index);
      this.#paintSection(index);
    }
    for (const index of this.live) {
      if (this.live.size <= LIVE_LIMIT) break;
      if (!this.near.has(index)) this.#plain(index);
    }
    if (fresh.length) this.onPaint();
  }

  /** @param {number} section */
  #paragraphsOf(section) {
    return this.text.paragraphs.slice(section * SECTION, (section + 1) * SECTION);
  }

  /** @param {number} section */
  #paintSection(section) {
    for (const paragraph of this.#paragraphsOf(section)) this.#paintParagraph(paragraph);
  }

  /** Back to plain words, far from the view. @param {number} section */
  #plain(section) {
    this.live.delete(section);
    for (const paragraph of this.#paragraphsOf(section)) {
      if (this.painted.delete(paragraph.index)) {
        this.#element(paragraph).replaceChildren(this.text.textOf(paragraph));
      }
    }
  }

  /** @param {Paragraph} paragraph */
  #element(paragraph) {
    return /** @type {HTMLElement} */ (
      this.sections[Math.floor(paragraph.index / SECTION)].children[paragraph.index % SECTION]
    );
  }

  /** @param {Paragraph} paragraph */
  #paintParagraph(paragraph) {
    const marks = this.marksOf(paragraph);
    const signature = JSON.stringify(marks);
    if ((this.painted.get(paragraph.index) ?? "[]") === signature) return;
    this.painted.set(paragraph.index, signature);
    const element = this.#element(paragraph);
    element.replaceChildren(this.#pieces(paragraph, marks));
    const deepest = Math.max(-1, ...marks.map((mark) => mark.lane));
    element.style.setProperty("--lanes", String(Math.min(LAST_LANE, deepest) + 1));
  }

  /**
   * One tree of nested pieces: neighbours keep the outer pieces they share, so that lines run on
   * unbroken.
   * @param {Paragraph} paragraph
   * @param {Mark[]} marks
   */
  #pieces(paragraph, marks) {
    const fragment = document.createDocumentFragment();
    /** @type {{mark: Mark, node: HTMLElement}[]} */
    let stack = [];
    for (const piece of cut(paragraph.start, paragraph.end, marks)) {
      let shared = 0;
      while (shared < stack.length && stack[shared].mark === piece.items[shared]) shared += 1;
      stack = stack.slice(0, shared);
      for (const mark of piece.items.slice(shared)) {
        const node = markElement(mark, mark.start === piece.start);
        (stack[stack.length - 1]?.node ?? fragment).append(node);
        stack.push({ mark, node });
      }
      const parent = stack[stack.length - 1]?.node ?? fragment;
      parent.append(document.createTextNode(this.text.slice(piece.start, piece.end)));
      for (const { mark, node } of stack) if (mark.end === piece.end) closePiece(mark, node);
    }
    return fragment;
  }

  /** Cut again what changed in the live part of the text. */
  update() {
    for (const section of this.live) this.#paintSection(section);
  }

  /**
   * Make sure that the paragraph of an offset is cut, before anything scrolls to it.
   * @param {number} point
   */
  reveal(point) {
    const section = Math.floor(this.text.paragraphAt(point).index / SECTION);
    if (this.live.has(section)) return;
    this.live.add(section);
    this.#paintSection(section);
  }

  /**
   * @returns {Paragraph[]} those in and near the view; elsewhere elements would be laid out only to
   *   be measured
   */
  nearParagraphs() {
    const sections = this.near.size ? this.near : this.live;
    const inOrder = [...sections].sort((one, other) => one - other);
    return inOrder.flatMap((section) => this.#paragraphsOf(section));
  }

  /** @param {Placed} view @returns {HTMLElement|null} the first painted piece of a span */
  piece(view) {
    const element = this.#element(this.text.paragraphAt(view.span.start));
    return element.querySelector(`[data-span="${view.ident}"]`);
  }

  /** @param {Placed} view @returns {HTMLElement[]} */
  pieces({ ident, span }) {
    const first = this.text.paragraphAt(span.start).index;
    const last = this.text.paragraphAt(Math.max(span.start, span.end - 1)).index;
    const paragraphs = this.text.paragraphs.slice(first, last + 1);
    return paragraphs.flatMap((paragraph) => {
      const nodes = this.#element(paragraph).querySelectorAll(`[data-span="${ident}"]`);
      return /** @type {HTMLElement[]} */ ([...nodes]);
    });
  }
}

/** @param {Mark} mark @param {boolean} first */
function markElement(mark, first) {
  const node = el("span", { class: `mark ${mark.classes}`, data: mark.data });
  node.style.setProperty("--lane", String(Math.min(mark.lane, LAST_LANE)));
  if (first && mark.opens) node.classList.add("opens");
  if (first && mark.tag) {
    node.dataset.tag = mark.tag;
    node.dataset.say = mark.say;
  }
  return node;
}

/** @param {Mark} mark @param {HTMLElement} node */
function closePiece(mark, node) {
  if (mark.closes) node.classList.add("closes");
  if (mark.hint) node.dataset.hint = mark.hint;
}

/**
 * The parts of a span inside a paragraph, and whether each is the span's beginning or its end.
 * @param {number[][]} pieces
 * @param {Paragraph} paragraph
 */
export function clip(pieces, paragraph) {
  /** @type {Part[]} */
  const parts = [];
  pieces.forEach(([start, end], index) => {
    const from = Math.max(start, paragraph.start);
    const to = Math.min(end, paragraph.end);
    if (from >= to) return;
    parts.push({
      start: from,
      end: to,
      opens: from === start,
      closes: to === end,
      continued: index > 0 || from > start,
      last: index === pieces.length - 1 && to === end,
    });
  });
  return parts;
}

/** The spans under a click, the innermost first. @param {Element} target @returns {number[]} */
export function spansAt(target) {
  /** @type {number[]} */
  const idents = [];
  for (
    let node = /** @type {HTMLElement|null|undefined} */ (target.closest?.("[data-span]"));
    node;
    node = node.parentElement?.closest("[data-span]")
  ) {
    const ident = Number(node.dataset.span);
    if (!idents.includes(ident)) idents.push(ident);
  }
  return idents;
}
