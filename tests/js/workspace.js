/** A small document for the tests of the page's modules. */
import { Model } from "../../annotator/static/annotator/text/model.js";
import { FrozenText } from "../../annotator/static/annotator/text/offsets.js";

const choice = (name, choices, required) => ({ name, kind: "choice", choices, required });

export const schema = {
  labels: [
    { name: "SPEAKER", title: "Speaker", key: "1", attributes: [{ name: "name", kind: "text" }] },
    {
      name: "CLAIM",
      title: "Claim",
      key: "2",
      attributes: [
        choice("stance", ["support", "oppose"], true),
        choice("speaker_state", ["linked", "author", "unknown"], false),
      ],
    },
  ],
  links: [{ name: "said_by", source: "CLAIM", target: "SPEAKER", many: true }],
};

export const span = (ident, label, start, end, attributes = {}, more = {}) => ({
  ident,
  label,
  start,
  end,
  fragments: null,
  attributes,
  ...more,
});

export function modelOf(text, spans, links) {
  const workspace = {
    document: {},
    schema,
    spans: [],
    links: [],
    rejected: [],
    suggestions: { spans, links },
  };
  return new Model(workspace, new FrozenText(text));
}

export function model() {
  return modelOf(
    "A🌊 bc def gh.",
    [
      span(1, "CLAIM", 0, 5, { stance: "support" }),
      span(2, "SPEAKER", 6, 9),
      span(3, "SPEAKER", 10, 12),
    ],
    [{ ident: 1, kind: "said_by", source: 1, target: 2 }],
  );
}

/** Apply as the session does, so that undo has its before-values. */
export function carryOut(subject, decisions) {
  const group = decisions.map((decision) => ({ ...decision, before: subject.apply(decision) }));
  subject.refresh();
  return group;
}
