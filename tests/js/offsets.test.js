import assert from "node:assert/strict";
import { test } from "node:test";
import { moveEdge, snapOut, trim } from "../../annotator/static/annotator/text/edges.js";
import { FrozenText } from "../../annotator/static/annotator/text/offsets.js";

const ALPHABET = [
  "a",
  "é",
  "e\u0301",
  "🌊",
  "👩‍👩‍👧",
  "🇳🇱",
  "क्षि",
  "한",
  "\u00a0",
  "\u200f",
  " ",
  "\n",
  "𝒳",
  "”",
  ",",
];

function randomText(seed) {
  let state = seed;
  const next = () => (state = (state * 1103515245 + 12345) % 2147483648) / 2147483648;
  return Array.from({ length: 60 }, () => ALPHABET[Math.floor(next() * ALPHABET.length)]).join("");
}

test("code points slice like an array of code points, and convert both ways", () => {
  for (let seed = 1; seed < 300; seed += 1) {
    const source = randomText(seed);
    const points = [...source];
    const text = new FrozenText(source);
    assert.equal(text.length, points.length);
    for (let start = 0; start < points.length; start += 7) {
      const end = Math.min(points.length, start + (seed % 11) + 1);
      assert.equal(text.slice(start, end), points.slice(start, end).join(""));
      assert.equal(text.toPoint(text.toUnit(start)), start);
    }
  }
});

test("an offset inside a surrogate pair is refused", () => {
  assert.throws(() => new FrozenText("a🌊b").toPoint(2), RangeError);
});

test("paragraphs are lines; the line feed belongs to none", () => {
  const text = new FrozenText("🌊a\n\nb");
  assert.deepEqual(
    text.paragraphs.map(({ start, end }) => [start, end]),
    [
      [0, 2],
      [3, 3],
      [4, 5],
    ],
  );
  assert.equal(text.paragraphAt(2).index, 0);
  assert.equal(text.paragraphAt(4).index, 2);
});

test("a selection grows to whole words and never cuts a grapheme", () => {
  const text = new FrozenText("the 👩‍👩‍👧 family, said");
  assert.deepEqual(snapOut(text, 5, 7), { start: 4, end: 9 });
  assert.equal(text.slice(...Object.values(snapOut(text, 11, 13))), "family");
  assert.equal(snapOut(text, 3, 4), null);
  assert.deepEqual(trim(text, 3, 10), { start: 4, end: 9 });
});

test("edges move by word, character and natural break", () => {
  const source = "She said “we pay, now” today.";
  const text = new FrozenText(source);
  const at = (words) => [...source].join("").indexOf(words);
  assert.equal(moveEdge(text, at(" said"), 1, "word", "end"), at(" “we"));
  assert.equal(moveEdge(text, at(" said"), 1, "natural", "end"), at(" “we"));
  assert.equal(moveEdge(text, at(" “we"), 1, "natural", "end"), at(", now"));
  assert.equal(moveEdge(text, at(", now"), 1, "natural", "end"), at(" today"));
  assert.equal(moveEdge(text, at("now"), -1, "natural", "start"), at("“we"));
  assert.equal(moveEdge(text, 0, 1, "grapheme", "start"), 1);
});
