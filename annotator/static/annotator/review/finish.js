/** The end of a document: what is still open, handing in, and taking it back. */
import { postJson, signedOut } from "../sync/outbox.js";
import { GONE } from "../sync/savestate.js";
import { waitingFor } from "../text/missing.js";
import { linkWord, word } from "../text/schema.js";
import { ask, confirmBox } from "../ui/dialogs.js";
import { alertUser, byId, el, shorten, uuid } from "../ui/dom.js";
import { progress } from "./queue.js";

/**
 * @typedef {import("./session.js").Session} Session
 * @typedef {import("../text/model.js").View} View
 */

/** More suggestions than these are not left by the way: it is asked again. */
const FEW = 3;

/** What counts when the document is handed in: the document itself always does. */
const counts = (/** @type {View} */ view) =>
  view.role === "document" || (view.state !== "suggested" && view.state !== "rejected");

/** @param {Session} session @param {(ident: number) => void} goTo */
export async function finish(session, goTo) {
  const { outbox, model } = session;
  const { refusals } = session;
  await outbox.flush();
  // What the alert says of a change that was taken back is read before anything else is asked.
  if (session.refusals > refusals) return undefined;
  if (outbox.groups.length) {
    const unsaved = `${outbox.size} changes are not saved yet.`;
    return alertUser(`${unsaved} They are kept on this computer; finish when they are saved.`);
  }
  const { schema } = model;
  session.page.lookAhead();
  const incomplete = model.inOrder.filter(
    (view) => counts(view) && (lackedBy(model, view).length || waitingFor(schema, view).length),
  );
  const waiting = progress(model).waiting.filter((view) => !incomplete.includes(view));
  const changed = waiting.filter((view) => view.unaccepted);
  const untouched = waiting.filter((view) => view.state === "suggested");
  const wordsOf = (/** @type {View} */ view) => {
    const isDocument = view.role === "document";
    const words = isDocument ? "the document" : shorten(model.words(view.span), 60);
    if (!counts(view)) return words;
    const waiting = waitingFor(schema, view).map((link) => {
      const kind = schema.kind(link.kind);
      return `${kind ? linkWord(kind) : ""}, with ${model.views.get(link.other)?.code}`;
    });
    const missing = [...lackedBy(model, view), ...waiting].join(", ");
    return missing ? `${words} (missing: ${missing})` : words;
  };
  const title = (/** @type {View[]} */ views) => commonTitle(model, views);
  const answer = await finishBox({ incomplete, changed, untouched }, wordsOf, title);
  if (answer?.goTo !== undefined) return goTo(placeOf(model, answer.goTo));
  if (!answer?.submit) return undefined;
  if (untouched.length <= FEW) return submit(session, goTo);
  const sure = await leaveBox(untouched.length);
  if (sure === false) return goTo(untouched[0].ident);
  return sure ? submit(session, goTo) : undefined;
}

/**
 * Ask again, by another key than the one that may be pressed without reading, whether so many
 * suggestions are to be handed in as not looked at.
 * @param {number} count @returns {Promise<boolean|null>} null when left with Esc
 */
function leaveBox(count) {
  return confirmBox(
    `${count} suggestions not looked at`,
    [
      el(
        "p",
        {},
        `All ${count} are handed in as not looked at. That is not the same as rejecting them: ` +
          "you have no say in what becomes of them, and your manager sees how many you left.",
      ),
    ],
    [
      { value: false, label: "Go to the first", primary: true },
      { value: true, label: "Hand in as not looked at", key: "h" },
    ],
  );
}

/**
 * What an item lacks, in words. What is offered for the document and not accepted is not there yet.
 * @param {import("../text/model.js").Model} model @param {View} view @returns {string[]}
 */
function lackedBy({ schema, layer }, view) {
  if (view.role !== "document" || layer.documentSeen) return view.missing.map(({ words }) => words);
  return schema.attributes.filter(({ required }) => required).map(word);
}

/**
 * Where an incomplete item is completed: at the span that its link waits for, or at itself.
 * @param {import("../text/model.js").Model} model @param {number} ident
 */
function placeOf({ schema, views }, ident) {
  const view = views.get(ident);
  if (!view || view.missing.length) return ident;
  return waitingFor(schema, view)[0]?.other ?? ident;
}

/**
 * What these views are together, one or several of them.
 * @param {import("../text/model.js").Model} model @param {View[]} views
 * @returns {string}
 */
function commonTitle({ schema }, views) {
  const labels = new Set(views.map((view) => view.span.label));
  const isDocument = views.some((view) => view.role === "document");
  if (labels.size > 1) return isDocument ? "item" : "span";
  return isDocument ? "document" : schema.title([...labels][0] ?? "").toLowerCase();
}

/**
 * What stands between this document and its end; each line jumps to its place.
 * @param {{incomplete: View[], changed: View[], untouched: View[]}} views that lack something, that
 *   were changed and not accepted, that nobody looked at
 * @param {(view: View) => string} wordsOf
 * @param {(views: View[]) => string} titleOf what views are together
 * @returns {Promise<{goTo?: number, submit?: boolean}|null>}
 */
function finishBox({ incomplete, changed, untouched }, wordsOf, titleOf) {
  const submittable = !incomplete.length && !changed.length;
  const first = incomplete[0] ?? changed[0] ?? untouched[0];
  return ask("Finish this document", (close) => {
    const jump = (/** @type {View} */ view, /** @type {string} */ words, props = {}) =>
      el(
        "button",
        { type: "button", on: { click: () => close({ goTo: view.ident }) }, ...props },
        words,
      );
    const list = (/** @type {View[]} */ views) => {
      const lines = views.map((view) =>
        jump(view, `${view.code} ${wordsOf(view)}`, { class: "link-button" }),
      );
      return el("ul", { class: "jump-list" }, ...lines.map((line) => el("li", {}, line)));
    };
    const parts = [];
    if (incomplete.length) {
      parts.push(el("p", {}, `${counted(incomplete, titleOf)} incomplete.`), list(incomplete));
    }
    if (changed.length) {
      const words = `${counted(changed, titleOf)} changed and not accepted yet.`;
      parts.push(el("p", {}, `${words} Enter accepts the rest.`), list(changed));
    }
    if (untouched.length) {
      const suggestions = untouched.length === 1 ? "suggestion" : "suggestions";
      const words = `${untouched.length} ${suggestions} not looked at.`;
      parts.push(el("p", {}, `${words} That is not the same as rejected.`), list(untouched));
    }
    if (!parts.length) parts.push(el("p", {}, "Everything is settled."));
    const focused = { data: { first: "" } };
    const submit = el(
      "button",
      {
        type: "button",
        class: `button ${first ? "" : "button-primary"}`,
        id: "submit-layer",
        disabled: !submittable,
        on: { click: () => close({ submit: true }) },
        ...(first ? {} : focused),
      },
      untouched.length ? "Submit anyway" : "Submit",
    );
    const toFirst = { class: "button button-primary", ...focused };
    const actions = first ? [jump(first, "Go to the first", toFirst), submit] : [submit];
    return [...parts, el("div", { class: "dialog-actions" }, ...actions)];
  });
}

/**
 * How many views are so, as a sentence begins.
 * @param {View[]} views @param {(views: View[]) => string} titleOf
 */
function counted(views, titleOf) {
  const called = titleOf(views);
  if (views.length > 1) return `${views.length} ${plural(called)} are`;
  return called === "document" ? "The document is" : `1 ${called} is`;
}

/**
 * English plurals are enough for titles that are shown in an English sentence.
 * @param {string} title
 */
function plural(title) {
  return /(?:s|x|ch|sh)$/u.test(title) ? `${title}es` : `${title}s`;
}

/** @param {Session} session @param {(ident: number) => void} goTo */
async function submit(session, goTo) {
  const { outbox, workspace, clock } = session;
  // What is pressed until the server answers would be lost.
  session.ui.readOnly = true;
  const answer = await postJson(workspace.urls.submit, {
    version: outbox.version,
    sha256: workspace.document.sha256,
    client_id: uuid(),
    elapsed_ms: clock.take(),
    owner: workspace.layer.owner,
  });
  if (answer.status === 200) return submitted(answer.body, session);
  session.setElsewhere(session.ui.elsewhere);
  if (signedOut(answer)) {
    return alertUser("Signed out. Sign in in another tab, then finish again; nothing is lost.");
  }
  if (answer.status === 404) return alertUser(GONE);
  if (answer.body.code === "text-corrected") return session.saveState("corrected", outbox.size);
  alertUser(
    answer.body.message ?? "The document could not be submitted: the server did not answer.",
  );
  const [first] = answer.body.idents ?? [];
  return first ? goTo(first) : undefined;
}

/** @param {any} body what the server answers @param {Session} session */
async function submitted(body, session) {
  session.setSubmitted();
  if (body.next) return session.page.goOn(body);
  const answer = await confirmBox(
    "Submitted",
    [el("p", {}, body.message || "That was your last document here. Thank you.")],
    [
      { value: "stay", label: "Look at it again" },
      { value: "leave", label: "Back to the corpus", primary: true },
    ],
  );
  return answer === "stay" ? location.reload() : location.assign(session.workspace.urls.corpus);
}

/** @param {Session} session */
export function offerReopening(session) {
  const button = document.getElementById("reopen");
  button?.addEventListener("click", async () => {
    const answer = await postJson(session.workspace.urls.reopen, {});
    if (answer.status === 200) location.reload();
    else alertUser(answer.body.message ?? "The layer could not be reopened.");
  });
}

/**
 * Ask which side of a change made in two places shall stand.
 * @param {import("../sync/conflict.js").Sides[]} sides
 * @returns {Promise<boolean>} true: mine
 */
export async function askConflict(sides) {
  const rows = sides.map(({ code, mine: here, theirs }) =>
    el(
      "tr",
      {},
      el("th", { scope: "row" }, code),
      el("td", { dir: "auto" }, here),
      el("td", { dir: "auto" }, theirs),
    ),
  );
  const head = el(
    "tr",
    {},
    ...["", "Here", "Elsewhere"].map((words) => el("th", { scope: "col" }, words)),
  );
  const table = el(
    "div",
    { class: "table-wrap" },
    el("table", { class: "table" }, el("thead", {}, head), el("tbody", {}, ...rows)),
  );
  const answer = await confirmBox(
    "Changed elsewhere",
    [el("p", {}, "The same was changed in two places. Which shall stand?"), table],
    [
      { value: true, label: "What I did here", primary: true, key: "1" },
      { value: false, label: "What came from elsewhere", key: "2" },
    ],
  );
  return answer !== false;
}

/** The banner of a window that may only read. @param {boolean} shown @param {string} [words] */
export function showElsewhere(
  shown,
  words = "This document is open in another window of this browser, so this one is read only.",
) {
  byId("elsewhere").hidden = !shown;
  byId("elsewhere-words").textContent = shown ? words : "";
}
