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
 *
 * @typedef {object} Choice
 * @property {string} title
 * @property {Item[]} items
 * @property {boolean} [free]
 * @property {{key: string, value: any}|null} [repeat]
 * @property {boolean} [typing] what is typed comes first, and digits are typed too
 * @property {string} [written] what the field holds already; emptied, it takes nothing
 * @property {string} placeholder
 *
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
        value: options.written,
        autocomplete: "off",
        maxlength: 500,
        data: options.typing ? { first: "" } : {},
      })
    );
    const fill = () => {
      const words = input.value.trim();
      const wanted = words === options.written ? "" : words.toLowerCase();
      const shown = options.items.filter((item) =>
        `${item.label} ${item.note ?? ""}`.toLowerCase().includes(wanted),
      );
      const buttons = shown.map((item, index) => choice(item, index, options, close));
      const hint = options.free ? "Not in the list: Enter takes your own words." : "Nothing found.";
      if (buttons.length) list.replaceChildren(...buttons);
      else list.replaceChildren(el("p", { class: "hint" }, hint));
    };
    input.addEventListener("input", fill);
    if (options.written) input.addEventListener("focus", () => input.select());
    input.addEventListener("keydown", (event) => {
      if (event.key === "ArrowDown") list.querySelector("button")?.focus();
      if (event.key !== "Enter") return;
      event.preventDefault();
      const first = list.querySelector("button");
      const words = input.value.trim();
      if (options.free && words) close({ value: words });
      else if (options.written !== undefined) close({ value: null });
      else first?.click();
    });
    list.addEventListener("keydown", (event) => listKey(event, list, input, options, close));
    fill();
    if (!options.typing) list.querySelector("button")?.setAttribute("data-first", "");
    if (!options.typing && !options.items.length) input.dataset.first = "";
    return [input, list];
  });
}

/**
 * @param {Item} item
 * @param {number} index
 * @param {Choice} options
 * @param {(value: any) => void} close
 */
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

/**
 * @param {KeyboardEvent} event
 * @param {HTMLElement} list
 * @param {HTMLInputElement} input
 * @param {Choice} options
 * @param {(value: any) => void} close
 */
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
    input.setSelectionRange(input.value.length, input.value.length);
    input.dispatchEvent(new Event("input"));
  } else return;
  event.preventDefault();
}

/**
 * Choose several of a list: a digit or the mouse ticks one, Enter takes what is ticked.
 * @param {{title: string, choices: string[], held: string[]}} options
 * @returns {Promise<{value: string[]}|null>}
 */
export function chooseSeveral({ title, choices, held }) {
  return ask(title, (close) => {
    const boxes = choices.map(
      (choice, index) =>
        /** @type {HTMLInputElement} */ (
          el("input", {
            type: "checkbox",
            checked: held.includes(choice),
            data: { ...(index ? {} : { first: "" }), ...(index < 9 ? { key: index + 1 } : {}) },
          })
        ),
    );
    const rows = choices.map((choice, index) =>
      el(
        "label",
        { class: "choice" },
        boxes[index],
        index < 9 ? kbd(`${index + 1}`) : null,
        choice,
      ),
    );
    const form = el(
      "form",
      {
        on: {
          submit: (/** @type {Event} */ event) => {
            event.preventDefault();
            close({ value: choices.filter((_, index) => boxes[index].checked) });
          },
        },
      },
      el("div", { class: "choice-list" }, ...rows),
      el(
        "div",
        { class: "dialog-actions" },
        el("button", { type: "submit", class: "button button-primary" }, "Take these"),
      ),
    );
    return [form];
  });
}

/**
 * @param {string} title
 * @param {(Node|string)[]} body
 * @param {{value: any, label: string, primary?: boolean, key?: string}[]} buttons one with a key is
 *   taken by it too
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

/** @param {HTMLElement} table @param {string} [practice] where the round of practice is */
export function showHelp(table, practice = "") {
  const again = el("a", { href: practice }, "Practise on three prepared items");
  return ask(
    "Keys",
    () => [
      el(
        "p",
        { class: "hint" },
        "Keys work while the queue, the text or a card has the focus. Each has a button too.",
      ),
      ...(practice ? [el("p", {}, again)] : []),
      table,
    ],
    true,
  );
}
