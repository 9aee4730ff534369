import assert from "node:assert/strict";
import { test } from "node:test";
import { FrozenText } from "../../annotator/static/annotator/text/offsets.js";
import { firstFrom, search } from "../../annotator/static/annotator/text/search.js";

const found = (string, wanted) => {
  const text = new FrozenText(string);
  return search(text, wanted).map(({ start, end }) => text.slice(start, end));
};

test("case, accents, quotation marks and spaces make no difference", () => {
  assert.deepEqual(found("Zoë and ZOE, zoe\u0308!", "zoe"), ["Zoë", "ZOE", "zoe\u0308"]);
  assert.deepEqual(found("zoe", "Zoë"), ["zoe"]);
  assert.deepEqual(found("She said: “It’s so”.", "\"it's"), ["“It’s"]);
  assert.deepEqual(found("Bay\u00a0Water", "bay water"), ["Bay\u00a0Water"]);
  assert.deepEqual(found("ΟΔΥΣΣΕΥΣ, Οδυσσεύς", "οδυσσευς"), ["ΟΔΥΣΣΕΥΣ", "Οδυσσεύς"]);
});

test("places stay right behind signs that folding makes longer or shorter", () => {
  assert.deepEqual(found("İstanbul, 😀 İSTANBUL, ﬁn Straße", "istanbul"), ["İstanbul", "İSTANBUL"]);
  assert.deepEqual(found("İİİßßß😀e\u0301e\u0301 mayor", "Mayor"), ["mayor"]);
  assert.deepEqual(found("eine Straße, STRASSE", "strasse"), ["Straße", "STRASSE"]);
  // Half of a sign is not found alone.
  assert.deepEqual(found("Maß ist", "s"), ["ß", "s"]);
  assert.deepEqual(found("Maß ist", "mas"), ["Maß"]);
});

test("nothing is found for nothing, none inside another, none over a line", () => {
  assert.deepEqual(found("a b", "  "), []);
  assert.deepEqual(found("aaaa", "aa"), ["aa", "aa"]);
  assert.deepEqual(found("Bay\nWater", "bay water"), []);
  assert.deepEqual(found("a b", "."), []);
});

test("the next match goes round", () => {
  const matches = [
    { start: 2, end: 3 },
    { start: 8, end: 9 },
  ];
  assert.deepEqual(
    [0, 2, 3, 9].map((point) => firstFrom(matches, point)),
    [0, 0, 1, 0],
  );
  assert.equal(firstFrom([], 4), -1);
});

test("a hundred thousand words are searched in a time that grows with them alone", () => {
  const spent = (words) => {
    const text = new FrozenText("Żółw said İstanbul ßs ".repeat(words / 4));
    const before = process.cpuUsage();
    assert.equal(search(text, "istanbul").length, words / 4);
    assert.equal(search(text, "nothing of that").length, 0);
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1e6;
  };
  spent(1000);
  assert.ok(spent(100_000) < 2);
});
