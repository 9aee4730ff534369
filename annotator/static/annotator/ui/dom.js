/** Small helpers for building elements without innerHTML (the page runs under trusted types). */

/**
 * @param {string} name
 * @param {Object<string, any>} [props] `on` holds listeners, `data` the dataset; null and false are
 *   left out
 * @param {...(Node|string|null|undefined|false)} children
 * @returns {HTMLElement}
 */
export function el(name, props = {}, ...children) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(props)) {
    if (value === null || value === undefined || value === false) continue;
    if (key === "on") {
      for (const [type, run] of Object.entries(value)) node.addEventListener(type, run);
    } else if (key === "data") Object.assign(node.dataset, value);
    else node.setAttribute(key, value === true ? "" : String(value));
  }
  for (const child of children) if (child || child === "") node.append(child);
  return node;
}

/** Words for those who listen. @param {string} words */
export function hidden(words) {
  return el("span", { class: "visually-hidden" }, words);
}

/** A key cap, read out as part of the button's name. @param {string} text */
export function kbd(text) {
  return el("kbd", {}, text);
}

/**
 * A button that runs an action by name; the page listens once and dispatches.
 * @param {string} action
 * @param {string|Node} label
 * @param {{key?: string, arg?: string|number, class?: string, pressed?: boolean, title?: string,
 *   name?: string, disabled?: boolean}} [options] `name` is what is read out, beginning with the
 *   label
 */
export function actionButton(action, label, options = {}) {
  return el(
    "button",
    {
      type: "button",
      class: options.class ?? "chip",
      data: { action, ...(options.arg === undefined ? {} : { arg: String(options.arg) }) },
      "aria-pressed": options.pressed === undefined ? null : String(options.pressed),
      // A name begins with what is seen, so that who speaks to the page can say it.
      "aria-label": options.name && options.key ? `${options.key} ${options.name}` : options.name,
      title: options.title,
      disabled: options.disabled,
    },
    ...(options.key ? [kbd(options.key), " "] : []),
    label,
  );
}

/** @param {HTMLElement} node @returns {DOMRect} of what it is placed in */
export function frameOf(node) {
  return (node.offsetParent ?? document.body).getBoundingClientRect();
}

/** @param {string} id @returns {HTMLElement} */
export function byId(id) {
  return /** @type {HTMLElement} */ (document.getElementById(id));
}

/**
 * randomUUID exists in secure contexts only; a newsroom may serve plain http inside its own
 * network.
 */
export function uuid() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 15) | 64;
  bytes[8] = (bytes[8] & 63) | 128;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    hex.slice(12, 16),
    hex.slice(16, 20),
    hex.slice(20),
  ].join("-");
}

/** @param {string} id of a script element that holds data @returns {any} */
export function readJson(id) {
  return JSON.parse(byId(id).textContent ?? "null");
}

let pendingAnnouncement = 0;

/**
 * Say something politely; the last word within 150 ms wins, so quick keys do not pile up speech.
 * @param {string} message
 */
export function announce(message) {
  window.clearTimeout(pendingAnnouncement);
  pendingAnnouncement = window.setTimeout(() => {
    byId("status").textContent = message;
  }, 150);
}

/**
 * Say something that must not be missed: shown on the page and read out at once.
 * @param {string} message
 */
export function alertUser(message) {
  const box = byId("alert");
  box.replaceChildren();
  if (!message) return;
  box.append(
    el("p", {}, message),
    el(
      "button",
      { type: "button", class: "button", on: { click: () => box.replaceChildren() } },
      "Dismiss",
    ),
  );
}

/** @param {string} text @param {number} limit in UTF-16 units; never cuts a pair */
export function shorten(text, limit) {
  const flat = text.replace(/\s+/gu, " ").trim();
  if (flat.length <= limit) return flat;
  return (
    flat
      .slice(0, limit)
      .replace(/[\ud800-\udbff]$/u, "")
      .trimEnd() + "…"
  );
}
