/**
 * The only place that counts characters. Everywhere else an offset is a code point, as on the
 * server; UTF-16 units live in here and nowhere else.
 *
 * @typedef {object} Paragraph
 * @property {number} index
 * @property {number} start
 * @property {number} end
 * @property {number} unitStart
 * @property {number} unitEnd
 */

/**
 * Index of the first element of a sorted array that is not below `value`.
 * @param {number[]} sorted
 * @param {number} value
 */
function lowerBound(sorted, value) {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle] < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

export class FrozenText {
  /** @param {string} string the frozen text exactly as it came */
  constructor(string) {
    this.string = string;
    /**
     * @type {number[]} units at which a surrogate pair starts, and the same places in code points
     */
    this.pairUnits = [];
    for (const match of string.matchAll(/[\u{10000}-\u{10ffff}]/gu)) {
      this.pairUnits.push(match.index);
    }
    this.pairPoints = this.pairUnits.map((unit, index) => unit - index);
    this.length = string.length - this.pairUnits.length;
    this.paragraphs = this.#split();
    this.starts = this.paragraphs.map((paragraph) => paragraph.start);
  }

  /** @returns {Paragraph[]} one for each line; the LF belongs to none but counts */
  #split() {
    /** @type {Paragraph[]} */
    const paragraphs = [];
    let unitStart = 0;
    for (const line of this.string.split("\n")) {
      const unitEnd = unitStart + line.length;
      paragraphs.push({
        index: paragraphs.length,
        start: this.toPoint(unitStart),
        end: this.toPoint(unitEnd),
        unitStart,
        unitEnd,
      });
      unitStart = unitEnd + 1;
    }
    return paragraphs;
  }

  /** @param {number} point */
  toUnit(point) {
    if (point < 0 || point > this.length) throw new RangeError(`offset ${point} outside the text`);
    return point + lowerBound(this.pairPoints, point);
  }

  /** @param {number} unit */
  toPoint(unit) {
    if (unit < 0 || unit > this.string.length) {
      throw new RangeError(`unit ${unit} outside the text`);
    }
    const before = lowerBound(this.pairUnits, unit);
    if (before > 0 && this.pairUnits[before - 1] + 1 === unit) {
      throw new RangeError(`unit ${unit} inside a pair`);
    }
    return unit - before;
  }

  /** @param {number} start @param {number} end code points */
  slice(start, end) {
    return this.string.slice(this.toUnit(start), this.toUnit(end));
  }

  /**
   * @param {number} point
   * @returns {Paragraph} the paragraph that holds the offset, or ends there
   */
  paragraphAt(point) {
    const index = lowerBound(this.starts, point + 1) - 1;
    return this.paragraphs[Math.max(0, index)];
  }

  /** @param {Paragraph} paragraph */
  textOf(paragraph) {
    return this.string.slice(paragraph.unitStart, paragraph.unitEnd);
  }

  /**
   * Code-point offset of a place given in units from the paragraph's start; a place inside a pair
   * moves before it.
   * @param {Paragraph} paragraph
   * @param {number} units
   */
  pointIn(paragraph, units) {
    const unit = Math.min(paragraph.unitStart + units, paragraph.unitEnd);
    const insidePair = this.pairUnits[lowerBound(this.pairUnits, unit) - 1] + 1 === unit;
    return this.toPoint(insidePair ? unit - 1 : unit);
  }
}

/**
 * The paragraph element at or around a DOM place, and whether the place lies before or after its
 * words.
 * @param {HTMLElement} root
 * @param {Node} node
 * @param {number} offset
 * @returns {{element: HTMLElement, edge: "start"|"end"|null}|null}
 */
function paragraphElement(root, node, offset) {
  const element = node instanceof Element ? node : node.parentElement;
  const inside = /** @type {HTMLElement|null|undefined} */ (element?.closest("[data-p]"));
  if (inside && root.contains(inside)) return { element: inside, edge: null };
  if (!root.contains(node) || !element) return null;
  const next = node.childNodes[offset];
  if (next instanceof Element) {
    const following = next.matches("[data-p]") ? next : next.querySelector("[data-p]");
    if (following) return { element: /** @type {HTMLElement} */ (following), edge: "start" };
  }
  const all = /** @type {NodeListOf<HTMLElement>} */ (element.querySelectorAll("[data-p]"));
  return all.length ? { element: all[all.length - 1], edge: "end" } : null;
}

/**
 * @param {HTMLElement} root the element that holds the paragraphs
 * @param {FrozenText} text
 * @param {Node|null} node @param {number} offset
 * @returns {number|null} code points
 */
export function placeToPoint(root, text, node, offset) {
  const place = node && paragraphElement(root, node, offset);
  if (!place) return null;
  const paragraph = text.paragraphs[Number(place.element.dataset.p)];
  if (place.edge) return place.edge === "start" ? paragraph.start : paragraph.end;
  // Range.toString() is exact within one paragraph; Selection.toString() adds line breaks.
  const range = document.createRange();
  range.setStart(place.element, 0);
  range.setEnd(node, offset);
  return text.pointIn(paragraph, range.toString().length);
}

/**
 * @param {HTMLElement} root
 * @param {FrozenText} text
 * @returns {{start: number, end: number, backward: boolean}|null} the selection in code points,
 *   null when empty or outside
 */
export function selectionSpan(root, text, selection = document.getSelection()) {
  if (!selection || selection.isCollapsed || !selection.rangeCount) return null;
  const anchor = placeToPoint(root, text, selection.anchorNode, selection.anchorOffset);
  const focus = placeToPoint(root, text, selection.focusNode, selection.focusOffset);
  if (anchor === null || focus === null || anchor === focus) return null;
  return { start: Math.min(anchor, focus), end: Math.max(anchor, focus), backward: focus < anchor };
}

/**
 * @param {HTMLElement} root
 * @param {FrozenText} text
 * @param {number} x
 * @param {number} y
 * @returns {number|null} the offset under a point of the window
 */
export function pointAt(root, text, x, y) {
  if (document.caretPositionFromPoint) {
    const place = document.caretPositionFromPoint(x, y);
    return place ? placeToPoint(root, text, place.offsetNode, place.offset) : null;
  }
  const range = document.caretRangeFromPoint?.(x, y);
  return range ? placeToPoint(root, text, range.startContainer, range.startOffset) : null;
}

/**
 * The DOM place of an offset. `before` prefers the end of a text node to the start of the next one.
 * @param {HTMLElement} root
 * @param {FrozenText} text
 * @param {number} point
 * @param {boolean} [before]
 * @returns {{node: Node, offset: number}|null}
 */
export function locate(root, text, point, before = false) {
  const paragraph = text.paragraphAt(point);
  const element = root.querySelector(`[data-p="${paragraph.index}"]`);
  if (!element) return null;
  let left = text.toUnit(point) - paragraph.unitStart;
  const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
  /** @type {Text|null} */
  let last = null;
  while (walker.nextNode()) {
    const node = /** @type {Text} */ (walker.currentNode);
    const size = node.data.length;
    if (left < size || (before && left === size)) return { node, offset: left };
    left -= size;
    last = node;
  }
  return last ? { node: last, offset: last.data.length } : { node: element, offset: 0 };
}

/**
 * @param {HTMLElement} root
 * @param {FrozenText} text
 * @param {number} start
 * @param {number} end
 * @returns {Range|null}
 */
export function rangeOf(root, text, start, end) {
  const from = locate(root, text, start);
  const to = locate(root, text, end, true);
  if (!from || !to) return null;
  const range = document.createRange();
  range.setStart(from.node, from.offset);
  range.setEnd(to.node, to.offset);
  return range;
}
