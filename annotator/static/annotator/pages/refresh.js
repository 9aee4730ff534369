// Reloads a page while background work runs, and never while someone types in it.

const EVERY_MS = 3000;
const RUNNING = '[data-job-state="queued"], [data-job-state="running"]';

if (document.querySelector(RUNNING)) {
  setTimeout(function again() {
    if (document.activeElement?.matches("input, textarea, select")) setTimeout(again, EVERY_MS);
    else location.reload();
  }, EVERY_MS);
}
