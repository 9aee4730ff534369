// Sends the files of a form with a bar that tells how far they are. Without this script the form
// sends them itself.

const form = /** @type {HTMLFormElement} */ (document.getElementById("upload"));
const meter = /** @type {HTMLElement} */ (document.getElementById("upload-meter"));
const bar = /** @type {HTMLProgressElement} */ (meter.querySelector("progress"));
const words = /** @type {HTMLElement} */ (meter.querySelector("[role=status]"));
const trouble = /** @type {HTMLElement} */ (document.getElementById("upload-error"));
const button = /** @type {HTMLButtonElement} */ (form.querySelector("button[type=submit]"));
const files = /** @type {HTMLInputElement} */ (form.elements.namedItem("files"));

/** @param {string} message */
function fail(message) {
  meter.hidden = true;
  trouble.hidden = false;
  trouble.textContent = message;
  button.disabled = false;
}

/** @param {string} body @returns {{next?: string, message?: string}} */
function read(body) {
  try {
    return JSON.parse(body);
  } catch {
    return {};
  }
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  const size = [...(files.files ?? [])].reduce((sum, file) => sum + file.size, 0);
  const limit = Number(form.dataset.limit);
  if (size > limit * 1e6) {
    fail(
      `These files are ${Math.ceil(size / 1e6)} MB; ${limit} MB together can be uploaded. ` +
        "Choose fewer.",
    );
    return;
  }
  const request = new XMLHttpRequest();
  request.open("POST", location.pathname);
  request.setRequestHeader("Accept", "application/json");
  request.upload.addEventListener("progress", (now) => {
    const percent = now.total ? Math.floor((100 * now.loaded) / now.total) : 0;
    bar.value = percent;
    words.textContent = percent < 100 ? `${percent} % uploaded` : "Uploaded; being kept …";
  });
  request.addEventListener("load", () => {
    const answer = read(request.responseText);
    if (request.status < 300 && answer.next) location.assign(answer.next);
    else {
      fail(
        answer.message ??
          "The server did not take the files. Load the page again and send them once more.",
      );
    }
  });
  request.addEventListener("error", () =>
    fail("The network went away. Nothing was imported; send the files again."),
  );
  trouble.hidden = true;
  meter.hidden = false;
  button.disabled = true;
  request.send(new FormData(form));
});
