/** How each span of the reviewer's page is to be painted. */
import { assignLanes } from "./lanes.js";
import { ranges } from "./model.js";
import { buckets, clip } from "./paint.js";

const WORDS = { claim: "claim", speaker: "speaker", cue: "cue", plain: "span" };

/**
 * @param {import("./model.js").Model} model
 * @param {{focus: number|null, showRejected: boolean, hints: Map<number, string>, preview: any}} ui
 */
export function marker(model, ui) {
  const shown = [...model.views.values()].filter((view) => view.state !== "rejected" || ui.showRejected || view.ident === ui.focus);
  const pieces = (view) => ranges(ui.preview?.ident === view.ident ? ui.preview.span : view.span);
  const found = buckets(model.text, shown, pieces);
  const focused = model.views.get(ui.focus ?? -1);
  const speakers = new Set((focused?.links ?? []).map((link) => link.target));
  const voiced = new Set();
  if (focused?.role === "speaker") {
    for (const view of model.views.values()) if (view.links.some((link) => link.target === focused.ident)) voiced.add(view.ident);
  }
  return (paragraph) => paragraphMarks(found.get(paragraph.index) ?? [], paragraph, { pieces, ui, speakers, voiced });
}

function paragraphMarks(views, paragraph, context) {
  const parts = views.flatMap((view) => clip(context.pieces(view), paragraph).map((part) => ({ ...part, view })));
  const underlined = parts.filter((part) => part.view.role === "claim" || part.view.role === "plain");
  const lanes = assignLanes(underlined);
  return parts.map((part) => mark(part, lanes.get(part) ?? -1, context));
}

function mark(part, lane, { ui, speakers, voiced }) {
  const { view } = part;
  const quiet = view.role === "cue";
  const classes = [view.role];
  if (view.ident === ui.focus) classes.push("focused");
  if (speakers.has(view.ident)) classes.push("voice");
  if (voiced.has(view.ident)) classes.push("voiced");
  return {
    start: part.start,
    end: part.end,
    lane,
    key: `${view.ident} ${part.start}`,
    classes: classes.join(" "),
    data: { span: String(view.ident), state: view.state, label: view.span.label },
    tag: quiet ? "" : (part.continued ? "…" : "") + view.code,
    say: `${WORDS[view.role]} ${view.code} ${part.continued ? "goes on" : "starts"}: `,
    hint: part.last ? (ui.hints.get(view.ident) ?? "") : "",
    opens: part.opens,
    closes: part.closes,
  };
}
