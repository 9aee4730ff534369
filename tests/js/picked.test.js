import assert from "node:assert/strict";
import { test } from "node:test";
import {
  addLinked,
  kindFor,
  offersFor,
  spanAt,
} from "../../annotator/static/annotator/text/picked.js";
import * as ops from "../../annotator/static/annotator/text/ops.js";
import { reverse } from "../../annotator/static/annotator/text/undo.js";
import { carryOut, label, link, model, modelOf, span } from "./workspace.js";

const made = (subject, ident, name, start, end) =>
  carryOut(
    subject,
    addLinked(
      subject,
      subject.views.get(ident),
      kindFor(subject, subject.views.get(ident), name).kind,
      name,
      { start, end },
    ).decisions,
  );
const targets = (subject, ident) =>
  subject.views
    .get(ident)
    .links.map((one) => one.target)
    .sort();

test("a missed speaker is made, joins the others, and is taken back in one step", () => {
  const subject = model();
  const group = made(subject, 1, "SPEAKER", 3, 5);
  const [added] = group;
  assert.deepEqual([added.verb, added.after.label], ["add", "SPEAKER"]);
  assert.deepEqual(targets(subject, 1), [2, added.ident]);
  assert.equal(subject.views.get(1).span.attributes.speaker_state, "linked");
  carryOut(subject, reverse({ id: "g", decisions: group }, "undo"));
  assert.equal(subject.layer.spans.size + subject.layer.links.size, 0);
});

test("words that are a span of that label already are linked to and not marked twice", () => {
  const subject = model();
  made(subject, 1, "SPEAKER", 10, 12);
  assert.deepEqual(targets(subject, 1), [2, 3]);
  assert.deepEqual([...subject.layer.spans.keys()].sort(), [1, 3]);
  assert.deepEqual(made(subject, 1, "SPEAKER", 10, 12), []);
});

test("a speaker that was rejected is taken back rather than made twice", () => {
  const subject = model();
  carryOut(subject, ops.reject(subject, subject.views.get(3)));
  assert.equal(spanAt(subject, "SPEAKER", { start: 10, end: 12 }).ident, 3);
  made(subject, 1, "SPEAKER", 10, 12);
  assert.deepEqual([targets(subject, 1), subject.layer.rejected.size], [[2, 3], 0]);
});

const relations = {
  labels: [label("PERSON", "Person", "1"), label("FIRM", "Firm", "2"), label("TOWN", "", "3")],
  links: [
    link("works_for", ["PERSON"], ["FIRM"], { many: false }),
    link("owns", ["PERSON"], ["FIRM"], { required: true }),
    link("knows", ["PERSON"], ["PERSON"], { symmetric: true }),
  ],
  attributes: [],
};

const people = () =>
  modelOf(
    "Ada and Ben of Bay",
    [span(1, "PERSON", 0, 3), span(2, "PERSON", 8, 11), span(3, "FIRM", 15, 18)],
    [{ ident: 1, kind: "works_for", source: 1, target: 3 }],
    { schema: relations },
  );

test("the kind is the one asked for, else what is missing, else what has room", () => {
  const subject = people();
  const ben = subject.views.get(2);
  const nameOf = (...rest) => kindFor(subject, ...rest).kind?.name;
  assert.equal(nameOf(ben, "FIRM", "works_for"), "works_for");
  assert.equal(nameOf(ben, "FIRM"), "owns");
  assert.equal(nameOf(ben, "PERSON"), "knows");
  assert.equal(nameOf(ben, "TOWN"), undefined);
  assert.equal(nameOf(null, "FIRM"), undefined);
  // Of works_for there is one already, and no more than one.
  assert.equal(nameOf(subject.views.get(1), "FIRM", "works_for"), "owns");
});

test("a kind that holds one link and has it is named as full", () => {
  const [works, , knows] = relations.links;
  const subject = modelOf(
    "Ada and Ben of Bay",
    [span(1, "PERSON", 0, 3), span(3, "FIRM", 15, 18)],
    [{ ident: 1, kind: "works_for", source: 1, target: 3 }],
    { schema: { ...relations, links: [works, knows] } },
  );
  const { kind, full } = kindFor(subject, subject.views.get(1), "FIRM");
  assert.deepEqual([kind, full.name], [null, "works_for"]);
  assert.deepEqual(
    offersFor(subject, subject.views.get(1)).map(({ words }) => words),
    ["Person of P1", "Firm, not linked", "TOWN"],
  );
});

test("a symmetric link is made from either end", () => {
  const subject = people();
  made(subject, 2, "PERSON", 0, 3);
  assert.deepEqual(
    subject.views
      .get(1)
      .links.map(({ kind, other }) => [kind, other])
      .sort(),
    [
      ["knows", 2],
      ["works_for", 3],
    ],
  );
});
