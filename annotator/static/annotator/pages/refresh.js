// Reloads a page while background work runs, and never when someone has typed in it or is about to.

const EVERY_MS = 3000;
const RUNNING = '[data-job-state="queued"], [data-job-state="running"]';

let typed = false;

if (document.querySelector(RUNNING)) {
  addEventListener("input", () => (typed = true));
  setTimeout(function again() {
    const typing = document.activeElement?.matches("input, textarea, select");
    if (typed || typing) setTimeout(again, EVERY_MS);
    else location.reload();
  }, EVERY_MS);
}
