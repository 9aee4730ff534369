"""The review page measured in a browser, beside a flat baseline that renders one element for each
word.

Times are of the main thread as the page itself takes them; heap is V8's after a collection, in
megabytes. CPU times are the processor's, from Chromium's own trace: they hold on a busy machine.
"""

from __future__ import annotations

import os
import shutil
import socket
import statistics
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
SIZES = {"600 words": (600, 25), "100,000 words": (100_000, 5_000)}
EDITS = 40
# So many documents are handed in one after the other, each with everything settled.
GONE_ON = 10

MARKS = """() => Object.fromEntries(
  performance.getEntriesByType("mark").map((one) => [one.name, one.startTime]))"""
WEIGHT = """() => [
  ...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")]
  .filter((entry) => !entry.name.includes("/api/")).map((entry) => entry.encodedBodySize)"""

# Between a key and the frame after it: script, style, layout and paint. An event loop turn ends the
# measurement.
EDIT = """async (key) => {
  const frame = () => new Promise((done) => requestAnimationFrame(() => {
    const channel = new MessageChannel();
    channel.port1.onmessage = () => done(performance.now());
    channel.port2.postMessage(0);
  }));
  await frame();
  const started = performance.now();
  document.activeElement.dispatchEvent(new KeyboardEvent("keydown",
    { key, code: "", bubbles: true, cancelable: true }));
  const script = performance.now() - started;
  const whole = await frame() - started;
  await new Promise((done) => setTimeout(done, 30));
  return [script, whole];
}"""

# One element for each word, all at once, and a class for each span that covers it: what a simple
# tool does.
FLAT = """async () => {
  const workspace = JSON.parse(document.getElementById("workspace").textContent);
  document.body.replaceChildren();
  await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
  const frame = () => new Promise((done) => requestAnimationFrame(() => {
    const channel = new MessageChannel();
    channel.port1.onmessage = () => done(performance.now());
    channel.port2.postMessage(0);
  }));
  const render = () => {
    const root = document.createElement("div");
    let at = 0;
    const spans = workspace.suggestions.spans;
    let open = [], next = 0;
    for (const line of workspace.document.text.split("\\n")) {
      const paragraph = document.createElement("p");
      for (const word of line.split(/(?<= )/u)) {
        while (next < spans.length && spans[next].start <= at) open.push(spans[next++]);
        open = open.filter((span) => span.end > at);
        const element = document.createElement("span");
        element.textContent = word;
        for (const span of open) element.classList.add("word-" + span.label, "span-" + span.ident);
        paragraph.append(element);
        at += word.length;
      }
      root.append(paragraph);
      at += 1;
    }
    document.body.replaceChildren(root);
  };
  let started = performance.now();
  render();
  const first = await frame() - started;
  const edits = [];
  for (let count = 0; count < 3; count += 1) {
    started = performance.now();
    render();
    edits.push(await frame() - started);
  }
  const nodes = document.querySelectorAll("*").length;
  return { first, edit: edits.reduce((sum, one) => sum + one) / edits.length, nodes };
}"""


# Places of spans in the text that is seen, to be clicked.
PLACES = """() => [...document.querySelectorAll("#article [data-span]")]
  .map((node) => node.getClientRects()[0])
  .filter((box) => box && box.top > 100 && box.bottom < 800)
  .map((box) => [box.left + 3, box.top + box.height / 2])"""
HANDLERS = ("keydown", "click")
TASK = "ThreadControllerImpl::RunTask"


def measure_pages(folder: Path) -> dict[str, float]:
    """Return each figure by its name and unit; the database must have been migrated."""
    from playwright.sync_api import sync_playwright

    _documents(folder)
    rows: dict[str, float] = {}
    with _server(folder) as url, sync_playwright() as playwright:
        path = os.environ.get("CHROMIUM_PATH") or shutil.which("chromium")
        flags = [
            "--no-sandbox",
            "--disable-gpu",
            "--enable-precise-memory-info",
            "--js-flags=--expose-gc",
        ]
        browser = playwright.chromium.launch(executable_path=path, args=flags)
        context = browser.new_context(viewport={"width": 1440, "height": 900}, base_url=url)
        page = context.new_page()
        page.goto("/login/")
        page.fill("#id_username", "reader")
        page.fill("#id_password", "bench")
        page.click("main button[type=submit]")
        page.wait_for_url("**/corpora/")
        for name in SIZES:
            rows |= _measure(page, name)
        rows |= _go_on(page)
        browser.close()
    short, long = SIZES
    for title in [title for title in rows if "CPU" in title and title.startswith(long)]:
        act = title.removeprefix(long)
        rows[f"{long}{act}, against {short}"] = rows[title] / rows[f"{short}{act}"]
    return rows


def _measure(page: Any, name: str) -> dict[str, float]:
    address = f"/corpora/long/documents/{name.split()[0].replace(',', '')}/review/"
    navigations, renders = [], []
    for _ in range(5):
        page.goto(address, wait_until="commit")
        page.wait_for_selector("html[data-ready=true]", state="attached")
        marks = page.evaluate(MARKS)
        navigations.append(marks["ready"])
        renders.append(marks["ready"] - marks["data"])
    weight = page.evaluate(WEIGHT)
    page.wait_for_timeout(500)
    edits = [
        page.evaluate(EDIT, key) for key in ["Enter", "x", "ArrowLeft", "ArrowRight"] * (EDITS // 4)
    ]
    client = page.context.new_cdp_session(page)
    spent = _spent(page, client)
    client.send("HeapProfiler.collectGarbage")
    heap = client.send("Runtime.getHeapUsage")["usedSize"] / 1e6
    counts = client.send("Memory.getDOMCounters")
    flat = page.evaluate(FLAT)
    times = {f"{name}: {title}": value for title, value in spent.items()}
    return times | {
        f"{name}: navigation to ready, ms": statistics.median(navigations),
        f"{name}: requests": len(weight),
        f"{name}: transferred, kB": sum(weight) / 1000,
        f"{name}: first render, ms": statistics.median(renders),
        f"{name}: one edit, script, mean ms": statistics.mean(one[0] for one in edits),
        f"{name}: one edit with paint, mean ms": statistics.mean(one[1] for one in edits),
        f"{name}: one edit with paint, median ms": statistics.median(one[1] for one in edits),
        f"{name}: JS heap, MB": heap,
        f"{name}: DOM nodes": counts["nodes"],
        f"{name}: flat baseline, first render, ms": flat["first"],
        f"{name}: flat baseline, one edit, ms": flat["edit"],
        f"{name}: flat baseline, elements": flat["nodes"],
    }


def _go_on(page: Any) -> dict[str, float]:
    """Return how long it takes from an accepted hand-in until the next document is ready: one that
    is in hand already is swapped in, beside the same page loaded.
    """
    swapped = []
    loaded = []
    page.goto("/corpora/long/documents/next-0/review/")
    for number in range(1, GONE_ON):
        page.wait_for_selector("html[data-ready=true]", state="attached")
        page.keyboard.press("Control+Enter")
        page.wait_for_selector("#submit-layer:not([disabled])")
        page.wait_for_load_state("networkidle")
        page.keyboard.press("Enter")
        page.wait_for_url(f"**/next-{number}/review/")
        page.wait_for_selector("html[data-ready=true]", state="attached")
        marks = page.evaluate(MARKS)
        swapped.append(marks["ready"] - marks["finished"])
    for number in range(1, GONE_ON):
        page.goto(f"/corpora/long/documents/next-{number}/review/", wait_until="commit")
        page.wait_for_selector("html[data-ready=true]", state="attached")
        loaded.append(page.evaluate(MARKS)["ready"])
    swap = statistics.median(swapped)
    load = statistics.median(loaded)
    return {
        "next document, from handed in to ready, ms": swap,
        "next document, loaded to ready, ms": load,
        "next document, swapped against loaded, ratio": swap / load,
    }


def _spent(page: Any, client: Any) -> dict[str, float]:
    """Return the CPU milliseconds of a key and of a click on a span: what their handlers take, with
    the layouts that they force, and all that the page's thread does for them, paint included.
    """
    keys = ["Enter", "x", "ArrowLeft", "ArrowRight"] * (EDITS // 4)

    def click(number: int) -> None:
        places = page.evaluate(PLACES)
        page.mouse.click(*places[number * 7 % len(places)])

    rows = {}
    acts: dict[str, Callable[[int], Any]] = {
        "one edit": lambda number: page.keyboard.press(keys[number]),
        "one click": click,
    }
    for title, act in acts.items():
        events = _traced(page, client, act)
        handlers = [
            event
            for event in events
            if event["name"] == "EventDispatch" and event["args"]["data"]["type"] in HANDLERS
        ]
        # A key or a click without a handler of ours takes no time.
        times = [event["tdur"] / 1000 for event in handlers if event["tdur"] > 500]
        threads = {(event["pid"], event["tid"]) for event in handlers}
        whole = 0.0
        for event in events:
            if event["name"] == TASK and (event["pid"], event["tid"]) in threads:
                whole += event["tdur"] / 1000
        rows[f"{title}, script, median CPU ms"] = statistics.median(times)
        rows[f"{title}, whole page, mean CPU ms"] = whole / EDITS
    return rows


def _traced(page: Any, client: Any, act: Callable[[int], Any]) -> list[Any]:
    """Return the timed events of Chromium's trace while something is done again and again."""
    events: list[Any] = []
    ended: list[Any] = []
    client.on("Tracing.dataCollected", lambda data: events.extend(data["value"]))
    client.on("Tracing.tracingComplete", lambda data: ended.append(data))
    config = {"includedCategories": ["devtools.timeline", "toplevel"]}
    client.send("Tracing.start", {"transferMode": "ReportEvents", "traceConfig": config})
    for number in range(EDITS):
        act(number)
        page.wait_for_timeout(60)
    client.send("Tracing.end")
    while not ended:
        page.wait_for_timeout(50)
    return [event for event in events if event.get("ph") == "X" and "tdur" in event]


def _documents(folder: Path) -> None:
    from django.contrib.auth import get_user_model

    from annotator.services import assignments, review
    from annotator.services.runs import file_run, store
    from corpus.services.corpora import create_corpus
    from corpus.services.members import add_member
    from tests.acts import add_document
    from tools.bench_saves import accepted
    from tools.longread import longread

    corpus = create_corpus("long", reviewers_per_document=1)
    reader = get_user_model().objects.create_user("reader", password="bench")
    add_member(corpus, reader, "reviewer")
    for name, (words, spans) in SIZES.items():
        text, view = longread(words, spans)
        document = add_document(corpus, folder, name.split()[0].replace(",", ""), text)
        assert corpus.schema is not None
        store(file_run(corpus.schema, "longread"), document, view)
    words, spans = SIZES["600 words"]
    text, view = longread(words, spans)
    for number in range(GONE_ON):
        document = add_document(corpus, folder, f"next-{number}", f"{text}{number}\n")
        assert corpus.schema is not None
        store(file_run(corpus.schema, "longread"), document, view)
        assignments.take_place(document, by=reader)
        layer = review.open_layer(document, by=reader)
        review.decide(layer, accepted(view, list(view.spans), text), by=reader, at=0)


@contextmanager
def _server(folder: Path) -> Iterator[str]:
    """A server of its own on the database that is set."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    web = [
        sys.executable,
        "-m",
        "gunicorn",
        "annotator.wsgi",
        "--bind",
        url.removeprefix("http://"),
        "--threads",
        "8",
        "--log-level",
        "error",
    ]
    server = subprocess.Popen(web, cwd=ROOT, env={**os.environ, "SAIDBY_HOSTS": "127.0.0.1"})
    try:
        for _ in range(200):
            try:
                urllib.request.urlopen(f"{url}/login/")
                break
            except OSError:
                time.sleep(0.1)
        yield url
    finally:
        server.terminate()
        server.wait()


def main() -> None:
    """Set up a database of its own, measure, print and write."""
    from tools.bench import own_database, record

    folder = own_database()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    record(measure_pages(folder))


if __name__ == "__main__":
    main()
