/** The save state in words and a sign, never by colour alone. Only failures are announced aloud. */
import { alertUser, byId, el } from "../ui/dom.js";

/** @param {number} count */
function changes(count) {
  return `${count} ${count === 1 ? "change" : "changes"}`;
}

/** @type {Record<string, (detail: any) => string[]>} */
const WORDS = {
  ready: () => ["✓", "All changes saved"],
  practice: () => ["○", "Practice: nothing is saved"],
  reading: () => ["○", "Read only"],
  saved: (time) => ["✓", time ? `Saved ${time}` : "Saved"],
  saving: () => ["…", "Saving…"],
  offline: (count) => ["!", `Offline — ${changes(count)} kept on this computer`],
  "signed-out": () => ["!", "Signed out — sign in to save (nothing lost)"],
  changed: () => ["!", "Changed elsewhere"],
  corrected: (count) => ["!", `Text corrected — ${changes(count)} kept on this computer`],
  gone: (count) => ["!", `Document removed — ${changes(count)} kept on this computer`],
};

const FAILURES = new Set(["offline", "signed-out", "changed", "gone", "corrected"]);
export const GONE =
  "A manager removed this document, or you are no longer a member. What you did here is kept on " +
  "this computer, and is saved when the document is put back.";
const CORRECTED =
  "The text of this document was corrected while it was open here. Load the page again: your " +
  "work came along where its words are unchanged, and what was not saved yet is listed there.";
/** @type {Record<string, string>} */
const ALERTS = { gone: GONE, corrected: CORRECTED };

function reloadButton() {
  const click = () => location.reload();
  const props = { type: "button", class: "button button-primary", on: { click } };
  return el("button", props, "Load the page again");
}

/**
 * @param {HTMLElement} box
 * @param {string} state
 * @param {any} detail time when saved, number of changes otherwise
 */
export function showSaveState(box, state, detail) {
  const [mark, words] = WORDS[state](detail);
  const before = box.dataset.save;
  const fell = FAILURES.has(state) && box.dataset.save !== state;
  box.dataset.save = state;
  /** @type {HTMLElement} */ (box.querySelector("[data-mark]")).textContent = mark;
  /** @type {HTMLElement} */ (box.querySelector("[data-words]")).textContent = words;
  const link = box.querySelector("a");
  if (link) link.hidden = state !== "signed-out";
  if (state !== before && (state in ALERTS || (before ?? "") in ALERTS)) {
    alertUser(ALERTS[state] ?? "");
    if (state === "corrected") byId("alert").append(reloadButton());
  }
  if (fell) byId("save-alert").textContent = words;
  else if (!FAILURES.has(state)) byId("save-alert").textContent = "";
}

/**
 * What is said where nothing is to be saved.
 * @param {import("../text/model.js").Workspace} workspace
 */
export function restState({ practice, reading }) {
  if (practice) return "practice";
  return reading ? "reading" : "ready";
}
