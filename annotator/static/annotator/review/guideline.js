/**
 * The annotators' guideline beside the text. It stays open while one works, at the section of the
 * label in hand; on a narrow screen it is a drawer.
 */
import { announce, byId, el } from "../ui/dom.js";

const KEPT = "saidby:guideline";
/** Where the window is this narrow, nothing fits beside the text. */
const NARROW = "(max-width: 900px)";

/** @typedef {import("../text/model.js").Label} Label */

/**
 * @param {Label|null} label
 * @param {Element[]} headings
 * @returns {Element|null}
 */
export function sectionOf(label, headings) {
  if (!label) return null;
  const wanted = [label.name, label.title].filter(Boolean).map((words) => words.toLowerCase());
  const words = (/** @type {Element} */ heading) => (heading.textContent ?? "").toLowerCase();
  return (
    headings.find((heading) => wanted.includes(words(heading).trim())) ??
    headings.find((heading) => wanted.some((name) => words(heading).includes(name))) ??
    null
  );
}

/** Where the browser keeps nothing, the pane is closed in each document. */
function kept() {
  try {
    return sessionStorage;
  } catch {
    return null;
  }
}

export class GuidelinePane {
  /** @param {() => void} onChange the rest of the page has another width now */
  constructor(onChange) {
    this.onChange = onChange;
    this.pane = byId("guideline-pane");
    this.text = byId("guideline-text");
    /** @type {string|null} the label whose section is shown */
    this.shown = null;
    this.pane.addEventListener("keydown", (event) => {
      const isPlain = !event.ctrlKey && !event.metaKey && !event.altKey;
      if (!["Escape", "g"].includes(event.key) || !isPlain) return;
      event.preventDefault();
      event.stopPropagation();
      this.close();
      byId("article").focus({ preventScroll: true });
    });
  }

  get isOpen() {
    return !this.pane.hidden;
  }

  /** Open as it was when a document was left. @param {Label|null} label */
  restore(label) {
    if (kept()?.getItem(KEPT) && !matchMedia(NARROW).matches) this.#show(label);
  }

  /** @param {Label|null} label */
  open(label) {
    kept()?.setItem(KEPT, "open");
    this.#show(label);
    if (matchMedia(NARROW).matches) this.text.focus({ preventScroll: true });
    announce("Guideline open beside the text. F6 goes there, Escape closes it.");
  }

  close() {
    kept()?.removeItem(KEPT);
    this.pane.hidden = true;
    this.#tell();
    announce("Guideline closed.");
  }

  /** Turn to the section of what is in hand now. @param {Label|null} label */
  follow(label) {
    if (!this.isOpen || !label || label.name === this.shown) return;
    this.shown = label.name;
    const headings = [...this.text.querySelectorAll("h1, h2, h3, h4")];
    const section = /** @type {HTMLElement|null} */ (sectionOf(label, headings));
    for (const heading of headings) heading.classList.toggle("current", heading === section);
    if (section) this.text.scrollTop = section.offsetTop - 8;
  }

  /** @param {Label|null} label */
  #show(label) {
    if (!this.text.childElementCount) {
      const source = /** @type {HTMLTemplateElement} */ (byId("guideline"));
      this.text.append(source.content.cloneNode(true));
      const isEmpty = !this.text.textContent?.trim();
      if (isEmpty) this.text.append(el("p", {}, "This corpus has no guideline yet."));
    }
    this.pane.hidden = false;
    this.shown = null;
    this.#tell();
    this.follow(label);
  }

  #tell() {
    byId("workspace-panes").classList.toggle("with-guideline", this.isOpen);
    byId("guideline-toggle").setAttribute("aria-expanded", String(this.isOpen));
    this.onChange();
  }
}
