/** How the same question was settled before, on request, in documents that one is through with. */
import { ask } from "../ui/dialogs.js";
import { el } from "../ui/dom.js";
import { rulingInFull } from "../ui/rulings.js";

const LONGEST = 1000;

/**
 * What the server says, or why it says nothing.
 * @param {string} url
 * @returns {Promise<{precedents?: import("../ui/rulings.js").Ruling[], message?: string}>}
 */
async function asked(url) {
  try {
    const response = await fetch(url, { headers: { Accept: "application/json" } });
    return await response.json();
  } catch {
    return { message: "The server cannot be reached. Try again." };
  }
}

/**
 * @param {import("./session.js").Session} session
 * @param {import("../text/model.js").View|null} view the item in hand
 */
export async function showSettledBefore(session, view) {
  if (!view) return;
  const label = view.role === "document" ? "" : view.span.label;
  const words = label ? session.model.words(view.span).slice(0, LONGEST) : "";
  const query = new URLSearchParams({ label, words });
  const answer = await asked(`${session.workspace.urls["settled-before"]}?${query}`);
  await ask(
    "How was this settled before?",
    () => {
      const found = answer.precedents;
      if (!found) return [el("p", {}, sentence(answer.message ?? "It could not be read"))];
      if (!found.length) {
        const none = "Nothing like it has been settled in documents that you are through with.";
        return [el("p", {}, none)];
      }
      const rows = found.map((ruling) => el("li", {}, ...rulingInFull(ruling)));
      return [el("ol", { class: "ruling-list" }, ...rows)];
    },
    true,
  );
}

/** A message of the server as a sentence. @param {string} message */
function sentence(message) {
  const words = message.charAt(0).toUpperCase() + message.slice(1);
  return /[.!?]$/u.test(words) ? words : `${words}.`;
}
