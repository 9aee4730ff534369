/**
 * The bar at the bottom: what the keys do now, each a button too. What does not fit the width is
 * left to the help, which the last button opens; the first ones are those most needed.
 */
import { el, kbd } from "./dom.js";

/** @typedef {{caption: string, bar?: string, action: string, arg?: any}} Shown */

/**
 * @param {Shown[]} bindings
 * @param {string} title
 * @param {string} [helpKey]
 */
export function keyBar(bindings, title, helpKey = "?") {
  const help = { caption: helpKey, bar: "all keys", action: "help" };
  const others = bindings.filter(({ action }) => action !== "help");
  return [
    el("strong", { class: "key-title" }, title),
    el("div", { class: "key-list" }, ...others.map(keyButton)),
    keyButton(help),
  ];
}

/** @param {Shown} binding */
function keyButton({ action, arg, caption, bar }) {
  return el(
    "button",
    {
      type: "button",
      tabindex: "-1",
      class: "key-button",
      data: { action, ...(arg === undefined ? {} : { arg: [arg].flat().join(",") }) },
    },
    caption ? kbd(caption) : null,
    " ",
    bar,
  );
}
