// The box that takes texts: files and folders are dropped or chosen, further texts are pasted, and
// all is sent with a bar that tells how far it is. Without this script the form sends it by itself.

import { csrfToken } from "../sync/outbox.js";

/** @typedef {{file: File, path: string}} Chosen */
/** @typedef {{next?: string, message?: string, code?: string, field?: string}} Answer */

const form = /** @type {HTMLFormElement} */ (document.querySelector(".import-form"));
const box = /** @type {HTMLElement} */ (form.querySelector(".import-box"));
const zone = /** @type {HTMLElement} */ (box.querySelector("[data-drop]"));
const list = /** @type {HTMLElement} */ (box.querySelector("[data-chosen]"));
const texts = /** @type {HTMLElement} */ (box.querySelector("[data-texts]"));
const another = /** @type {HTMLButtonElement} */ (box.querySelector("[data-act=another]"));
const meter = /** @type {HTMLElement} */ (form.querySelector("[data-meter]"));
const bar = /** @type {HTMLProgressElement} */ (meter.querySelector("progress"));
const words = /** @type {HTMLElement} */ (meter.querySelector("[role=status]"));
const trouble = /** @type {HTMLElement} */ (form.querySelector("[data-trouble]"));
const button = /** @type {HTMLButtonElement} */ (form.querySelector("button[type=submit]"));
const pickers = /** @type {HTMLInputElement[]} */ ([...zone.querySelectorAll("input[type=file]")]);

const LISTED = 8;
const MEGABYTE = 1e6;
// What is small is sent again by itself while an upload before is looked through.
const SENT_AGAIN = 5 * MEGABYTE;
const AGAIN_MS = 2000;
const SLOWER = 1.4;
const MOST_TRIES = 10;

/** @type {Chosen[]} */
let chosen = [];
let tries = 0;
let isKept = false;

/** @param {string} message @param {string} [about] the name of the field that is wrong */
function fail(message, about) {
  meter.hidden = true;
  button.disabled = false;
  trouble.textContent = message;
  trouble.hidden = false;
  const field = about ? form.querySelector(`[name="${CSS.escape(about)}"]`) : null;
  if (field) unfold(field);
  /** @type {HTMLElement} */ (field ?? trouble).focus();
}

/** What lies in closed details can neither be seen nor take the focus. @param {Element} field */
function unfold(field) {
  const details = field.closest("details");
  if (details) details.open = true;
}

/** @param {number} bytes */
function sizeOf(bytes) {
  return bytes < MEGABYTE ? `${Math.ceil(bytes / 1000)} kB` : `${Math.ceil(bytes / MEGABYTE)} MB`;
}

/** @param {string} name @returns {boolean} whether a system keeps the file for itself */
function isHidden(name) {
  return name.split("/").some((part) => part.startsWith(".")) || name === "Thumbs.db";
}

/** @param {Chosen[]} more */
function add(more) {
  const known = new Set(chosen.map((one) => one.path));
  chosen.push(...more.filter((one) => !known.has(one.path)));
  trouble.hidden = true;
  show();
}

/** @param {Chosen} one @param {number} index @returns {HTMLElement} */
function lineOf(one, index) {
  const line = document.createElement("li");
  line.className = "actions";
  const name = document.createElement("span");
  name.textContent = `${one.path} · ${sizeOf(one.file.size)}`;
  const remove = document.createElement("button");
  remove.type = "button";
  remove.className = "chip";
  remove.textContent = "×";
  remove.setAttribute("aria-label", `Leave out ${one.path}`);
  remove.addEventListener("click", () => {
    chosen.splice(index, 1);
    show();
    const next = list.querySelectorAll("button")[Math.min(index, chosen.length - 1)];
    (next ?? pickers[0]).focus();
  });
  line.append(name, remove);
  return line;
}

function show() {
  list.replaceChildren(...chosen.slice(0, LISTED).map(lineOf));
  if (chosen.length > LISTED) {
    const rest = document.createElement("li");
    rest.textContent = `and ${chosen.length - LISTED} more`;
    list.append(rest);
  }
  list.hidden = chosen.length === 0;
}

/** @param {FileSystemDirectoryEntry} folder @returns {Promise<FileSystemEntry[]>} */
async function entriesIn(folder) {
  const reader = folder.createReader();
  const found = [];
  for (;;) {
    // A reader gives a hundred at a time, and none at the end.
    const some = await new Promise((done, lost) => reader.readEntries(done, lost));
    if (some.length === 0) return found;
    found.push(...some);
  }
}

/** @param {FileSystemEntry} entry @returns {Promise<Chosen[]>} */
async function filesOf(entry) {
  if (entry.isDirectory) {
    const inside = await entriesIn(/** @type {FileSystemDirectoryEntry} */ (entry));
    return (await Promise.all(inside.map(filesOf))).flat();
  }
  const one = /** @type {FileSystemFileEntry} */ (entry);
  const file = await new Promise((done, lost) => one.file(done, lost));
  return [{ file, path: entry.fullPath.replace(/^\//, "") }];
}

/** @param {DataTransfer} dropped */
async function take(dropped) {
  // Entries have to be asked for before anything is waited for.
  const entries = [...dropped.items].map((item) => item.webkitGetAsEntry?.());
  const known = entries.filter((entry) => entry != null);
  const plain = [...dropped.files].map((file) => ({ file, path: file.name }));
  const found = known.length ? (await Promise.all(known.map(filesOf))).flat() : plain;
  add(found.filter((one) => !isHidden(one.path)));
}

/** @param {string} body @returns {Answer} */
function read(body) {
  try {
    return JSON.parse(body);
  } catch {
    return {};
  }
}

function hasText() {
  const areas = [...box.querySelectorAll("textarea")];
  return areas.some((area) => area.value.trim());
}

function size() {
  return chosen.reduce((sum, one) => sum + one.file.size, 0);
}

/** @returns {string} what is wrong with what is to be sent, "" when nothing is */
function wrong() {
  const limit = Number(box.dataset.limit);
  const most = Number(box.dataset.most);
  if (size() > limit * MEGABYTE) {
    return (
      `These files are ${Math.ceil(size() / MEGABYTE)} MB; ${limit} MB together can be sent. ` +
      "Choose fewer."
    );
  }
  if (chosen.length > most) {
    return `These are ${chosen.length} files; ${most} together can be sent. Send them as a zip.`;
  }
  const mayBeEmpty = form.classList.contains("new-corpus");
  return mayBeEmpty || chosen.length || hasText() ? "" : "Paste a text or choose a file first.";
}

/** @returns {FormData} */
function content() {
  const data = new FormData(form);
  data.delete("files");
  // Who signed in again in another window got another token.
  data.set("csrfmiddlewaretoken", csrfToken() || String(data.get("csrfmiddlewaretoken")));
  for (const one of chosen) {
    data.append("files", one.file, one.file.name);
    data.append("paths", one.path);
  }
  return data;
}

/**
 * Whether the answer is the page to sign in at, or none of ours.
 * @param {XMLHttpRequest} request
 * @param {Answer} answer
 */
function isSignedOut(request, answer) {
  if (answer.next || answer.message || answer.code) return false;
  const isElsewhere = new URL(request.responseURL).pathname !== location.pathname;
  return isElsewhere || request.status === 401 || request.status === 403;
}

function sendLater() {
  if (tries >= MOST_TRIES) {
    fail(
      "What was sent before is still being looked through, and this was not sent. Wait until it " +
        "is through, then send this again; it stays here.",
    );
    return;
  }
  words.textContent = "What was sent before is still being looked through; this waits for it …";
  setTimeout(send, AGAIN_MS * SLOWER ** tries);
  tries += 1;
}

function send() {
  const request = new XMLHttpRequest();
  request.open("POST", location.pathname);
  request.setRequestHeader("Accept", "application/json");
  request.upload.addEventListener("progress", (now) => {
    const percent = now.total ? Math.floor((100 * now.loaded) / now.total) : 0;
    bar.value = percent;
    words.textContent = percent < 100 ? `${percent} % sent` : "Sent; being kept …";
  });
  request.addEventListener("load", () => {
    const answer = read(request.responseText);
    if (request.status < 300 && answer.next) {
      isKept = true;
      location.assign(answer.next);
    } else if (answer.code === "upload-waits" && size() < SENT_AGAIN) sendLater();
    else if (isSignedOut(request, answer)) {
      fail("You are signed out. Sign in in another window, then send again; all of it stays here.");
    } else fail(answer.message ?? "The server did not take it. Send it again.", answer.field);
  });
  request.addEventListener("error", () =>
    fail("The network went away. Nothing came in; send it again."),
  );
  trouble.hidden = true;
  meter.hidden = false;
  button.disabled = true;
  request.send(content());
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  tries = 0;
  const why = wrong();
  if (why) fail(why);
  else send();
});
form.addEventListener("invalid", (event) => unfold(/** @type {Element} */ (event.target)), true);
addEventListener("beforeunload", (event) => {
  if (!isKept && (hasText() || chosen.length)) event.preventDefault();
});

/** @param {HTMLInputElement} picker */
function takeFrom(picker) {
  const files = [...(picker.files ?? [])];
  const found = files.map((file) => ({ file, path: file.webkitRelativePath || file.name }));
  add(found.filter((one) => !picker.webkitdirectory || !isHidden(one.path)));
  picker.value = "";
}

for (const picker of pickers) {
  picker.addEventListener("change", () => takeFrom(picker));
  // Somebody may have been faster than this script.
  takeFrom(picker);
}

another.addEventListener("click", () => {
  const last = /** @type {HTMLElement} */ (texts.lastElementChild);
  const field = /** @type {HTMLElement} */ (last.cloneNode(true));
  const area = /** @type {HTMLTextAreaElement} */ (field.querySelector("textarea"));
  const label = /** @type {HTMLLabelElement} */ (field.querySelector("label"));
  const number = texts.children.length + 1;
  area.value = "";
  area.id = `text-${number}`;
  label.htmlFor = area.id;
  label.textContent = `Text ${number}`;
  texts.append(field);
  area.focus();
});

for (const kind of ["dragenter", "dragover"]) {
  zone.addEventListener(kind, (event) => {
    event.preventDefault();
    zone.classList.add("over");
  });
}
for (const kind of ["dragleave", "drop"]) {
  zone.addEventListener(kind, () => zone.classList.remove("over"));
}
zone.addEventListener("drop", (event) => {
  event.preventDefault();
  if (event.dataTransfer) void take(event.dataTransfer);
});
// A file that misses the zone would take the place of the page, and of all that was typed.
for (const kind of ["dragover", "drop"]) {
  addEventListener(kind, (event) => {
    const { dataTransfer } = /** @type {DragEvent} */ (event);
    if (dataTransfer?.types.includes("Files")) event.preventDefault();
  });
}

another.hidden = false;
/** @type {HTMLElement} */ (box.querySelector("[data-drop-words]")).hidden = false;
document.documentElement.dataset.box = "ready";
