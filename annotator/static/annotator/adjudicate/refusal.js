/** What the page says when the server refuses a choice. */
import { signedOut } from "../sync/outbox.js";
import { showSaveState } from "../sync/savestate.js";
import { alertUser, byId, el } from "../ui/dom.js";

/**
 * @param {import("../sync/outbox.js").Answer} answer
 * @param {import("./session.js").Session} session of the document where the choice was made
 * @param {boolean} isShown whether that document is on the page
 * @param {number} waiting choices on their way
 */
export function showRefusal(answer, session, isShown, waiting) {
  showSaveState(byId("save-state"), signedOut(answer) ? "signed-out" : "changed", waiting);
  const { title, id } = session.data.document;
  const where = isShown ? "" : `${title || id}: `;
  const words = signedOut(answer)
    ? "Signed out: sign in, then load this page again."
    : (answer.body.message ?? "The server did not accept this choice.");
  alertUser(`${where}${words} `);
  const click = () => {
    if (isShown) location.reload();
    else location.assign(session.path + session.query);
  };
  const props = { type: "button", class: "button button-small", on: { click } };
  byId("alert").append(
    el("button", props, isShown ? "Load the page again" : "Go to that document"),
  );
}
