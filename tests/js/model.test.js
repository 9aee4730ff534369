import assert from "node:assert/strict";
import { test } from "node:test";
import * as linking from "../../annotator/static/annotator/text/linking.js";
import * as ops from "../../annotator/static/annotator/text/ops.js";
import * as undo from "../../annotator/static/annotator/text/undo.js";
import { carryOut, model, modelOf, span } from "./workspace.js";

/** The same numbers every time. */
function dice(seed) {
  let state = seed;
  return (below) => {
    state = (state * 1103515245 + 12345) % 2 ** 31;
    return Math.floor((state / 2 ** 31) * below);
  };
}

function crowded(roll) {
  const text = Array.from({ length: 12 }, (_, line) => `w${line} `.repeat(6).trim()).join("\n");
  const spans = [];
  const links = [];
  for (let ident = 1; ident <= 16; ident += 1) {
    const start = roll(text.length - 12);
    if (ident % 2)
      spans.push(
        span(ident, "CLAIM", start, start + 2 + roll(text.length - start - 2), {
          stance: "support",
        }),
      );
    else {
      spans.push(span(ident, "SPEAKER", start, start + 3, { name: `P${roll(3)}` }));
      links.push({ ident, kind: "said_by", source: ident - 1, target: 2 * (1 + roll(ident / 2)) });
    }
  }
  return modelOf(text, spans, links);
}

function act(subject, roll) {
  const view = subject.inOrder[roll(subject.inOrder.length)];
  const speakers = subject.inOrder.filter(
    (other) => other.role === "part" && other.state !== "rejected",
  );
  const acts = [
    () => ops.accept(subject, view),
    () => ops.reject(subject, view),
    () => (view.state === "rejected" ? [] : ops.resize(subject, view, "end", view.span.end - 1)),
    () =>
      view.state === "rejected" ? [] : ops.relabel(subject, view, roll(2) ? "CLAIM" : "SPEAKER"),
    () =>
      view.role === "frame" && view.state !== "rejected" && speakers.length
        ? linking.setLink(
            subject,
            view,
            subject.schema.kind("said_by"),
            speakers[roll(speakers.length)].ident,
            Boolean(roll(2)),
          )
        : [],
    () =>
      view.role === "frame" && view.state !== "rejected"
        ? linking.noLink(subject, view, subject.schema.kind("said_by"), "speaker_state", "unknown")
        : [],
    () => ops.add(subject, roll(2) ? "CLAIM" : "SPEAKER", 1, 2 + roll(9)).decisions,
  ];
  return acts[roll(acts.length)]();
}

const told = (subject) => ({
  order: subject.inOrder.map((view) => view.ident),
  views: subject.inOrder,
  queued: subject.inOrder.map((view) => subject.queued(view)),
  paragraphs: subject.text.paragraphs.map((paragraph) =>
    subject.viewsAt(paragraph.index).map((view) => view.ident),
  ),
  outer: subject.inOrder.map((view) => subject.outer(view)?.ident),
});

test("worked out bit by bit is what is worked out at once, and undo leads all the way back", () => {
  for (let seed = 1; seed <= 30; seed += 1) {
    const roll = dice(seed);
    const subject = crowded(roll);
    const groups = [];
    const before = JSON.stringify(told(subject).order);
    for (let step = 0; step < 25; step += 1) {
      const decisions = act(subject, roll);
      if (decisions.length) groups.push(carryOut(subject, decisions));
      const bitByBit = structuredClone(told(subject));
      subject.rebuild();
      assert.deepEqual(bitByBit, structuredClone(told(subject)), `seed ${seed}, step ${step}`);
    }
    for (const group of groups.reverse())
      carryOut(subject, undo.reverse({ id: "g", decisions: group }, "undo"));
    assert.equal(JSON.stringify(told(subject).order), before, `seed ${seed}`);
    assert.ok(
      subject.inOrder.every((view) => view.state === "suggested"),
      `seed ${seed}`,
    );
  }
});

test("a decision makes new views of what it touches and of nothing else", () => {
  const subject = crowded(dice(7));
  const before = new Map(subject.views);
  carryOut(subject, ops.accept(subject, subject.views.get(1)));
  const changed = [...subject.views]
    .filter(([ident, view]) => before.get(ident) !== view)
    .map(([ident]) => ident);
  assert.ok(changed.includes(1) && changed.length < 16, `${changed}`);
});

test("a speaker of a rejected claim falls silent with it; one without a claim waits", () => {
  const subject = model();
  const waiting = () =>
    subject.inOrder
      .filter((view) => subject.queued(view) && !view.settled)
      .map((view) => view.ident);
  assert.deepEqual(waiting(), [1, 3]);
  carryOut(subject, ops.reject(subject, subject.views.get(1)));
  assert.deepEqual(waiting(), [3]);
  assert.equal(subject.views.get(2).state, "suggested");
  carryOut(subject, ops.accept(subject, subject.views.get(2)));
  assert.deepEqual(
    subject.inOrder.filter((view) => subject.queued(view)).map((view) => view.ident),
    [1, 2, 3],
  );
});

test("where a document is only read nothing is missing", () => {
  const bare = [span(1, "CLAIM", 0, 5), span(2, "SPEAKER", 6, 9)];
  const read = (more) => modelOf("A🌊 bc def gh.", bare, [], more).views.get(1).missing.length;
  assert.equal(read({}), 2);
  assert.equal(read({ reading: true }), 0);
});
