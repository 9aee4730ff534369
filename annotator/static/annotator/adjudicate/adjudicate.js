/** The adjudication page: one dispute after another, a key each. */
import { confirmBox, showHelp } from "../ui/dialogs.js";
import { disputeCard, facts } from "./cards.js";
import { allSpeakers, inOrder, isOpen, majority, personOf } from "./disputes.js";
import { disputeMarker } from "./marks.js";
import { keyBar } from "../ui/keybar.js";
import { alertUser, announce, byId, el, readJson, shorten } from "../ui/dom.js";
import { DISPUTE_KEYS } from "./keys.js";
import { draftOf, editForm, frameOf, moveIn, readInto } from "./draft.js";
import { helpTable } from "../ui/help.js";
import { caption, digit, isForControl, match } from "../ui/keys.js";
import { flag } from "../ui/notes.js";
import { FrozenText } from "../text/offsets.js";
import { postJson, signedOut } from "../sync/outbox.js";
import { Painter } from "../ui/paint.js";
import { showSaveState } from "../sync/savestate.js";
import { Settling } from "../sync/settling.js";
import { following, leftIn } from "./queue.js";
import { addressOf, UndoHistory } from "./undo.js";

/**
 * @typedef {import("./disputes.js").Disputes} Disputes
 * @typedef {import("../ui/keys.js").Binding} Binding
 * @typedef {{number?: number, reason?: string, facets?: Record<string, number>, frame?: import("./draft.js").ExactFrame}} Chosen
 */

/** @type {Disputes} */
let data = readJson("disputes");
const text = new FrozenText(data.document.text);
const article = byId("article");
const pane = byId("text-pane");
const list = byId("dispute-list");
/** @type {import("./disputes.js").Ui} */
const ui = {
  focus: null,
  draft: null,
  edge: "end",
  picks: new Map(),
  names: false,
  leaving: false,
  closed: data.state === "done" || data.own,
  claimLabel: data.schema.links[0]?.source,
  people: data.people,
};
const undoHistory = new UndoHistory(data.corpus.slug, sessionStorage);
const settling = new Settling({
  version: data.version,
  address: data.urls.disputes,
  onState: (state, waiting) => showSaveState(byId("save-state"), state, waiting),
  onFresh: accepted,
  onRefused: refused,
});

let codes = numbering();
let marks = disputeMarker(text, data, ui, codes);
const painter = new Painter(
  article,
  text,
  (paragraph) => marks(paragraph),
  () => {},
);

function numbering() {
  return new Map(inOrder(data.disputes).map((dispute, index) => [dispute.ident, `D${index + 1}`]));
}

/** @param {number} ident */
function codeOf(ident) {
  return codes.get(ident) ?? "";
}

function current() {
  return data.disputes.find((dispute) => dispute.ident === ui.focus) ?? null;
}

function render() {
  codes = numbering();
  marks = disputeMarker(text, data, ui, codes);
  painter.update();
  const hadFocus =
    list.contains(document.activeElement) || document.activeElement === document.body;
  const form = ui.draft ? editForm(text, ui.draft, allSpeakers(data), data.schema, ui.edge) : null;
  list.replaceChildren(
    ...inOrder(data.disputes).map((dispute) =>
      disputeCard(
        text,
        dispute,
        codeOf(dispute.ident),
        ui,
        dispute.ident === ui.focus ? form : null,
      ),
    ),
  );
  if (hadFocus) focusCard();
  renderBars();
  renderAgreed();
}

function renderBars() {
  const settled = data.disputes.filter((dispute) => dispute.settled).length;
  const deferred = data.disputes.filter((dispute) => dispute.deferred).length;
  const bar = /** @type {HTMLProgressElement} */ (byId("settled-bar"));
  byId("settled").textContent =
    `${settled} of ${data.disputes.length} settled${deferred ? `, ${deferred} deferred` : ""}`;
  byId("agreed-count").textContent = `${data.agreed.length} agreed`;
  bar.max = Math.max(1, data.disputes.length);
  bar.value = settled;
  byId("undo").toggleAttribute("disabled", ui.closed || !(settled || deferred || undoHistory.last));
  byId("disputes-empty").hidden = data.disputes.length > 0;
  byId("queue-left").hidden = !data.queue;
  if (data.queue) byId("queue-left").textContent = leftIn(data.queue);
  for (const label of /** @type {NodeListOf<HTMLElement>} */ (
    document.querySelectorAll("[data-letter]")
  ))
    label.textContent = personOf(label.dataset.letter ?? "", ui, ui.names);
  const context = ui.draft ? ["edit"] : ["list", "bar"];
  const offered = (/** @type {Binding} */ binding) =>
    binding.bar &&
    binding.contexts.some((name) => context.includes(name)) &&
    (binding.action !== "names" || Object.keys(ui.people).length);
  const shown = DISPUTE_KEYS.filter(offered).map((binding) => ({
    ...binding,
    caption: caption(binding.keys[0]),
    ...(binding.action === "take" ? { arg: 1 } : {}),
  }));
  const dispute = current();
  byId("key-bar").replaceChildren(
    ...keyBar(
      ui.closed ? [] : shown,
      dispute ? `${codeOf(dispute.ident)} · ${dispute.kind}` : "Saidby",
    ),
  );
}

function renderAgreed() {
  byId("agreed-list").replaceChildren(
    ...data.agreed.map(({ claim, speakers }) =>
      el(
        "li",
        {},
        el(
          "span",
          { class: "version-claim", dir: "auto" },
          shorten(text.slice(claim.start, claim.end), 110),
        ),
        el("span", { class: "version-facts" }, facts(text, claim, speakers, ui.claimLabel)),
      ),
    ),
  );
}

function focusCard() {
  const card = byId(`dispute-${ui.focus}`);
  card?.focus({ preventScroll: true });
  card?.scrollIntoView({ block: "nearest" });
}

/** @param {number|null} ident @param {string} [prefix] said first */
function focusOn(ident, prefix = "") {
  if (ident !== ui.focus) {
    ui.draft = null;
    ui.picks.clear();
  }
  ui.focus = ident;
  const dispute = current();
  if (dispute) painter.reveal(dispute.start);
  render();
  if (!dispute) return;
  focusCard();
  const place = article.querySelector(`[data-place="${ident}"]`);
  const box = place?.getBoundingClientRect();
  const frame = pane.getBoundingClientRect();
  if (box && (box.top < frame.top + 40 || box.bottom > frame.bottom - 40))
    pane.scrollBy({ top: box.top - frame.top - frame.height * 0.3 });
  announce(
    `${prefix}${codeOf(dispute.ident)}, ${dispute.kind}: ${shorten(text.slice(dispute.start, dispute.end), 120)}, ${dispute.versions.length} versions`,
  );
}

/** @param {string} prefix said first */
function goOn(prefix) {
  if (data.queue) {
    const next = following(data.queue, location.pathname, (ident) =>
      isOpen(data.disputes.find((dispute) => dispute.ident === ident)),
    );
    return "url" in next ? leave(next.url) : focusOn(next.ident, prefix);
  }
  const ordered = inOrder(data.disputes);
  const at = ordered.findIndex((dispute) => dispute.ident === ui.focus);
  const open = [...ordered.slice(at + 1), ...ordered.slice(0, at)].find(isOpen);
  if (open) return focusOn(open.ident, prefix);
  focusOn(ui.focus);
  return announce(`${prefix}Everything is settled. Finish when you are ready.`);
}

/** Go to another page once everything is saved; keys wait meanwhile, so that none of them falls on the wrong dispute. @param {string} url */
async function leave(url) {
  ui.leaving = true;
  render();
  await settling.done;
  if (settling.refused) ui.leaving = false;
  else location.assign(url);
}

/** @param {Disputes} fresh as the server has them now @param {number} waiting */
function accepted(fresh, waiting) {
  // While more is on its way, what the page shows is newer than this answer.
  if (waiting) return;
  data = { ...fresh, urls: data.urls, queue: data.queue };
  showSaveState(byId("save-state"), "saved", new Date().toTimeString().slice(0, 8));
  render();
}

/** @param {import("../sync/outbox.js").Answer} answer */
function refused(answer) {
  showSaveState(byId("save-state"), signedOut(answer) ? "signed-out" : "changed", settling.waiting);
  const words = signedOut(answer)
    ? "Signed out: sign in, then load this page again."
    : (answer.body.message ?? "The server did not accept this choice.");
  alertUser(`${words} `);
  byId("alert").append(
    el(
      "button",
      { type: "button", class: "button button-small", on: { click: () => location.reload() } },
      "Load the page again",
    ),
  );
}

/** @param {"version"|"none"|"edit"|"defer"} choice @param {Chosen} [extra] */
function settle(choice, extra = {}) {
  const dispute = current();
  if (!dispute || ui.closed) return;
  // A settled dispute has to be opened again first; a stray Enter must not settle it twice.
  if (dispute.settled || (dispute.deferred && choice === "defer")) {
    goOn("Already settled. ");
    return;
  }
  const sent = {
    choice,
    number: extra.number ?? 0,
    reason: extra.reason ?? "",
    ...(extra.facets ? { facets: extra.facets } : {}),
  };
  dispute.settled = choice === "defer" ? null : sent;
  dispute.deferred = choice === "defer";
  undoHistory.add({ path: location.pathname, query: location.search, ident: dispute.ident });
  ui.draft = null;
  ui.picks.clear();
  settling.send(data.urls.settle, {
    dispute: dispute.ident,
    ...sent,
    ...(extra.frame ? { frame: extra.frame } : {}),
  });
  goOn(choice === "defer" ? "Put off. " : "Settled. ");
}

/** @param {number} ident */
function reopen(ident) {
  const dispute = data.disputes.find((other) => other.ident === ident);
  undoHistory.drop(location.pathname, ident);
  if (!dispute || isOpen(dispute) || ui.closed) return;
  // The queue comes back to where it was left.
  const left = current();
  if (data.queue && left && ident !== left.ident && isOpen(left))
    data.queue.items.unshift({ ident: left.ident, url: location.pathname });
  dispute.settled = null;
  dispute.deferred = false;
  settling.send(data.urls.undo, { dispute: ident });
  focusOn(ident, "Open again. ");
}

/** The last choice of this tab first; else the dispute in focus; else the last choice in another document. */
function undo() {
  const step = undoHistory.last;
  const dispute = current();
  if (step?.path === location.pathname) reopen(step.ident);
  else if (dispute && !isOpen(dispute)) reopen(dispute.ident);
  else if (step) leave(addressOf(step));
}

/**
 * Take one facet of a version; when each has its version, or a digit alone gives the rest, the dispute is settled.
 * @param {string|null} facet null for the next one @param {number} number
 */
function pick(facet, number) {
  const dispute = current();
  if (
    !dispute ||
    dispute.settled ||
    ui.closed ||
    !dispute.versions.some((version) => version.number === number)
  )
    return;
  const wanted = facet ?? dispute.parts.find((part) => !ui.picks.has(part));
  if (!wanted) return;
  ui.picks.set(wanted, number);
  if (dispute.parts.every((part) => ui.picks.has(part))) {
    take(ui.picks.get(dispute.parts[0]));
    return;
  }
  render();
  announce(
    `${wanted} of version ${number}. Next: ${dispute.parts.find((part) => !ui.picks.has(part))}; a digit alone takes the rest.`,
  );
}

/** @param {number|undefined} number */
function take(number) {
  const version = current()?.versions.find((other) => other.number === number);
  if (!version) return;
  const facets = Object.fromEntries([...ui.picks].filter(([, other]) => other !== version.number));
  settle("version", { number: version.number, ...(Object.keys(facets).length ? { facets } : {}) });
}

function beginEdit() {
  const dispute = current();
  if (!dispute || dispute.settled) return;
  const version = majority(dispute) ?? dispute.versions[0];
  ui.edge = "end";
  ui.draft = draftOf(version, allSpeakers(data));
  focusOn(ui.focus);
  announce(`Editing version ${version.number}. Arrows move the end; Enter goes on to the reason.`);
}

/** Typed values survive a redraw. */
function readForm() {
  const form = /** @type {HTMLFormElement|null} */ (document.getElementById("edit-form"));
  if (form && ui.draft) readInto(ui.draft, form);
}

/** @param {string} arg direction and unit */
function moveDraft(arg) {
  if (!ui.draft) return;
  readForm();
  const [direction, unit] = arg.split(",");
  if (
    moveIn(
      text,
      ui.draft,
      ui.edge,
      /** @type {1|-1} */ (Number(direction)),
      /** @type {import("../text/edges.js").Unit} */ (unit),
    )
  )
    render();
}

function saveEdit() {
  readForm();
  if (!ui.draft?.reason) return;
  const { number, reason } = ui.draft;
  settle("edit", {
    number,
    reason,
    frame: frameOf(text, ui.draft, allSpeakers(data), data.schema),
  });
}

async function finish() {
  await settling.done;
  const open = inOrder(data.disputes).filter(isOpen);
  if (open.length) {
    focusOn(open[0].ident);
    return alertUser(
      `${open.length} ${open.length === 1 ? "dispute is" : "disputes are"} still open.`,
    );
  }
  const answer = await postJson(data.urls.close, { version: settling.version });
  if (answer.status !== 200) return refused(answer);
  if (answer.body.next) return location.assign(answer.body.next);
  await confirmBox(
    "Settled",
    [el("p", {}, answer.body.message || "No more documents wait for adjudication.")],
    [{ value: true, label: "Back to the disputes", primary: true }],
  );
  return location.assign(data.urls.list);
}

/** @param {1|-1} direction */
function step(direction) {
  const ordered = inOrder(data.disputes);
  const next = ordered[ordered.findIndex((dispute) => dispute.ident === ui.focus) + direction];
  if (next) focusOn(next.ident);
}

/** @type {Record<string, (arg: string) => void>} */
const actions = {
  take: (number) => take(Number(number)),
  pick: (arg) => pick(arg.split(",")[0], Number(arg.split(",")[1])),
  unpick() {
    ui.picks.clear();
    render();
  },
  majority() {
    const dispute = current();
    if (dispute) take((majority(dispute) ?? dispute.versions[0]).number);
  },
  defer: () => settle("defer"),
  flag() {
    const dispute = current();
    if (!dispute) return;
    const words = (/** @type {import("../text/layer.js").Place} */ span) =>
      text.slice(span.start, span.end);
    flag(
      { workspace: data, model: { words }, outbox: { flush: () => settling.done } },
      { ident: dispute.ident, code: codeOf(dispute.ident), span: dispute },
    );
  },
  names() {
    ui.names = !ui.names && Object.keys(ui.people).length > 0;
    announce(ui.names ? "Names are shown." : "Names are hidden.");
    render();
  },
  none: () => settle("none"),
  edit: beginEdit,
  edge: moveDraft,
  otherEdge() {
    readForm();
    ui.edge = ui.edge === "end" ? "start" : "end";
    render();
  },
  reason: () =>
    /** @type {HTMLInputElement|null} */ (
      document.querySelector('#edit-form [name="reason"]')
    )?.focus(),
  escape() {
    ui.draft = null;
    focusOn(ui.focus);
  },
  undo,
  reopen: (ident) => reopen(Number(ident)),
  next: () => step(1),
  previous: () => step(-1),
  help: () => showHelp(helpTable(DISPUTE_KEYS)),
  finish,
};

/** @param {string} name @param {string} [arg] */
function run(name, arg = "") {
  if (ui.leaving || (ui.closed && !["next", "previous", "help", "names"].includes(name))) return;
  if (["majority", "none", "edit", "defer", "flag"].includes(name) && !current()) return;
  actions[name]?.(arg);
}

/** @param {KeyboardEvent} event */
function onKey(event) {
  if (event.key === "Escape" && ui.draft && !document.querySelector("dialog[open]"))
    return run("escape");
  if (isForControl(event)) return undefined;
  const number = digit(event);
  if (number && number !== "0" && !ui.draft) {
    event.preventDefault();
    return run("take", number);
  }
  const shifted =
    event.shiftKey &&
    !event.ctrlKey &&
    !event.altKey &&
    !event.metaKey &&
    /^Digit([1-9])$/u.exec(event.code);
  if (shifted && !ui.draft && !ui.leaving) {
    event.preventDefault();
    return pick(null, Number(shifted[1]));
  }
  const binding = match(DISPUTE_KEYS, event, ui.draft ? "edit" : "list");
  if (!binding) return undefined;
  event.preventDefault();
  return run(binding.action, binding.arg);
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

/** Begin at the dispute that the address names, and open it again when it asks for that; else at the first open one. */
function begin() {
  const query = new URLSearchParams(location.search);
  const ordered = inOrder(data.disputes);
  const named = data.disputes.find((dispute) => dispute.ident === Number(query.get("at")));
  focusOn((named ?? ordered.find(isOpen) ?? ordered[0])?.ident ?? null);
  if (query.has("undo")) {
    query.delete("undo");
    history.replaceState(null, "", `?${query}`);
    if (ui.focus !== null) reopen(ui.focus);
  } else if (data.queue && named && named.settled && !ui.closed) goOn("Already settled. ");
}

start();
