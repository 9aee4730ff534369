/** The end of a document: what is still open, handing in, and taking it back. */
import { postJson, signedOut } from "../sync/outbox.js";
import { waitingFor } from "../text/missing.js";
import { linkWord, word } from "../text/schema.js";
import { ask, confirmBox } from "../ui/dialogs.js";
import { alertUser, byId, el, shorten, uuid } from "../ui/dom.js";
import { progress } from "./queue.js";

/**
 * @typedef {import("./session.js").Session} Session
 * @typedef {import("../text/model.js").View} View
 */

/** What counts when the document is handed in: the document itself always does. */
const counts = (/** @type {View} */ view) =>
  view.role === "document" || (view.state !== "suggested" && view.state !== "rejected");

/** @param {Session} session @param {(ident: number) => void} goTo */
export async function finish(session, goTo) {
  const { outbox, model } = session;
  await outbox.flush();
  if (outbox.groups.length) {
    const unsaved = `${outbox.size} changes are not saved yet.`;
    return alertUser(`${unsaved} They are kept on this computer; finish when they are saved.`);
  }
  const { schema } = model;
  session.page.lookAhead();
  const incomplete = model.inOrder.filter(
    (view) => counts(view) && (lackedBy(model, view).length || waitingFor(schema, view).length),
  );
  const untouched = progress(model).waiting.filter(
    (view) => view.state === "suggested" && !incomplete.includes(view),
  );
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
  const called = commonTitle(model, incomplete);
  const answer = await finishBox(incomplete, untouched, wordsOf, called);
  if (answer?.goTo !== undefined) return goTo(placeOf(model, answer.goTo));
  return answer?.submit ? submit(session, goTo) : undefined;
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
 * @param {View[]} incomplete
 * @param {View[]} untouched
 * @param {(view: View) => string} wordsOf
 * @param {string} called what the incomplete ones are
 * @returns {Promise<{goTo?: number, submit?: boolean}|null>}
 */
function finishBox(incomplete, untouched, wordsOf, called) {
  const submittable = !incomplete.length;
  const first = incomplete[0] ?? untouched[0];
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
      const count = incomplete.length;
      const several = `${count} ${plural(called)} are incomplete.`;
      const one = called === "document" ? "The document" : `1 ${called}`;
      const words = count === 1 ? `${one} is incomplete.` : several;
      parts.push(el("p", {}, words), list(incomplete));
    }
    if (untouched.length) {
      const suggestions = untouched.length === 1 ? "suggestion" : "suggestions";
      const question = submittable ? " — submit anyway?" : ".";
      const words = `${untouched.length} ${suggestions} not looked at${question}`;
      parts.push(el("p", {}, words), list(untouched));
    }
    if (!parts.length) parts.push(el("p", {}, "Everything is settled."));
    const focused = { data: { first: "" } };
    const submit = el(
      "button",
      {
        type: "button",
        class: "button button-primary",
        id: "submit-layer",
        disabled: !submittable,
        on: { click: () => close({ submit: true }) },
        ...(submittable ? focused : {}),
      },
      untouched.length ? "Submit anyway" : "Submit",
    );
    const toFirst = { class: "button", ...(submittable ? {} : focused) };
    const actions = first ? [jump(first, "Go to the first", toFirst), submit] : [submit];
    return [...parts, el("div", { class: "dialog-actions" }, ...actions)];
  });
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
  const answer = await postJson(workspace.urls.submit, {
    version: outbox.version,
    client_id: uuid(),
    elapsed_ms: clock.take(),
    owner: workspace.layer.owner,
  });
  if (answer.status === 200) return submitted(answer.body, session);
  if (signedOut(answer)) {
    return alertUser("Signed out. Sign in in another tab, then finish again; nothing is lost.");
  }
  alertUser(
    answer.body.message ?? "The document could not be submitted: the server did not answer.",
  );
  const [first] = answer.body.idents ?? [];
  return first ? goTo(first) : undefined;
}

/** @param {{next?: string, message?: string}} body @param {Session} session */
async function submitted(body, session) {
  session.setSubmitted();
  if (body.next) return session.page.goOn(body.next);
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
