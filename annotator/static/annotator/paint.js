/**
 * The article: plain paragraphs, all of them in the page; those near the view are cut into pieces that carry the
 * spans. Pieces nest (the longest outermost), each draws its own line under the words, so the words stay untouched.
 * @typedef {import("./offsets.js").FrozenText} FrozenText
 * @typedef {{start: number, end: number, lane: number, key: string, classes: string, data: Object<string, string>,
 *   tag: string, say: string, hint: string, opens: boolean, closes: boolean}} Mark
 */
import { cut } from "./lanes.js";
import { el } from "./dom.js";

const SECTION = 16;
const LIVE_LIMIT = 14;
const LAST_LANE = 3;

export class Painter {
  /**
   * @param {HTMLElement} root
   * @param {FrozenText} text
   * @param {(paragraph: import("./offsets.js").Paragraph) => Mark[]} marksOf
   * @param {() => void} onPaint
   */
  constructor(root, text, marksOf, onPaint) {
    this.root = root;
    this.text = text;
    this.marksOf = marksOf;
    this.onPaint = onPaint;
    /** sections that are cut now, in the order they came into view */
    this.live = new Set();
    this.near = new Set();
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

  #build() {
    const sections = [];
    let number = 0;
    this.text.paragraphs.forEach((paragraph, index) => {
      if (index % SECTION === 0) sections.push(el("section", { class: "stretch", data: { section: sections.length } }));
      const words = this.text.textOf(paragraph);
      const blank = !words.trim();
      if (!blank) number += 1;
      const line = el("p", { dir: "auto", class: blank ? "blank" : null, data: { p: index, n: blank ? "" : number } });
      line.append(document.createTextNode(words));
      sections[sections.length - 1].append(line);
    });
    return sections;
  }

  #observe(entries) {
    for (const entry of entries) {
      const index = Number(entry.target.dataset.section);
      if (entry.isIntersecting) this.near.add(index);
      else this.near.delete(index);
    }
    if (this.waiting) return;
    this.waiting = true;
    const later = window.requestIdleCallback ?? ((run) => setTimeout(run, 1));
    later(() => this.#catchUp(), { timeout: 100 });
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

  #paragraphsOf(section) {
    return this.text.paragraphs.slice(section * SECTION, (section + 1) * SECTION);
  }

  #paintSection(section) {
    for (const paragraph of this.#paragraphsOf(section)) this.#paintParagraph(paragraph);
  }

  /** Back to plain words, far from the view. */
  #plain(section) {
    this.live.delete(section);
    for (const paragraph of this.#paragraphsOf(section)) {
      if (this.painted.delete(paragraph.index)) this.#element(paragraph).replaceChildren(this.text.textOf(paragraph));
    }
  }

  #element(paragraph) {
    return this.sections[Math.floor(paragraph.index / SECTION)].children[paragraph.index % SECTION];
  }

  #paintParagraph(paragraph) {
    const marks = this.marksOf(paragraph);
    const signature = JSON.stringify(marks);
    if ((this.painted.get(paragraph.index) ?? "[]") === signature) return;
    this.painted.set(paragraph.index, signature);
    const element = this.#element(paragraph);
    element.replaceChildren(this.#pieces(paragraph, marks));
    element.style.setProperty("--lanes", String(Math.min(LAST_LANE, Math.max(-1, ...marks.map((mark) => mark.lane))) + 1));
  }

  /** One tree of nested pieces: neighbours keep the outer pieces they share, so that lines run on unbroken. */
  #pieces(paragraph, marks) {
    const fragment = document.createDocumentFragment();
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

  /** Make sure that the paragraph of an offset is cut, before anything scrolls to it. */
  reveal(point) {
    const section = Math.floor(this.text.paragraphAt(point).index / SECTION);
    if (this.live.has(section)) return;
    this.live.add(section);
    this.#paintSection(section);
  }

  /** Whether an offset lies in or near the view; asking elements elsewhere for their boxes would lay them out for nothing. */
  isNear(point) {
    const section = Math.floor(this.text.paragraphAt(point).index / SECTION);
    return this.near.size ? this.near.has(section) : this.live.has(section);
  }

  /** @returns {HTMLElement|null} the first painted piece of a span */
  piece(ident) {
    return this.root.querySelector(`[data-span="${ident}"]`);
  }

  pieces(ident) {
    return [...this.root.querySelectorAll(`[data-span="${ident}"]`)];
  }
}

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

function closePiece(mark, node) {
  if (mark.closes) node.classList.add("closes");
  if (mark.hint) node.dataset.hint = mark.hint;
}

/** The parts of a span inside a paragraph, and whether each is the span's beginning or its end. */
export function clip(pieces, paragraph) {
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

/** Which things lie in which paragraph. @returns {Map<number, any[]>} */
export function buckets(text, items, piecesOf) {
  const found = new Map();
  for (const item of items) {
    for (const [start, end] of piecesOf(item)) {
      const first = text.paragraphAt(start).index;
      const last = text.paragraphAt(Math.max(start, end - 1)).index;
      for (let index = first; index <= last; index += 1) {
        const list = found.get(index) ?? [];
        if (!list.includes(item)) found.set(index, [...list, item]);
      }
    }
  }
  return found;
}
