/** The states of a span in words and signs, for the queue, the cards and a screen reader. */
import { el } from "../ui/dom.js";

/** @type {Record<import("../text/model.js").State, {mark: string, word: string}>} */
export const STATES = {
  open: { mark: "○", word: "open" },
  suggested: { mark: "?", word: "suggested" },
  accepted: { mark: "✓", word: "accepted" },
  edited: { mark: "✎", word: "edited" },
  added: { mark: "+", word: "added" },
  rejected: { mark: "✕", word: "rejected" },
};

/** @param {import("../text/model.js").View} view */
export function badge(view) {
  const { mark, word } = STATES[view.state];
  const words = view.unaccepted ? `${word}, not accepted` : word;
  return el("span", { class: `badge badge-${view.state}` }, `${mark} ${words}`);
}
