/**
 * What the adjudication page tells beside the disputes: how far it is, what the keys do, and what
 * is agreed.
 */
import { byId, el, shorten } from "../ui/dom.js";
import { keyBar } from "../ui/keybar.js";
import { caption } from "../ui/keys.js";
import { personOf } from "./disputes.js";
import { DISPUTE_KEYS } from "./keys.js";
import { renderLeftOut } from "./leftout.js";
import { leftIn } from "./queue.js";
import { facetWord, facts } from "./words.js";

/** @typedef {import("./session.js").Session} Session */

/** @param {Session} session */
export function renderBars(session) {
  renderProgress(session);
  renderLetters(session);
  renderKeys(session);
  renderAgreed(session);
  renderLeftOut(session);
}

/** @param {Session} session */
function renderProgress({ data, ui, queue, undoHistory }) {
  const settled = data.disputes.filter((dispute) => dispute.settled).length;
  const deferred = data.disputes.filter((dispute) => dispute.deferred).length;
  const count = `${settled} of ${data.disputes.length} settled`;
  byId("settled").textContent = deferred ? `${count}, ${deferred} deferred` : count;
  byId("agreed-count").textContent = `${data.agreed.length} agreed`;
  const bar = /** @type {HTMLProgressElement} */ (byId("settled-bar"));
  bar.max = Math.max(1, data.disputes.length);
  bar.value = settled;
  const undoable = settled || deferred || undoHistory.last;
  byId("undo").toggleAttribute("disabled", ui.closed || !undoable);
  byId("disputes-empty").hidden = data.disputes.length > 0;
  byId("queue-left").hidden = !queue;
  if (queue) byId("queue-left").textContent = leftIn(queue);
}

/**
 * The letters of the annotators in the legend, with their names where they are shown.
 * @param {Session} session
 */
function renderLetters({ ui }) {
  const letters = /** @type {NodeListOf<HTMLElement>} */ (
    document.querySelectorAll("[data-letter]")
  );
  for (const node of letters) node.textContent = personOf(node.dataset.letter ?? "", ui, ui.names);
}

/** @param {Session} session */
function renderKeys(session) {
  const { ui, focused } = session;
  const contexts = ui.draft ? ["edit"] : ["list", "bar"];
  const nameable = Object.keys(ui.people).length > 0;
  const shown = DISPUTE_KEYS.filter((binding) => {
    const holds = binding.contexts.some((name) => contexts.includes(name));
    const isOfText = ["edge", "otherEdge"].includes(binding.action);
    if (isOfText && !focused?.label) return false;
    return binding.bar && holds && (binding.action !== "names" || nameable);
  });
  const buttons = shown.map((binding) => ({
    ...binding,
    caption: caption(binding.keys[0]),
    // The bar has one button for all digits; it takes the first version.
    ...(binding.action === "take" ? { arg: 1 } : {}),
  }));
  const title = focused
    ? `${session.codeOf(focused.ident)} · ${facetWord(session.schema, focused.label, focused.kind)}`
    : "Saidby";
  byId("key-bar").replaceChildren(...keyBar(ui.closed ? [] : buttons, title));
}

/** @param {Session} session */
function renderAgreed({ data, text, schema }) {
  const rows = data.agreed.map((frame) => {
    const { span } = frame;
    const words = span.label ? shorten(text.slice(span.start, span.end), 110) : "The document";
    return el(
      "li",
      {},
      el("span", { class: "version-claim", dir: "auto" }, words),
      el("span", { class: "version-facts" }, facts(schema, frame)),
    );
  });
  byId("agreed-list").replaceChildren(...rows);
}
