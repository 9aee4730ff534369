/** Why a dispute is settled as it is: one of the corpus's reasons, before or after settling. */
import { choose } from "../ui/dialogs.js";
import { announce, el, kbd } from "../ui/dom.js";
import { isOpen } from "./disputes.js";

/**
 * @typedef {import("./session.js").Session} Session
 * @typedef {import("./disputes.js").Dispute} Dispute
 */

const NONE = "no reason";

/** The reason that the next choice takes along, on the card. @param {string} reason */
export function reasonLine(reason) {
  return el("p", { class: "card-hint" }, `because: ${reason} `, kbd("b"), " changes it");
}

/**
 * Choose why a dispute is or will be settled as it is.
 * @param {Session} session @param {Dispute|null} dispute @param {() => void} render
 */
export async function because(session, dispute, render) {
  if (!dispute) return;
  const { reasons } = session.data;
  if (dispute.settled && "policy" in dispute.settled) {
    announce("A policy settled this. Undo it, then settle it yourself.");
    return;
  }
  const chosen = await choose({
    title: `Because — ${session.codeOf(dispute.ident)}`,
    items: [...reasons, NONE].map((reason) => ({ value: reason, label: reason })),
    free: true,
    placeholder: "choose a reason, or write one",
  });
  if (!chosen) return;
  const reason = chosen.value === NONE ? "" : chosen.value;
  if (isOpen(dispute) || dispute.deferred) session.ui.reason = reason;
  else session.giveReason(dispute, reason);
  render();
  announce(reason ? `Because: ${reason}.` : "No reason.");
}
