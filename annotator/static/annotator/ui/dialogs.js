/** Questions in a <dialog>: focus goes in, and back to where it was. */
import { el, kbd } from "./dom.js";

/**
 * @param {string} title
 * @param {(close: (value: any) => void) => (Node|string)[]} build
 * @returns {Promise<any>} null when left with Esc
 */
export function ask(title, build, wide = false) {
  return new Promise((resolve) => {
    const before = /** @type {HTMLElement} */ (document.activeElement);
    /** @type {any} */
    let answer = null;
    const close = (/** @type {any} */ value) => {
      answer = value;
      dialog.close();
    };
    const dialog = /** @type {HTMLDialogElement} */ (
      el("dialog", {
        class: wide ? "dialog dialog-wide" : "dialog",
        "aria-labelledby": "dialog-title",
      })
    );
    dialog.append(
      el(
        "header",
        { class: "dialog-head" },
        el("h2", { id: "dialog-title" }, title),
        el(
          "button",
          {
            type: "button",
            class: "chip chip-square",
            "aria-label": "Close",
            on: { click: () => close(null) },
          },
          "✕",
        ),
      ),
      ...build(close),
    );
    dialog.addEventListener("close", () => {
      dialog.remove();
      if (before?.isConnected) before.focus({ preventScroll: true });
      resolve(answer);
    });
    dialog.addEventListener("keydown", (event) => {
      const button = /** @type {HTMLElement|null} */ (
        dialog.querySelector(`[data-key="${CSS.escape(event.key)}"]`)
      );
      if (button && !event.ctrlKey && !event.metaKey && !event.altKey) button.click();
    });
    document.body.append(dialog);
    dialog.showModal();
    /** @type {HTMLElement|null} */ (dialog.querySelector("[data-first]"))?.focus();
  });
}

/**
 * Choose from a list, by mouse, digits, arrows or by typing.
 * @typedef {{value: any, label: string, note?: string}} Item
 * @typedef {{title: string, items: Item[], free?: boolean, repeat?: {key: string, value: any}|null, typing?: boolean,
 *   placeholder: string}} Choice
 * @param {Choice} options
 * @returns {Promise<{value: any}|null>}
 */
export function choose(options) {
  return ask(options.title, (close) => {
    const list = el("div", { class: "choice-list", role: "listbox", "aria-label": options.title });
    const input = /** @type {HTMLInputElement} */ (
      el("input", {
        type: "text",
        class: "input",
        "aria-label": options.placeholder,
        placeholder: options.placeholder,
        autocomplete: "off",
        maxlength: 200,
        data: options.typing ? { first: "" } : {},
      })
    );
    const fill = () => {
      const wanted = input.value.trim().toLowerCase();
      const shown = options.items.filter((item) =>
        `${item.label} ${item.note ?? ""}`.toLowerCase().includes(wanted),
      );
      const buttons = shown.map((item, index) => choice(item, index, options, close));
      list.replaceChildren(
        ...(buttons.length
          ? buttons
          : [
              el(
                "p",
                { class: "hint" },
                options.free ? "Not in the list: Enter takes your own words." : "Nothing found.",
              ),
            ]),
      );
    };
    input.addEventListener("input", fill);
    input.addEventListener("keydown", (event) => {
      if (event.key === "ArrowDown") list.querySelector("button")?.focus();
      if (event.key !== "Enter") return;
      event.preventDefault();
      const first = list.querySelector("button");
      if (options.free && input.value.trim()) close({ value: input.value.trim() });
      else first?.click();
    });
    list.addEventListener("keydown", (event) => listKey(event, list, input, options, close));
    fill();
    if (!options.typing) list.querySelector("button")?.setAttribute("data-first", "");
    if (!options.typing && !options.items.length) input.dataset.first = "";
    return [input, list];
  });
}

/** @param {Item} item @param {number} index @param {Choice} options @param {(value: any) => void} close */
function choice(item, index, options, close) {
  const repeat = options.repeat && options.repeat.value === item.value ? options.repeat.key : null;
  return el(
    "button",
    {
      type: "button",
      role: "option",
      "aria-selected": "false",
      class: "choice",
      on: { click: () => close({ value: item.value }) },
    },
    index < 9 && !options.typing ? kbd(String(index + 1)) : null,
    repeat ? kbd(repeat) : null,
    item.label,
    item.note ? el("span", { class: "hint" }, ` ${item.note}`) : null,
  );
}

/** @param {KeyboardEvent} event @param {HTMLElement} list @param {HTMLInputElement} input @param {Choice} options @param {(value: any) => void} close */
function listKey(event, list, input, options, close) {
  const buttons = [...list.querySelectorAll("button")];
  const at = buttons.findIndex((button) => button === document.activeElement);
  if (event.key === "ArrowDown") buttons[at + 1]?.focus();
  else if (event.key === "ArrowUp") (buttons[at - 1] ?? input).focus();
  else if (/^[1-9]$/u.test(event.key)) buttons[Number(event.key) - 1]?.click();
  else if (options.repeat && event.key === options.repeat.key) {
    close({ value: options.repeat.value });
  } else if (event.key.length === 1 && !event.ctrlKey && !event.metaKey && event.key !== " ") {
    if (event.key !== "/") input.value += event.key;
    input.focus();
    input.dispatchEvent(new Event("input"));
  } else return;
  event.preventDefault();
}

/**
 * @param {string} title @param {(Node|string)[]} body
 * @param {{value: any, label: string, primary?: boolean, key?: string}[]} buttons one with a key is taken by it too
 */
export function confirmBox(title, body, buttons) {
  return ask(title, (close) => [
    ...body,
    el(
      "div",
      { class: "dialog-actions" },
      ...buttons.map((button) =>
        el(
          "button",
          {
            type: "button",
            class: `button ${button.primary ? "button-primary" : ""}`,
            data: {
              ...(button.primary ? { first: "" } : {}),
              ...(button.key ? { key: button.key } : {}),
            },
            on: { click: () => close(button.value) },
          },
          button.key ? kbd(button.key) : null,
          button.label,
        ),
      ),
    ),
  ]);
}

/** @param {HTMLElement} table */
export function showHelp(table) {
  return ask(
    "Keys",
    () => [
      el(
        "p",
        { class: "hint" },
        "Keys work while the queue, the text or a card has the focus. Each has a button too.",
      ),
      table,
    ],
    true,
  );
}

/**
 * What stands between this document and its end; each line jumps to its place.
 * @typedef {import("../text/model.js").View} View
 * @param {View[]} incomplete @param {View[]} untouched @param {(view: View) => string} needsOf
 */
export function finishBox(incomplete, untouched, needsOf) {
  const line = (/** @type {View} */ view, /** @type {(value: any) => void} */ close) =>
    el(
      "li",
      {},
      el(
        "button",
        { type: "button", class: "link-button", on: { click: () => close({ goTo: view.ident }) } },
        `${view.code} ${needsOf(view)}`,
      ),
    );
  return ask("Finish this document", (close) => {
    const parts = [];
    if (incomplete.length) {
      parts.push(
        el("p", {}, count(incomplete.length, "claim is incomplete.", "claims are incomplete.")),
        el("ul", { class: "jump-list" }, ...incomplete.map((view) => line(view, close))),
      );
    }
    if (untouched.length) {
      parts.push(
        el(
          "p",
          {},
          count(untouched.length, "suggestion not looked at", "suggestions not looked at"),
          incomplete.length ? "." : " — submit anyway?",
        ),
        el("ul", { class: "jump-list" }, ...untouched.map((view) => line(view, close))),
      );
    }
    if (!parts.length) parts.push(el("p", {}, "Everything is settled."));
    const first = incomplete[0] ?? untouched[0];
    parts.push(
      el(
        "div",
        { class: "dialog-actions" },
        first
          ? el(
              "button",
              {
                type: "button",
                class: "button",
                data: incomplete.length ? { first: "" } : {},
                on: { click: () => close({ goTo: first.ident }) },
              },
              "Go to the first",
            )
          : null,
        el(
          "button",
          {
            type: "button",
            class: "button button-primary",
            id: "submit-layer",
            disabled: incomplete.length > 0,
            data: incomplete.length ? {} : { first: "" },
            on: { click: () => close({ submit: true }) },
          },
          untouched.length ? "Submit anyway" : "Submit",
        ),
      ),
    );
    return parts;
  });
}

/** @param {number} number @param {string} one @param {string} many */
function count(number, one, many) {
  return `${number} ${number === 1 ? one : many}`;
}
