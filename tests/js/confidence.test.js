import assert from "node:assert/strict";
import { test } from "node:test";
import {
  confidence,
  confidenceWords,
  isUncalibrated,
  sureness,
} from "../../annotator/static/annotator/text/confidence.js";

const view = (score, rule) => ({ state: "suggested", score, evidence: { rule } });

test("what a language model suggests is not sure until it is calibrated", () => {
  assert.equal(isUncalibrated(view(null, "llm")), true);
  assert.equal(isUncalibrated(view(null, "llm:stance")), true);
  assert.equal(confidenceWords(view(null, "llm")), "not calibrated");
  assert.equal(confidenceWords(view(0.7, "llm")), "70 %");
  assert.equal(sureness(view(null, "llm")), 0);
  assert.equal(confidence(view(null, "llm")), null);
  assert.equal(isUncalibrated(view(0.7, "llm")), false);
  assert.equal(sureness(view(0.7, "llm")), 0.7);
});

test("another suggester that gives no score is taken at its word", () => {
  assert.equal(sureness(view(null, "quotation")), 1);
  assert.equal(isUncalibrated(view(null, "quotation")), false);
  assert.equal(isUncalibrated({ ...view(null, "llm"), state: "accepted" }), false);
});
