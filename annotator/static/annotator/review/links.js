/** What is done to the links of the span in focus: chosen, searched, taken off, or told away. */
import { canLink, dropLink, noLink, setLink } from "../text/linking.js";
import { linkWord, reasonWords } from "../text/schema.js";
import { choose } from "../ui/dialogs.js";
import { announce, shorten } from "../ui/dom.js";

/**
 * @typedef {import("../text/model.js").View} View
 * @typedef {import("../text/layer.js").Decision} Decision
 * @typedef {import("../text/schema.js").LinkKind} LinkKind
 */

/** What is still missing, in words. @param {View|null} view */
export function stillMissing(view) {
  const words = (view?.missing ?? []).map((missing) => missing.words);
  return words.length ? `Missing: ${words.join(", ")}` : "Complete.";
}

/** @param {string} words */
export function capital(words) {
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/**
 * @param {import("./session.js").Session} session
 * @param {{focusOn: (ident: number|null, options?: any) => void, render: () => void}} page
 * @param {import("./attributes.js").Acts} acts
 * @returns {Record<string, (arg?: any) => unknown>} actions by name
 */
export function linkActions(session, page, { change, fill }) {
  const { ui, model } = session;

  /** @returns {View|null} */
  function source() {
    const { focused } = session;
    return focused && focused.state !== "rejected" ? focused : null;
  }

  /** The kinds that the span in hand can have. @returns {LinkKind[]} */
  function kinds() {
    const view = source();
    return view ? model.schema.kindsFrom(view.span.label) : [];
  }

  /** The kind of a name, else what is being linked, else the first. @param {string} [name] */
  function kindOf(name) {
    const found = kinds();
    return found.find((kind) => kind.name === name) ?? ui.linking ?? found[0] ?? null;
  }

  /** @param {View|undefined} target @param {LinkKind|null} kind @param {boolean} [also] */
  function link(target, kind, also = false) {
    const view = source();
    if (!view || !target || !kind) return;
    const isJoining = also || ui.also;
    ui.linkAsked = null;
    ui.also = false;
    const held = view.links.find(
      (other) =>
        other.kind === kind.name &&
        other.other === target.ident &&
        model.layer.links.has(other.ident),
    );
    // Where links add up, choosing one that is there takes it off.
    if (held && kind.many && !kind.owned) {
      change(dropLink(model, view, held), () => `${capital(linkWord(kind))} taken off.`);
      return;
    }
    const decisions = setLink(model, view, kind, target.ident, isJoining);
    const words = () =>
      `${capital(linkWord(kind))}: ${model.words(target.span)}. ${stillMissing(session.focused)}`;
    // Who lets it join the others may have more to add.
    (isJoining ? change : fill)(decisions, words);
  }

  /** @param {string} [name] of a kind of link */
  async function findTarget(name) {
    const view = source();
    const kind = kindOf(name);
    if (!view || !kind) return;
    const others = model.inOrder.filter(
      (other) => other.state !== "rejected" && canLink(model, view, kind, other.ident),
    );
    const items = others.map((other) => {
      const identity = model.schema.identity(other.span.label);
      return {
        value: other,
        label: `${other.code} ${shorten(model.words(other.span), 60)}`,
        note: identity ? other.span.attributes?.[identity.name] : "",
      };
    });
    const answer = await choose({
      title: `${view.code}: ${linkWord(kind)}`,
      items,
      typing: true,
      placeholder: "Search the text's spans",
    });
    if (answer) link(answer.value, kind);
  }

  return {
    link(name) {
      const kind = kindOf(name);
      if (!kind) return;
      ui.linkAsked = ui.linkAsked === kind.name ? null : kind.name;
      ui.linkLeft = false;
      // The card grows by the offers; all of it has to be in view.
      page.focusOn(ui.focus, { quiet: true });
      const words = `Choose by its letter, or click it in the text: ${linkWord(kind)}`;
      announce(ui.linkAsked ? words : "");
    },
    also() {
      ui.also = !ui.also;
      page.render();
    },
    pick: (index) => link(ui.offers[Number(index)], ui.linking),
    pickAlso: (index) => link(ui.offers[Number(index)], ui.linking, true),
    pickIdent: (ident) => link(model.views.get(Number(ident)), ui.linking),
    findTarget,
    noLink(arg) {
      const view = source();
      const [name, value, kindName] = JSON.parse(arg);
      const kind = kinds().find((other) => other.name === kindName);
      if (!view || !kind || !model.schema.attribute(view.span.label, name)) return;
      ui.linkAsked = null;
      const words = `${capital(reasonWords(kind, value))}.`;
      fill(noLink(model, view, kind, name, value), () => words);
    },
    dropLink(ident) {
      const view = source();
      const found = view?.links.find((other) => other.ident === Number(ident));
      const kind = found && model.schema.kind(found.kind);
      if (!view || !found || !kind) return;
      change(dropLink(model, view, found), () => `${capital(linkWord(kind))} taken off.`);
    },
  };
}
