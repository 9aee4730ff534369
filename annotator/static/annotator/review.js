/** The review page: puts the parts together. */
import { makeActions } from "./actions.js";
import { Handles, Picker, spansAt } from "./caret.js";
import { focusedCard, keyBar, layOut, smallCard } from "./cards.js";
import { confirmBox, finishBox } from "./dialogs.js";
import { alertUser, announce, byId, el, readJson, shorten, uuid } from "./dom.js";
import { nearestStop } from "./edges.js";
import { caption, digit, isForControl, match, REVIEW_KEYS } from "./keys.js";
import { marker } from "./marks.js";
import { resize } from "./ops.js";
import { postJson, signedOut } from "./outbox.js";
import { Painter } from "./paint.js";
import { progress, queueItems, renderQueue, STATES } from "./queue.js";
import { Session } from "./session.js";
import { showSaveState } from "./savestate.js";

const workspace = readJson("workspace");
const grid = byId("queue");
const article = byId("article");
const pane = byId("text-pane");
const lane = byId("cards");

const session = new Session(workspace, {
  render: () => render(),
  saveState: (state, detail) => showSaveState(byId("save-state"), state, detail),
  askConflict: (codes) => confirmBox("Changed elsewhere", [el("p", {}, `${codes.join(", ")} was also changed in another window. Which version shall stand?`)],
    [{ value: true, label: "Mine, from this window", primary: true }, { value: false, label: "The other one" }]).then((answer) => answer !== false),
});
const { ui, model, text, outbox } = session;

let marks = marker(model, ui);
const painter = new Painter(article, text, (paragraph) => marks(paragraph), () => placeAround());
const picker = new Picker(article, session);
const handles = new Handles(article, session, painter, dragTo, dragDone);
const run = makeActions(session, { focusOn, render, picker, finish, nextPane, describe });

function context() {
  if (ui.caret) return "caret";
  if (picker.picked) return "select";
  return ui.linking ? "linking" : "browse";
}

/** What a screen reader hears about an item. */
function describe(view) {
  const { items } = queueItems(model, ui);
  const at = items.findIndex((other) => other.ident === view.ident);
  const parts = [`${model.label(view.span.label).title || view.span.label} ${view.code}`];
  if (at >= 0) parts.push(`${at + 1} of ${items.length}`);
  parts.push(STATES[view.state].word);
  if (view.state === "suggested" && view.score !== null) parts.push(`${Math.round(view.score * 100)} percent`);
  const outer = view.role === "claim" ? model.outer(view) : null;
  if (outer) parts.push(`inside ${outer.code}`);
  for (const name of view.missing) parts.push(`${name} missing`);
  return `${parts.join(", ")}: ${shorten(model.words(view.span), 140)}`;
}

/**
 * Take an item in hand.
 * @param {number|null} ident @param {{prefix?: string, quiet?: boolean, release?: boolean, scroll?: boolean}} [options]
 */
function focusOn(ident, options = {}) {
  const view = model.views.get(ident ?? -1);
  if (ident !== ui.focus || options.release) {
    ui.held = view && !view.settled && model.queued(view) && !options.release ? ident : null;
    ui.linkAsked = false;
    ui.also = false;
    ui.edge = "end";
    ui.since = performance.now();
  }
  ui.focus = view ? ident : null;
  if (view) painter.reveal(view.span.start);
  render();
  focusRow();
  if (view && options.scroll !== false) scrollTo(view);
  byId("queue-pane").classList.remove("open");
  if (view && !options.quiet) announce((options.prefix ?? "") + describe(view));
}

function focusRow() {
  const row = grid.querySelector('[tabindex="0"]');
  row?.focus({ preventScroll: true });
  row?.scrollIntoView({ block: "nearest" });
  // The queue is a closed drawer on a small screen; keys then live in the text.
  if (document.activeElement !== row && !document.querySelector("dialog[open]")) article.focus({ preventScroll: true });
}

function scrollTo(view) {
  const piece = painter.piece(view.ident);
  if (!piece) return;
  const box = piece.getBoundingClientRect();
  const frame = pane.getBoundingClientRect();
  const sheet = getComputedStyle(lane).position === "fixed" ? lane.offsetHeight : 0;
  // The card stands beside the span's first line; both have to be in view.
  const card = sheet ? 0 : (lane.querySelector(".focused")?.offsetHeight ?? 0);
  const low = Math.max(box.bottom + 60, box.top + card) - (frame.bottom - sheet);
  if (box.top >= frame.top + 60 && low <= 0) return;
  const third = box.top - frame.top - (frame.height - sheet) * 0.3;
  const inView = box.top >= frame.top + 60 && box.bottom <= frame.bottom - 60 - sheet;
  pane.scrollBy({ top: inView ? Math.min(low, box.top - frame.top - 60) : Math.max(third, Math.min(low, box.top - frame.top - 60)) });
}

function render() {
  session.updateOffers();
  marks = marker(model, ui);
  painter.update();
  const kept = rememberFocus();
  renderQueue(grid, model, ui, queueItems(model, ui));
  byId("queue-empty").hidden = model.views.size > 0;
  renderCards();
  renderBars();
  restoreFocus(kept);
  placeAround();
}

/** Drawing again must not throw the reader's focus away. */
function rememberFocus() {
  const active = /** @type {HTMLElement} */ (document.activeElement);
  if (grid.contains(active)) return { row: true };
  if (lane.contains(active)) return { action: active.dataset.action, arg: active.dataset.arg, attribute: active.dataset.attribute };
  return null;
}

function restoreFocus(kept) {
  if (!kept) return;
  if (kept.row) return focusRow();
  const same = [...lane.querySelectorAll("button, input")].find((node) =>
    node.dataset.action === kept.action && node.dataset.arg === kept.arg && node.dataset.attribute === kept.attribute);
  if (same) same.focus({ preventScroll: true });
  else focusRow();
}

/** Cards exist only for what is near the view. */
function renderCards() {
  const frame = pane.getBoundingClientRect();
  const top = lane.getBoundingClientRect().top;
  const cards = [];
  for (const view of model.views.values()) {
    const focused = view.ident === ui.focus;
    if (!focused && (view.role === "speaker" || view.role === "cue" || (view.state === "rejected" && !ui.showRejected))) continue;
    if (!focused && !painter.isNear(view.span.start)) continue;
    const box = painter.piece(view.ident)?.getBoundingClientRect();
    const near = box && box.bottom > frame.top - frame.height && box.top < frame.bottom + frame.height;
    if (!focused && !near) continue;
    cards.push({ view, focused, top: (box?.top ?? top) - top - 8 });
  }
  const nodes = cards.map((card) => ({ top: card.top, focused: card.focused, node: card.focused ? focusedCard(model, card.view, ui) : smallCard(model, card.view) }));
  lane.replaceChildren(...nodes.map((card) => card.node));
  layOut(nodes, nodes.findIndex((card) => card.focused));
}

function renderBars() {
  const { settled, total, waiting } = progress(model);
  const bar = /** @type {HTMLProgressElement} */ (byId("settled-bar"));
  byId("settled").textContent = total ? `${waiting.length} unsettled · ${settled} of ${total} settled` : "nothing marked yet";
  bar.max = Math.max(1, total);
  bar.value = settled;
  byId("undo").toggleAttribute("disabled", ui.readOnly || !session.history.undoable.length);
  byId("redo").toggleAttribute("disabled", ui.readOnly || !session.history.redoable.length);
  for (const button of document.querySelectorAll("[data-filter]")) button.setAttribute("aria-pressed", String(button.dataset.filter === ui.filter));
  byId("show-rejected").setAttribute("aria-pressed", String(ui.showRejected));
  renderKeyBar();
}

/** What the keys do now, and only that. */
function renderKeyBar() {
  const now = context();
  const usable = (binding) => binding.bar && binding.contexts.includes(now) && (session.focused || binding.action === "caret" || now !== "browse");
  const bindings = REVIEW_KEYS.filter(usable).map((binding) => ({ ...binding, caption: caption(binding.keys[0]) }));
  const first = [];
  if (now === "linking" && ui.offers.length) first.push({ action: "link", bar: "pick speaker", caption: [...ui.hints.values()].join(" ") });
  if (picker.picked) for (const label of model.labels) first.push({ action: "add", arg: label.name, bar: label.title || label.name, caption: label.key });
  const titles = { linking: "speaker?", select: "words selected", caret: "caret", browse: "" };
  const title = [session.focused?.code, titles[now]].filter(Boolean).join(" · ") || "Saidby";
  byId("key-bar").replaceChildren(...keyBar(ui.readOnly ? [] : [...first, ...bindings], title));
}

let placing = 0;

/** Handles and cards follow the text; one measurement for each frame is enough. */
function placeAround() {
  if (placing) return;
  placing = requestAnimationFrame(() => {
    placing = 0;
    handles.place();
  });
}

function dragTo(edge, point, byCharacter) {
  const view = session.focused;
  if (!view || point === null) return;
  const stop = nearestStop(text, point, byCharacter ? "grapheme" : "word", edge);
  const [decision] = resize(model, view, edge, stop).filter((other) => other.subject === "span" && other.ident === view.ident);
  if (!decision) return;
  ui.edge = edge;
  ui.preview = { ident: view.ident, edge, stop, span: decision.after };
  marks = marker(model, ui);
  painter.update();
  placeAround();
}

function dragDone(edge, wanted) {
  const { preview } = ui;
  ui.preview = null;
  if (wanted && preview) session.commit(resize(model, session.focused, edge, preview.stop));
  focusOn(ui.focus, { quiet: true, scroll: false });
}

function nextPane() {
  const panes = [grid.querySelector('[tabindex="0"]'), article, lane.querySelector(".focused button")].filter(Boolean);
  const at = panes.findIndex((node) => node === document.activeElement || node.parentElement?.contains(document.activeElement) && node !== article);
  panes[(at + 1) % panes.length]?.focus();
}

async function finish() {
  await outbox.flush();
  if (outbox.groups.length) return alertUser(`${outbox.size} changes are not saved yet. They are kept on this computer; finish when they are saved.`);
  const mine = (view) => view.state !== "suggested" && view.state !== "rejected";
  const { waiting } = progress(model);
  const incomplete = [...model.views.values()].filter((view) => mine(view) && view.missing.length);
  const untouched = waiting.filter((view) => view.state === "suggested");
  const answer = await finishBox(incomplete, untouched, (view) => `${shorten(model.words(view.span), 60)}${mine(view) ? ` (missing: ${view.missing.join(", ")})` : ""}`);
  if (answer?.goTo) return focusOn(answer.goTo);
  return answer?.submit ? submit() : undefined;
}

async function submit() {
  const answer = await postJson(workspace.urls.submit, { version: outbox.version, client_id: uuid() });
  if (answer.status === 200) return submitted(answer.body);
  if (signedOut(answer)) return alertUser("Signed out. Sign in in another tab, then finish again; nothing is lost.");
  alertUser(answer.body.message ?? "The document could not be submitted: the server did not answer.");
  const [first] = answer.body.idents ?? [];
  return first ? focusOn(first) : undefined;
}

async function submitted(body) {
  if (body.next) return location.assign(body.next);
  const answer = await confirmBox("Submitted", [el("p", {}, body.message || "That was your last document here. Thank you.")],
    [{ value: "stay", label: "Look at it again" }, { value: "leave", label: "Back to the corpus", primary: true }]);
  return answer === "stay" ? location.reload() : location.assign(workspace.urls.corpus);
}

async function reopen() {
  const answer = await postJson(workspace.urls.reopen, {});
  if (answer.status === 200) location.reload();
  else alertUser(answer.body.message ?? "The layer could not be reopened.");
}

function onKey(event) {
  if (isForControl(event)) return;
  const outside = document.activeElement !== document.body && !document.activeElement.closest("[data-keys]");
  const number = digit(event);
  if (!outside && number && number !== "0" && labelKey(number)) return event.preventDefault();
  const binding = match(REVIEW_KEYS, event, context());
  // Single letters act only while the work has the focus; chords with Ctrl and F6 act anywhere on the page.
  if (!binding || (outside && !event.ctrlKey && !event.metaKey && event.key !== "F6")) return;
  event.preventDefault();
  run(binding.action, binding.arg);
}

function labelKey(number) {
  const label = model.labels.find((other) => other.key === number);
  if (!label) return false;
  run(picker.picked ? "add" : "relabel", label.name);
  return true;
}

function onClick(event) {
  const button = event.target.closest("[data-action]");
  if (!button || button.disabled) return;
  if (button.matches("article") && event.target.closest("button, input, select")) return;
  run(button.dataset.action, button.dataset.arg);
  // After a mouse click the keys go on from the queue; from the keyboard the focus stays on the button.
  const typed = event.detail === 0;
  if (!typed && !document.querySelector("dialog[open]") && !ui.caret) focusRow();
}

function onTextClick(event) {
  if (picker.picked || !document.getSelection().isCollapsed) return;
  const found = spansAt(event.target);
  const speaker = ui.linking ? found.find((ident) => model.views.get(ident)?.role === "speaker") : undefined;
  if (speaker !== undefined) return run("pickIdent", speaker);
  const real = found.filter((ident) => model.views.get(ident)?.role !== "cue");
  const list = real.length ? real : found;
  if (!list.length) return undefined;
  if (ui.caret) picker.stop();
  return focusOn(list[(list.indexOf(ui.focus) + 1) % list.length], { scroll: false });
}

function onPointerUp(event) {
  if (event.target.closest("#label-popup, .handle")) return;
  // The browser settles a selection after pointerup.
  setTimeout(() => {
    if (ui.caret && document.getSelection().isCollapsed) picker.stop();
    if (!ui.caret) picker.selected(event.altKey);
    renderKeyBar();
  });
}

function listen() {
  document.addEventListener("keydown", onKey);
  document.addEventListener("click", onClick);
  article.addEventListener("click", onTextClick);
  document.addEventListener("pointerup", onPointerUp);
  grid.addEventListener("click", (event) => {
    const row = event.target.closest("[data-ident]");
    if (row) focusOn(Number(row.dataset.ident));
  });
  lane.addEventListener("change", (event) => {
    const { attribute } = event.target.dataset;
    if (attribute) run("setText", [attribute, event.target.value.trim()]);
  });
  for (const button of document.querySelectorAll("[data-filter]")) {
    button.addEventListener("click", () => {
      ui.filter = button.dataset.filter;
      render();
    });
  }
  byId("queue-toggle").addEventListener("click", () => {
    if (byId("queue-pane").classList.toggle("open")) focusRow();
  });
  byId("reopen")?.addEventListener("click", reopen);
  pane.addEventListener("scroll", () => scrolled(), { passive: true });
  window.addEventListener("resize", () => render());
  // Stretches far off take their true height only when they come near.
  new ResizeObserver(() => scrolled()).observe(article);
  window.addEventListener("online", () => outbox.flush());
  window.addEventListener("focus", () => outbox.flush());
  window.addEventListener("pagehide", () => outbox.flush());
}

let scrollTimer = 0;

function scrolled() {
  clearTimeout(scrollTimer);
  scrollTimer = setTimeout(() => {
    if (!lane.contains(document.activeElement)) renderCards();
    placeAround();
  }, 120);
}

function start() {
  listen();
  const { open, items } = queueItems(model, ui);
  const first = open[0] ?? items[0];
  focusOn(first?.ident ?? null, { quiet: true });
  showSaveState(byId("save-state"), outbox.groups.length ? "saving" : "ready", outbox.size);
  outbox.flush();
  requestAnimationFrame(() => {
    document.documentElement.dataset.ready = "true";
  });
}

start();
