/**
 * The bar at the top, which tells how far the work is, and the bar at the bottom, which tells what
 * the keys do now.
 */
import { offersFor } from "../text/picked.js";
import { DOCUMENT, linkWord } from "../text/schema.js";
import { byId } from "../ui/dom.js";
import { keyBar } from "../ui/keybar.js";
import { caption } from "../ui/keys.js";
import { progress } from "./queue.js";

/**
 * @typedef {import("./session.js").Session} Session
 * @typedef {import("../ui/keymap.js").Keymap} Keymap
 * @typedef {import("../ui/keys.js").Binding} Binding
 * @typedef {Binding & {caption: string}} Shown
 * @typedef {"browse"|"linking"|"select"|"caret"} Context
 */

/** What is done to a span and not to the document. */
const SPAN_ACTIONS = ["reject", "edge", "otherEdge", "relabel"];
const TITLES = { linking: "", select: "words selected", caret: "caret", browse: "" };

export class Bars {
  /** @param {Session} session @param {Keymap} keymap */
  constructor(session, keymap) {
    this.session = session;
    this.keymap = keymap;
    this.counted = -1;
    this.drawn = "";
  }

  /** @param {Context} now @param {boolean} picked whether words are selected */
  render(now, picked) {
    this.#progress();
    const { ui, history } = this.session;
    byId("undo").toggleAttribute("disabled", ui.readOnly || !history.undoable.length);
    byId("redo").toggleAttribute("disabled", ui.readOnly || !history.redoable.length);
    const pressed = (/** @type {Element} */ button, /** @type {boolean} */ on) =>
      button.setAttribute("aria-pressed", String(on));
    for (const button of document.querySelectorAll("[data-filter]")) {
      pressed(button, /** @type {HTMLElement} */ (button).dataset.filter === ui.filter && !ui.find);
    }
    pressed(byId("show-rejected"), ui.showRejected);
    pressed(byId("hide-suggested"), ui.hideSuggested);
    pressed(byId("find-many"), Boolean(ui.find));
    this.renderKeys(now, picked);
  }

  #progress() {
    const { model } = this.session;
    if (this.counted === model.revision) return;
    this.counted = model.revision;
    const { settled, total, waiting } = progress(model);
    const bar = /** @type {HTMLProgressElement} */ (byId("settled-bar"));
    byId("settled").textContent = total
      ? `${waiting.length} unsettled · ${settled} of ${total} settled`
      : "nothing marked yet";
    bar.max = Math.max(1, total);
    bar.value = settled;
  }

  /** What the keys do now, and only that. @param {Context} now @param {boolean} picked */
  renderKeys(now, picked) {
    const { ui, model, focused } = this.session;
    const { linking } = ui;
    const called = now === "linking" && linking ? `${linkWord(linking)}?` : TITLES[now];
    const title = [focused?.code, called].filter(Boolean).join(" · ") || "Saidby";
    const drawn = JSON.stringify([
      title,
      now,
      picked,
      ui.readOnly,
      [...ui.hints.values()],
      focused?.span.label,
      focused?.links.map((link) => link.kind),
      this.keymap.own,
    ]);
    if (drawn === this.drawn) return;
    this.drawn = drawn;
    const holds = (/** @type {import("../ui/keys.js").Binding} */ binding) =>
      binding.bar && binding.keys.length && binding.contexts.includes(now);
    // With no span in hand a key of the queue has nothing to act on, but a caret can start.
    const label = focused?.span.label;
    const actable = this.keymap.table.filter((binding) => {
      if (binding.only !== undefined) return binding.only === label;
      if (label === DOCUMENT && SPAN_ACTIONS.includes(binding.action)) return false;
      return focused || now !== "browse" || binding.action === "caret";
    });
    const bindings = inHandFirst(together(actable.filter(holds), focused));
    const first = [];
    if (now === "linking" && ui.offers.length) {
      first.push({
        action: "link",
        arg: linking?.name,
        bar: `pick ${linking ? linkWord(linking) : ""}`,
        caption: [...ui.hints.values()].join(" "),
      });
    }
    if (picked) {
      for (const { label, words } of offersFor(model, focused, ui.linkAsked)) {
        first.push({
          action: "add",
          arg: label.name,
          bar: words,
          caption: caption(label.key),
        });
      }
    }
    const shown = ui.readOnly ? [] : [...first, ...bindings];
    const helpKey = caption(this.keymap.keyOf("help"));
    byId("key-bar").replaceChildren(...keyBar(shown, title, helpKey));
  }
}

/**
 * The bindings as the bar shows them: the keys of an attribute's choices are one entry, which opens
 * its list. Those of a link's attributes are shown where there is a link.
 * @param {Binding[]} bindings @param {import("../text/model.js").View|null} focused
 * @returns {Shown[]}
 */
function together(bindings, focused) {
  /** @type {Map<string, Shown>} */
  const byAttribute = new Map();
  /** @type {Shown[]} */
  const shown = [];
  for (const binding of bindings) {
    const entry = { ...binding, caption: caption(binding.keys[0]) };
    if (binding.action !== "choose") {
      shown.push(entry);
      continue;
    }
    const [name, , kind = ""] = JSON.parse(binding.arg);
    if (kind && !focused?.links.some((link) => link.kind === kind)) continue;
    const field = JSON.stringify([name, kind]);
    const known = byAttribute.get(field);
    if (known) {
      Object.assign(known, { action: "field", arg: field });
      known.caption += ` ${entry.caption}`;
    } else {
      byAttribute.set(field, entry);
      shown.push(entry);
    }
  }
  return shown;
}

/** First what is decided with any item, then what this one can be given. @param {Shown[]} shown */
function inHandFirst(shown) {
  const rank = (/** @type {Shown} */ { group, only }) =>
    group === "Decide" ? 0 : Number(only === undefined) + 1;
  return [...shown].sort((one, other) => rank(one) - rank(other));
}
