/** The adjudication page: one dispute after another, a key each. */
import { confirmBox, showHelp } from "./dialogs.js";
import { allSpeakers, disputeCard, disputeMarker, editForm, facts, inOrder, isOpen, majority, personOf } from "./disputes.js";
import { keyBar } from "./cards.js";
import { alertUser, announce, byId, el, readJson, shorten } from "./dom.js";
import { DISPUTE_KEYS } from "./disputekeys.js";
import { moveEdge } from "./edges.js";
import { helpTable } from "./help.js";
import { caption, digit, isForControl, match } from "./keys.js";
import { ranges } from "./layer.js";
import { flag } from "./notes.js";
import { FrozenText } from "./offsets.js";
import { postJson, signedOut } from "./outbox.js";
import { Painter } from "./paint.js";
import { showSaveState } from "./savestate.js";
import { Settling } from "./settling.js";
import { addressOf, following, leftIn, Trail } from "./trail.js";

let data = readJson("disputes");
const text = new FrozenText(data.document.text);
const article = byId("article");
const pane = byId("text-pane");
const list = byId("dispute-list");
const ui = {
  focus: null, draft: null, edge: "end", picks: new Map(), names: false, leaving: false,
  closed: data.state === "done" || data.own, claimLabel: data.schema.links[0]?.source, people: data.people,
};
const trail = new Trail(data.corpus.slug, sessionStorage);
const settling = new Settling({
  version: data.version,
  address: data.urls.disputes,
  onState: (state, waiting) => showSaveState(byId("save-state"), state, waiting),
  onFresh: accepted,
  onRefused: refused,
});

let codes = numbering();
let marks = disputeMarker(text, data, ui, codes);
const painter = new Painter(article, text, (paragraph) => marks(paragraph), () => {});

function numbering() {
  return new Map(inOrder(data.disputes).map((dispute, index) => [dispute.ident, `D${index + 1}`]));
}

function current() {
  return data.disputes.find((dispute) => dispute.ident === ui.focus) ?? null;
}

function render() {
  codes = numbering();
  marks = disputeMarker(text, data, ui, codes);
  painter.update();
  const hadFocus = list.contains(document.activeElement) || document.activeElement === document.body;
  const form = ui.draft ? editForm(text, ui.draft, allSpeakers(data), data.schema, ui.edge) : null;
  list.replaceChildren(...inOrder(data.disputes).map((dispute) => disputeCard(text, dispute, codes.get(dispute.ident), ui, dispute.ident === ui.focus ? form : null)));
  if (hadFocus) focusCard();
  renderBars();
  renderAgreed();
}

function renderBars() {
  const settled = data.disputes.filter((dispute) => dispute.settled).length;
  const deferred = data.disputes.filter((dispute) => dispute.deferred).length;
  const bar = /** @type {HTMLProgressElement} */ (byId("settled-bar"));
  byId("settled").textContent = `${settled} of ${data.disputes.length} settled${deferred ? `, ${deferred} deferred` : ""}`;
  byId("agreed-count").textContent = `${data.agreed.length} agreed`;
  bar.max = Math.max(1, data.disputes.length);
  bar.value = settled;
  byId("undo").toggleAttribute("disabled", ui.closed || !(settled || deferred || trail.last));
  byId("disputes-empty").hidden = data.disputes.length > 0;
  byId("queue-left").hidden = !data.queue;
  if (data.queue) byId("queue-left").textContent = leftIn(data.queue);
  for (const label of document.querySelectorAll("[data-letter]")) label.textContent = personOf(label.dataset.letter, ui, ui.names);
  const context = ui.draft ? ["edit"] : ["list", "bar"];
  const offered = (binding) => binding.bar && binding.contexts.some((name) => context.includes(name)) && (binding.action !== "names" || Object.keys(ui.people).length);
  const shown = DISPUTE_KEYS.filter(offered).map((binding) => ({ ...binding, caption: caption(binding.keys[0]), ...(binding.action === "take" ? { arg: 1 } : {}) }));
  byId("key-bar").replaceChildren(...keyBar(ui.closed ? [] : shown, [codes.get(ui.focus), current()?.kind].filter(Boolean).join(" · ") || "Saidby"));
}

function renderAgreed() {
  byId("agreed-list").replaceChildren(...data.agreed.map(({ claim, speakers }) => el("li", {}, el("span", { class: "version-claim", dir: "auto" }, shorten(text.slice(claim.start, claim.end), 110)), el("span", { class: "version-facts" }, facts(text, claim, speakers, ui.claimLabel)))));
}

function focusCard() {
  const card = byId(`dispute-${ui.focus}`);
  card?.focus({ preventScroll: true });
  card?.scrollIntoView({ block: "nearest" });
}

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
  if (box && (box.top < frame.top + 40 || box.bottom > frame.bottom - 40)) pane.scrollBy({ top: box.top - frame.top - frame.height * 0.3 });
  announce(`${prefix}${codes.get(ident)}, ${dispute.kind}: ${shorten(text.slice(dispute.start, dispute.end), 120)}, ${dispute.versions.length} versions`);
}

function goOn(prefix) {
  if (data.queue) {
    const next = following(data.queue, location.pathname, (ident) => isOpen(data.disputes.find((dispute) => dispute.ident === ident)));
    return "url" in next ? leave(next.url) : focusOn(next.ident, prefix);
  }
  const ordered = inOrder(data.disputes);
  const at = ordered.findIndex((dispute) => dispute.ident === ui.focus);
  const open = [...ordered.slice(at + 1), ...ordered.slice(0, at)].find(isOpen);
  if (open) return focusOn(open.ident, prefix);
  focusOn(ui.focus);
  return announce(`${prefix}Everything is settled. Finish when you are ready.`);
}

/** Go to another page once everything is saved; keys wait meanwhile, so that none of them falls on the wrong dispute. */
async function leave(url) {
  ui.leaving = true;
  render();
  await settling.done;
  if (settling.refused) ui.leaving = false;
  else location.assign(url);
}

function accepted(fresh, waiting) {
  // While more is on its way, what the page shows is newer than this answer.
  if (waiting) return;
  data = { ...fresh, urls: data.urls, queue: data.queue };
  showSaveState(byId("save-state"), "saved", new Date().toTimeString().slice(0, 8));
  render();
}

function refused(answer) {
  showSaveState(byId("save-state"), signedOut(answer) ? "signed-out" : "changed", settling.waiting);
  const words = signedOut(answer) ? "Signed out: sign in, then load this page again." : (answer.body.message ?? "The server did not accept this choice.");
  alertUser(`${words} `);
  byId("alert").append(el("button", { type: "button", class: "button button-small", on: { click: () => location.reload() } }, "Load the page again"));
}

function settle(choice, extra = {}) {
  const dispute = current();
  if (!dispute || ui.closed) return;
  // A settled dispute has to be opened again first; a stray Enter must not settle it twice.
  if (dispute.settled || (dispute.deferred && choice === "defer")) {
    goOn("Already settled. ");
    return;
  }
  const sent = { choice, number: extra.number ?? 0, reason: extra.reason ?? "", ...(extra.facets ? { facets: extra.facets } : {}) };
  dispute.settled = choice === "defer" ? null : sent;
  dispute.deferred = choice === "defer";
  trail.add({ path: location.pathname, query: location.search, ident: dispute.ident });
  ui.draft = null;
  ui.picks.clear();
  settling.send(data.urls.settle, { dispute: dispute.ident, ...sent, ...(extra.frame ? { frame: extra.frame } : {}) });
  goOn(choice === "defer" ? "Put off. " : "Settled. ");
}

function reopen(ident) {
  const dispute = data.disputes.find((other) => other.ident === ident);
  trail.drop(location.pathname, ident);
  if (!dispute || isOpen(dispute) || ui.closed) return;
  // The queue comes back to where it was left.
  if (data.queue && ident !== ui.focus && isOpen(current())) data.queue.items.unshift({ ident: ui.focus, url: location.pathname });
  dispute.settled = null;
  dispute.deferred = false;
  settling.send(data.urls.undo, { dispute: ident });
  focusOn(ident, "Open again. ");
}

/** The last choice of this tab first; else the dispute in focus; else the last choice in another document. */
function undo() {
  const step = trail.last;
  const dispute = current();
  if (step?.path === location.pathname) reopen(step.ident);
  else if (dispute && !isOpen(dispute)) reopen(dispute.ident);
  else if (step) leave(addressOf(step));
}

/** Take one facet of a version; when each has its version, or a digit alone gives the rest, the dispute is settled. */
function pick(facet, number) {
  const dispute = current();
  if (!dispute || dispute.settled || ui.closed || !dispute.versions.some((version) => version.number === number)) return;
  const wanted = facet ?? dispute.parts.find((part) => !ui.picks.has(part));
  if (!wanted) return;
  ui.picks.set(wanted, number);
  if (dispute.parts.every((part) => ui.picks.has(part))) {
    take(ui.picks.get(dispute.parts[0]));
    return;
  }
  render();
  announce(`${wanted} of version ${number}. Next: ${dispute.parts.find((part) => !ui.picks.has(part))}; a digit alone takes the rest.`);
}

function take(number) {
  if (!current()?.versions.some((version) => version.number === number)) return;
  const facets = Object.fromEntries([...ui.picks].filter(([, other]) => other !== number));
  settle("version", { number, ...(Object.keys(facets).length ? { facets } : {}) });
}

function beginEdit() {
  const dispute = current();
  const version = majority(dispute) ?? dispute.versions[0];
  if (dispute.settled) return;
  const speakers = allSpeakers(data);
  const own = version.speakers[0];
  const index = own ? speakers.findIndex((speaker) => speaker.start === own.start && speaker.end === own.end) : -1;
  ui.edge = "end";
  ui.draft = { number: version.number, claim: structuredClone(version.claim), speaker: index < 0 ? "" : String(index), speakers: version.speakers, reason: "" };
  focusOn(ui.focus);
  announce(`Editing version ${version.number}. Arrows move the end; Enter goes on to the reason.`);
}

/** Typed values survive a redraw. */
function readForm() {
  const form = /** @type {HTMLFormElement|null} */ (document.getElementById("edit-form"));
  if (!form || !ui.draft) return;
  const values = new FormData(form);
  ui.draft.speaker = String(values.get("speaker") ?? "");
  ui.draft.reason = String(values.get("reason") ?? "").trim();
  const attributes = { ...ui.draft.claim.attributes };
  for (const name of ["stance", "target"]) {
    const value = String(values.get(name) ?? "").trim();
    if (value) attributes[name] = value;
    else delete attributes[name];
  }
  ui.draft.claim.attributes = attributes;
}

function moveDraft(arg) {
  if (!ui.draft) return;
  readForm();
  const [direction, unit] = arg.split(",");
  const pieces = ranges(ui.draft.claim).map((piece) => [...piece]);
  const piece = ui.edge === "start" ? pieces[0] : pieces[pieces.length - 1];
  const at = ui.edge === "start" ? 0 : 1;
  piece[at] = moveEdge(text, piece[at], Number(direction), unit, ui.edge);
  if (piece[0] >= piece[1]) return;
  Object.assign(ui.draft.claim, { start: pieces[0][0], end: pieces[pieces.length - 1][1], fragments: pieces.length > 1 ? pieces : null });
  render();
}

function withExact(span) {
  const { label, start, end, fragments, attributes } = span;
  return { label, start, end, fragments: fragments ?? null, attributes: attributes ?? {}, exact: text.slice(start, end) };
}

function saveEdit() {
  readForm();
  const { number, claim, speaker, speakers, reason } = ui.draft;
  if (!reason) return;
  const chosen = speaker === "" ? [] : [allSpeakers(data)[Number(speaker)]];
  // Several speakers of the version stay together while the first of them is still the choice.
  const same = chosen[0] && speakers.some((other) => other.start === chosen[0].start && other.end === chosen[0].end);
  const frameSpeakers = same ? speakers : chosen;
  const label = data.schema.labels.find((other) => other.name === claim.label);
  if (label?.attributes.some((attribute) => attribute.name === "speaker_state")) claim.attributes.speaker_state = frameSpeakers.length ? "linked" : "unknown";
  settle("edit", { number, reason, frame: { claim: withExact(claim), speakers: frameSpeakers.map(withExact) } });
}

async function finish() {
  await settling.done;
  const open = inOrder(data.disputes).filter(isOpen);
  if (open.length) {
    focusOn(open[0].ident);
    return alertUser(`${open.length} ${open.length === 1 ? "dispute is" : "disputes are"} still open.`);
  }
  const answer = await postJson(data.urls.close, { version: settling.version });
  if (answer.status !== 200) return refused(answer);
  if (answer.body.next) return location.assign(answer.body.next);
  await confirmBox("Settled", [el("p", {}, answer.body.message || "No more documents wait for adjudication.")], [{ value: true, label: "Back to the disputes", primary: true }]);
  return location.assign(data.urls.list);
}

function step(direction) {
  const ordered = inOrder(data.disputes);
  const next = ordered[ordered.findIndex((dispute) => dispute.ident === ui.focus) + direction];
  if (next) focusOn(next.ident);
}

const actions = {
  take: (number) => take(Number(number)),
  pick: (arg) => pick(arg.split(",")[0], Number(arg.split(",")[1])),
  unpick() {
    ui.picks.clear();
    render();
  },
  majority: () => take((majority(current()) ?? current().versions[0]).number),
  defer: () => settle("defer"),
  flag() {
    const page = { workspace: data, model: { words: (span) => text.slice(span.start, span.end) }, outbox: { flush: () => settling.done } };
    flag(page, { ident: ui.focus, code: codes.get(ui.focus), span: current() });
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
  reason: () => document.querySelector('#edit-form [name="reason"]')?.focus(),
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

function run(name, arg) {
  if (ui.leaving || (ui.closed && !["next", "previous", "help", "names"].includes(name))) return;
  if (["majority", "none", "edit", "defer", "flag"].includes(name) && !current()) return;
  actions[name]?.(arg);
}

function onKey(event) {
  if (event.key === "Escape" && ui.draft && !document.querySelector("dialog[open]")) return run("escape");
  if (isForControl(event)) return undefined;
  const number = digit(event);
  if (number && number !== "0" && !ui.draft) {
    event.preventDefault();
    return run("take", number);
  }
  const shifted = event.shiftKey && !event.ctrlKey && !event.altKey && !event.metaKey && /^Digit([1-9])$/u.exec(event.code);
  if (shifted && !ui.draft && !ui.leaving) {
    event.preventDefault();
    return pick(null, Number(shifted[1]));
  }
  const binding = match(DISPUTE_KEYS, event, ui.draft ? "edit" : "list");
  if (!binding) return undefined;
  event.preventDefault();
  return run(binding.action, binding.arg);
}

function onClick(event) {
  const card = event.target.closest("[data-dispute]");
  const ident = Number(card?.dataset.dispute ?? event.target.closest("[data-place]")?.dataset.place);
  const button = event.target.closest("[data-action]");
  if (ident && ident !== ui.focus && button?.dataset.action !== "reopen") focusOn(ident);
  if (button) run(button.dataset.action, button.dataset.arg);
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
    reopen(ui.focus);
  } else if (data.queue && named && named.settled && !ui.closed) goOn("Already settled. ");
}

start();
