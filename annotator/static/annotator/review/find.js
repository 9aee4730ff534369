/**
 * Finding among the suggestions that wait: by label, confidence, rule and words; and deciding all
 * that were found at once.
 *
 * @typedef {object} Find confidence in percent, both ends included
 * @property {string} label
 * @property {number} above
 * @property {number} below
 * @property {string} rule
 * @property {string} words
 *
 * @typedef {import("../text/model.js").Model} Model
 * @typedef {import("../text/model.js").View} View
 */
import { sureness } from "../text/confidence.js";
import { confirmBox } from "../ui/dialogs.js";
import { byId, el } from "../ui/dom.js";

/** @param {View} view @returns {string} the rule that made a suggestion */
export function ruleOf(view) {
  return view.evidence?.rule ?? "";
}

/** @param {Model} model @param {View} view @param {Find|null} find */
export function matches(model, view, find) {
  if (!find || view.state !== "suggested" || view.role === "document") return false;
  const percent = percentOf(view);
  return (
    (!find.label || view.span.label === find.label) &&
    percent >= find.above &&
    percent <= find.below &&
    (!find.rule || ruleOf(view) === find.rule) &&
    (!find.words || model.words(view.span).toLowerCase().includes(find.words.toLowerCase()))
  );
}

/** So many are accepted without a question. */
const UNASKED = 10;
/** What counts as sure, in percent. */
const SURE = 90;

/**
 * Which of the suggestions that were found are to be accepted; of many a person says so twice.
 * @param {View[]} found @returns {Promise<View[]>} none where they would rather not
 */
export async function askWhich(found) {
  if (found.length <= UNASKED) return found;
  const sure = found.filter((view) => percentOf(view) >= SURE);
  const isPart = sure.length > 0 && sure.length < found.length;
  /** @type {{value: View[]|null, label: string, primary?: boolean}[]} */
  const buttons = [
    { value: null, label: "Cancel", primary: !isPart },
    { value: found, label: `Accept all ${found.length}` },
  ];
  const only = {
    value: sure,
    label: `Only the ${sure.length} at ${SURE} % and more`,
    primary: true,
  };
  if (isPart) buttons.push(only);
  const words = "Nobody has looked at them one by one. What is accepted goes to gold as your work.";
  const title = `Accept ${found.length} suggestions at once?`;
  return (await confirmBox(title, [el("p", {}, words)], buttons)) ?? [];
}

/** @param {View} view */
function percentOf(view) {
  return Math.round(sureness(view) * 100);
}

/** The form above the queue. */
export class FindForm {
  /** @param {Model} model @param {(find: Find|null) => void} onChange */
  constructor(model, onChange) {
    this.model = model;
    this.onChange = onChange;
    this.form = /** @type {HTMLFormElement} */ (byId("find"));
    this.count = byId("find-count");
    const rules = [...new Set(model.inOrder.map(ruleOf).filter(Boolean))].sort();
    this.#fill(
      "label",
      model.labels.map((label) => [label.name, label.title || label.name]),
    );
    this.#fill(
      "rule",
      rules.map((rule) => [rule, rule]),
    );
    this.form.addEventListener("input", () => this.onChange(this.value()));
    this.form.addEventListener("submit", (event) => event.preventDefault());
    this.form.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      // Else the browser would empty the field of words instead.
      event.preventDefault();
      byId("find-close").click();
    });
  }

  /** @param {string} name @param {string[][]} options value and words of each */
  #fill(name, options) {
    this.#field(name).append(...options.map(([value, words]) => el("option", { value }, words)));
  }

  /** @param {string} name */
  #field(name) {
    return /** @type {HTMLInputElement|HTMLSelectElement} */ (this.form.elements.namedItem(name));
  }

  /** @returns {Find} */
  value() {
    const number = (/** @type {string} */ name, /** @type {number} */ without) => {
      const typed = this.#field(name).value;
      return typed === "" ? without : Number(typed);
    };
    return {
      label: this.#field("label").value,
      rule: this.#field("rule").value,
      words: this.#field("words").value.trim(),
      above: number("above", 0),
      below: number("below", 100),
    };
  }

  open() {
    this.form.hidden = false;
    this.onChange(this.value());
    this.#field("label").focus();
  }

  close() {
    this.form.hidden = true;
    this.onChange(null);
  }

  /** @param {number} count of suggestions that match */
  show(count) {
    const words = count === 1 ? "1 suggestion" : `${count} suggestions`;
    if (this.count.textContent !== words) this.count.textContent = words;
    for (const button of this.form.querySelectorAll(
      "[data-action=acceptFound], [data-action=rejectFound]",
    )) {
      button.toggleAttribute("disabled", !count);
    }
  }
}
