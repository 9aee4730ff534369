/**
 * The confidence of a suggestion in whole percent; null once somebody has decided on it.
 * @param {{state: string, score: number|null}} view
 * @returns {number|null}
 */
export function confidence(view) {
  return view.state === "suggested" && view.score !== null ? Math.round(view.score * 100) : null;
}
