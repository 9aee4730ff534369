import assert from "node:assert/strict";
import { test } from "node:test";
import { following, leftIn } from "../../annotator/static/annotator/adjudicate/queue.js";
import { addressOf, UndoHistory } from "../../annotator/static/annotator/adjudicate/undo.js";

function storage() {
  const kept = new Map();
  return { getItem: (key) => kept.get(key) ?? null, setItem: (key, value) => kept.set(key, value) };
}

test("steps are taken back newest first, over pages", () => {
  const store = storage();
  new UndoHistory("harbour", store).add({ path: "/a/", query: "?queue=", ident: 1 });
  new UndoHistory("harbour", store).add({ path: "/b/", query: "?queue=", ident: 2 });
  const trail = new UndoHistory("harbour", store);
  assert.equal(trail.last.ident, 2);
  trail.drop("/b/", 2);
  assert.equal(addressOf(trail.last), "/a/?queue=&at=1&undo=1");
  assert.equal(new UndoHistory("other", store).last, null);
});

test("a page without storage, or with something else in it, has no steps", () => {
  const broken = {
    getItem: () => "{",
    setItem: () => {
      throw new Error("full");
    },
  };
  const trail = new UndoHistory("harbour", broken);
  trail.add({ path: "/a/", query: "", ident: 1 });
  assert.equal(trail.last, null);
});

test("the queue goes on here, elsewhere, or where the server says", () => {
  const queue = {
    items: [
      { ident: 1, url: "/a/?at=1" },
      { ident: 2, url: "/a/?at=2" },
      { ident: 3, url: "/b/?at=3" },
    ],
    more: false,
    on: "/next/",
  };
  assert.equal(leftIn(queue), "3 more in this queue");
  assert.deepEqual(
    following(queue, "/a/", (ident) => ident !== 1),
    { ident: 2 },
  );
  assert.deepEqual(
    following(queue, "/a/", () => true),
    { url: "/b/?at=3" },
  );
  assert.equal(leftIn(queue), "last in this queue");
  assert.deepEqual(
    following(queue, "/a/", () => true),
    { url: "/next/" },
  );
});
