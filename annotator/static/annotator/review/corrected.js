/** What was done on a text before it was corrected, and could not be saved any more. */
import { byId, el } from "../ui/dom.js";

/**
 * List it above the text, until the reviewer has seen to it.
 * @param {import("../sync/outbox.js").Outbox} outbox
 */
export function showUnsaved(outbox) {
  document.getElementById("unsaved")?.remove();
  if (!outbox.outdated.length) return;
  const lines = outbox.outdated.flat().map(({ verb, words }) => `${verb}: ${words || "document"}`);
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
