/**
 * Which suggestions a person changed and did not accept. A change says nothing of the rest: a span
 * whose edge was moved may still have the wrong speaker. The log holds it by its verbs: what comes
 * into a layer by another verb than "accept" waits until that one. So does what a person proposed
 * for many places at once.
 * @typedef {import("./layer.js").Decision} Decision
 */

export class Acceptance {
  constructor() {
    /** @type {Set<number>} */
    this.waiting = new Set();
    /** @type {Map<string, Map<number, boolean>>} by group, which of its idents waited before it */
    this.earlier = new Map();
  }

  copy() {
    const copy = new Acceptance();
    copy.waiting = new Set(this.waiting);
    for (const [group, idents] of this.earlier) copy.earlier.set(group, new Map(idents));
    return copy;
  }

  /**
   * @param {Decision & {group?: string}} decision on a span or the document
   * @param {boolean} isNew whether the layer did not hold it
   * @param {boolean} isSuggested
   */
  note(decision, isNew, isSuggested) {
    const { ident, group } = decision;
    const waits = this.#waitsAfter(decision, isNew, isSuggested);
    if (group) {
      const before = this.earlier.get(group) ?? new Map();
      this.earlier.set(group, before);
      if (!before.has(ident)) before.set(ident, this.waiting.has(ident));
    }
    if (waits) this.waiting.add(ident);
    else this.waiting.delete(ident);
  }

  /** @param {Decision} decision @param {boolean} isNew @param {boolean} isSuggested */
  #waitsAfter({ verb, ident, after, undoes }, isNew, isSuggested) {
    if (!after || after.rejected || verb === "accept") return false;
    if (verb === "propose") return true;
    const known = undoes ? this.earlier.get(undoes)?.get(ident) : undefined;
    return known ?? ((isNew && isSuggested) || this.waiting.has(ident));
  }
}
