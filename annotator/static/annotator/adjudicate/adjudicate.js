/** The adjudication page: one dispute after another, a key each. Puts the parts together. */
import { showSaveState } from "../sync/savestate.js";
import { announce, byId, readJson, shorten } from "../ui/dom.js";
import { digit, isForControl, match } from "../ui/keys.js";
import { selectionSpan } from "../text/offsets.js";
import { Painter } from "../ui/paint.js";
import { makeActions } from "./actions.js";
import { renderBars } from "./bars.js";
import { disputeCard } from "./cards.js";
import { isOpen } from "./disputes.js";
import { editForm } from "./editform.js";
import { showHeading } from "./heading.js";
import { leftOutLine, sayLeftOut } from "./leftout.js";
import { KeptKeys } from "./keptkeys.js";
import { DISPUTE_KEYS } from "./keys.js";
import { disputeMarker } from "./marks.js";
import { Precedents } from "./precedents.js";
import { extend, lastOfFew } from "./queue.js";
import { reasonLine } from "./reasons.js";
import { showRefusal } from "./refusal.js";
import { Session } from "./session.js";
import { ask, pathOf, Sitting } from "./sitting.js";
import { facetWord } from "./words.js";

const article = byId("article");
const pane = byId("text-pane");
const list = byId("dispute-list");

/** @type {import("./disputes.js").Disputes} */
const first = readJson("disputes");
const queue = first.queue ?? null;
delete first.queue;
/** Keys that may be held down: they move about and settle nothing. */
const MAY_REPEAT = ["next", "previous", "edge"];
const sitting = new Sitting((data, url) => new Session(data, url, queue, sessionPage));
const kept = new KeptKeys(perform, stay);
const sessionPage = {
  /** @param {Session} one */
  render: (one) => one === session && render(),
  saveState,
  refused,
  leftOut: sayLeftOut,
};

let { session } = sitting.add(first, location.href);
let actions = actionsOf(session);
let painter = painterOf(session);
let precedents = new Precedents(session);

/** @param {Session} one */
function actionsOf(one) {
  const showPrecedents = () => precedents.open();
  const sessionAt = (/** @type {string} */ path) => sitting.sheets.get(path)?.session ?? null;
  const moves = { open, prefetch, wait, stay };
  const page = { render, focusOn, refused, sessionAt, showPrecedents, ...moves };
  return makeActions(one, page);
}

/** @param {Session} one */
function painterOf(one) {
  const { text, schema, ui } = one;
  const marks = () => disputeMarker(text, one.data, schema, ui, one.codes);
  let marksOf = marks();
  const made = new Painter(
    article,
    text,
    (paragraph) => marksOf(paragraph),
    () => {},
  );
  return {
    update() {
      marksOf = marks();
      made.update();
    },
    /** @param {number} point */
    reveal: (point) => made.reveal(point),
    close: () => made.observer.disconnect(),
  };
}

function render() {
  painter.update();
  const active = document.activeElement;
  const hadFocus = list.contains(active) || active === document.body;
  list.replaceChildren(...session.ordered.map(card));
  list.classList.toggle("named", session.ui.names);
  if (hadFocus) focusCard();
  renderBars(session);
}

/** @param {import("./disputes.js").Dispute} dispute */
function card(dispute) {
  const { text, schema, ui } = session;
  const draft = dispute.ident === ui.focus ? ui.draft : null;
  const form = draft ? editForm(text, draft, session, ui.edge) : null;
  const node = disputeCard(text, schema, dispute, session.codeOf(dispute.ident), ui, form);
  node.append(leftOutLine(session, dispute.ident) ?? "");
  if (dispute.ident === ui.focus) {
    if (ui.reason) node.append(reasonLine(ui.reason));
    node.append(precedents.block(dispute));
  }
  return node;
}

function focusCard() {
  const node = byId(`dispute-${session.ui.focus}`);
  node?.focus({ preventScroll: true });
  node?.scrollIntoView({ block: "nearest" });
}

/** @param {number|null} ident @param {string} [prefix] said first */
function focusOn(ident, prefix = "") {
  const { ui, text, schema } = session;
  if (ident !== ui.focus) session.dropBegun();
  ui.focus = ident;
  const dispute = session.focused;
  if (dispute) painter.reveal(dispute.start);
  render();
  if (!dispute) return;
  history.replaceState(null, "", session.addressOf(dispute.ident));
  focusCard();
  scrollToPlace(dispute.ident);
  const { label, kind } = dispute;
  const words = label ? shorten(text.slice(dispute.start, dispute.end), 120) : "the document";
  const name = `${session.codeOf(dispute.ident)}, ${facetWord(schema, label, kind)}`;
  announce(`${prefix}${name}: ${words}, ${dispute.versions.length} versions`);
  if (queue) lookAhead(queue);
}

/** Counts what was asked for, so that a document that comes late is not shown. */
let wanted = 0;
/** The page of an item that was asked what follows it. */
let asked = "";

/** Fetch what is next before it is needed. @param {import("./disputes.js").Ahead} ahead */
async function lookAhead(ahead) {
  prefetch(ahead.items.map((item) => item.url));
  const last = lastOfFew(ahead);
  if (!last || last.url === asked) return;
  asked = last.url;
  const answer = await ask(last.url);
  if ("data" in answer) extend(ahead, last.url, answer.data.queue);
  else asked = "";
  renderBars(session);
}

/** @param {string[]} urls */
function prefetch(urls) {
  const others = urls.filter((url) => pathOf(url) !== session.path);
  if (others.length) sitting.prefetch(others);
}

/** @param {number} ident */
function scrollToPlace(ident) {
  const box = article.querySelector(`[data-place="${ident}"]`)?.getBoundingClientRect();
  if (!box) return;
  const frame = pane.getBoundingClientRect();
  const inView = box.top >= frame.top + 40 && box.bottom <= frame.bottom - 40;
  if (!inView) pane.scrollBy({ top: box.top - frame.top - frame.height * 0.3 });
}

/** @param {string} state of a document's choices @param {Session} one */
function saveState(state, one) {
  const { waiting } = sitting;
  const isSaved = state === "saved" && !waiting;
  const shown = state === "saved" && waiting ? "saving" : state;
  if (one.settling.refused) return;
  showSaveState(
    byId("save-state"),
    shown,
    isSaved ? new Date().toTimeString().slice(0, 8) : waiting,
  );
}

/** @param {import("../sync/outbox.js").Answer} answer @param {Session} one whose choice it was */
function refused(answer, one) {
  showRefusal(answer, one, one === session, sitting.waiting);
}

/**
 * Show another document: at once where it is at hand. Keys wait while it is fetched, and are
 * carried out in it.
 * @param {string} url @param {{push?: boolean}} [how] push: as a new entry of the history
 */
function open(url, { push = true } = {}) {
  wanted += 1;
  const held = sitting.held(url);
  if (held) {
    goOnHere();
    show(held.session, url, push);
    kept.perform();
    return;
  }
  wait();
  fetchAndShow(url, push);
}

/** @param {string} url @param {boolean} push */
async function fetchAndShow(url, push) {
  const asking = wanted;
  // The queue tells what is left after what was chosen so far.
  const isSaved = url !== queue?.on || (await sitting.saved());
  if (asking !== wanted) return;
  if (!isSaved) {
    stay();
    sayUnsaved();
    return;
  }
  const loaded = await sitting.load(url);
  if (asking !== wanted) return;
  if ("sheet" in loaded) {
    const { session: next, url: found } = loaded.sheet;
    goOnHere();
    show(next, url === queue?.on ? found : url, push);
    kept.perform();
  } else if (loaded.failure === "no-page") {
    location.assign(url);
  } else {
    const isOut = loaded.failure === "signed-out";
    const again = () => fetchAndShow(url, push);
    kept.sayFailure(isOut, again, () => sitting.saved().then(() => location.assign(url)));
  }
}

/** Nothing more is loaded after a choice that was refused: say where that is. */
function sayUnsaved() {
  const one = sitting.refused;
  if (!one) return;
  const message = "A choice here was not accepted. See to it, then go on.";
  refused({ status: 409, body: { message } }, one);
}

/**
 * Have keys wait for the document on its way.
 * @returns {() => boolean} whether it is still what is wanted
 */
function wait() {
  const asking = wanted;
  const isWanted = () => asking === wanted;
  if (kept.waiting) return isWanted;
  session.ui.leaving = true;
  kept.wait();
  delete document.documentElement.dataset.ready;
  list.setAttribute("aria-busy", "true");
  render();
  return isWanted;
}

/** Nothing is on its way, or not any more. */
function goOnHere() {
  if (!kept.waiting) return;
  session.ui.leaving = false;
  kept.stop();
  list.removeAttribute("aria-busy");
  document.documentElement.dataset.ready = "true";
}

/** Give up what was to come, and the keys for it. */
function stay() {
  wanted += 1;
  kept.drop();
  goOnHere();
}

/** @param {Session} next @param {string} url @param {boolean} push */
function show(next, url, push) {
  const isOther = next !== session;
  if (isOther) {
    session.dropBegun();
    painter.close();
    session = next;
    session.ui.leaving = false;
    actions = actionsOf(session);
    precedents.close();
    precedents = new Precedents(session);
    // Where the queue begins anew, what follows is what this document was told.
    if (queue && !queue.items.length) extend(queue, url, session.data.queue);
    delete session.data.queue;
    showHeading(session.data);
    painter = painterOf(session);
    pane.scrollTop = 0;
  }
  const address = new URL(url, location.href);
  if (push && address.pathname !== location.pathname) history.pushState(null, "", address);
  session.query = address.search;
  begin(address.searchParams, isOther ? `${document.title.split(" · ")[0]}. ` : "", push);
}

/** @param {KeyboardEvent} event */
function onKey(event) {
  const { ui } = session;
  if (document.querySelector("dialog[open]")) return;
  if (event.key === "Escape" && ui.draft) {
    actions.run("escape");
  } else if (event.key === "Enter" && isWordsField(event.target)) {
    event.preventDefault();
    actions.run("takeFirst");
  } else if (!isForControl(event) && (isHeldDown(event) || kept.takes(event))) {
    event.preventDefault();
  } else if (!isForControl(event) && perform(event)) {
    event.preventDefault();
  }
}

/**
 * Enter there is about the words, not yet about the whole version.
 * @param {EventTarget|null} node
 */
function isWordsField(node) {
  return node instanceof HTMLInputElement && node.name === "words" && !!node.value.trim();
}

/** One press is one choice. @param {KeyboardEvent} event */
function isHeldDown(event) {
  const command = event.repeat && commandOf(event);
  return !!command && !MAY_REPEAT.includes(command.action);
}

/**
 * Carry out what a key means here.
 * @param {import("./keptkeys.js").Pressed} event @returns {boolean} whether it means anything
 */
function perform(event) {
  const command = commandOf(event);
  if (command) actions.run(command.action, command.arg);
  return !!command;
}

/**
 * @param {import("./keptkeys.js").Pressed} event
 * @returns {{action: string, arg?: string}|null}
 */
function commandOf(event) {
  const { draft } = session.ui;
  const pressed = /** @type {KeyboardEvent} */ (event);
  const number = digit(pressed);
  if (number && number !== "0" && !draft) return { action: "take", arg: number };
  const facetNumber = shiftedDigit(pressed);
  if (facetNumber && !draft) return { action: "pickNext", arg: facetNumber };
  return match(DISPUTE_KEYS, pressed, draft ? "edit" : "list");
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
  // Words are marked in the text while a version is edited.
  const isMarking = !!session.ui.draft && article.contains(target);
  if (ident && ident !== session.ui.focus && action !== "reopen" && !isMarking) focusOn(ident);
  if (action !== undefined) actions.run(action, arg);
}

function onSelection() {
  const place = session.ui.draft && selectionSpan(article, session.text);
  if (place) actions.markWords(place);
}

/** @param {Event} event */
function onChange(event) {
  const control = /** @type {HTMLSelectElement} */ (event.target);
  if (control.name === "label") actions.run("relabel", control.value);
}

/** @param {BeforeUnloadEvent} event */
function onLeave(event) {
  if (sitting.waiting) event.preventDefault();
}

function start() {
  document.addEventListener("keydown", onKey);
  document.addEventListener("click", onClick);
  list.addEventListener("submit", (event) => {
    event.preventDefault();
    actions.saveEdit();
  });
  list.addEventListener("change", onChange);
  document.addEventListener("selectionchange", onSelection);
  addEventListener("popstate", () => {
    // They were meant for the document on its way.
    kept.drop();
    open(location.href, { push: false });
  });
  addEventListener("beforeunload", onLeave);
  begin(new URLSearchParams(location.search));
  requestAnimationFrame(() => {
    document.documentElement.dataset.ready = "true";
  });
}

/**
 * Begin at the dispute that the address names, and open it again when it asks for that; else at the
 * first open one.
 * @param {URLSearchParams} query @param {string} [prefix] said first
 * @param {boolean} [onward] whether to go on from a dispute that is settled
 */
function begin(query, prefix = "", onward = true) {
  const { ordered, ui } = session;
  const named = session.find(Number(query.get("at")));
  const shown = named ?? ordered.find(isOpen) ?? ordered[0];
  const wasSettled = !!named?.settled;
  focusOn(shown?.ident ?? null, prefix);
  if (query.has("undo")) {
    if (ui.focus !== null) actions.reopen(ui.focus);
  } else if (queue && wasSettled && onward && !ui.closed) actions.goOn("Already settled. ");
}

start();
