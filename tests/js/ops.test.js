import assert from "node:assert/strict";
import { test } from "node:test";
import { assignLanes, cut } from "../../annotator/static/annotator/lanes.js";
import { Model } from "../../annotator/static/annotator/model.js";
import { FrozenText } from "../../annotator/static/annotator/offsets.js";
import * as ops from "../../annotator/static/annotator/ops.js";
import { renumber, sortOut } from "../../annotator/static/annotator/rebase.js";

const choice = (name, choices, required) => ({ name, kind: "choice", choices, required });
const schema = {
  labels: [
    { name: "SPEAKER", key: "1", attributes: [{ name: "name", kind: "text" }] },
    { name: "CLAIM", key: "2", attributes: [choice("stance", ["support", "oppose"], true), choice("speaker_state", ["linked", "author", "unknown"], false)] },
  ],
  links: [{ name: "said_by", source: "CLAIM", target: "SPEAKER", many: true }],
};
const span = (ident, label, start, end, attributes = {}) => ({ ident, label, start, end, fragments: null, attributes });

function model() {
  const workspace = {
    document: {}, schema, spans: [], links: [], rejected: [],
    suggestions: {
      spans: [span(1, "CLAIM", 0, 5, { stance: "support" }), span(2, "SPEAKER", 6, 9), span(3, "SPEAKER", 10, 12)],
      links: [{ ident: 1, kind: "said_by", source: 1, target: 2 }],
    },
  };
  return new Model(workspace, new FrozenText("A🌊 bc def gh."));
}

/** Apply as the session does, so that undo has its before-values. */
function carryOut(subject, decisions) {
  const group = decisions.map((decision) => ({ ...decision, before: subject.apply(decision) }));
  subject.refresh();
  return group;
}

test("accepting a claim brings its speaker and its link, and undo takes all back", () => {
  const subject = model();
  const group = carryOut(subject, ops.accept(subject, subject.views.get(1)));
  assert.deepEqual(group.map((decision) => [decision.verb, decision.subject, decision.ident]), [["accept", "span", 2], ["accept", "span", 1], ["link", "link", 1]]);
  assert.equal(subject.views.get(1).state, "accepted");
  carryOut(subject, ops.reverse({ id: "g", decisions: group }, "undo"));
  assert.equal(subject.views.get(1).state, "suggested");
  assert.equal(subject.layer.spans.size, 0);
});

test("the first edit copies the suggestion with its links", () => {
  const subject = model();
  carryOut(subject, ops.resize(subject, subject.views.get(1), "end", 4));
  assert.equal(subject.views.get(1).state, "edited");
  assert.deepEqual(subject.views.get(1).links.map((link) => link.target), [2]);
});

test("another speaker replaces the first; also keeps both; none sets the state", () => {
  const subject = model();
  carryOut(subject, ops.setSpeaker(subject, subject.views.get(1), 3));
  assert.deepEqual(subject.views.get(1).links.map((link) => link.target), [3]);
  assert.equal(subject.views.get(1).span.attributes.speaker_state, "linked");
  carryOut(subject, ops.setSpeaker(subject, subject.views.get(1), 2, true));
  assert.deepEqual(subject.views.get(1).links.map((link) => link.target).sort(), [2, 3]);
  carryOut(subject, ops.noSpeaker(subject, subject.views.get(1), "unknown"));
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
  const history = new ops.History();
  const decision = (group, verb, undoes) => ({ group, verb, undoes, subject: "span", ident: 1, after: null });
  history.record([decision("a", "accept")]);
  history.record([decision("b", "undo", "a")]);
  assert.equal(history.undoable.length, 0);
  history.record([decision("c", "redo", "b")]);
  assert.deepEqual(history.undoable.map((group) => group.id), ["c"]);
  assert.equal(history.redoable.length, 0);
});

test("lanes: the shortest nearest the words; pieces at every edge", () => {
  const outer = { start: 0, end: 10 };
  const inner = { start: 2, end: 4 };
  const lanes = assignLanes([outer, inner]);
  assert.deepEqual([lanes.get(inner), lanes.get(outer)], [0, 1]);
  assert.deepEqual(cut(0, 12, [inner, outer]).map((piece) => [piece.start, piece.end, piece.items.length]), [[0, 2, 1], [2, 4, 2], [4, 10, 1], [10, 12, 0]]);
});

test("news from elsewhere: known decisions go, clashes are told, numbers move on", () => {
  const mine = (id, ident, verb, after) => [{ client_id: id, group: id, subject: "span", ident, verb, after, before: null }];
  const news = [{ client_id: "x", subject: "span", ident: 9, verb: "add", after: {} }, { client_id: "k", subject: "span", ident: 1, verb: "accept", after: {} }];
  const { clear, clashing } = sortOut([mine("k", 1, "accept", {}), mine("m", 9, "add", {}), mine("n", 4, "accept", {})], news);
  assert.deepEqual([clear.length, clashing.length], [1, 1]);
  assert.equal(renumber(clashing, news, () => 10)[0][0].ident, 10);
});
