/** What each key and button of the adjudication page does, by its name. */
import { postJson } from "../sync/outbox.js";
import { confirmBox, showHelp } from "../ui/dialogs.js";
import { alertUser, announce, el } from "../ui/dom.js";
import { helpTable } from "../ui/help.js";
import { flag } from "../ui/notes.js";
import { isOpen, majority } from "./disputes.js";
import { draftOf, frameOf, linkWords, markIn, moveIn, relabel, takePlace } from "./draft.js";
import { readInto } from "./editform.js";
import { DISPUTE_KEYS } from "./keys.js";
import { following } from "./queue.js";
import { because } from "./reasons.js";
import { facetWord } from "./words.js";
import { addressOf } from "./undo.js";

/**
 * @typedef {import("./session.js").Session} Session
 * @typedef {import("./session.js").Choice} Choice
 * @typedef {import("./session.js").Details} Details
 *
 * @typedef {object} Page
 * @property {() => void} render
 * @property {(ident: number|null, prefix?: string) => void} focusOn what is said first, and the
 *   dispute to show
 * @property {(url: string) => void} open show another document, or another page
 * @property {(urls: string[]) => void} prefetch documents that may be next
 * @property {() => () => boolean} wait have keys wait for what comes; tells whether it is still
 *   wanted
 * @property {() => void} stay nothing comes
 * @property {(answer: import("../sync/outbox.js").Answer, session: Session) => void} refused
 * @property {(path: string) => Session|null} sessionAt of a document at hand
 * @property {() => void} showPrecedents how disputes like the one in focus were settled
 */

/** What can be done while nothing can be settled. */
const READING = ["next", "previous", "help", "names", "precedents"];
/** What is about the dispute in focus. */
const NEEDS_DISPUTE = ["majority", "none", "edit", "defer", "flag", "because", "precedents"];

/** @param {Session} session @param {Page} page */
export function makeActions(session, page) {
  const { ui, text, schema, settling, undoHistory } = session;

  /**
   * Go on to the next open dispute, of this document or of the queue.
   * @param {string} prefix said first
   */
  function goOn(prefix) {
    const { queue } = session;
    if (queue) {
      const next = following(queue, session.path, (ident) => isOpen(session.find(ident)));
      return "url" in next ? page.open(next.url) : page.focusOn(next.ident, prefix);
    }
    const open = session.nextOpen();
    if (open) return page.focusOn(open.ident, prefix);
    page.focusOn(ui.focus);
    settling.done.then(() => page.prefetch([session.data.urls.go_on]));
    return announce(`${prefix}Everything is settled. Finish when you are ready.`);
  }

  /** @param {Choice} choice @param {Details} [details] */
  function settle(choice, details = {}) {
    const dispute = session.focused;
    if (!dispute || ui.closed) return;
    // A settled dispute has to be opened again first; a stray Enter must not settle it twice.
    if (dispute.settled || (dispute.deferred && choice === "defer")) {
      goOn("Already settled. ");
      return;
    }
    session.settle(dispute, choice, details);
    goOn(choice === "defer" ? "Put off. " : "Settled. ");
  }

  /** @param {number} ident */
  function reopen(ident) {
    if (session.reopen(ident)) page.focusOn(ident, "Open again. ");
  }

  /**
   * The last choice of this tab first; else the dispute in focus; else the last choice in another
   * document.
   */
  function undo() {
    const step = undoHistory.last;
    const dispute = session.focused;
    if (step?.path === session.path) reopen(step.ident);
    else if (dispute && !isOpen(dispute)) reopen(dispute.ident);
    else if (step) {
      session.comeBack();
      page.open(addressOf(step));
    }
  }

  /**
   * Take one facet of a version; when each has its version, or a digit alone gives the rest, the
   * dispute is settled.
   * @param {string|null} facet null for the next one
   * @param {number} number
   */
  function pick(facet, number) {
    const dispute = session.focused;
    if (!dispute || dispute.settled || ui.closed) return;
    if (!dispute.versions.some((version) => version.number === number)) return;
    const nextPart = () => dispute.parts.find((part) => !ui.picks.has(part));
    const picked = facet ?? nextPart();
    if (!picked) return;
    ui.picks.set(picked, number);
    const next = nextPart();
    if (next === undefined) {
      take(ui.picks.get(dispute.parts[0]));
      return;
    }
    page.render();
    const called = (/** @type {string} */ part) => facetWord(schema, dispute.label, part);
    const taken = `${called(picked)} of version ${number}`;
    announce(`${taken}. Next: ${called(next)}; a digit alone takes the rest.`);
  }

  /**
   * Take a version, but for the facets that were picked from others.
   * @param {number|undefined} number
   */
  function take(number) {
    const version = session.focused?.versions.find((other) => other.number === number);
    if (!version) return;
    const exceptions = [...ui.picks].filter(([, other]) => other !== version.number);
    const facets = exceptions.length ? { facets: Object.fromEntries(exceptions) } : {};
    settle("version", { number: version.number, ...facets });
  }

  /** Take what most say; where nobody leads it is for this person to choose. */
  function takeMajority() {
    const dispute = session.focused;
    if (!dispute) return;
    const best = isOpen(dispute) || dispute.deferred ? majority(dispute) : dispute.versions[0];
    if (best === null) settle("none");
    else if (best) take(best.number);
    else askForChoice(dispute);
  }

  /** @param {import("./disputes.js").Dispute} dispute in which two answers share the lead */
  function askForChoice({ versions, absent }) {
    const keys = versions.map(({ number }) => String(number));
    if (absent.length || keys.length < 2) keys.push("0");
    const last = keys.pop();
    ui.hint = `No majority: press ${keys.join(", ")} or ${last}.`;
    page.render();
    announce(ui.hint);
  }

  /** The version to start from: what most say, else the first. */
  function likeliest() {
    const dispute = session.focused;
    return dispute ? (majority(dispute) ?? dispute.versions[0]) : null;
  }

  function beginEdit() {
    const version = likeliest();
    if (!version || session.focused?.settled) return;
    ui.edge = "end";
    ui.draft = draftOf(version);
    page.focusOn(ui.focus);
    document.getElementById("edit-form")?.scrollIntoView({ block: "nearest" });
    const edges = version.span.label ? "Arrows move the end; " : "";
    announce(`Editing version ${version.number}. ${edges}Enter goes on to the reason.`);
  }

  /** Typed values survive a redraw. */
  function readForm() {
    const form = /** @type {HTMLFormElement|null} */ (document.getElementById("edit-form"));
    if (form && ui.draft) readInto(ui.draft, form, session);
  }

  /** @param {string} arg direction and unit */
  function moveDraft(arg) {
    if (!ui.draft?.span.label) return;
    readForm();
    const [sign, name] = arg.split(",");
    const direction = /** @type {1|-1} */ (Number(sign));
    const unit = /** @type {import("../text/edges.js").Unit} */ (name);
    if (moveIn(text, ui.draft, ui.edge, direction, unit)) page.render();
  }

  /** @param {boolean} found @param {string} words said then */
  function wordsTaken(found, words) {
    page.render();
    if (found) announce(words);
    else alertUser("These words are not in the text. Mark them there, or type them as they stand.");
    const input = document.querySelector('#edit-form [name="words"]');
    /** @type {HTMLInputElement|null} */ (input)?.focus();
  }

  /**
   * Words marked in the text while a version is edited.
   * @param {{start: number, end: number}} place
   */
  function markWords(place) {
    if (!ui.draft?.span.label) return;
    markIn(text, ui.draft, place);
    const input = /** @type {HTMLInputElement|null} */ (
      document.querySelector('#edit-form [name="words"]')
    );
    if (input) input.value = ui.draft.words;
  }

  function saveEdit() {
    readForm();
    if (!ui.draft?.reason) return;
    const { number, reason } = ui.draft;
    const frame = frameOf(session, ui.draft);
    settle("edit", { number, reason, frame });
  }

  function flagDispute() {
    const dispute = session.focused;
    if (!dispute) return;
    const { ident } = dispute;
    const words = (/** @type {import("../text/layer.js").Place} */ span) =>
      text.slice(span.start, span.end);
    const outbox = { flush: () => settling.done };
    flag(
      { workspace: session.data, model: { words }, outbox },
      { ident, code: session.codeOf(ident), span: dispute },
    );
  }

  async function finish() {
    const { urls } = session.data;
    const open = session.ordered.filter(isOpen);
    if (open.length) {
      page.focusOn(open[0].ident);
      const disputes = open.length === 1 ? "dispute is" : "disputes are";
      return alertUser(`${open.length} ${disputes} still open.`);
    }
    const isWanted = page.wait();
    await settling.done;
    if (!isWanted()) return undefined;
    if (settling.refused) return page.stay();
    const answer = await postJson(urls.close, { version: settling.version });
    if (!isWanted()) return undefined;
    const { next, message } = answer.body;
    if (next) return page.open(next);
    page.stay();
    if (answer.status !== 200) return page.refused(answer, session);
    const words = el("p", {}, message || "No more documents wait for adjudication.");
    const back = { value: true, label: "Back to the disputes", primary: true };
    await confirmBox("Settled", [words], [back]);
    return location.assign(urls.list);
  }

  /** Why the last choice was made, in whichever document of the sitting that was. */
  function becauseOfLast() {
    const last = undoHistory.last;
    const where = last && page.sessionAt(last.path);
    const dispute = where?.find(last?.ident ?? null);
    if (where && dispute) because(where, dispute, page.render);
    else announce("What was settled last is not at hand. Go to it, and give the reason there.");
  }

  /** @param {1|-1} direction */
  function step(direction) {
    const { ordered } = session;
    const at = ordered.findIndex((dispute) => dispute.ident === ui.focus);
    const next = ordered[at + direction];
    if (next) page.focusOn(next.ident);
  }

  /** @type {Record<string, (arg: string) => void>} */
  const actions = {
    take: (number) => take(Number(number)),
    pick(arg) {
      const [facet, number] = JSON.parse(arg);
      pick(facet, number);
    },
    pickNext: (number) => pick(null, Number(number)),
    unpick() {
      ui.picks.clear();
      page.render();
    },
    majority: takeMajority,
    defer: () => settle("defer"),
    precedents: page.showPrecedents,
    because: () => because(session, session.focused, page.render),
    becauseLast: () => becauseOfLast(),
    flag: flagDispute,
    names() {
      ui.names = !ui.names && Object.keys(ui.people).length > 0;
      announce(ui.names ? "Names are shown." : "Names are hidden.");
      page.render();
    },
    none: () => settle("none"),
    edit: beginEdit,
    addLink(kind) {
      readForm();
      ui.draft?.slots.push({ kind, choice: "", linked: null, attributes: {} });
      page.render();
      const added = document.querySelectorAll(
        `#edit-form [data-kind="${CSS.escape(kind)}"] select`,
      );
      /** @type {HTMLElement|undefined} */ (added[added.length - 1])?.focus();
    },
    relabel(label) {
      readForm();
      if (ui.draft) relabel(ui.draft, schema, label);
      page.render();
      const list = document.querySelector('#edit-form [name="label"]');
      /** @type {HTMLSelectElement|null} */ (list)?.focus();
    },
    takePlace() {
      readForm();
      if (ui.draft) wordsTaken(takePlace(text, ui.draft), "These are its words now.");
    },
    linkWords(arg) {
      readForm();
      const [kind, label] = JSON.parse(arg);
      if (ui.draft) wordsTaken(linkWords(session, ui.draft, kind, label), "Linked.");
    },
    takeFirst() {
      const [kind] = schema.kindsFrom(ui.draft?.span.label ?? "");
      if (kind) actions.linkWords(JSON.stringify([kind.name, kind.targets[0]]));
      else actions.takePlace("");
    },
    edge: moveDraft,
    otherEdge() {
      readForm();
      ui.edge = ui.edge === "end" ? "start" : "end";
      page.render();
    },
    reason() {
      const input = document.querySelector('#edit-form [name="reason"]');
      /** @type {HTMLInputElement|null} */ (input)?.focus();
    },
    escape() {
      ui.draft = null;
      page.focusOn(ui.focus);
    },
    undo,
    reopen: (ident) => reopen(Number(ident)),
    next: () => step(1),
    previous: () => step(-1),
    help: () => showHelp(helpTable(DISPUTE_KEYS)),
    finish,
  };

  /** @param {string} name @param {string} [arg] */
  function run(name, arg = "") {
    if (ui.leaving || (ui.closed && !READING.includes(name))) return;
    if (NEEDS_DISPUTE.includes(name) && !session.focused) return;
    actions[name]?.(arg);
  }

  return { run, goOn, reopen, saveEdit, markWords };
}
