/** The bar at the bottom: what the keys do now, each a button too. */
import { el, kbd } from "./dom.js";

/**
 * @param {{caption: string, bar?: string, action: string, arg?: any}[]} bindings
 * @param {string} title
 */
export function keyBar(bindings, title) {
  return [
    el("strong", {}, title),
    ...bindings.map((binding) =>
      el(
        "button",
        {
          type: "button",
          tabindex: "-1",
          class: "key-button",
          data: {
            action: binding.action,
            ...(binding.arg === undefined ? {} : { arg: [binding.arg].flat().join(",") }),
          },
        },
        kbd(binding.caption),
        " ",
        binding.bar,
      ),
    ),
  ];
}
