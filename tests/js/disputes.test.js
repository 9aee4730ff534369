import assert from "node:assert/strict";
import { test } from "node:test";
import {
  abridged,
  sharedWords,
  stretches,
} from "../../annotator/static/annotator/adjudicate/diff.js";
import { majority } from "../../annotator/static/annotator/adjudicate/disputes.js";
import { FrozenText } from "../../annotator/static/annotator/text/offsets.js";

const WORDS = "She said 😀 that the old pier, he agreed, was far too dear for the town.";
const text = new FrozenText(WORDS);

const place = (...pieces) => {
  const found = pieces.map((words) => {
    const start = [...WORDS.slice(0, WORDS.indexOf(words))].length;
    return [start, start + [...words].length];
  });
  const fragments = found.length > 1 ? found : null;
  return { start: found[0][0], end: found.at(-1)[1], fragments };
};

const told = (places, index) =>
  stretches(text, places, places[index]).map(({ kind, words }) => [kind, words]);

test("what one version holds and the other does not is told at both", () => {
  const places = [
    place("that the old pier, he agreed, was far too dear"),
    place("the old pier, he agreed, was far"),
  ];
  assert.deepEqual(told(places, 0), [
    ["more", "that "],
    ["same", "the old pier, he agreed, was far"],
    ["more", " too dear"],
  ]);
  assert.deepEqual(told(places, 1), [
    ["less", "that "],
    ["same", "the old pier, he agreed, was far"],
    ["less", " too dear"],
  ]);
  assert.equal(sharedWords(text, places), "the old pier, he agreed, was far");
});

test("words between the fragments of all are a gap; an interruption that one holds is more", () => {
  const parted = place("the old pier,", "was far too dear");
  const whole = place("the old pier, he agreed, was far too dear");
  assert.deepEqual(told([parted, whole], 1), [
    ["same", "the old pier,"],
    ["more", " he agreed, "],
    ["same", "was far too dear"],
  ]);
  assert.deepEqual(told([parted, parted], 0)[1], ["gap", " he agreed, "]);
  assert.equal(sharedWords(text, [parted, whole]), "the old pier, … was far too dear");
});

test("versions that share no word have nothing in common to tell", () => {
  const places = [place("the old pier"), place("too dear")];
  assert.equal(sharedWords(text, places), "");
  assert.deepEqual(
    told(places, 0).map(([kind]) => kind),
    ["more", "gap", "less"],
  );
});

test("long words that all hold are shown beside the differences only, and no pair is cut", () => {
  const long = "word ".repeat(60);
  const shown = abridged([
    { kind: "same", words: long },
    { kind: "more", words: "that " },
    { kind: "same", words: "😀".repeat(100) },
  ]);
  assert.ok(shown[0].words.startsWith("… word ") && shown[0].words.length < 40);
  assert.equal(shown[1].words, "that ");
  assert.ok(/^(?:😀)+ …$/u.test(shown[2].words));
});

const dispute = (absent, ...holders) => ({
  versions: holders.map((layers, index) => ({ number: index + 1, layers: [...layers] })),
  absent: [...absent],
  kinds: [],
});

test("a majority leads alone; who marked nothing has a vote, who did not look has none", () => {
  assert.equal(majority(dispute("", "A", "B")), undefined);
  assert.equal(majority(dispute("B", "A")), undefined);
  assert.equal(majority(dispute("", "AC", "B")).number, 1);
  assert.equal(majority(dispute("", "A", "BC")).number, 2);
  assert.equal(majority(dispute("BC", "A")), null);
  assert.equal(majority(dispute("CD", "A", "B")), null);
  const seen = { ...dispute("", "AB", "C"), unseen: ["D", "E", "F"] };
  assert.equal(majority(seen).number, 1);
});

test("where one alone looked Enter takes nothing for granted", () => {
  const alone = { ...dispute("", "A"), kinds: ["unseen"], unseen: ["B"] };
  assert.equal(majority(alone), undefined);
});
