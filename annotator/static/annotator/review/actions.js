/**
 * What each key and button does. Every action is reached by its name, from the table of keys or
 * from a button's data-action.
 */
import { moveEdge } from "../text/edges.js";
import * as ops from "../text/ops.js";
import { showHelp } from "../ui/dialogs.js";
import { announce, shorten } from "../ui/dom.js";
import { keySettings } from "../ui/help.js";
import { caption } from "../ui/keys.js";
import { comment, flag } from "../ui/notes.js";
import { attributeActions } from "./attributes.js";
import { askWhich } from "./find.js";
import { linkActions } from "./links.js";
import { pickedActions } from "./picked.js";
import { showSettledBefore } from "./precedents.js";
import { NOT_IN_PRACTICE } from "./practice.js";
import { neighbour } from "./queue.js";

const ANY_OF = new Intl.ListFormat("en-GB", { type: "disjunction" });

/** What can be done while the layer is read only. */
const READING = new Set([
  "next",
  "previous",
  "nextUnsettled",
  "previousUnsettled",
  "nextSpan",
  "previousSpan",
  "goTo",
  "filter",
  "find",
  "closeFind",
  "searchText",
  "searchNext",
  "searchPrevious",
  "searchTake",
  "searchLeave",
  "suggestions",
  "guideline",
  "settledBefore",
  "rejected",
  "help",
  "pane",
  "escape",
]);

/**
 * @typedef {import("../text/model.js").View} View
 * @typedef {import("../text/layer.js").Decision} Decision
 * @param {import("./session.js").Session} session
 * @param {{focusOn: (ident: number|null, options?: any) => void, render: () => void, picker:
 *   import("../ui/caret.js").Picker, find: import("./find.js").FindForm, guideline:
 *   import("./guideline.js").GuidelinePane, search: import("./search.js").TextSearch, keymap:
 *   import("../ui/keymap.js").Keymap, finish: () => void, nextPane: () => void, hasHintKeys: () =>
 *   boolean}} page
 * @returns {(name: string, arg?: any) => boolean} carries out an action by its name; false when
 *   there is none
 */
export function makeActions(session, page) {
  const { ui, model } = session;
  const list = () => session.items;
  /** @param {Decision[]} decisions @param {() => string} words */
  function change(decisions, words) {
    const changed = session.commit(decisions);
    page.render();
    if (changed && words) announce(words());
    return changed;
  }

  /**
   * Carry out what gives the item in hand something. Where that was the last thing missing, the
   * item is accepted in the same action and the next one comes.
   * @param {Decision[]} decisions @param {() => string} words
   */
  function fill(decisions, words) {
    const lacked = session.focused?.missing.length;
    const changed = session.fill(decisions);
    if (changed && lacked && session.focused?.settled) unsettled(1, `${words()} Accepted. `);
    else {
      page.render();
      if (changed) announce(words());
    }
    return changed;
  }

  /** @param {1|-1} direction */
  function step(direction) {
    const { items } = list();
    const at = items.findIndex((view) => view.ident === ui.focus);
    const next = items[at < 0 ? 0 : at + direction];
    if (next) page.focusOn(next.ident);
  }

  /** @param {1|-1} direction @param {string} [prefix] */
  function unsettled(direction, prefix = "") {
    const next = neighbour(list().open, session.focused, direction, ui.filter !== "sure");
    if (next) return page.focusOn(next.ident, { prefix });
    page.focusOn(ui.focus, { release: true, quiet: true });
    return announce(`${prefix}Everything is settled. Finish when you are ready.`);
  }

  /** A required field is missing: stay, and open it. @param {View} view */
  function openMissing(view) {
    const [first] = view.missing;
    const isLink = first.sort === "link";
    ui.linkAsked = isLink ? first.name : null;
    page.render();
    const keys = isLink ? linkKeys(first.name) : choiceKeys(first, view);
    announce(`${view.code}: ${first.words} is missing; ${keys || "fill it in"}`);
    document.querySelector(".claim-card.focused .needs")?.scrollIntoView({ block: "nearest" });
    if (keys) return;
    const link = view.links.find((other) => other.ident === first.link);
    actions.field(JSON.stringify([first.name, link?.kind ?? "", first.link]));
  }

  /** How a missing link is made by keys. @param {string} name of its kind */
  function linkKeys(name) {
    const isReason = (/** @type {import("../ui/keys.js").Binding} */ { action, arg, only }) =>
      action === "noLink" && only === session.focused?.span.label && JSON.parse(arg)[2] === name;
    const none = page.keymap.table.filter(isReason).flatMap(({ keys }) => keys.slice(0, 1));
    const letters = "choose by letter, or click in the text";
    return none.length ? `${letters}, or ${ANY_OF.format(none)} for none` : letters;
  }

  /**
   * The keys that fill in a missing attribute; "" where it has none.
   * @param {import("../text/model.js").Missing} missing @param {View} view
   */
  function choiceKeys({ name, link }, view) {
    const kind = view.links.find((other) => other.ident === link)?.kind;
    const fits = (/** @type {import("../ui/keys.js").Binding} */ { action, arg, only }) => {
      if (action !== "choose" || only !== view.span.label) return false;
      const [attribute, , kindName] = JSON.parse(arg);
      return attribute === name && kindName === kind;
    };
    const keys = page.keymap.table.filter(fits).flatMap((binding) => binding.keys.slice(0, 1));
    return keys.length ? ANY_OF.format(keys.map(caption)) : "";
  }

  /** @param {1|-1} direction */
  function nextSpan(direction) {
    const views = model.inOrder.filter((view) => view.state !== "rejected" || ui.showRejected);
    const at = views.findIndex((view) => view.ident === ui.focus);
    const next = views[at < 0 ? 0 : at + direction];
    if (next) page.focusOn(next.ident);
  }

  /** @param {string|any[]} arg direction and unit */
  function moveFocusedEdge(arg) {
    const view = session.focused;
    if (!view || view.state === "rejected" || view.role === "document") return;
    const [direction, unit] = typeof arg === "string" ? arg.split(",") : arg;
    const at = view.span[ui.edge];
    const { index } = session.text.paragraphAt(at);
    const paragraph = document.querySelector(`[data-p="${index}"]`);
    // An arrow moves as the eye sees it: in a text from right to left the other way.
    const isFlipped = paragraph && getComputedStyle(paragraph).direction === "rtl";
    const forward = Number(direction) > 0 !== Boolean(isFlipped);
    const point = moveEdge(session.text, at, forward ? 1 : -1, unit, ui.edge);
    change(ops.resize(model, view, ui.edge, point), () => {
      const words = model.exact((session.focused ?? view).span);
      return ui.edge === "end" ? `End: …${words.slice(-30)}` : `Start: ${shorten(words, 30)}`;
    });
  }

  function escape() {
    if (page.picker.picked) page.picker.clear();
    else if (ui.caret) page.picker.stop();
    else if (page.guideline.isOpen) page.guideline.close();
    else if (ui.linkAsked) ui.linkAsked = null;
    else if (ui.find) page.find.close();
    else if (ui.linking) ui.linkLeft = page.hasHintKeys();
    ui.also = false;
    page.focusOn(ui.focus, { quiet: true });
  }

  /** @param {"accept"|"reject"} verb */
  async function decideFound(verb) {
    if (!ui.find) return;
    const found = list().items;
    const matching = verb === "accept" ? await askWhich(found) : found;
    if (!session.commit(ops.decideAll(model, matching, verb))) return;
    const parts = [`${matching.length} ${verb === "accept" ? "accepted" : "rejected"}`];
    const isLacking = (/** @type {View} */ { ident }) => model.views.get(ident)?.missing.length;
    const lacking = verb === "accept" ? matching.filter(isLacking).length : 0;
    if (lacking) parts.push(`${lacking} of them lack something and wait in the queue`);
    page.focusOn(ui.focus, { quiet: true, scroll: false });
    announce(`${parts.join("; ")}. Undo takes all of it back.`);
  }

  /** @type {Record<string, (arg?: any) => unknown>} */
  const actions = {
    ...linkActions(session, page, { change, fill }),
    ...pickedActions(session, page, { change, fill }),
    ...attributeActions(session, { change, fill }),
    next: () => step(1),
    previous: () => step(-1),
    nextUnsettled: () => unsettled(1),
    previousUnsettled: () => unsettled(-1),
    nextSpan: () => nextSpan(1),
    previousSpan: () => nextSpan(-1),
    goTo: (ident) => page.focusOn(Number(ident)),
    accept() {
      const view = session.focused;
      if (!view) return unsettled(1);
      if (view.missing.length) return openMissing(view);
      const changed = session.commit(ops.accept(model, view));
      // What was rejected shows what it lacks only once it is taken back.
      if (session.focused?.missing.length) return openMissing(session.focused);
      return unsettled(1, changed ? "Accepted. " : "");
    },
    reject() {
      const view = session.focused;
      if (!view || view.state === "rejected" || view.role === "document") return;
      const away = view.state === "added" ? "Deleted. " : "Rejected. ";
      const next = neighbour(list().open, view, 1, ui.filter !== "sure");
      session.commit(ops.reject(model, view));
      const shown = next ?? neighbour(list().items, null, 1, false);
      page.focusOn(shown?.ident ?? null, { prefix: away });
    },
    undo: () => reversed("undo", "Undone. "),
    redo: () => reversed("redo", "Redone. "),
    edge: moveFocusedEdge,
    otherEdge() {
      ui.edge = ui.edge === "end" ? "start" : "end";
      page.render();
      announce(`${ui.edge} in hand`);
    },
    label: (name) => (page.picker.picked ? actions.add(name) : actions.relabel(name)),
    relabel(name) {
      const view = session.focused;
      if (view && view.state !== "rejected" && view.role !== "document") {
        change(ops.relabel(model, view, name), () => `Now ${model.label(name).title}.`);
      }
    },
    caret() {
      page.picker.start();
      page.render();
    },
    caretMove: ([direction, unit, extend]) => page.picker.move(direction, unit, extend),
    caretLine: ([direction, extend]) => page.picker.moveLine(direction, extend),
    openPopup: () => page.picker.openPopup(),
    filter(name) {
      ui.filter = name;
      if (ui.find) page.find.close();
      else page.render();
    },
    find() {
      if (ui.find) page.find.close();
      else page.find.open();
    },
    closeFind() {
      page.find.close();
      page.focusOn(ui.focus, { quiet: true });
    },
    searchText: () => page.search.open(),
    searchNext: () => page.search.step(1),
    searchPrevious: () => page.search.step(-1),
    searchTake: () => leaveSearch(true),
    searchLeave: () => leaveSearch(false),
    acceptFound: () => decideFound("accept"),
    rejectFound: () => decideFound("reject"),
    suggestions() {
      ui.hideSuggested = !ui.hideSuggested;
      page.render();
      announce(ui.hideSuggested ? "Suggestions hidden in the text" : "Suggestions shown");
    },
    comment: () => noted() && comment(session, noted()),
    flag: () => noted() && flag(session, noted()),
    guideline() {
      if (page.guideline.isOpen) page.guideline.close();
      else page.guideline.open(session.focused ? model.label(session.focused.span.label) : null);
    },
    settledBefore: () => showSettledBefore(session, session.focused),
    rejected() {
      ui.showRejected = !ui.showRejected;
      page.render();
      announce(ui.showRejected ? "Rejected spans shown" : "Rejected spans hidden");
    },
    help: () => showHelp(keySettings(page.keymap, page.render), session.workspace.urls.practice),
    pane: page.nextPane,
    finish: page.finish,
    escape,
  };

  /** @param {boolean} marked whether the words found are marked */
  function leaveSearch(marked) {
    page.search.close(marked);
    page.render();
    if (!ui.caret) page.focusOn(ui.focus, { quiet: true, scroll: false });
  }

  /** The span in hand: comments and flags are about spans. @returns {any} */
  function noted() {
    return session.focused?.role === "document" ? null : session.focused;
  }

  /** @param {"undo"|"redo"} verb @param {string} words */
  function reversed(verb, words) {
    const ident = session.back(verb);
    if (ident === null) return announce(`Nothing to ${verb}`);
    return page.focusOn(model.views.has(ident) ? ident : ui.focus, { prefix: words });
  }

  return function run(name, arg) {
    if (!(name in actions)) return false;
    const { practice, reading } = session.workspace;
    if ((practice || reading) && NOT_IN_PRACTICE.has(name)) {
      announce(`There is nothing of that in ${practice ? "practice" : "reading"}.`);
      return true;
    }
    if (!ui.readOnly || READING.has(name)) actions[name](arg);
    else if (ui.elsewhere) {
      announce("Read only: another window has this document. Take over to change it here.");
    } else if (ui.corrected) {
      announce("Read only: the text was corrected. Load the page again.");
    } else if (reading) announce("Read only: this is what is suggested, and nobody's review.");
    else announce("This layer is submitted and cannot be changed. Reopen it first.");
    return true;
  };
}
