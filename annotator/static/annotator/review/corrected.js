/** What was done on a text before it was corrected, and could not be saved any more. */
import { byId, el, shorten } from "../ui/dom.js";

/**
 * @typedef {import("../text/layer.js").Entry} Entry
 * @typedef {import("../text/schema.js").Schema} Schema
 */

/** @param {Entry} decision @param {Schema} schema @returns {string} "" where it names no words */
function told({ verb, subject, after, exact }, schema) {
  if (subject !== "span" || !exact || !after?.label) return "";
  return `${verb}: ${schema.title(after.label)} “${shorten(exact, 120)}”`;
}

/**
 * List it above the text, until the reviewer has seen to it.
 * @param {import("../sync/outbox.js").Outbox} outbox
 * @param {Schema} schema
 */
export function showUnsaved(outbox, schema) {
  document.getElementById("unsaved")?.remove();
  const { outdated } = outbox;
  if (!outdated.length) return;
  const words = outdated.flat().map((decision) => told(decision, schema));
  const lines = words.filter(Boolean);
  const others = words.length - lines.length;
  if (others) lines.push(`${others} more ${others === 1 ? "change" : "changes"}`);
  const done = el(
    "button",
    { type: "button", class: "button button-small", id: "unsaved-done" },
    "I have seen to them",
  );
  const box = el(
    "section",
    { class: "banner left-behind", id: "unsaved", "aria-label": "Changes that were not saved" },
    el(
      "p",
      { role: "alert" },
      "The text was corrected before these changes were saved. Make them again where they hold:",
    ),
    el("ul", {}, ...lines.map((line) => el("li", { dir: "auto" }, line))),
    done,
  );
  done.addEventListener("click", () => {
    outbox.forgetOutdated();
    box.remove();
  });
  byId("alert").after(box);
}
