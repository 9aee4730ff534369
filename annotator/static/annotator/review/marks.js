/** How each span of the reviewer's page is to be painted. */
import { assignLanes } from "../text/lanes.js";
import { ranges } from "../text/layer.js";
import { clip } from "../ui/paint.js";

/**
 * @typedef {import("../text/model.js").Model} Model
 * @typedef {import("../text/model.js").View} View
 * @typedef {import("./session.js").Ui} Ui
 * @typedef {import("../ui/paint.js").Part & {view: View}} ViewPart
 */

/** @param {Ui} ui @param {View} view */
export function isShown(ui, view) {
  if (view.ident === ui.focus) return true;
  if (view.state === "rejected") return ui.showRejected;
  return view.state !== "suggested" || !ui.hideSuggested;
}

/**
 * @param {Model} model @param {Ui} ui
 * @returns {(paragraph: import("../text/offsets.js").Paragraph) => import("../ui/paint.js").Mark[]}
 */
export function marker(model, ui) {
  const pieces = (/** @type {View} */ view) =>
    ranges(ui.preview?.ident === view.ident ? ui.preview.span : view.span);
  const focused = model.views.get(ui.focus ?? -1);
  const linked = new Set((focused?.links ?? []).map((link) => link.other));
  const sources = focused ? model.linkedTo(focused.ident) : [];
  const linking = new Set(sources.map((view) => view.ident));
  const context = { model, ui, linked, linking };
  const previewed = model.views.get(ui.preview?.ident ?? -1);
  return (paragraph) => {
    const views = model.viewsAt(paragraph.index).filter((view) => isShown(ui, view));
    if (previewed && !views.includes(previewed)) views.push(previewed);
    const parts = views.flatMap((view) =>
      clip(pieces(view), paragraph).map((part) => ({ ...part, view })),
    );
    // Parts of frames and what rides along are marked in the line itself and take no lane under it.
    const inLanes = parts.filter(({ view }) => view.role === "frame" || view.role === "plain");
    const lanes = assignLanes(inLanes);
    return parts.map((part) => mark(part, lanes.get(part) ?? -1, context));
  };
}

/**
 * @param {ViewPart} part
 * @param {number} lane
 * @param {{model: Model, ui: Ui, linked: Set<number>, linking: Set<number>}} context
 */
function mark(part, lane, { model, ui, linked, linking }) {
  const { view } = part;
  const code = part.continued ? `…${view.code}` : view.code;
  /** @type {string[]} */
  const classes = [view.role];
  if (view.ident === ui.focus) classes.push("focused");
  if (linked.has(view.ident)) classes.push("linked");
  if (linking.has(view.ident)) classes.push("linking");
  const title = model.schema.title(view.span.label).toLowerCase();
  return {
    start: part.start,
    end: part.end,
    lane,
    classes: classes.join(" "),
    data: { span: String(view.ident), state: view.state, label: view.span.label },
    tag: view.role === "fold" ? "" : code,
    say: `${title} ${view.code} ${part.continued ? "goes on" : "starts"}: `,
    hint: part.last ? (ui.hints.get(view.ident) ?? "") : "",
    opens: part.opens,
    closes: part.closes,
  };
}
