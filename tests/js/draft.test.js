import assert from "node:assert/strict";
import { test } from "node:test";
import { placeOf } from "../../annotator/static/annotator/adjudicate/draft.js";
import { FrozenText } from "../../annotator/static/annotator/text/offsets.js";

test("words marked over the end of a paragraph are taken, though the field drops line ends", () => {
  const text = new FrozenText("It is dear.\n\nIt is old.");
  const marked = { start: 6, end: 18 };
  const words = text.slice(6, 18).replaceAll("\n", "");
  assert.deepEqual(placeOf(text, { words, marked, span: { start: 0 } }), marked);
});

test("typed words are found as whole words first, else inside a longer word", () => {
  const text = new FrozenText("The other man, he said, wanted more.");
  const at = (words) => placeOf(text, { words, marked: null, span: { start: 0 } });
  assert.deepEqual(at("he"), { start: 15, end: 17 });
  assert.deepEqual(at("want"), { start: 24, end: 28 });
  assert.equal(at("mayor"), null);
});
