/** A small document for the tests of the page's modules. */
import { Model } from "../../annotator/static/annotator/text/model.js";
import { FrozenText } from "../../annotator/static/annotator/text/offsets.js";

export const attribute = (name, kind, more = {}) => ({
  name,
  title: name,
  kind,
  choices: [],
  keys: {},
  required: false,
  default: null,
  identity: false,
  fold: false,
  ...more,
});

export const label = (name, title, key, attributes = [], more = {}) => ({
  name,
  title,
  key,
  fold: false,
  attributes,
  ...more,
});

export const link = (name, sources, targets, more = {}) => ({
  name,
  title: name.replaceAll("_", " "),
  facet: name,
  sources,
  targets,
  key: "",
  many: true,
  required: false,
  owned: false,
  symmetric: false,
  unless: {},
  attributes: [],
  ...more,
});

export const schema = {
  labels: [
    label("SPEAKER", "Speaker", "1", [attribute("name", "text", { identity: true })]),
    label("CLAIM", "Claim", "2", [
      attribute("stance", "choice", {
        choices: ["support", "oppose"],
        keys: { support: "u", oppose: "o" },
        required: true,
      }),
      attribute("target", "text"),
      attribute("kind", "choice", { choices: ["direct", "indirect"], fold: true }),
      attribute("speaker_state", "choice", { choices: ["linked", "author", "unknown"] }),
    ]),
  ],
  links: [
    link("said_by", ["CLAIM"], ["SPEAKER"], {
      facet: "speaker",
      owned: true,
      required: true,
      unless: { speaker_state: ["author", "unknown"] },
    }),
  ],
  attributes: [],
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

export function modelOf(text, spans, links, more = {}) {
  const workspace = {
    document: {},
    schema,
    spans: [],
    links: [],
    rejected: [],
    suggestions: { spans, links },
    ...more,
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
