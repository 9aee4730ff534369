/**
 * What is done with picked words: a new span, linked or by itself, here or in all places of the
 * words; or another piece of a span.
 */
import { postJson } from "../sync/outbox.js";
import * as ops from "../text/ops.js";
import { canRepeat, freePlaces, knownBy, otherPlaces, propose } from "../text/occurrences.js";
import { addLinked, kindFor } from "../text/picked.js";
import { linkWord } from "../text/schema.js";
import { confirmBox } from "../ui/dialogs.js";
import { alertUser, announce, el, shorten } from "../ui/dom.js";
import { capital, stillMissing } from "./links.js";

/**
 * @typedef {import("../text/model.js").View} View
 * @typedef {import("../text/layer.js").Decision} Decision
 * @typedef {import("../text/layer.js").Attributes} Attributes
 * @typedef {import("../text/schema.js").LinkKind} LinkKind
 *
 * @typedef {object} Made what a label makes of picked words
 * @property {number} ident
 * @property {Decision[]} decisions
 * @property {LinkKind|null} kind by which the item in hand is linked to it
 * @property {string} why it is not linked, where one would expect it
 */

/** To add spans in more places than these is asked for twice. */
const UNASKED = 10;

/** @param {number} count */
function places(count) {
  return count === 1 ? "1 more place" : `${count} more places`;
}

/**
 * Whether spans are to be added in so many places; of many a person says so twice.
 * @param {number} count @param {string} words @param {string} title of the label
 */
async function sure(count, words, title) {
  if (count <= UNASKED) return true;
  const says =
    `“${shorten(words, 60)}” becomes ${title} there. Each waits in the queue: Enter accepts it, ` +
    "x takes it away. Undo takes all of them back.";
  const buttons = [
    { value: false, label: "Cancel" },
    { value: true, label: `Add ${count}`, primary: true },
  ];
  return Boolean(await confirmBox(`This adds ${count} spans`, [el("p", {}, says)], buttons));
}

/**
 * @param {import("./session.js").Session} session
 * @param {{focusOn: (ident: number|null, options?: any) => void, render: () => void, picker:
 *   import("../ui/caret.js").Picker}} page
 * @param {import("./attributes.js").Acts} acts
 * @returns {Record<string, (arg?: any) => unknown>} actions by name
 */
export function pickedActions(session, page, { change, fill }) {
  const { ui, model, text } = session;

  /**
   * @param {import("../text/search.js").Match} picked
   * @param {string} label
   * @param {boolean} isAlone whether a link is not wanted
   * @returns {Made}
   */
  function make(picked, label, isAlone) {
    const view = session.focused;
    const { kind, full } = kindFor(model, view, label, ui.linkAsked);
    if (view && kind && !isAlone) {
      return { ...addLinked(model, view, kind, label, picked), kind, why: "" };
    }
    const why = isAlone ? "" : whyNotLinked(label, full);
    return { ...ops.add(model, label, picked.start, picked.end), kind: null, why };
  }

  /** @param {string} label @param {LinkKind|null} full */
  function whyNotLinked(label, full) {
    const view = session.focused;
    if (!view || view.role === "document") return "";
    if (full) return `${view.code} has its one ${linkWord(full)}`;
    const isTarget = model.schema.links.some(({ targets }) => targets.includes(label));
    return isTarget ? `no link goes to it from ${model.schema.title(view.span.label)}` : "";
  }

  /** @param {string} label @param {boolean} isAlone */
  async function add(label, isAlone) {
    const { picked, everywhere } = page.picker;
    if (!picked) return;
    if (!everywhere) {
      carryOut(make(picked, label, isAlone), []);
      return;
    }
    const free = freePlaces(model, label, otherPlaces(text, picked.start, picked.end));
    const words = text.slice(picked.start, picked.end);
    if (!(await sure(free.length, words, model.schema.title(label)))) return;
    const made = make(picked, label, isAlone);
    const first = made.decisions.find(({ ident }) => ident === made.ident);
    const attributes = first?.after?.attributes ?? model.views.get(made.ident)?.span.attributes;
    carryOut(made, propose(model, label, free, attributes));
  }

  /** @param {Made} made @param {Decision[]} more proposals for the other places */
  function carryOut({ ident, decisions, kind, why }, more) {
    const view = session.focused;
    const asked = ui.linkAsked;
    page.picker.clear();
    const wait = more.length ? `${places(more.length)} to look at. ` : "";
    if (!view || !kind) {
      session.commit([...decisions, ...more]);
      page.focusOn(ident, { prefix: `${why ? `Added, not linked: ${why}` : "Added"}. ${wait}` });
      return;
    }
    ui.linkAsked = null;
    const words = () => {
      const other = model.views.get(ident);
      const found = other ? `${other.code} ${shorten(model.words(other.span), 60)}` : "";
      return `${capital(linkWord(kind))} of ${view.code}: ${found}. ${wait}`;
    };
    const isWanted =
      asked || view.missing.some(({ sort, name }) => sort === "link" && name === kind.name);
    const says = () => `${words()}${stillMissing(model.views.get(view.ident) ?? null)}`;
    const changed = (isWanted ? fill : change)([...decisions, ...more], says);
    // What lacked nothing else is accepted, and the next one is in hand.
    if (ui.focus === view.ident) page.focusOn(view.ident, { quiet: true });
    if (!changed) announce(`Nothing new. ${words()}`);
  }

  /** Propose the label of the span in hand for all other places of its words. */
  async function addForHand() {
    const view = session.focused;
    if (!view || !canRepeat(view)) {
      announce("First accept the span in hand, or mark words.");
      return;
    }
    const { label, start, end, attributes } = view.span;
    const free = freePlaces(model, label, otherPlaces(text, start, end));
    const words = text.slice(start, end);
    if (!free.length) {
      announce(`${shorten(words, 60)}: no other place without ${model.schema.title(label)}.`);
      return;
    }
    if (!(await sure(free.length, words, model.schema.title(label)))) return;
    change(propose(model, label, free, attributes), () => `${places(free.length)} to look at.`);
    page.focusOn(view.ident, { quiet: true, scroll: false });
  }

  /** The words of the span in hand are suggested from now on wherever they stand. */
  async function addPattern() {
    const view = session.focused;
    const url = session.workspace.urls.patterns;
    if (!view || !url || !canRepeat(view)) return;
    const { label, attributes } = view.span;
    const words = model.words(view.span);
    const known = knownBy(model, label, attributes);
    const { status, body } = await postJson(url, { label, words, attributes: known });
    const says = `“${shorten(words, 60)}” is a pattern for ${model.schema.title(label)}`;
    if (status === 200) announce(`${says}, in version ${body.version} of the patterns.`);
    else alertUser(`No pattern: ${body.message ?? "the server does not answer. Try again"}.`);
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
    add: (label) => add(label, false),
    addAlone: (label) => add(label, true),
    everywhere() {
      if (!page.picker.picked) return addForHand();
      page.picker.toggleEverywhere();
      return page.render();
    },
    addPattern,
    addPiece: () => changePiece("addPiece", "Part of"),
    takePiece: () => changePiece("takePiece", "No part of"),
  };
}
