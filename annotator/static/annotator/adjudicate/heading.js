/** What the adjudication page tells of the document around its text: set anew when it changes. */
import { byId, el } from "../ui/dom.js";

/** @param {import("./disputes.js").Disputes} data */
export function showHeading({ document: shown, layers, agreed, state, own }) {
  const title = shown.title || shown.id;
  document.title = `${title} · adjudication · Saidby`;
  const name = byId("document-name");
  name.textContent = title;
  name.title = title;
  byId("document-title").textContent = title;
  byId("annotators").textContent = `${layers.length} annotators`;
  byId("article").dir = shown.direction ?? "auto";
  const letters = layers.flatMap((layer, index) => [
    el("span", { class: `layer-key layer-${index}` }),
    " ",
    el("span", { data: { letter: layer.name } }, layer.name),
    " \u00a0 ",
  ]);
  byId("letters").replaceChildren(...letters);
  const banner = byId("banner");
  banner.hidden = !own && state !== "done";
  const words = own
    ? "You annotated this document: its disputes are for somebody else. Read only."
    : "This document is adjudicated: read only.";
  banner.replaceChildren(el("p", {}, words));
  byId("finish").toggleAttribute("disabled", own || state === "done");
  byId("agreed").hidden = !agreed.length;
  byId("agreed-summary").textContent = `Agreed, taken over (${agreed.length})`;
}
