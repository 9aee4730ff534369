import assert from "node:assert/strict";
import { test } from "node:test";
import * as ops from "../../annotator/static/annotator/text/ops.js";
import { carryOut, modelOf, span } from "./workspace.js";

const TEXT = "Ann said one. Bob said two. Cy said three. Di said four.";
const SUGGESTED = [
  span(1, "SPEAKER", 0, 3, { name: "Ann" }),
  span(2, "CLAIM", 9, 12, { stance: "support" }),
  span(3, "CLAIM", 23, 26, { stance: "oppose" }),
];

const codesOf = (subject) =>
  Object.fromEntries(Array.from(subject.views.values(), ({ ident, code }) => [ident, code]));

/** The page as it opens anew, with as much of the log as the server gives. */
function reopened({ layer }, log) {
  return modelOf(TEXT, SUGGESTED, [], {
    spans: [...layer.spans.values()].reverse(),
    links: [...layer.links.values()],
    rejected: [...layer.rejected],
    history: log,
  });
}

/** A sitting: spans are added from the end to the beginning, changed and deleted. */
function sitting() {
  const subject = modelOf(TEXT, SUGGESTED, []);
  const log = [];
  const carry = (decisions) => log.push(...carryOut(subject, decisions));
  const add = (label, start, end) => {
    const { ident, decisions } = ops.add(subject, label, start, end);
    carry(decisions);
    return ident;
  };
  const view = (ident) => subject.views.get(ident);
  const last = add("CLAIM", 51, 55);
  const gone = add("CLAIM", 36, 41);
  const speaker = add("SPEAKER", 28, 30);
  carry(ops.reject(subject, view(gone)));
  carry(ops.setAttribute(subject, view(speaker), "name", "Cy"));
  const first = add("CLAIM", 4, 8);
  carry(ops.relabel(subject, view(3), "SPEAKER"));
  carry(ops.resize(subject, view(2), "start", 4));
  return { subject, log, idents: { last, speaker, first } };
}

test("an added span takes the next number and leaves the others theirs", () => {
  const { subject, idents } = sitting();
  const codes = codesOf(subject);
  assert.equal(codes[2], "C1");
  assert.equal(codes[idents.last], "C3");
  assert.equal(codes[idents.first], "C5");
});

test("a page that is opened again gives the same codes", () => {
  const { subject, log } = sitting();
  assert.deepEqual(codesOf(reopened(subject, log)), codesOf(subject));
});

test("where the log is cut off at its beginning, spans keep the order of their adding", () => {
  const subject = modelOf(TEXT, SUGGESTED, []);
  const log = [];
  for (const [start, end] of [
    [51, 55],
    [36, 41],
    [4, 8],
  ]) {
    log.push(...carryOut(subject, ops.add(subject, "CLAIM", start, end).decisions));
  }
  assert.deepEqual(codesOf(reopened(subject, log.slice(2))), codesOf(subject));
  assert.deepEqual(codesOf(reopened(subject, [])), codesOf(subject));
});
