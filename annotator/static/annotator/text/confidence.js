/**
 * How sure its suggester is of a suggestion, from 0 to 1; who does not say is taken at their word,
 * but not a language model, which cannot know.
 * @param {{score: number|null, evidence?: {rule?: string}|null}} view
 * @returns {number}
 */
export function sureness(view) {
  return view.score ?? (isByModel(view) ? 0 : 1);
}

/** @param {{evidence?: {rule?: string}|null}} view */
function isByModel(view) {
  return /^llm(:|$)/.test(view.evidence?.rule ?? "");
}

/**
 * Whether nobody knows how sure a suggestion is.
 * @param {{state: string, score: number|null, evidence?: {rule?: string}|null}} view
 */
export function isUncalibrated(view) {
  return view.state === "suggested" && view.score === null && isByModel(view);
}

/**
 * The confidence of a suggestion in whole percent; null once somebody has decided on it.
 * @param {{state: string, score: number|null}} view
 * @returns {number|null}
 */
export function confidence(view) {
  return view.state === "suggested" && view.score !== null ? Math.round(view.score * 100) : null;
}

/**
 * The confidence of a suggestion in words, "" where there is nothing to say.
 * @param {{state: string, score: number|null, evidence?: {rule?: string}|null}} view
 */
export function confidenceWords(view) {
  const percent = confidence(view);
  if (percent !== null) return `${percent} %`;
  return isUncalibrated(view) ? "not calibrated" : "";
}
