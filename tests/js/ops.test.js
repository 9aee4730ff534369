import assert from "node:assert/strict";
import { test } from "node:test";
import { assignLanes, cut } from "../../annotator/static/annotator/text/lanes.js";
import * as linking from "../../annotator/static/annotator/text/linking.js";
import * as ops from "../../annotator/static/annotator/text/ops.js";
import { renumber, sortOut } from "../../annotator/static/annotator/text/rebase.js";
import * as undo from "../../annotator/static/annotator/text/undo.js";
import { carryOut, model, modelOf, span } from "./workspace.js";

const saidBy = (subject) => subject.schema.kind("said_by");

test("accepting a claim brings its speaker and its link, and undo takes all back", () => {
  const subject = model();
  const group = carryOut(subject, ops.accept(subject, subject.views.get(1)));
  assert.deepEqual(
    group.map((decision) => [decision.verb, decision.subject, decision.ident]),
    [
      ["accept", "span", 2],
      ["accept", "span", 1],
      ["link", "link", 1],
    ],
  );
  assert.equal(subject.views.get(1).state, "accepted");
  carryOut(subject, undo.reverse({ id: "g", decisions: group }, "undo"));
  assert.equal(subject.views.get(1).state, "suggested");
  assert.equal(subject.layer.spans.size, 0);
});

test("the first edit copies the suggestion with its links", () => {
  const subject = model();
  carryOut(subject, ops.resize(subject, subject.views.get(1), "end", 4));
  assert.equal(subject.views.get(1).state, "edited");
  assert.deepEqual(
    subject.views.get(1).links.map((link) => link.target),
    [2],
  );
});

test("another speaker replaces the first; also keeps both; none sets the state", () => {
  const subject = model();
  carryOut(subject, linking.setLink(subject, subject.views.get(1), saidBy(subject), 3));
  assert.deepEqual(
    subject.views.get(1).links.map((link) => link.target),
    [3],
  );
  assert.equal(subject.views.get(1).span.attributes.speaker_state, "linked");
  carryOut(subject, linking.setLink(subject, subject.views.get(1), saidBy(subject), 2, true));
  assert.deepEqual(
    subject.views
      .get(1)
      .links.map((link) => link.target)
      .sort(),
    [2, 3],
  );
  carryOut(
    subject,
    linking.noLink(subject, subject.views.get(1), saidBy(subject), "speaker_state", "unknown"),
  );
  assert.equal(subject.views.get(1).links.length, 0);
  assert.deepEqual(subject.views.get(1).missing, []);
});

test("rejecting a speaker takes its links away first", () => {
  const subject = model();
  carryOut(subject, ops.accept(subject, subject.views.get(1)));
  const verbs = ops.reject(subject, subject.views.get(2)).map((decision) => decision.verb);
  assert.deepEqual(verbs, ["unlink", "reject"]);
});

test("undo and redo alternate", () => {
  const history = new undo.History();
  const decision = (group, verb, undoes) => ({
    group,
    verb,
    undoes,
    subject: "span",
    ident: 1,
    after: null,
  });
  history.record([decision("a", "accept")]);
  history.record([decision("b", "undo", "a")]);
  assert.equal(history.undoable.length, 0);
  history.record([decision("c", "redo", "b")]);
  assert.deepEqual(
    history.undoable.map((group) => group.id),
    ["c"],
  );
  assert.equal(history.redoable.length, 0);
});

test("lanes: the shortest nearest the words; pieces at every edge", () => {
  const outer = { start: 0, end: 10 };
  const inner = { start: 2, end: 4 };
  const lanes = assignLanes([outer, inner]);
  assert.deepEqual([lanes.get(inner), lanes.get(outer)], [0, 1]);
  assert.deepEqual(
    cut(0, 12, [inner, outer]).map((piece) => [piece.start, piece.end, piece.items.length]),
    [
      [0, 2, 1],
      [2, 4, 2],
      [4, 10, 1],
      [10, 12, 0],
    ],
  );
});

test("news from elsewhere: known decisions go, clashes are told, numbers move on", () => {
  const mine = (id, ident, verb, after) => [
    { client_id: id, group: id, subject: "span", ident, verb, after, before: null },
  ];
  const news = [
    { client_id: "x", subject: "span", ident: 9, verb: "add", after: {} },
    { client_id: "k", subject: "span", ident: 1, verb: "accept", after: {} },
  ];
  const { clear, clashing } = sortOut(
    [mine("k", 1, "accept", {}), mine("m", 9, "add", {}), mine("n", 4, "accept", {})],
    news,
  );
  assert.deepEqual([clear.length, clashing.length], [1, 1]);
  assert.equal(renumber(clashing, news, () => 10)[0][0].ident, 10);
});

test("a span proposed under a number that was given elsewhere takes another one", () => {
  const proposed = { client_id: "p", subject: "span", ident: 9, verb: "propose", after: {} };
  const news = [{ ...proposed, client_id: "x", verb: "add" }];
  assert.equal(renumber([[proposed]], news, () => 10)[0][0].ident, 10);
});

test("what is new here gets no number that another window gave meanwhile", () => {
  const subject = model();
  const made = span(7, "CLAIM", 0, 5, { stance: "support" });
  const after = { label: "CLAIM", start: 0, end: 5, fragments: null, attributes: {} };
  const gone = { client_id: "g", group: "g", subject: "span", ident: 8, verb: "add", after };
  subject.restart({ spans: [made], links: [], rejected: [], history: [gone] });
  assert.equal(subject.nextIdent(), 9);
});

test("words are taken out of the middle, off an end, and never all of them", () => {
  const subject = modelOf(
    "one two three four five",
    [span(1, "CLAIM", 0, 23, { stance: "support" })],
    [],
  );
  const pieces = () => subject.views.get(1).span.fragments;
  carryOut(subject, ops.takePiece(subject, subject.views.get(1), 8, 13));
  assert.deepEqual(pieces(), [
    [0, 7],
    [14, 23],
  ]);
  carryOut(subject, ops.takePiece(subject, subject.views.get(1), 4, 18));
  assert.deepEqual(pieces(), [
    [0, 3],
    [19, 23],
  ]);
  carryOut(subject, ops.takePiece(subject, subject.views.get(1), 0, 3));
  assert.deepEqual([subject.views.get(1).span.start, pieces()], [19, null]);
  assert.deepEqual(ops.takePiece(subject, subject.views.get(1), 0, 23), []);
  assert.deepEqual(ops.takePiece(subject, subject.views.get(1), 0, 3), []);
});

test("deciding many takes a shared speaker once, and comes back as one", () => {
  const subject = modelOf(
    "he says aa and bb",
    [
      span(1, "SPEAKER", 0, 2),
      span(2, "CLAIM", 8, 10, { stance: "support" }),
      span(3, "CLAIM", 15, 17, { stance: "oppose" }),
    ],
    [
      { ident: 1, kind: "said_by", source: 2, target: 1 },
      { ident: 2, kind: "said_by", source: 3, target: 1 },
    ],
  );
  const all = [...subject.inOrder];
  const group = carryOut(subject, ops.decideAll(subject, all, "accept"));
  assert.deepEqual(group.map((decision) => `${decision.subject} ${decision.ident}`).sort(), [
    "link 1",
    "link 2",
    "span 1",
    "span 2",
    "span 3",
  ]);
  carryOut(subject, undo.reverse({ id: "g", decisions: group }, "undo"));
  assert.ok(subject.inOrder.every((view) => view.state === "suggested"));
  carryOut(subject, ops.decideAll(subject, [...subject.inOrder], "reject"));
  assert.ok(subject.inOrder.every((view) => view.state === "rejected"));
});

test("a group that comes in parts is undone as one", () => {
  const history = new undo.History();
  const decision = (ident) => ({
    group: "a",
    verb: "accept",
    undoes: null,
    subject: "span",
    ident,
    after: null,
  });
  history.record([decision(1)]);
  history.record([decision(2)]);
  assert.deepEqual(
    history.undoable.map((group) => group.decisions.length),
    [2],
  );
});
