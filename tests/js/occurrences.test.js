import assert from "node:assert/strict";
import { test } from "node:test";
import {
  freePlaces,
  otherPlaces,
  propose,
} from "../../annotator/static/annotator/text/occurrences.js";
import * as ops from "../../annotator/static/annotator/text/ops.js";
import { FrozenText } from "../../annotator/static/annotator/text/offsets.js";
import { reverse } from "../../annotator/static/annotator/text/undo.js";
import { carryOut, modelOf, span } from "./workspace.js";

const placesOf = (string, words) => {
  const text = new FrozenText(string);
  const start = text.toPoint(string.indexOf(words));
  return otherPlaces(text, start, start + [...words].length);
};

test("whole words in the same case, at the right places behind signs of two units", () => {
  const string = "Bay 😀 bay Bayern eBay Bay’s (Bay) Bay-led 😀Bay";
  const points = [...string];
  const found = placesOf(string, "Bay");
  assert.ok(found.every(({ start, end }) => points.slice(start, end).join("") === "Bay"));
  assert.deepEqual(
    found.map(({ start }) => start),
    [22, 29, 34, 43],
  );
});

test("an accent of its own belongs to its word; scripts without spaces have words too", () => {
  assert.deepEqual(placesOf("Zoe Zoe\u0308", "Zoe"), []);
  assert.equal(placesOf("東京は大きい。東京に行く。", "東京").length, 1);
  assert.deepEqual(placesOf("a.b a.b", "a.b"), [{ start: 4, end: 7 }]);
  assert.deepEqual(placesOf("aa aa", "a"), []);
});

test("a sign that is part of another one is no place of its own", () => {
  assert.equal(placesOf("👩 👩\u200d🚀 👩", "👩").length, 1);
  assert.equal(placesOf("👍 👍🏽 👍", "👍").length, 1);
  assert.equal(placesOf("❤ ❤\ufe0f ❤", "❤").length, 1);
  assert.equal(placesOf("🇪🇩 🇩🇪🇩🇪 🇪🇩", "🇪🇩").length, 1);
});

test("the places of words are those apart from each place that is asked about", () => {
  const words = new FrozenText("Ann, Ann, Ann");
  const starts = (from) => otherPlaces(words, from, from + 3).map(({ start }) => start);
  assert.deepEqual(
    [starts(0), starts(5)],
    [
      [5, 10],
      [0, 10],
    ],
  );
});

const text = "Ann, Ann, Ann, Ann, Ann Lee";
const model = () =>
  modelOf(
    text,
    [
      span(1, "SPEAKER", 0, 3, { name: "Ann Lee" }),
      span(2, "SPEAKER", 10, 13),
      span(3, "SPEAKER", 20, 27),
      span(4, "CLAIM", 5, 8),
    ],
    [],
  );

test("places that have the label, or where it was rejected, are left out", () => {
  const subject = model();
  carryOut(subject, ops.reject(subject, subject.views.get(2)));
  const free = (label) => freePlaces(subject, label, otherPlaces(subject.text, 0, 3));
  assert.deepEqual(
    free("SPEAKER").map(({ start }) => start),
    [5, 15],
  );
  assert.deepEqual(
    free("CLAIM").map(({ start }) => start),
    [10, 15, 20],
  );
});

test("each is proposed with what the first is known by", () => {
  const subject = model();
  const decisions = propose(subject, "SPEAKER", [{ start: 5, end: 8 }], { name: "Ann Lee", x: 1 });
  assert.deepEqual(
    decisions.map(({ verb, ident, after }) => [verb, ident, after.start, after.attributes]),
    [["propose", 5, 5, { name: "Ann Lee" }]],
  );
});

test("a proposal waits, also as what rides along, until it is accepted or taken away", () => {
  const subject = model();
  const [decision] = propose(subject, "SPEAKER", [{ start: 5, end: 8 }], {});
  const view = () => subject.views.get(decision.ident);
  const group = carryOut(subject, [{ ...decision, group: "p" }]);
  assert.deepEqual([view().state, view().settled, subject.queued(view())], ["added", false, true]);
  const accepted = carryOut(
    subject,
    ops.accept(subject, view()).map((one) => ({ ...one, group: "a" })),
  );
  assert.deepEqual(
    accepted.map(({ verb, ident }) => [verb, ident]),
    [["accept", decision.ident]],
  );
  assert.equal(view().settled, true);
  carryOut(subject, reverse({ id: "a", decisions: accepted }, "undo"));
  assert.equal(view().settled, false);
  carryOut(subject, reverse({ id: "p", decisions: group }, "undo"));
  assert.equal(view(), undefined);
});

test("two thousand places among two thousand spans are found within a second", () => {
  const string = "Ann said so. ".repeat(4000);
  const spans = Array.from({ length: 2000 }, (_, index) =>
    span(index + 1, "SPEAKER", index * 13, index * 13 + 3),
  );
  const subject = modelOf(string.replaceAll("so. ", "so.\n"), spans, []);
  const before = process.cpuUsage();
  const places = otherPlaces(subject.text, 0, 3);
  assert.equal(freePlaces(subject, "SPEAKER", places).length, 2000);
  assert.ok(process.cpuUsage(before).user < 1e6);
});
