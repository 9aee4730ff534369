import assert from "node:assert/strict";
import { test } from "node:test";
import { Seen } from "../../annotator/static/annotator/sync/seen.js";
import * as linking from "../../annotator/static/annotator/text/linking.js";
import { FrozenText } from "../../annotator/static/annotator/text/offsets.js";
import { ridersOf } from "../../annotator/static/annotator/text/riding.js";
import * as ops from "../../annotator/static/annotator/text/ops.js";
import { History, reverse } from "../../annotator/static/annotator/text/undo.js";
import { carryOut, label, model, modelOf, schema, span } from "./workspace.js";

const saidBy = (subject) => subject.schema.kind("said_by");
const told = (group) => group.map(({ verb, subject, ident }) => `${verb} ${subject} ${ident}`);

/** Carry out actions as a session does: each a group of its own, in a log. */
function session(subject) {
  const log = [];
  const history = new History();
  return {
    log,
    history,
    act(decisions) {
      const group = carryOut(
        subject,
        decisions.map((decision) => ({ ...decision, group: `g${log.length}` })),
      );
      log.push(...group);
      history.record(group);
    },
    undo: () => reverse(history.undoable.at(-1), "undo"),
    redo: () => reverse(history.redoable.at(-1), "redo"),
  };
}

/** What a page shows that is opened on this log. */
function reopened(subject, log) {
  return modelOf(
    "A🌊 bc def gh.",
    [...subject.suggested.values()],
    [...subject.suggestedLinks.values()],
    {
      spans: [...subject.layer.spans.values()],
      links: [...subject.layer.links.values()],
      rejected: [...subject.layer.rejected],
      history: log,
    },
  );
}

test("a change takes the span alone; accepting it then takes the rest, as it was changed", () => {
  const subject = model();
  const moved = carryOut(subject, ops.resize(subject, subject.views.get(1), "end", 4));
  assert.deepEqual(told(moved), ["resize span 1"]);
  const view = subject.views.get(1);
  assert.deepEqual([view.state, view.settled, view.unaccepted], ["edited", false, true]);
  const group = carryOut(subject, ops.accept(subject, view));
  assert.deepEqual(told(group), ["accept span 2", "accept span 1", "link link 1"]);
  assert.equal(group[1].after.end, 4);
  assert.ok(subject.views.get(1).settled);
  assert.deepEqual(ops.accept(subject, subject.views.get(1)), []);
});

test("whether a change is accepted is the same after every undo, redo and reload", () => {
  const subject = model();
  const page = session(subject);
  const states = [];
  const look = () => {
    const shown = subject.inOrder.map(
      ({ ident, state, settled }) => `${ident} ${state} ${settled}`,
    );
    const anew = reopened(subject, page.log);
    assert.deepEqual(
      anew.inOrder.map(({ ident, state, settled }) => `${ident} ${state} ${settled}`),
      shown,
    );
    return shown[0];
  };
  const acts = [
    () => ops.resize(subject, subject.views.get(1), "end", 4),
    () => ops.accept(subject, subject.views.get(1)),
    () => ops.setAttribute(subject, subject.views.get(1), "stance", "oppose"),
  ];
  for (const act of acts) {
    page.act(act());
    states.push(look());
  }
  assert.deepEqual(states, ["1 edited false", "1 edited true", "1 edited true"]);
  page.act(page.undo());
  assert.equal(look(), "1 edited true");
  page.act(page.undo());
  assert.equal(look(), "1 edited false");
  page.act(page.redo());
  assert.equal(look(), "1 edited true");
  page.act(page.undo());
  page.act(page.undo());
  assert.equal(look(), "1 suggested false");
  page.act(page.redo());
  assert.equal(look(), "1 edited false");
  page.act(ops.reject(subject, subject.views.get(1)));
  assert.equal(look(), "1 rejected true");
});

test("another speaker of a suggestion leaves the suggested one out when it is accepted", () => {
  const subject = model();
  carryOut(subject, linking.setLink(subject, subject.views.get(1), saidBy(subject), 3));
  assert.deepEqual([...subject.layer.spans.keys()].sort(), [1, 3]);
  assert.ok(!subject.views.get(1).settled);
  carryOut(subject, ops.accept(subject, subject.views.get(1)));
  assert.deepEqual([...subject.layer.spans.keys()].sort(), [1, 3]);
  assert.deepEqual(
    subject.layer.linksAt(1).map((link) => link.target),
    [3],
  );
});

test("a suggested speaker that is taken off stays off", () => {
  const subject = model();
  const view = subject.views.get(1);
  carryOut(subject, linking.dropLink(subject, view, view.links[0]));
  assert.deepEqual(subject.views.get(1).links, []);
  carryOut(subject, ops.accept(subject, subject.views.get(1)));
  assert.deepEqual([...subject.layer.spans.keys()], [1]);
});

test("a changed speaker is accepted with its claim, as it was changed", () => {
  const subject = model();
  carryOut(subject, ops.resize(subject, subject.views.get(2), "end", 8));
  assert.ok(subject.views.get(2).unaccepted);
  carryOut(subject, ops.accept(subject, subject.views.get(1)));
  assert.deepEqual([subject.layer.spans.get(2).end, subject.views.get(2).settled], [8, true]);
});

const CUE = label("CUE", "Cue", "3", [], { fold: true });
const withCues = { schema: { ...schema, labels: [...schema.labels, CUE] } };
const TEXT = "aa said bb said cc\nsaid dd";

function cued(more = []) {
  const stance = { stance: "support" };
  return modelOf(
    TEXT,
    [
      span(1, "CLAIM", 0, 2, stance),
      span(2, "CLAIM", 16, 18, stance),
      span(3, "CUE", 3, 7),
      span(4, "CUE", 11, 15),
      span(5, "CUE", 19, 23),
      ...more,
    ],
    [],
    withCues,
  );
}

test("what rides along belongs to the nearest frame of its paragraph, and is no item", () => {
  const subject = cued();
  assert.deepEqual(
    [...subject.riders],
    [
      [1, [3]],
      [2, [4]],
    ],
  );
  const queued = subject.inOrder.filter((view) => subject.queued(view));
  assert.deepEqual(
    queued.map((view) => view.ident),
    [1, 2],
  );
  const group = carryOut(subject, ops.accept(subject, subject.views.get(1)));
  assert.deepEqual(told(group), ["accept span 1", "accept span 3"]);
  carryOut(subject, ops.reject(subject, subject.views.get(2)));
  assert.equal(subject.views.get(4).state, "suggested");
});

test("of frames as near the earlier counts, and one around it is nearest", () => {
  const between = modelOf(
    "aa said bb",
    [span(1, "CLAIM", 0, 2), span(2, "CLAIM", 8, 10), span(3, "CUE", 3, 7)],
    [],
    withCues,
  );
  assert.deepEqual([...between.riders], [[1, [3]]]);
  const around = modelOf(
    "aa said bb",
    [span(1, "CLAIM", 0, 2), span(2, "CLAIM", 3, 10), span(3, "CUE", 3, 7)],
    [],
    withCues,
  );
  assert.deepEqual([...around.riders], [[2, [3]]]);
});

test("what was rejected, or lacks something, does not ride along", () => {
  const subject = cued();
  carryOut(subject, ops.reject(subject, subject.views.get(3)));
  const group = carryOut(subject, ops.accept(subject, subject.views.get(1)));
  assert.deepEqual(told(group), ["accept span 1"]);
  const tense = {
    name: "tense",
    title: "tense",
    kind: "choice",
    choices: ["past"],
    required: true,
  };
  const needy = label("CUE", "Cue", "3", [tense], { fold: true });
  const lacking = modelOf(TEXT, [span(1, "CLAIM", 0, 2), span(3, "CUE", 3, 7)], [], {
    schema: { ...schema, labels: [...schema.labels, needy] },
  });
  assert.deepEqual(ridersOf(lacking, 1), []);
  assert.ok(lacking.queued(lacking.views.get(3)));
});

test("words are seen while their paragraph is in view and the page is shown", () => {
  let now = 0;
  const seen = new Seen(() => now);
  const text = new FrozenText("one\n\ntwo\nthree");
  seen.note(0, true);
  now += 1000;
  seen.note(2, true);
  now += 500;
  assert.equal(seen.spanMs(text, { start: 0, end: 3 }), 1500);
  assert.equal(seen.spanMs(text, { start: 0, end: 8 }), 500);
  assert.equal(seen.spanMs(text, { start: 9, end: 14 }), 0);
  seen.turn(true);
  now += 9000;
  seen.note(0, false);
  seen.turn(false);
  now += 100;
  assert.equal(seen.spanMs(text, { start: 0, end: 3 }), 1500);
  assert.equal(seen.spanMs(text, { start: 5, end: 8 }), 600);
});
