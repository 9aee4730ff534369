/** What a reviewer says beside the decisions: comments on an item, and flags for the guideline. */
import { getJson, postJson } from "../sync/outbox.js";
import { ask } from "./dialogs.js";
import { announce, byId, el, shorten, uuid } from "./dom.js";

/**
 * @typedef {import("../review/session.js").Session} Session
 * @typedef {import("../text/model.js").View} View
 * @typedef {{subject: number, body: string, at: string}} Comment
 *
 * @typedef {object} Noted an item that something is said about
 * @property {number} ident
 * @property {string} code
 * @property {import("../text/layer.js").Place} span
 *
 * @typedef {object} Page what a note needs of the page it is written on
 * @property {{urls: Record<string, string>}} workspace
 * @property {{words: (span: import("../text/layer.js").Place) => string}} model
 * @property {{flush: () => Promise<unknown>}} outbox
 */

const LIMIT = 2000;

/** @param {Page} session @param {Noted} view */
function quoted(session, view) {
  return el(
    "blockquote",
    { class: "note-words", dir: "auto" },
    shorten(session.model.words(view.span), 160),
  );
}

/**
 * A form in a dialog that stays open, with what was written, until the server has it.
 * @param {string} title @param {(Node|string)[]} body @param {string} button
 * @param {() => Promise<string>} send what went wrong, "" when nothing did
 */
function noteForm(title, body, button, send) {
  const error = el("p", { class: "error", role: "alert" });
  return ask(title, (close) => {
    const submit = async () => {
      error.textContent = await send();
      if (!error.textContent) close(true);
    };
    const form = el(
      "form",
      {
        class: "form",
        on: {
          submit: (/** @type {Event} */ event) => {
            event.preventDefault();
            submit();
          },
        },
      },
      ...body,
      error,
      el(
        "div",
        { class: "dialog-actions" },
        el("button", { type: "submit", class: "button button-primary" }, button),
      ),
    );
    form.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) submit();
    });
    return [form];
  });
}

/** @param {string} label @returns {HTMLTextAreaElement} */
function area(label) {
  return /** @type {HTMLTextAreaElement} */ (
    el("textarea", {
      class: "input",
      rows: 3,
      maxlength: LIMIT,
      "aria-label": label,
      data: { first: "" },
    })
  );
}

/** What the answer says that went wrong. @param {import("../sync/outbox.js").Answer} answer */
function trouble(answer) {
  if (answer.status === 200) return "";
  if (answer.status === 0) {
    return "The server cannot be reached. What you wrote stays here; try again.";
  }
  return answer.body.message ?? "It could not be saved. What you wrote stays here; try again.";
}

/**
 * The item must be on the server before anything can be said about it.
 * @param {Page} session
 * @param {string} url
 * @param {any} payload
 */
async function sent(session, url, payload) {
  await session.outbox.flush();
  return trouble(await postJson(url, payload));
}

/**
 * What was said about an item so far, a page at a time; what cannot be read is left out.
 * @param {string} url
 * @param {number} ident
 * @returns {Promise<Comment[]>}
 */
async function commentsOn(url, ident) {
  const found = [];
  let after = 0;
  do {
    const page = await getJson(`${url}?subject=${ident}&after=${after}`);
    found.push(...(page?.comments ?? []));
    after = page?.next ?? 0;
  } while (after);
  return found;
}

/** @param {Session} session @param {View} view */
export async function comment(session, view) {
  const url = session.workspace.urls.comments;
  const earlier = await commentsOn(url, view.ident);
  const list = el(
    "ul",
    { class: "note-list" },
    ...earlier.map((one) =>
      el(
        "li",
        { dir: "auto" },
        one.body,
        " ",
        el("span", { class: "hint" }, one.at.slice(0, 16).replace("T", " ")),
      ),
    ),
  );
  const body = area("Comment");
  const client = uuid();
  const done = await noteForm(
    `Comment on ${view.code}`,
    [quoted(session, view), list, body],
    "Comment",
    async () => {
      if (!body.value.trim()) return "A comment needs words.";
      return sent(session, url, {
        subject: view.ident,
        body: body.value.trim(),
        client_id: client,
      });
    },
  );
  if (done) announce(`Comment on ${view.code} saved.`);
}

/** @param {Page} session @param {Noted} view */
export async function flag(session, view) {
  const source = /** @type {HTMLTemplateElement} */ (byId("guideline"));
  const headings = [...source.content.querySelectorAll("h1[id], h2[id], h3[id], h4[id]")];
  const section = /** @type {HTMLSelectElement} */ (
    el(
      "select",
      { class: "input", "aria-label": "Section of the guideline" },
      el("option", { value: "" }, "no section fits"),
      ...headings.map((heading) => el("option", { value: heading.id }, heading.textContent ?? "")),
    )
  );
  const note = area("What the guideline leaves open");
  const done = await noteForm(
    `Flag ${view.code} for the guideline`,
    [quoted(session, view), section, note],
    "Flag",
    () =>
      sent(session, session.workspace.urls.flags, {
        subject: view.ident,
        section: section.value,
        note: note.value.trim(),
      }),
  );
  if (done) announce(`${view.code} flagged for the guideline.`);
}
