/**
 * The disputes of a document as data: what they hold, their order, and what most annotators say.
 *
 * @typedef {import("../text/layer.js").Span} Span
 * @typedef {Span & {text: string}} Quoted a span with its words
 *
 * @typedef {object} Linked a link of a frame
 * @property {string} kind
 * @property {number|null} cluster the frame that it goes to; null for a part of this one
 * @property {Quoted} span at its other end
 * @property {import("../text/layer.js").Attributes} attributes
 * @property {boolean} reverse it runs from the other end to this span
 *
 * @typedef {{span: Quoted, links: Linked[]}} Frame the document's own has a span without a label
 * @typedef {Frame & {number: number, layers: string[]}} Version its layers are the letters of those
 *   who hold it
 * @typedef {Frame & {ident: number}} Agreed a frame on which all agree
 *
 * @typedef {object} Settled what was chosen
 * @property {string} choice
 * @property {number} number
 * @property {string} reason
 * @property {Record<string, number>} [facets]
 * @property {string} [policy] that settled it
 * @property {number} [probability] that all of it is right, where the policy reckons that
 *
 * @typedef {object} Dispute
 * @property {number} ident
 * @property {string} kind
 * @property {string[]} kinds
 * @property {string} label
 * @property {number} start
 * @property {number} end
 * @property {Version[]} versions
 * @property {string[]} parts facets in dispute
 * @property {string[]} absent letters of those who marked nothing
 * @property {string[]} unseen letters of those who did not look
 * @property {boolean} deferred
 * @property {Settled|null} settled
 *
 * @typedef {object} Letter the layer of an annotator
 * @property {string} name
 * @property {Span[]} spans
 * @property {import("../text/layer.js").Link[]} links
 *
 * @typedef {object} LeftOut a link that was agreed or settled and that gold cannot hold
 * @property {number} ident of the frame that it is of
 * @property {string} kind
 * @property {string} words at its other end
 * @property {"nothing"|"label"|"one"} reason
 *
 * @typedef {object} Ahead what the queue holds after this dispute
 * @property {{ident: number, url: string}[]} items
 * @property {boolean} more
 * @property {string} on the address where the queue goes on
 *
 * @typedef {object} Disputes the page's JSON
 * @property {import("../text/model.js").DocumentFacts} document
 * @property {{slug: string, name: string}} corpus
 * @property {string[]} reasons why a dispute may be settled as it is
 * @property {import("../text/schema.js").SchemaData} schema
 * @property {number} version
 * @property {"open"|"done"} state
 * @property {boolean} own this person may not settle it
 * @property {Record<string, string>} people
 * @property {Letter[]} layers
 * @property {Agreed[]} agreed
 * @property {Dispute[]} disputes
 * @property {LeftOut[]} left_out
 * @property {Ahead} [queue]
 * @property {Record<string, string>} urls
 *
 * @typedef {object} Ui
 * @property {number|null} focus
 * @property {import("./draft.js").Draft|null} draft
 * @property {import("../text/edges.js").Edge} edge
 * @property {Map<string, number>} picks the version that each facet is taken from
 * @property {string} hint what a key could not do here, and which can
 * @property {string} reason what the next choice is given as its reason
 * @property {boolean} names names are shown beside the letters
 * @property {boolean} leaving another document is on its way
 * @property {boolean} closed nothing can be settled here
 * @property {Record<string, string>} people
 */

/**
 * Whether a dispute still waits for a choice.
 * @param {Dispute|null|undefined} dispute
 * @returns {boolean}
 */
export function isOpen(dispute) {
  return !!dispute && !dispute.settled && !dispute.deferred;
}

/**
 * The letter of an annotator, with the name where it is known and shown.
 * @param {string} letter
 * @param {Ui} ui
 * @param {boolean} shown
 */
export function personOf(letter, ui, shown) {
  return shown && ui.people[letter] ? `${letter} ${ui.people[letter]}` : letter;
}

/**
 * What most annotators say: a version, or nothing (null). Undefined where two answers share the
 * lead, and where one alone looked; who did not look has no vote.
 * @param {Dispute} dispute
 * @returns {Version|null|undefined}
 */
export function majority({ versions, absent, kinds }) {
  if (kinds.includes("unseen")) return undefined;
  const answers = versions.map((version) => ({
    /** @type {Version|null} */ version,
    votes: version.layers.length,
  }));
  answers.push({ version: null, votes: absent.length });
  const most = Math.max(...answers.map(({ votes }) => votes));
  const leading = answers.filter(({ votes }) => votes === most);
  return leading.length === 1 ? leading[0].version : undefined;
}

/** In text order; the document itself comes last. @param {Dispute[]} disputes */
export function inOrder(disputes) {
  return [...disputes].sort(
    (a, b) =>
      Number(!a.label) - Number(!b.label) ||
      a.start - b.start ||
      b.end - a.end ||
      a.ident - b.ident,
  );
}
