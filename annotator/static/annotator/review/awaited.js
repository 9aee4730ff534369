/**
 * Suggestions that were not there when the review was opened: asked for now and then, and taken as
 * soon as they are there, as long as nothing was touched.
 */
import { getJson, postJson } from "../sync/outbox.js";
import { byId } from "../ui/dom.js";

const FIRST_MS = 1000;
const SLOWER = 1.5;
const LONGEST_MS = 30_000;
const FREE_MS = 500;
/** Where letters are typed; another page in its place would take the next ones for decisions. */
const FIELD = "input, textarea, select";
const OPEN = "dialog[open], #find:not([hidden]), #text-search:not([hidden])";

function isTyping() {
  return document.activeElement?.matches(FIELD) || document.querySelector(OPEN) !== null;
}

export class Awaited {
  /**
   * @param {import("./session.js").Session} session
   * @param {() => boolean} isBusy whether words are marked or about to be
   * @param {(mayShow: () => boolean) => Promise<boolean>} showAgain puts the page as the server has
   *   it now in place of this, and tells whether it did
   */
  constructor(session, isBusy, showAgain) {
    this.session = session;
    this.isBusy = () => isBusy() || isTyping();
    this.showAgain = showAgain;
    this.wait = FIRST_MS;
    this.timer = 0;
    this.ended = !session.workspace.layer.awaits_suggestions || !session.workspace.urls.awaited;
    this.#askLater();
  }

  end() {
    this.ended = true;
    window.clearTimeout(this.timer);
  }

  #askLater() {
    if (this.ended) return;
    this.timer = window.setTimeout(() => this.#ask(), this.wait);
    this.wait = Math.min(this.wait * SLOWER, LONGEST_MS);
  }

  get isTouched() {
    const { history, outbox } = this.session;
    return outbox.version > 0 || outbox.size > 0 || history.undoable.length > 0;
  }

  async #ask() {
    if (document.hidden || this.isBusy() || this.session.ui.elsewhere) return this.#askLater();
    if (this.isTouched) return this.#goOnWithout();
    const answer = await getJson(this.session.workspace.urls.awaited);
    if (this.ended) return undefined;
    if (answer?.state === "none") return this.#say("No suggestions were made for this document.");
    // What was done while the answer was on its way counts as well.
    if (answer?.state !== "there" || this.isBusy()) return this.#askLater();
    return this.isTouched ? this.#goOnWithout() : this.#take();
  }

  async #take() {
    const { ui, workspace } = this.session;
    // Nothing may be decided until the suggestions are on the page.
    ui.readOnly = true;
    const { status } = await postJson(workspace.urls.awaited, {});
    if (this.ended) return undefined;
    // Another window may have been quicker: the page shows then what came of it.
    if (status === 200 || status === 400) return this.#show();
    ui.readOnly = ui.elsewhere || ui.submitted;
    return this.#askLater();
  }

  /** Show what was taken, as soon as nobody types; the page is read only until then. */
  async #show() {
    const mayShow = () => !this.isBusy();
    const isShown = mayShow() && (await this.showAgain(mayShow));
    if (!isShown && !this.ended) this.timer = window.setTimeout(() => this.#show(), FREE_MS);
  }

  #goOnWithout() {
    this.#say("You have begun without suggestions, so this document goes on without them.");
  }

  /** @param {string} words the last ones, so that nothing is asked any more */
  #say(words) {
    this.end();
    byId("awaited-words").textContent = words;
  }
}
