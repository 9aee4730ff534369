// Shows the short name that a corpus gets of its name, and what the chosen template begins with.

import { getJson } from "../sync/outbox.js";

const WAIT_MS = 250;

const form = /** @type {HTMLFormElement} */ (document.querySelector(".new-corpus"));
const name = /** @type {HTMLInputElement} */ (document.getElementById("id_name"));
const short = /** @type {HTMLInputElement} */ (document.getElementById("id_slug"));
const line = /** @type {HTMLElement} */ (form.querySelector("[data-short-line]"));
const template = /** @type {HTMLSelectElement} */ (document.getElementById("id_template"));
const previews = /** @type {HTMLElement[]} */ ([...form.querySelectorAll("[data-template]")]);

let isOwn = short.value !== "";
let asked = 0;
let timer = 0;

function showShort() {
  line.hidden = short.value === "";
  /** @type {HTMLElement} */ (line.querySelector("code")).textContent = `/corpora/${short.value}/`;
}

async function derive() {
  asked += 1;
  const mine = asked;
  const address = `${form.dataset.shortName}?name=${encodeURIComponent(name.value)}`;
  const answer = await getJson(address);
  // An answer that comes late, or after somebody wrote a name of their own, is about another name.
  if (!answer || mine !== asked || isOwn) return;
  short.value = answer.short_name;
  showShort();
}

function showTemplate() {
  for (const preview of previews) preview.hidden = preview.dataset.template !== template.value;
}

name.addEventListener("input", () => {
  clearTimeout(timer);
  if (!isOwn) timer = setTimeout(derive, WAIT_MS);
});
short.addEventListener("input", () => {
  isOwn = short.value !== "";
  showShort();
  if (!isOwn) void derive();
});
template.addEventListener("input", showTemplate);
showTemplate();
showShort();
// The name has the focus before this module is there: what was typed by then is asked for now.
if (name.value !== "" && !isOwn) void derive();
