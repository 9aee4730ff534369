/** The review page: puts the parts together. */
import { getJson } from "../sync/outbox.js";
import { restState, showSaveState } from "../sync/savestate.js";
import { Tabs } from "../sync/tabs.js";
import { confidenceWords } from "../text/confidence.js";
import { nearestStop } from "../text/edges.js";
import { canLink } from "../text/linking.js";
import { pointAt } from "../text/offsets.js";
import { resize } from "../text/ops.js";
import { Picker } from "../ui/caret.js";
import { alertUser, announce, byId, readJson, shorten } from "../ui/dom.js";
import { Handles } from "../ui/handles.js";
import { Keymap } from "../ui/keymap.js";
import { digit, isForControl, matches, MOVES } from "../ui/keys.js";
import { Painter, spansAt } from "../ui/paint.js";
import { listenToTouch } from "../ui/touch.js";
import { makeActions } from "./actions.js";
import { Awaited } from "./awaited.js";
import { Bars } from "./bars.js";
import { CardLane } from "./cardlane.js";
import { FindForm } from "./find.js";
import { askConflict, finish, offerReopening, showElsewhere } from "./finish.js";
import { Focus } from "./focus.js";
import { GuidelinePane } from "./guideline.js";
import { firstLacking, reviewKeys, withLabelKeys } from "./keys.js";
import { showLegend } from "./legend.js";
import { marker } from "./marks.js";
import { NextPage } from "./nextpage.js";
import { Practice } from "./practice.js";
import { Queue } from "./queue.js";
import { TextSearch } from "./search.js";
import { Session } from "./session.js";
import { STATES } from "./states.js";

/** @typedef {import("../text/model.js").View} View */

/** What is clicked here leaves the marked words as they are. */
const UNMARKING = "#label-popup, #text-search, dialog, .handle";

/** @type {import("../text/model.js").Workspace} */ let workspace;
/** @type {HTMLElement} */ let grid;
/** @type {HTMLElement} */ let article;
/** @type {HTMLElement} */ let pane;
/** @type {HTMLElement} */ let lane;
/** @type {Session} */ let session;
/** @type {Session["ui"]} */ let ui;
/** @type {Session["model"]} */ let model;
/** @type {Session["text"]} */ let text;
/** @type {Session["outbox"]} */ let outbox;
/** @type {Keymap} */ let keymap;
/** @type {ReturnType<typeof marker>} */ let marks;
/** @type {Painter} */ let painter;
/** @type {CardLane} */ let cards;
/** @type {Queue} */ let queue;
/** @type {Focus} */ let focus;
/** @type {Bars} */ let bars;
/** @type {Picker} */ let picker;
/** @type {Handles} */ let handles;
/** @type {FindForm} */ let find;
/** @type {GuidelinePane} */ let guideline;
/** @type {TextSearch} */ let search;
/** @type {ReturnType<typeof makeActions>} */ let run;
/** @type {Practice|null} */ let practice;
/** @type {Tabs} */ let tabs;
/** @type {Awaited} */ let awaited;

/** Make everything for the document that the page holds now. */
function build() {
  performance.mark("data");
  workspace = readJson("workspace");
  workspace.schema = withLabelKeys(workspace.schema);
  grid = byId("queue");
  article = byId("article");
  pane = byId("text-pane");
  lane = byId("cards");

  session = new Session(
    workspace,
    {
      render: () => render(),
      saveState: (state, detail) => showSaveState(byId("save-state"), state, detail),
      askConflict,
      lookAhead: () => nextPage.lookAhead(workspace.urls.ahead),
      goOn: (place) => nextPage.go(place),
    },
    session?.clock,
  );
  ({ ui, model, text, outbox } = session);
  keymap = new Keymap(reviewKeys(workspace.schema), workspace.layer.owner, storage());

  marks = marker(model, ui);
  painter = new Painter(
    article,
    text,
    (paragraph) => marks(paragraph),
    () => painted(),
  );
  cards = new CardLane(lane, pane, session, painter, Object.assign(ui, { keyOf, firstKind: null }));
  queue = new Queue(grid, model, ui);
  focus = new Focus(grid, article, lane);
  bars = new Bars(session, keymap);
  picker = new Picker(article, session);
  handles = new Handles(article, session, painter, dragTo, dragDone);
  find = new FindForm(model, (wanted) => {
    ui.find = wanted;
    render();
  });
  guideline = new GuidelinePane(() => {
    cards.forgetHeights();
    render();
  });
  search = new TextSearch(article, pane, session, painter, picker);
  run = makeActions(session, {
    focusOn,
    render,
    picker,
    find,
    guideline,
    search,
    keymap,
    finish: () => (practice ? practice.leave() : finish(session, (ident) => focusOn(ident))),
    nextPane: () => focus.toNextPane(),
    hasHintKeys,
  });
  const { practice: round } = workspace;
  practice = round ? new Practice(session, keymap, round.steps) : null;
  tabs = new Tabs(`saidby:${workspace.layer.owner}:${workspace.urls.decisions}`, {
    onLost: () => standAside(),
    onGained: () => goOn(),
    beforeLoss: () => outbox.flush(),
  });
  const isBusy = () => context() !== "browse";
  awaited = new Awaited(session, isBusy, (mayShow) => nextPage.again(mayShow));
}

/** Let go of the document, when another one takes its place in the page. */
async function end() {
  awaited.end();
  outbox.close();
  painter.close();
  await tabs.leave();
}

/**
 * The key of an action for what is in hand; none where letters mean something else now.
 * @param {string} action
 * @param {any} [arg]
 */
function keyOf(action, arg) {
  const binding = keymap.bindingOf(action, arg, session.focused?.span.label);
  const isHeld = binding && (!isPicking() || binding.contexts.includes("linking"));
  return isHeld ? (binding.keys[0] ?? "") : "";
}

/** Whether letters that pick the other end of a link are keys of what is in hand, too. */
function hasHintKeys() {
  const label = session.focused?.span.label;
  return keymap.table.some(
    ({ only, keys, contexts }) => only === label && keys.length && !contexts.includes("linking"),
  );
}

function storage() {
  try {
    return localStorage;
  } catch {
    return null;
  }
}

function context() {
  if (ui.caret) return "caret";
  if (picker.picked) return "select";
  return isPicking() ? "linking" : "browse";
}

/** Whether letters pick the other end of a link: not where there is none and they are keys, too. */
function isPicking() {
  return Boolean(ui.linking && (ui.offers.length || ui.linkAsked || !hasHintKeys()));
}

/** What a screen reader hears about an item. @param {View} view */
function describe(view) {
  const { items } = session.items;
  const at = items.findIndex((other) => other.ident === view.ident);
  const isDocument = view.role === "document";
  const parts = [isDocument ? "Document" : `${model.schema.title(view.span.label)} ${view.code}`];
  if (at >= 0) parts.push(`${at + 1} of ${items.length}`);
  parts.push(STATES[view.state].word);
  const sure = confidenceWords(view).replace("%", "percent");
  if (sure) parts.push(sure);
  const outer = view.role === "frame" ? model.outer(view) : null;
  if (outer) parts.push(`inside ${outer.code}`);
  for (const { words } of view.missing) parts.push(`${words} missing`);
  if (view.unaccepted) parts.push("not accepted yet");
  if (isDocument) return parts.join(", ");
  return `${parts.join(", ")}: ${shorten(model.words(view.span), 140)}`;
}

/**
 * Take an item in hand.
 * @param {number|null} ident
 * @param {{prefix?: string, quiet?: boolean, release?: boolean, scroll?: boolean}} [options]
 */
function focusOn(ident, options = {}) {
  const view = model.views.get(ident ?? -1);
  if (ident !== ui.focus || options.release) {
    ui.held = view && !view.settled && model.queued(view) && !options.release ? ident : null;
    ui.linkAsked = null;
    ui.linkLeft = false;
    ui.field = null;
    ui.also = false;
    ui.edge = "end";
  }
  ui.focus = view ? ident : null;
  if (view) painter.reveal(view.span.start);
  render();
  focus.toRow();
  if (view && options.scroll !== false) cards.bringIntoView(view);
  byId("queue-pane").classList.remove("open");
  if (view && !options.quiet) announce((options.prefix ?? "") + describe(view));
}

/** Everything is written first and measured once, so that the browser lays the page out once. */
function render() {
  session.updateOffers();
  const label = session.focused?.span.label ?? "";
  cards.ui.firstKind = model.schema.kindsFrom(label)[0] ?? null;
  marks = marker(model, ui);
  const kept = focus.remember();
  painter.update();
  queue.render(session.items);
  byId("queue-empty").hidden = model.views.size > 0;
  if (ui.find) find.show(session.items.items.length);
  bars.render(context(), Boolean(picker.picked));
  guideline.follow(session.focused ? model.label(label) : null);
  cards.render();
  practice?.render();
  focus.restore(kept);
  placeAround();
}

function painted() {
  if (!lane.contains(document.activeElement)) cards.render();
  search.paint();
  placeAround();
}

let placing = 0;

/** Handles follow the text; one measurement for each frame is enough. */
function placeAround() {
  if (placing) return;
  placing = requestAnimationFrame(() => {
    placing = 0;
    handles.place();
  });
}

/** @param {"start"|"end"} edge @param {number|null} point @param {boolean} byCharacter */
function dragTo(edge, point, byCharacter) {
  const view = session.focused;
  if (!view || point === null) return;
  const stop = nearestStop(text, point, byCharacter ? "grapheme" : "word", edge);
  const [decision] = resize(model, view, edge, stop).filter(
    (other) => other.subject === "span" && other.ident === view.ident,
  );
  if (!decision) return;
  ui.edge = edge;
  ui.preview = { ident: view.ident, edge, stop, span: decision.after };
  marks = marker(model, ui);
  painter.update();
  placeAround();
}

/** @param {"start"|"end"} edge @param {boolean} wanted */
function dragDone(edge, wanted) {
  const { preview } = ui;
  const view = session.focused;
  ui.preview = null;
  if (wanted && preview && view) session.commit(resize(model, view, edge, preview.stop));
  focusOn(ui.focus, { quiet: true, scroll: false });
}

/** Another window writes now. */
function standAside() {
  session.setElsewhere(true);
  showElsewhere(
    true,
    "Another window of this browser has taken this document over, so this one is read only.",
  );
  render();
}

/** The document is ours again: read what the other window did, then go on. */
async function goOn() {
  const fresh = await getJson(workspace.urls.workspace);
  if (!fresh) {
    return showElsewhere(
      true,
      "The server cannot be reached, so what the other window did is not known here yet.",
    );
  }
  session.restart(fresh);
  showElsewhere(false);
  const prefix = nextPage.greeting;
  focusOn(ui.focus ?? session.items.items[0]?.ident ?? null, { prefix });
  return outbox.flush();
}

function takeOver() {
  if (tabs.held) goOn();
  else tabs.takeOver();
}

/** @param {KeyboardEvent} event */
function onKey(event) {
  if (isForControl(event) || document.querySelector("dialog[open]")) return;
  const active = /** @type {Element} */ (document.activeElement ?? document.body);
  const outside = active !== document.body && !active.closest("[data-keys]");
  const isStray = event.repeat || !document.documentElement.dataset.ready;
  const number = isStray ? null : digit(event);
  if (!outside && number && number !== "0" && labelKey(number)) return event.preventDefault();
  const alone = isStray ? null : digit(event, true);
  if (!outside && alone && labelAlone(alone)) return event.preventDefault();
  const { focused } = session;
  const label = focused?.span.label;
  const here = keymap.table.filter(({ only }) => only === undefined || only === label);
  const binding = firstLacking(matches(here, event, context()), focused);
  // Single letters act only while the work has the focus; chords with Ctrl and F6 act anywhere.
  if (!binding || (outside && !event.ctrlKey && !event.metaKey && event.key !== "F6")) return;
  event.preventDefault();
  if (!isStray || MOVES.has(binding.action)) run(binding.action, binding.arg);
}

/** @param {string} number */
function labelKey(number) {
  const label = model.labels.find((other) => other.key === number);
  if (!label || !keymap.keyOf("relabel")) return false;
  run(picker.picked ? "add" : "relabel", label.name);
  return true;
}

/** A label for the picked words and no link. @param {string} number */
function labelAlone(number) {
  const label = model.labels.find((other) => other.key === number);
  if (!label || !picker.picked || !keymap.keyOf("addAlone")) return false;
  run("addAlone", label.name);
  return true;
}

/** @param {MouseEvent} event */
function onClick(event) {
  const target = /** @type {Element} */ (event.target);
  const button = /** @type {HTMLButtonElement|null} */ (target.closest("[data-action]"));
  if (!button || button.disabled) return;
  if (button.matches("article") && target.closest("button, input, select")) return;
  const { action = "", arg } = button.dataset;
  if (action === "takeOver") return takeOver();
  run(action, arg);
  // After a mouse click the keys go on from the queue; after a key the button keeps the focus.
  const typed = event.detail === 0;
  const elsewhere =
    document.querySelector("dialog[open]") ||
    ui.caret ||
    document.activeElement?.closest("#find, #text-search");
  if (!typed && !elsewhere) focus.toRow();
}

/** @param {MouseEvent} event */
function onTextClick(event) {
  if (picker.picked || !document.getSelection()?.isCollapsed) return;
  const idents = spansAt(/** @type {Element} */ (event.target));
  const { linking } = ui;
  const { focused } = session;
  const other =
    linking && focused
      ? idents.find((ident) => canLink(model, focused, linking, ident))
      : undefined;
  if (other !== undefined) {
    run("pickIdent", other);
    return;
  }
  // What rides along is taken in hand only where nothing else lies.
  const others = idents.filter((ident) => model.views.get(ident)?.role !== "fold");
  const list = others.length ? others : idents;
  if (!list.length) return;
  if (ui.caret) picker.stop();
  focusOn(list[(list.indexOf(ui.focus ?? -1) + 1) % list.length], { scroll: false });
}

/** @param {PointerEvent} event */
function onPointerUp(event) {
  if (/** @type {Element} */ (event.target).closest(UNMARKING)) return;
  const { caret } = ui;
  // The browser settles a selection after pointerup; a caret that was started meanwhile stays.
  setTimeout(() => {
    if (caret && caret === ui.caret && document.getSelection()?.isCollapsed) picker.stop();
    if (!ui.caret) picker.selected(event.altKey);
    bars.renderKeys(context(), Boolean(picker.picked));
  });
}

/** What is listened for whatever document the page holds. */
function listenToWindow() {
  document.addEventListener("keydown", onKey);
  document.addEventListener("click", onClick);
  document.addEventListener("pointerup", onPointerUp);
  listenToTouch(() => {
    if (ui.caret) return;
    picker.selected(false);
    bars.renderKeys(context(), Boolean(picker.picked));
  });
  window.addEventListener("resize", () => {
    cards.forgetHeights();
    render();
  });
  window.addEventListener("online", () => outbox.flush());
  window.addEventListener("focus", () => outbox.flush());
  window.addEventListener("pagehide", () => outbox.flush());
  document.addEventListener("visibilitychange", () => session.seen.turn(document.hidden));
  session.clock.listenTo(document);
}

/** What is listened for in the elements of one document. */
function listen() {
  article.addEventListener("click", (event) => {
    const point = pointAt(article, text, event.clientX, event.clientY);
    onTextClick(event);
    picker.lookAt(point);
  });
  grid.addEventListener("click", (event) => {
    const row = /** @type {HTMLElement|null} */ (
      /** @type {Element} */ (event.target).closest("[data-ident]")
    );
    if (row) focusOn(Number(row.dataset.ident));
  });
  lane.addEventListener("change", (event) => {
    const input = /** @type {HTMLInputElement} */ (event.target);
    if (input.dataset.attribute) run("setText", [input.dataset.attribute, input.value]);
  });
  for (const button of /** @type {NodeListOf<HTMLElement>} */ (
    document.querySelectorAll("[data-filter]")
  )) {
    button.addEventListener("click", () => run("filter", button.dataset.filter));
  }
  // Pressed by mouse, a button of the bar leaves the focus where the keys work.
  byId("key-bar").addEventListener("mousedown", (event) => event.preventDefault());
  byId("queue-toggle").addEventListener("click", () => {
    if (byId("queue-pane").classList.toggle("open")) focus.toRow();
  });
  pane.addEventListener("scroll", () => scrolled(), { passive: true });
  // Stretches far off take their true height only when they come near.
  new ResizeObserver(() => scrolled()).observe(article);
  session.seen.watch(article, pane);
}

let scrollTimer = 0;

function scrolled() {
  window.clearTimeout(scrollTimer);
  scrollTimer = window.setTimeout(painted, 120);
}

/** @param {boolean} [isNext] whether the reviewer comes here from the document before */
async function start(isNext = false) {
  build();
  listen();
  showLegend(model.schema);
  offerReopening(session);
  const free = ui.submitted || (await tabs.enter());
  if (!free) {
    session.setElsewhere(true);
    showElsewhere(true);
  } else if (!ui.submitted) session.adopt();
  guideline.restore(null);
  const { open, items } = session.items;
  const first = (open[0] ?? items[0])?.ident ?? null;
  const { id, title } = workspace.document;
  const prefix = `Next document: ${title || id}. `;
  if (isNext) announce(prefix);
  focusOn(first, { prefix, quiet: !isNext });
  const rest = restState(workspace);
  showSaveState(byId("save-state"), outbox.groups.length ? "saving" : rest, outbox.size);
  if (free) outbox.flush();
  requestAnimationFrame(() => {
    document.documentElement.dataset.ready = "true";
    performance.mark("ready");
  });
}

/** @param {any} error */
function failed(error) {
  alertUser("The page could not start. Reload it; nothing is lost.");
  throw error;
}

const nextPage = new NextPage(end, (isNext) => start(isNext));
start().catch(failed);
listenToWindow();
