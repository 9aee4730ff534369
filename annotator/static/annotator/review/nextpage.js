/**
 * The next document in the place of this one, without loading the page again. Its page is what the
 * server answers for that address: where it cannot be had, or needs other files than this page
 * has, the browser goes there as by any link.
 * @typedef {{next: string, position: number, total: number}} Place the address of the next
 *   document, and its number among the reviewer's
 */
import { getJson } from "../sync/outbox.js";
import { announce } from "../ui/dom.js";

/** The scripts and style sheets of a page. @param {Document} page */
function filesOf(page) {
  const nodes = page.querySelectorAll("script[src], link[rel=stylesheet]");
  return [...nodes].map((node) => node.getAttribute("src") ?? node.getAttribute("href")).join(" ");
}

/**
 * A page as the server has it now; it is read without running anything.
 * @param {string} address
 * @returns {Promise<Document|null>} null when it cannot be had, or is another page
 */
function fetchPage(address) {
  return new Promise((resolve) => {
    const request = new XMLHttpRequest();
    request.open("GET", address);
    request.responseType = "document";
    request.timeout = 5000;
    request.addEventListener("loadend", () => {
      // Signed out, the answer is the page to sign in at.
      const isIt = request.status === 200 && new URL(request.responseURL).pathname === address;
      resolve(isIt ? request.responseXML : null);
    });
    request.send();
  });
}

const GO_ON = "You can go on here. ";
const ARRIVED = "Suggestions are here. ";
/** As long as it takes at most until the document is this page's again. */
const GREETING_MS = 3000;

export class NextPage {
  /**
   * @param {() => Promise<void>} end lets go of the document that is here
   * @param {(isNext: boolean) => Promise<void>} start begins with the one that the page holds then
   */
  constructor(end, start) {
    this.end = end;
    this.start = start;
    this.files = filesOf(document);
    /** What is said when the document is ours to write. */
    this.greeting = GO_ON;
    this.shown = location.pathname;
    /** @type {{address: string, page: Promise<Document|null>}|null} */
    this.ahead = null;
    // Back and forward load what was there; a place within the page is no other page.
    window.addEventListener("popstate", () => {
      if (location.pathname !== this.shown) location.reload();
    });
  }

  /**
   * Fetch what comes next while the reviewer is asked whether to hand in: a document that is in
   * their hands already, because to look at any other one would take it.
   * @param {string} address tells what comes next
   */
  async lookAhead(address) {
    const { page } = (await getJson(address)) ?? {};
    if (page) this.ahead = { address: page, page: fetchPage(page) };
  }

  /** @param {Place} place */
  async go({ next: address, position, total }) {
    performance.mark("finished");
    const { ahead } = this;
    this.ahead = null;
    const page = await (ahead?.address === address ? ahead.page : fetchPage(address));
    if (!page?.getElementById("workspace") || filesOf(page) !== this.files) {
      location.assign(address);
      return;
    }
    // Fetched ahead, the page counts without the document that was handed in since.
    const pill = page.getElementById("position");
    if (pill) pill.textContent = `Document ${position} of ${total}`;
    this.end();
    this.#show(page, address);
    try {
      await this.start(true);
    } catch (error) {
      location.replace(address);
      throw error;
    }
  }

  /**
   * The same document as the server has it now.
   * @param {() => boolean} mayShow asked once more when the page is there
   * @returns {Promise<boolean>} whether it is shown
   */
  async again(mayShow) {
    const page = await fetchPage(location.pathname);
    if (!mayShow()) return false;
    if (!page?.getElementById("workspace") || filesOf(page) !== this.files) {
      location.reload();
      return true;
    }
    const top = document.getElementById("text-pane")?.scrollTop ?? 0;
    // Or this window would find the document held by itself.
    await this.end();
    this.#put(page);
    this.greeting = ARRIVED;
    window.setTimeout(() => (this.greeting = GO_ON), GREETING_MS);
    await this.start(false);
    announce(ARRIVED);
    document.getElementById("text-pane")?.scrollTo({ top });
    return true;
  }

  /** @param {Document} page @param {string} address */
  #show(page, address) {
    history.pushState(null, "", address);
    this.shown = address;
    this.#put(page);
  }

  /** @param {Document} page */
  #put(page) {
    delete document.documentElement.dataset.ready;
    for (const script of page.querySelectorAll("script[src]")) script.remove();
    document.title = page.title;
    document.body.replaceWith(document.adoptNode(page.body));
  }
}
