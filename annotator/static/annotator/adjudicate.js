/** The adjudication page: one dispute after another, a key each. */
import { confirmBox, showHelp } from "./dialogs.js";
import { allSpeakers, disputeCard, disputeMarker, editForm, facts, inOrder, majority } from "./disputes.js";
import { keyBar } from "./cards.js";
import { alertUser, announce, byId, el, readJson, shorten, uuid } from "./dom.js";
import { moveEdge } from "./edges.js";
import { caption, digit, helpTable, isForControl, match } from "./keys.js";
import { ranges } from "./model.js";
import { FrozenText } from "./offsets.js";
import { postJson, signedOut } from "./outbox.js";
import { Painter } from "./paint.js";
import { showSaveState } from "./savestate.js";

const RETRIES = 4;

/** @type {import("./keys.js").Binding[]} */
const KEYS = [
  { keys: ["1–9"], contexts: ["bar"], action: "take", label: "take that version and go on", bar: "take, next", group: "Settle" },
  { keys: ["Enter"], contexts: ["list"], action: "majority", label: "take what most say (or version 1) and go on", bar: "majority", group: "Settle" },
  { keys: ["0"], contexts: ["list"], action: "none", label: "nobody says this here: drop it", bar: "nobody", group: "Settle" },
  { keys: ["e"], contexts: ["list"], action: "edit", label: "start from version 1 and edit", bar: "edit", group: "Settle" },
  { keys: ["z", "Ctrl+z"], contexts: ["list"], action: "undo", label: "undo the last settlement", bar: "undo", group: "Settle" },
  { keys: ["ArrowDown", "j"], contexts: ["list", "edit"], action: "next", label: "next dispute", bar: "next", group: "Move" },
  { keys: ["ArrowUp", "k"], contexts: ["list", "edit"], action: "previous", label: "previous dispute", bar: "previous", group: "Move" },
  { keys: ["ArrowLeft"], contexts: ["edit"], action: "edge", arg: "-1,word", label: "while editing: edge back a word (Shift: a character, Ctrl: a clause)", bar: "edge by word", group: "Edit" },
  { keys: ["ArrowRight"], contexts: ["edit"], action: "edge", arg: "1,word", label: "while editing: edge on a word", group: "Edit" },
  { keys: ["Shift+ArrowLeft"], contexts: ["edit"], action: "edge", arg: "-1,grapheme", label: "", group: "" },
  { keys: ["Shift+ArrowRight"], contexts: ["edit"], action: "edge", arg: "1,grapheme", label: "", group: "" },
  { keys: ["Ctrl+ArrowLeft"], contexts: ["edit"], action: "edge", arg: "-1,natural", label: "", group: "" },
  { keys: ["Ctrl+ArrowRight"], contexts: ["edit"], action: "edge", arg: "1,natural", label: "", group: "" },
  { keys: ["e"], contexts: ["edit"], action: "otherEdge", label: "the other edge", bar: "other edge", group: "Edit" },
  { keys: ["Enter"], contexts: ["edit"], action: "reason", label: "go on to the reason", bar: "reason", group: "Edit" },
  { keys: ["Escape"], contexts: ["edit"], action: "escape", label: "leave the edit", bar: "cancel", group: "Edit" },
  { keys: ["?"], contexts: ["list", "edit"], action: "help", label: "this table", bar: "keys", group: "Page" },
  { keys: ["Ctrl+Enter"], contexts: ["list"], action: "finish", label: "finish this document", group: "Page" },
];

let data = readJson("disputes");
const text = new FrozenText(data.document.text);
const article = byId("article");
const pane = byId("text-pane");
const list = byId("dispute-list");
const ui = { focus: null, draft: null, edge: "end", closed: data.state === "done", claimLabel: data.schema.links[0]?.source };
/** disputes in the order they were settled here, for undo */
const settledHere = [];
let sending = Promise.resolve();
let waiting = 0;

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
  const bar = /** @type {HTMLProgressElement} */ (byId("settled-bar"));
  byId("settled").textContent = `${settled} of ${data.disputes.length} settled`;
  byId("agreed-count").textContent = `${data.agreed.length} agreed`;
  bar.max = Math.max(1, data.disputes.length);
  bar.value = settled;
  byId("undo").toggleAttribute("disabled", ui.closed || !settled);
  byId("disputes-empty").hidden = data.disputes.length > 0;
  const context = ui.draft ? ["edit"] : ["list", "bar"];
  const shown = KEYS.filter((binding) => binding.bar && binding.contexts.some((name) => context.includes(name))).map((binding) => ({ ...binding, caption: caption(binding.keys[0]), ...(binding.action === "take" ? { arg: 1 } : {}) }));
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
  if (ident !== ui.focus) ui.draft = null;
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
  const ordered = inOrder(data.disputes);
  const at = ordered.findIndex((dispute) => dispute.ident === ui.focus);
  const open = [...ordered.slice(at + 1), ...ordered.slice(0, at)].find((dispute) => !dispute.settled);
  if (open) return focusOn(open.ident, prefix);
  focusOn(ui.focus);
  return announce(`${prefix}Everything is settled. Finish when you are ready.`);
}

const pause = (time) => new Promise((done) => setTimeout(done, time));

/** One request at a time, each with the version the one before it brought; repeated under the same client id. */
function send(url, payload) {
  waiting += 1;
  showSaveState(byId("save-state"), "saving", waiting);
  sending = sending.then(() => attempt(url, { ...payload, client_id: uuid() }));
  return sending;
}

async function attempt(url, payload) {
  for (let round = 0; ; round += 1) {
    const answer = await postJson(url, { ...payload, version: data.version }, true);
    if (answer.status === 200) return accepted(answer.body);
    if (answer.status !== 0 && answer.status < 500) return refused(answer);
    showSaveState(byId("save-state"), "offline", waiting);
    if (round >= RETRIES) return refused({ status: 0, body: { message: "The server does not answer. Your last choice was not saved." } });
    await pause(1000 * 2 ** round);
  }
}

function accepted(fresh) {
  waiting -= 1;
  // While more is on its way, what the page shows is newer than this answer.
  data = waiting ? { ...data, version: fresh.version } : fresh;
  if (!waiting) showSaveState(byId("save-state"), "saved", new Date().toTimeString().slice(0, 8));
  render();
}

function refused(answer) {
  waiting = Math.max(0, waiting - 1);
  showSaveState(byId("save-state"), signedOut(answer) ? "signed-out" : "changed", waiting);
  const words = signedOut(answer) ? "Signed out: sign in, then load this page again." : (answer.body.message ?? "The server did not accept this choice.");
  alertUser(`${words} `);
  byId("alert").append(el("button", { type: "button", class: "button button-small", on: { click: () => location.reload() } }, "Load the page again"));
}

function settle(choice, extra = {}) {
  const dispute = current();
  if (!dispute || ui.closed) return;
  // A settled dispute has to be opened again first; a stray Enter must not settle it twice.
  if (dispute.settled) {
    goOn("Already settled. ");
    return;
  }
  dispute.settled = { choice, number: extra.number ?? 0, reason: extra.reason ?? "" };
  settledHere.push(dispute.ident);
  ui.draft = null;
  send(data.urls.settle, { dispute: dispute.ident, choice, number: extra.number ?? null, reason: extra.reason ?? "", ...(extra.frame ? { frame: extra.frame } : {}) });
  goOn("Settled. ");
}

function reopen(ident) {
  const dispute = data.disputes.find((other) => other.ident === ident);
  if (!dispute?.settled || ui.closed) return;
  dispute.settled = null;
  settledHere.splice(settledHere.lastIndexOf(ident), settledHere.includes(ident) ? 1 : 0);
  send(data.urls.undo, { dispute: ident });
  focusOn(ident, "Open again. ");
}

function beginEdit() {
  const version = current()?.versions[0];
  if (!version || current().settled) return;
  const speakers = allSpeakers(data);
  const own = version.speakers[0];
  const index = own ? speakers.findIndex((speaker) => speaker.start === own.start && speaker.end === own.end) : -1;
  ui.edge = "end";
  ui.draft = { claim: structuredClone(version.claim), speaker: index < 0 ? "" : String(index), speakers: version.speakers, reason: "" };
  focusOn(ui.focus);
  announce("Editing version 1. Arrows move the end; Enter goes on to the reason.");
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
  const { claim, speaker, speakers, reason } = ui.draft;
  if (!reason) return;
  const chosen = speaker === "" ? [] : [allSpeakers(data)[Number(speaker)]];
  // Several speakers of the version stay together while the first of them is still the choice.
  const same = chosen[0] && speakers.some((other) => other.start === chosen[0].start && other.end === chosen[0].end);
  const frameSpeakers = same ? speakers : chosen;
  const label = data.schema.labels.find((other) => other.name === claim.label);
  if (label?.attributes.some((attribute) => attribute.name === "speaker_state")) claim.attributes.speaker_state = frameSpeakers.length ? "linked" : "unknown";
  settle("edit", { number: 1, reason, frame: { claim: withExact(claim), speakers: frameSpeakers.map(withExact) } });
}

async function finish() {
  await sending;
  const open = inOrder(data.disputes).filter((dispute) => !dispute.settled);
  if (open.length) {
    focusOn(open[0].ident);
    return alertUser(`${open.length} ${open.length === 1 ? "dispute is" : "disputes are"} still open.`);
  }
  const answer = await postJson(data.urls.close, { version: data.version });
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
  take(number) {
    if (current()?.versions.some((version) => version.number === Number(number))) settle("version", { number: Number(number) });
  },
  majority: () => settle("version", { number: (majority(current()) ?? current().versions[0]).number }),
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
  undo: () => reopen(settledHere[settledHere.length - 1] ?? (current()?.settled ? ui.focus : null)),
  reopen: (ident) => reopen(Number(ident)),
  next: () => step(1),
  previous: () => step(-1),
  help: () => showHelp(helpTable(KEYS)),
  finish,
};

function run(name, arg) {
  if (ui.closed && !["next", "previous", "help"].includes(name)) return;
  if (["majority", "none", "edit"].includes(name) && !current()) return;
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
  const binding = match(KEYS, event, ui.draft ? "edit" : "list");
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
  const ordered = inOrder(data.disputes);
  focusOn((ordered.find((dispute) => !dispute.settled) ?? ordered[0])?.ident ?? null);
  requestAnimationFrame(() => {
    document.documentElement.dataset.ready = "true";
  });
}

start();
