// Shows beside the form of a schema the cards that reviewers would see, while somebody types in it.

const form = /** @type {HTMLFormElement} */ (document.getElementById("schema-form"));
const preview = /** @type {HTMLElement} */ (document.getElementById("schema-preview"));
const cards = /** @type {HTMLElement} */ (document.getElementById("schema-cards"));

/** @param {string} name */
function valueOf(name) {
  const control = form.elements.namedItem(name);
  const known =
    control instanceof HTMLInputElement ||
    control instanceof HTMLTextAreaElement ||
    control instanceof HTMLSelectElement;
  return known ? control.value.trim() : "";
}

/** @param {string} name */
function isTicked(name) {
  const control = form.elements.namedItem(name);
  return control instanceof HTMLInputElement && control.checked;
}

/** @param {string} prefix What a row is called where people read it. */
function titleOf(prefix) {
  return valueOf(`${prefix}-title`) || valueOf(`${prefix}-name`);
}

/** @param {string} tag @param {string} words @param {string} [style] */
function made(tag, words, style = "") {
  const element = document.createElement(tag);
  element.textContent = words;
  element.className = style;
  return element;
}

/** @param {HTMLElement} line @param {string} key */
function addKey(line, key) {
  if (key) line.append(made("kbd", key));
}

/** @param {string} prefix @returns {HTMLElement} the line of an attribute on a card */
function attributeLine(prefix) {
  const line = made("p", "");
  const required = isTicked(`${prefix}-required`) ? " *" : "";
  line.append(made("span", `${titleOf(prefix)}${required}`, "quiet"));
  const kind = valueOf(`${prefix}-kind`);
  if (kind === "choice" || kind === "choices") {
    for (const choice of valueOf(`${prefix}-choices`).split("\n")) {
      const at = choice.lastIndexOf("|");
      const words = (at < 0 ? choice : choice.slice(0, at)).trim();
      if (!words) continue;
      const button = made("span", words, "badge");
      addKey(button, at < 0 ? "" : choice.slice(at + 1).trim());
      line.append(button);
    }
  } else {
    line.append(made("span", kind === "flag" ? "yes · no" : "…", "badge"));
  }
  return line;
}

/** @param {string} uid @returns {Element[]} the kinds of links that begin at a label */
function linksFrom(uid) {
  return [...form.querySelectorAll("[data-link]")].filter((row) =>
    [...row.querySelectorAll("input[name$='-sources']")].some(
      (box) => box instanceof HTMLInputElement && box.checked && box.value === uid,
    ),
  );
}

/** @param {string} prefix */
function linkLine(prefix) {
  const line = made("p", "");
  line.append(made("span", `${titleOf(prefix)} →`, "quiet"));
  for (const box of form.querySelectorAll(`input[name="${prefix}-targets"]:checked`)) {
    line.append(made("span", box.parentElement?.textContent?.trim() ?? "", "badge"));
  }
  addKey(line, valueOf(`${prefix}-key`));
  return line;
}

/** @param {Element} holder @param {HTMLElement} card */
function addAttributes(holder, card) {
  for (const attribute of holder.querySelectorAll("[data-attribute]")) {
    const prefix = /** @type {HTMLElement} */ (attribute).dataset.attribute ?? "";
    card.append(attributeLine(prefix));
  }
}

/** @param {HTMLElement} row of a label */
function cardOf(row) {
  const prefix = row.dataset.row ?? "";
  const card = made("div", "", "schema-card");
  const colour = valueOf(`${prefix}-colour`);
  if (CSS.supports("color", colour)) {
    card.style.borderInlineStartColor = colour;
    row.style.borderInlineStartColor = colour;
  }
  const head = made("p", "");
  head.append(made("strong", titleOf(prefix) || "…"));
  addKey(head, valueOf(`${prefix}-key`));
  card.append(head);
  addAttributes(row, card);
  for (const link of linksFrom(valueOf(`${prefix}-uid`))) {
    card.append(linkLine(/** @type {HTMLElement} */ (link).dataset.link ?? ""));
  }
  return card;
}

function show() {
  const rows = /** @type {HTMLElement[]} */ ([...form.querySelectorAll("[data-row]")]);
  cards.replaceChildren(...rows.map(cardOf));
  preview.hidden = rows.length === 0;
}

form.addEventListener("input", show);
show();

// A module of its own, like every script of a page.
export {};
