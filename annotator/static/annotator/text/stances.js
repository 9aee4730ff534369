/** The stances of the default schema as signs, which say without colour what a claim stands for. */

/** @type {Record<string, string>} */
export const STANCE_MARKS = { support: "▲", oppose: "▼", neutral: "●", mixed: "◐", unclear: "◌" };
