/**
 * Words selected by a finger. A long press selects without any event of the pointer at its end, and
 * so does dragging the browser's own handles; only the selection itself tells.
 */

/** A selection that has not changed for so long is meant, in milliseconds. */
const SETTLED = 250;

/** @param {() => void} onSelected words were selected, or none are any more */
export function listenToTouch(onSelected) {
  let isTouch = false;
  let timer = 0;
  document.addEventListener(
    "pointerdown",
    (event) => {
      isTouch = event.pointerType !== "mouse";
    },
    { capture: true, passive: true },
  );
  document.addEventListener("selectionchange", () => {
    if (!isTouch) return;
    window.clearTimeout(timer);
    timer = window.setTimeout(onSelected, SETTLED);
  });
}
