/** The adjudication page: one dispute after another, a key each. Puts the parts together. */
import { signedOut } from "../sync/outbox.js";
import { showSaveState } from "../sync/savestate.js";
import { alertUser, announce, byId, el, readJson, shorten } from "../ui/dom.js";
import { digit, isForControl, match } from "../ui/keys.js";
import { Painter } from "../ui/paint.js";
import { makeActions } from "./actions.js";
import { renderBars } from "./bars.js";
import { disputeCard } from "./cards.js";
import { isOpen } from "./disputes.js";
import { editForm } from "./editform.js";
import { DISPUTE_KEYS } from "./keys.js";
import { disputeMarker } from "./marks.js";
import { Precedents } from "./precedents.js";
import { reasonLine } from "./reasons.js";
import { Session } from "./session.js";
import { facetWord } from "./words.js";

const article = byId("article");
const pane = byId("text-pane");
const list = byId("dispute-list");

const session = new Session(readJson("disputes"), {
  render: () => render(),
  saveState: (state, detail) => showSaveState(byId("save-state"), state, detail),
  refused: (answer) => refused(answer),
});
const { ui, text, schema } = session;
const precedents = new Precedents(session);
let marks = disputeMarker(text, session.data, schema, ui, session.codes);
const painter = new Painter(
  article,
  text,
  (paragraph) => marks(paragraph),
  () => {},
);
const { run, goOn, reopen, saveEdit } = makeActions(session, {
  render,
  focusOn,
  refused,
  showPrecedents: () => precedents.open(),
});

function render() {
  marks = disputeMarker(text, session.data, schema, ui, session.codes);
  painter.update();
  const active = document.activeElement;
  const hadFocus = list.contains(active) || active === document.body;
  list.replaceChildren(...session.ordered.map(card));
  list.classList.toggle("named", ui.names);
  if (hadFocus) focusCard();
  renderBars(session);
}

/** @param {import("./disputes.js").Dispute} dispute */
function card(dispute) {
  const draft = dispute.ident === ui.focus ? ui.draft : null;
  const form = draft ? editForm(text, draft, session, ui.edge) : null;
  const node = disputeCard(text, schema, dispute, session.codeOf(dispute.ident), ui, form);
  if (dispute.ident === ui.focus) {
    if (ui.reason) node.append(reasonLine(ui.reason));
    node.append(precedents.block(dispute));
  }
  return node;
}

function focusCard() {
  const node = byId(`dispute-${ui.focus}`);
  node?.focus({ preventScroll: true });
  node?.scrollIntoView({ block: "nearest" });
}

/** @param {number|null} ident @param {string} [prefix] said first */
function focusOn(ident, prefix = "") {
  if (ident !== ui.focus) session.dropBegun();
  ui.focus = ident;
  const dispute = session.focused;
  if (dispute) painter.reveal(dispute.start);
  render();
  if (!dispute) return;
  focusCard();
  scrollToPlace(dispute.ident);
  const { label, kind } = dispute;
  const words = label ? shorten(text.slice(dispute.start, dispute.end), 120) : "the document";
  const name = `${session.codeOf(dispute.ident)}, ${facetWord(schema, label, kind)}`;
  announce(`${prefix}${name}: ${words}, ${dispute.versions.length} versions`);
}

/** @param {number} ident */
function scrollToPlace(ident) {
  const box = article.querySelector(`[data-place="${ident}"]`)?.getBoundingClientRect();
  if (!box) return;
  const frame = pane.getBoundingClientRect();
  const inView = box.top >= frame.top + 40 && box.bottom <= frame.bottom - 40;
  if (!inView) pane.scrollBy({ top: box.top - frame.top - frame.height * 0.3 });
}

/** @param {import("../sync/outbox.js").Answer} answer */
function refused(answer) {
  const state = signedOut(answer) ? "signed-out" : "changed";
  showSaveState(byId("save-state"), state, session.settling.waiting);
  const words = signedOut(answer)
    ? "Signed out: sign in, then load this page again."
    : (answer.body.message ?? "The server did not accept this choice.");
  alertUser(`${words} `);
  const reload = { click: () => location.reload() };
  const props = { type: "button", class: "button button-small", on: reload };
  byId("alert").append(el("button", props, "Load the page again"));
}

/** @param {KeyboardEvent} event */
function onKey(event) {
  if (event.key === "Escape" && ui.draft && !document.querySelector("dialog[open]")) {
    return run("escape");
  }
  if (isForControl(event)) return undefined;
  const number = digit(event);
  if (number && number !== "0" && !ui.draft) {
    event.preventDefault();
    return run("take", number);
  }
  const facetNumber = shiftedDigit(event);
  if (facetNumber && !ui.draft && !ui.leaving) {
    event.preventDefault();
    return run("pickNext", facetNumber);
  }
  const binding = match(DISPUTE_KEYS, event, ui.draft ? "edit" : "list");
  if (!binding) return undefined;
  event.preventDefault();
  return run(binding.action, binding.arg);
}

/** The digit pressed with Shift alone, by place on the keyboard. @param {KeyboardEvent} event */
function shiftedDigit(event) {
  if (!event.shiftKey || event.ctrlKey || event.altKey || event.metaKey) return null;
  return /^Digit([1-9])$/u.exec(event.code)?.[1] ?? null;
}

/** @param {MouseEvent} event */
function onClick(event) {
  const target = /** @type {Element} */ (event.target);
  const around = (/** @type {string} */ selector) =>
    /** @type {HTMLElement|null} */ (target.closest(selector))?.dataset;
  const ident = Number(around("[data-dispute]")?.dispute ?? around("[data-place]")?.place);
  const { action, arg } = around("[data-action]") ?? {};
  if (ident && ident !== ui.focus && action !== "reopen") focusOn(ident);
  if (action !== undefined) run(action, arg);
}

function start() {
  document.addEventListener("keydown", onKey);
  document.addEventListener("click", onClick);
  list.addEventListener("submit", (event) => {
    event.preventDefault();
    saveEdit();
  });
  begin();
  requestAnimationFrame(() => {
    document.documentElement.dataset.ready = "true";
  });
}

/**
 * Begin at the dispute that the address names, and open it again when it asks for that; else at the
 * first open one.
 */
function begin() {
  const query = new URLSearchParams(location.search);
  const { ordered } = session;
  const named = session.find(Number(query.get("at")));
  const first = named ?? ordered.find(isOpen) ?? ordered[0];
  focusOn(first?.ident ?? null);
  if (query.has("undo")) {
    query.delete("undo");
    history.replaceState(null, "", `?${query}`);
    if (ui.focus !== null) reopen(ui.focus);
  } else if (session.data.queue && named?.settled && !ui.closed) goOn("Already settled. ");
}

start();
