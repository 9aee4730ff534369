/** What the marks in the text mean, in the words of the schema. */
import { hasSigns, signed } from "../text/schema.js";
import { byId, el, kbd } from "../ui/dom.js";
import { caption } from "../ui/keys.js";

/** @param {string} sample @param {string} words */
function line(sample, words) {
  return el("li", {}, el("span", { class: `sample ${sample}` }, "words"), ` ${words}`);
}

/** @param {import("../text/schema.js").Schema} schema */
export function showLegend(schema) {
  const parts = [...schema.parts].map((name) => schema.title(name).toLowerCase());
  const frames = schema.labels.filter(({ name }) => schema.role(name) === "frame");
  const first = frames.length === 1 ? `${schema.title(frames[0].name).toLowerCase()}, ` : "";
  const attributes = schema.labels.flatMap((label) => label.attributes);
  const withSigns = attributes.find(hasSigns);
  const lines = [
    line("suggested", `${first}suggested (dashes)`),
    line("accepted", "accepted or edited (solid)"),
    line("added", "added by you (double)"),
    line("rejected", "rejected (dots, grey)"),
  ];
  if (parts.length) lines.push(line("box", `${parts.join(", ")}; a dashed box is suggested`));
  if (withSigns) {
    const signs = withSigns.choices.map((choice) => signed(withSigns, choice));
    lines.push(el("li", {}, signs.join(" ")));
  }
  byId("legend").replaceChildren(...lines);
  const keyed = schema.labels.filter(({ key }) => key);
  const keys = keyed.flatMap(({ key, name }, index) => [
    index ? ", " : ": ",
    kbd(caption(key)),
    ` ${schema.title(name)}`,
  ]);
  byId("label-keys").replaceChildren(...keys);
}
