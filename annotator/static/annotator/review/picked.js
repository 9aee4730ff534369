/** What is done with picked words: a new span, linked or by itself, or another piece of a span. */
import * as ops from "../text/ops.js";
import { addLinked, kindFor } from "../text/picked.js";
import { linkWord } from "../text/schema.js";
import { announce, shorten } from "../ui/dom.js";
import { capital, stillMissing } from "./links.js";

/**
 * @typedef {import("../text/model.js").View} View
 * @typedef {import("../text/layer.js").Decision} Decision
 * @typedef {import("../text/schema.js").LinkKind} LinkKind
 */

/**
 * @param {import("./session.js").Session} session
 * @param {{focusOn: (ident: number|null, options?: any) => void, picker:
 *   import("../ui/caret.js").Picker}} page
 * @param {(decisions: Decision[], words: () => string) => boolean} change carries out decisions and
 *   says so
 * @returns {Record<string, (arg?: any) => unknown>} actions by name
 */
export function pickedActions(session, page, change) {
  const { ui, model } = session;

  /**
   * A new span of a label that belongs to the item in hand, which stays there.
   * @param {View} view
   * @param {LinkKind} kind
   * @param {string} label
   */
  function addToHand(view, kind, label) {
    const { picked } = page.picker;
    if (!picked) return;
    const { ident, decisions } = addLinked(model, view, kind, label, picked);
    page.picker.clear();
    ui.linkAsked = null;
    const isNew = session.fill(decisions);
    page.focusOn(view.ident, { quiet: true });
    const other = model.views.get(ident);
    const found = other ? `${other.code} ${shorten(model.words(other.span), 60)}` : "";
    const linked = `${capital(linkWord(kind))} of ${view.code}: ${found}.`;
    announce(isNew ? `${linked} ${stillMissing(session.focused)}` : `Nothing new. ${linked}`);
  }

  /** @param {string} label @param {string} said why it is not linked, where one would expect it */
  function addAlone(label, said = "") {
    const { picked } = page.picker;
    if (!picked) return;
    const { ident, decisions } = ops.add(model, label, picked.start, picked.end);
    page.picker.clear();
    session.commit(decisions);
    page.focusOn(ident, { prefix: said ? `Added, not linked: ${said}. ` : "Added. " });
  }

  /** @param {string} label */
  function add(label) {
    const view = session.focused;
    const { kind, full } = kindFor(model, view, label, ui.linkAsked);
    if (view && kind) return addToHand(view, kind, label);
    if (view && full) return addAlone(label, `${view.code} has its one ${linkWord(full)}`);
    const isTarget = model.schema.links.some(({ targets }) => targets.includes(label));
    const title = view && view.role !== "document" ? model.schema.title(view.span.label) : "";
    return addAlone(label, isTarget && title ? `no link goes to it from ${title}` : "");
  }

  /** @param {"addPiece"|"takePiece"} way @param {string} words */
  function changePiece(way, words) {
    const view = session.focused;
    const { picked } = page.picker;
    if (!view || !picked || !ops.canHavePieces(view)) return;
    const decisions = ops[way](model, view, picked.start, picked.end);
    page.picker.clear();
    if (!change(decisions, () => `${words} ${view.code} now.`)) {
      announce("That would change nothing, or leave nothing.");
    }
    page.focusOn(view.ident, { quiet: true });
  }

  return {
    add,
    addAlone: (label) => addAlone(label),
    addPiece: () => changePiece("addPiece", "Part of"),
    takePiece: () => changePiece("takePiece", "No part of"),
  };
}
