/**
 * What is done to the claim in focus: its speaker, its stance and target, and its other attributes.
 */
import * as ops from "../text/ops.js";
import { choose } from "../ui/dialogs.js";
import { announce, shorten } from "../ui/dom.js";

/**
 * @typedef {import("../text/model.js").Model} Model
 * @typedef {import("../text/model.js").View} View
 * @typedef {import("../text/layer.js").Decision} Decision
 */

/**
 * The targets to choose from: the document's own, those in use, and none.
 * @param {Model} model
 * @returns {import("../ui/dialogs.js").Item[]}
 */
function targets(model) {
  const used = model.inOrder.map((view) => view.span.attributes?.target).filter(Boolean);
  const names = new Set([...(model.document.targets ?? []), ...used]);
  const fallback = model.document.default_target;
  const none = fallback
    ? { value: null, label: "default", note: `(${fallback})` }
    : { value: null, label: "no target" };
  return [...Array.from(names, (name) => ({ value: name, label: name })), none];
}

/**
 * @param {import("./session.js").Session} session
 * @param {{focusOn: (ident: number|null, options?: any) => void, render: () => void}} page
 * @param {(decisions: Decision[], words: () => string) => boolean} change carries out decisions and
 *   says so
 * @returns {Record<string, (arg?: any) => unknown>} actions by name
 */
export function claimActions(session, page, change) {
  const { ui, model } = session;

  /** @returns {View|null} */
  function claim() {
    const { focused } = session;
    return focused?.role === "claim" && focused.state !== "rejected" ? focused : null;
  }

  /** @param {View|undefined} target @param {boolean} [also] */
  function setSpeaker(target, also = false) {
    const view = claim();
    if (!view || !target) return;
    ui.linkAsked = false;
    const multiple = also || ui.also;
    ui.also = false;
    change(
      ops.setSpeaker(model, view, target.ident, multiple),
      () => `Speaker: ${model.words(target.span)}. ${stillMissing()}`,
    );
  }

  function stillMissing() {
    const missing = session.focused?.missing ?? [];
    return missing.length ? `Missing: ${missing.join(", ")}` : "Complete.";
  }

  async function findSpeaker() {
    const view = claim();
    if (!view) return;
    const speakers = model.inOrder.filter(
      (other) => other.role === "speaker" && other.state !== "rejected",
    );
    const items = speakers.map((other) => ({
      value: other,
      label: `${other.code} ${shorten(model.words(other.span), 60)}`,
      note: other.span.attributes?.name,
    }));
    const answer = await choose({
      title: `Who says ${view.code}?`,
      items,
      typing: true,
      placeholder: "Search the speakers of this text",
    });
    if (answer) setSpeaker(answer.value);
  }

  async function askTarget() {
    const view = claim();
    if (!view || !model.hasAttribute(view.span.label, "target")) return;
    const items = targets(model);
    const repeat = ui.lastTarget ? { key: "t", value: ui.lastTarget } : null;
    const answer = await choose({
      title: `Target of the stance in ${view.code}`,
      items,
      free: true,
      repeat,
      placeholder: "Search, or write another target",
    });
    if (!answer) return;
    ui.lastTarget = answer.value ?? ui.lastTarget;
    setAttribute("target", answer.value);
  }

  /** @param {string} name @param {string|null} value */
  function setAttribute(name, value) {
    const view = session.focused;
    if (!view || view.state === "rejected") return;
    change(
      ops.setAttribute(model, view, name, value),
      () => `${name}: ${value ?? "default"}. ${stillMissing()}`,
    );
  }

  return {
    link() {
      if (!claim()) return;
      ui.linkAsked = !ui.linkAsked;
      // The card grows by the offers; all of it has to be in view.
      page.focusOn(ui.focus, { quiet: true });
      announce(ui.linkAsked ? "Choose the speaker by its letter, or click it in the text" : "");
    },
    also() {
      ui.also = !ui.also;
      page.render();
    },
    pick: (index) => setSpeaker(ui.offers[Number(index)]),
    pickAlso: (index) => setSpeaker(ui.offers[Number(index)], true),
    pickIdent: (ident) => setSpeaker(model.views.get(ident)),
    findSpeaker,
    noSpeaker(value) {
      const view = claim();
      if (!view || !model.hasAttribute(view.span.label, "speaker_state")) return;
      ui.linkAsked = false;
      const words = value === "author" ? "The article itself speaks." : "No speaker in the text.";
      change(ops.noSpeaker(model, view, value), () => words);
    },
    dropSpeaker(ident) {
      const view = claim();
      if (view) change(ops.dropSpeaker(model, view, Number(ident)), () => "Speaker taken off.");
    },
    stance(value) {
      const view = claim();
      if (view && model.hasAttribute(view.span.label, "stance")) setAttribute("stance", value);
    },
    choose(pair) {
      const [name, value] = pair.split("=");
      const current = session.focused?.span.attributes?.[name];
      // The choice that holds is taken back by the same button.
      setAttribute(name, current === value ? null : value);
    },
    setText: ([name, value]) => setAttribute(name, value),
    target: askTarget,
  };
}
