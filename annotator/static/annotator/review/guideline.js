/** The annotators' guideline beside the work, open at the section of a label. */
import { ask } from "../ui/dialogs.js";
import { byId, el } from "../ui/dom.js";

/**
 * @param {import("../text/model.js").Label|null} label
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

/** @param {import("../text/model.js").Label|null} label */
export function showGuideline(label) {
  const source = /** @type {HTMLTemplateElement} */ (byId("guideline"));
  const text = el("div", { class: "prose guideline-text", tabindex: "0", data: { first: "" } });
  text.append(source.content.cloneNode(true));
  if (!text.textContent?.trim()) text.append(el("p", {}, "This corpus has no guideline yet."));
  const closed = ask("Guideline", () => [text], true);
  sectionOf(label, [...text.querySelectorAll("h1, h2, h3, h4")])?.scrollIntoView();
  return closed;
}
