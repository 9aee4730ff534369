import assert from "node:assert/strict";
import { test } from "node:test";
import { matches } from "../../annotator/static/annotator/review/find.js";
import { sectionOf } from "../../annotator/static/annotator/review/guideline.js";
import { reviewKeys } from "../../annotator/static/annotator/review/keys.js";
import { Clock, PAUSE_MS } from "../../annotator/static/annotator/sync/clock.js";
import { sidesOf } from "../../annotator/static/annotator/sync/conflict.js";
import { HINTS } from "../../annotator/static/annotator/text/rank.js";
import { idOf, Keymap, pressed } from "../../annotator/static/annotator/ui/keymap.js";
import { digit, match } from "../../annotator/static/annotator/ui/keys.js";
import { carryOut, model, modelOf, schema, span } from "./workspace.js";

const REVIEW_KEYS = reviewKeys(schema);

test("time goes on while something happens, and a pause counts no longer than it may", () => {
  let now = 0;
  const clock = new Clock(() => now);
  now += 4000;
  clock.tick();
  now += 20 * 60_000;
  assert.equal(clock.take(), 4000 + PAUSE_MS);
  now += 1000;
  assert.equal(clock.take(), 1000);
});

test("time with the page hidden does not count", () => {
  let now = 0;
  const clock = new Clock(() => now);
  now += 2000;
  clock.tick(true);
  now += 9000;
  clock.tick(false);
  now += 500;
  assert.equal(clock.take(), 2500);
});

const pressing = (key, more = {}) => ({
  key,
  code: "",
  shiftKey: false,
  ctrlKey: false,
  metaKey: false,
  altKey: false,
  isComposing: false,
  ...more,
});

test("no key means two things in one place, and letters for speakers are no commands", () => {
  for (const label of ["CLAIM", "SPEAKER", ""]) {
    const table = REVIEW_KEYS.filter(({ only }) => only === undefined || only === label);
    const keysIn = (context) =>
      table
        .filter((binding) => binding.contexts.includes(context))
        .flatMap((binding) => binding.keys);
    for (const context of ["browse", "linking", "select", "caret"]) {
      const keys = keysIn(context);
      const twice = keys.filter((key, index) => keys.indexOf(key) !== index);
      assert.deepEqual(twice, [], `${label} ${context}`);
    }
    const browsing = keysIn("browse");
    assert.deepEqual(
      HINTS.filter((letter) => browsing.includes(letter)),
      [],
    );
  }
  const ids = REVIEW_KEYS.map(idOf);
  assert.equal(new Set(ids).size, ids.length);
});

test("digits count by their place on the keyboard, so that a French one works", () => {
  assert.equal(digit(pressing("&", { code: "Digit1" })), "1");
  assert.equal(match(REVIEW_KEYS, pressing("à", { code: "Digit0" }), "browse")?.action, "noLink");
});

test("a key is moved, taken from what had it, switched off, kept, and given back", () => {
  const kept = new Map();
  const storage = {
    getItem: (name) => kept.get(name) ?? null,
    setItem: (name, value) => kept.set(name, value),
    removeItem: (name) => kept.delete(name),
  };
  const keymap = new Keymap(REVIEW_KEYS, "bob", storage);
  const accept = REVIEW_KEYS.find((binding) => binding.action === "accept");
  assert.deepEqual(keymap.move(idOf(accept), "x"), ["reject (or delete what you added) and go on"]);
  assert.equal(match(keymap.table, pressing("x"), "browse")?.action, "accept");
  assert.equal(match(keymap.table, pressing("Delete"), "browse")?.action, "reject");
  keymap.off(idOf(accept));
  const again = new Keymap(REVIEW_KEYS, "bob", storage);
  assert.equal(match(again.table, pressing("x"), "browse"), null);
  assert.equal(new Keymap(REVIEW_KEYS, "carol", storage).keyOf("accept"), "Enter");
  again.reset();
  assert.equal(again.keyOf("accept"), "Enter");
  assert.equal(kept.size, 0);
});

test("a modifier alone is no key", () => {
  assert.equal(pressed(pressing("Shift", { shiftKey: true })), null);
  assert.equal(pressed(pressing("K", { shiftKey: true })), "Shift+k");
  assert.equal(pressed(pressing("?", { shiftKey: true })), "?");
});

test("suggestions are found by label, confidence, rule and words, and only while they wait", () => {
  const subject = modelOf(
    "Ann said no. Ben said yes.",
    [
      span(
        1,
        "CLAIM",
        9,
        11,
        { stance: "oppose" },
        { score: 0.55, evidence: { rule: "indirect" } },
      ),
      span(2, "SPEAKER", 0, 3, {}, { score: 0.9, evidence: { rule: "subject" } }),
      span(3, "CLAIM", 22, 25, { stance: "support" }, { score: 0.9 }),
    ],
    [],
  );
  const all = { label: "", rule: "", words: "", above: 0, below: 100 };
  const found = (find) =>
    subject.inOrder
      .filter((view) => matches(subject, view, { ...all, ...find }))
      .map((view) => view.ident);
  assert.deepEqual(found({}), [2, 1, 3]);
  assert.deepEqual(found({ label: "CLAIM" }), [1, 3]);
  assert.deepEqual(found({ rule: "indirect" }), [1]);
  assert.deepEqual(found({ above: 55, below: 60 }), [1]);
  assert.deepEqual(found({ words: "YES" }), [3]);
  carryOut(subject, [{ verb: "reject", subject: "span", ident: 1, after: { rejected: true } }]);
  assert.deepEqual(found({ label: "CLAIM" }), [3]);
});

test("both sides of a conflict are told in words; what came out the same is no conflict", () => {
  const subject = model();
  const theirs = { ...span(1, "CLAIM", 0, 5, { stance: "oppose" }) };
  subject.base.apply(
    { verb: "attribute", subject: "span", ident: 1, after: theirs },
    subject.suggested,
  );
  const mine = (after) => [[{ verb: "attribute", subject: "span", ident: 1, after }]];
  assert.deepEqual(sidesOf(subject, mine({ rejected: true })), [
    { code: "C1", mine: "rejected", theirs: "“A🌊 bc” · Claim · ▼ oppose" },
  ]);
  assert.deepEqual(sidesOf(subject, mine(theirs)), []);
});

test("the guideline opens at the label's own heading, else at one that names it", () => {
  const heading = (textContent) => ({ textContent });
  const headings = [heading("Claims and cues"), heading("CLAIM"), heading("SPEAKER")];
  assert.equal(sectionOf({ name: "CLAIM", title: "Claim" }, headings), headings[1]);
  assert.equal(sectionOf({ name: "CUE", title: "Cue" }, headings), headings[0]);
  assert.equal(sectionOf({ name: "PLACE", title: "" }, headings), null);
  assert.equal(sectionOf(null, headings), null);
});
