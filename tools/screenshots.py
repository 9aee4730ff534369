"""`make screenshots`: every page of a demo site at 1440×900, 390×844 and in the dark, under
docs/screenshots/.
"""

from __future__ import annotations

import argparse
import io
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import spacy
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / "docs" / "screenshots"
PASSWORD = "screens of a demo site"
LARGEST = 300_000
MODES: dict[str, dict[str, Any]] = {
    "1440": {"viewport": {"width": 1440, "height": 900}, "color_scheme": "light"},
    "390": {"viewport": {"width": 390, "height": 844}, "color_scheme": "light"},
    "dark": {"viewport": {"width": 1440, "height": 900}, "color_scheme": "dark"},
}
C = "/corpora/seeds"
TOUR_FOLDER = ROOT / "annotator" / "static" / "annotator" / "tour"
TOUR_LOOK: dict[str, Any] = {"viewport": {"width": 1040, "height": 650}, "color_scheme": "light"}
TOUR_SIZE = (960, 600)
TYPED = "Council votes on the sea wall\n\n“The wall will not hold,” said Mayor Ilse Brandt."


@dataclass(frozen=True, slots=True)
class Shot:
    """A page as somebody sees it; `name` is the file's, `then` what to do before the picture."""

    name: str
    path: str
    user: str = ""
    then: Callable[[Page], Any] | None = None


def _surface(page: Page) -> None:
    page.wait_for_selector("html[data-ready=true]")
    page.wait_for_timeout(600)


def _tables(page: Page) -> None:
    page.locator("main details").first.evaluate("element => { element.open = true; }")


def _invite(page: Page) -> None:
    page.fill("#invite-note", "Erin of the night desk")
    page.click("text=Make a link")


def _invitation(page: Page) -> None:
    _invite(page)
    address = page.locator("code.token").inner_text()
    page.context.clear_cookies()
    page.goto(address)


def _token(page: Page) -> None:
    page.fill("#token-name", "nightly export")
    page.click("button[value=new]")


def _webhook(page: Page) -> None:
    page.fill("#hook-url", "https://192.168.7.7/saidby")
    page.click("text=Add it")
    page.locator("#webhooks").scroll_into_view_if_needed()


def _finish(page: Page) -> None:
    _surface(page)
    page.keyboard.press("Control+Enter")
    page.wait_for_selector("dialog")


def _patterns(page: Page) -> None:
    page.fill("#lines", "")
    page.fill("#words", "said\nthe council\nnight buses")
    page.click("text=Add to the lines")
    page.click("button.button-primary")
    page.wait_for_selector(".pattern-match", timeout=60_000)


def _begun(page: Page) -> None:
    page.fill("#id_name", "Harbour news")
    page.fill("#text-1", TYPED)
    page.wait_for_selector("[data-short-line]:not([hidden])")
    page.evaluate("scrollTo(0, 0)")


SHOTS = [
    Shot("login", "/login/"),
    Shot("tour", "/tour/", "bob"),
    Shot("corpora", "/corpora/", "admin"),
    Shot("corpora-empty", "/corpora/", "dave"),
    Shot("corpus", f"{C}/", "admin"),
    Shot("corpus-reviewer", f"{C}/", "bob", _tables),
    Shot("corpus-empty", "/corpora/empty/", "admin"),
    Shot("queue", f"{C}/queue/", "bob"),
    Shot("documents", f"{C}/documents/", "admin"),
    Shot("documents-none", f"{C}/documents/?query=nowhere", "bob"),
    Shot("disputes", f"{C}/disputes/", "admin"),
    Shot("disputes-confused", f"{C}/disputes/?facet=stance", "admin"),
    Shot("admin-disputes", "/admin/annotator/dispute/?facet=stance", "admin"),
    Shot("policies", f"{C}/disputes/policies/", "admin"),
    Shot("schema-page", f"{C}/schema/", "admin"),
    Shot("suggestions-page", f"{C}/suggestions/", "admin"),
    Shot("suggester-scores", f"{C}/suggestions/compare/", "admin"),
    Shot("guideline", f"{C}/guideline/", "bob"),
    Shot("flags", f"{C}/flags/", "admin"),
    Shot("my-gold", f"{C}/queue/gold/", "bob"),
    Shot("assignments", f"{C}/assignments/", "admin"),
    Shot("agreement", f"{C}/agreement/", "admin"),
    Shot("uploads", f"{C}/import/", "admin"),
    Shot("members", f"{C}/members/", "admin"),
    Shot("releases", f"{C}/releases/", "admin"),
    Shot("release", f"{C}/releases/2/", "admin"),
    Shot("new-corpus", "/corpora/new/", "admin"),
    Shot("settings", f"{C}/settings/", "admin"),
    Shot("webhooks", f"{C}/settings/", "admin", _webhook),
    Shot("patterns", f"{C}/patterns/", "admin", _patterns),
    Shot("pipelines", f"{C}/pipelines/news/", "admin"),
    Shot("audit", f"{C}/audit/", "admin"),
    Shot("invite", f"{C}/members/", "admin", _invite),
    Shot("history", f"{C}/documents/night-bus-cuts/history/", "admin"),
    Shot("removal", f"{C}/documents/night-bus-cuts/remove/", "admin"),
    Shot("removed", f"{C}/removed/", "admin"),
    Shot("profile", "/profile/", "bob"),
    Shot("password", "/profile/password/", "bob"),
    Shot("token", "/profile/", "carol", _token),
    Shot("problem", f"{C}/disputes/", "bob"),
    Shot("review", f"{C}/documents/tidal-barrier-vote/review/", "bob", _surface),
    Shot("read", f"{C}/documents/tidal-barrier-vote/read/", "admin", _surface),
    Shot("practice", f"{C}/practice/", "bob", _surface),
    Shot("adjudicate", f"{C}/documents/bakery-strike/adjudicate/", "admin", _surface),
    # The last one: it signs out to see the page as a newcomer does.
    Shot("invitation", f"{C}/members/", "admin", _invitation),
]


# The pictures of the tour, by the name of the step; small ones, since the page has them all.
TOUR = [
    Shot("new-corpus", "/corpora/new/", "admin", _begun),
    Shot("members", f"{C}/members/", "admin"),
    Shot("releases", f"{C}/releases/", "admin"),
    Shot("queue", f"{C}/queue/", "bob"),
    Shot("review", f"{C}/documents/tidal-barrier-vote/review/", "bob", _surface),
    Shot("finish", f"{C}/documents/tidal-barrier-vote/review/", "bob", _finish),
    Shot("disputes", f"{C}/disputes/", "admin"),
    Shot("adjudicate", f"{C}/documents/bakery-strike/adjudicate/", "admin", _surface),
    Shot("agreement", f"{C}/agreement/", "admin"),
]


def main() -> None:
    """Make a site of its own, take the pictures, end the site."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", nargs="*", help="names of pages; all without it")
    parser.add_argument(
        "--full", action="store_true", help="the whole page instead of what fits the window"
    )
    parser.add_argument("--to", type=Path, default=FOLDER, help="folder (default docs/screenshots)")
    parser.add_argument("--tour", action="store_true", help="the pictures of the tour instead")
    options = parser.parse_args()
    wanted = [shot for shot in SHOTS if not options.only or shot.name in options.only]
    options.to.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as folder,
        _site(Path(folder)) as address,
        _browser() as browser,
    ):
        if options.tour:
            _take_tour(browser, address)
            return
        too_large = [name for name in _take(browser, address, wanted, options) if name]
    if too_large:
        sys.exit(f"over {LARGEST // 1000} kB: {', '.join(too_large)}")


def _take_tour(browser: Browser, address: str) -> None:
    people: dict[str, BrowserContext] = {}
    for shot in TOUR:
        if shot.user not in people:
            context = browser.new_context(base_url=address, **TOUR_LOOK)
            people[shot.user] = _signed_in(context, shot.user)
        page = people[shot.user].new_page()
        page.goto(shot.path)
        if shot.then:
            shot.then(page)
        picture = Image.open(io.BytesIO(page.screenshot(animations="disabled")))
        page.close()
        path = TOUR_FOLDER / f"{shot.name}.webp"
        picture.convert("RGB").resize(TOUR_SIZE, Image.Resampling.LANCZOS).save(path, quality=72)
        sys.stdout.write(f"{path.name} {path.stat().st_size // 1000} kB\n")


def _take(
    browser: Browser, address: str, wanted: list[Shot], options: argparse.Namespace
) -> Iterator[str]:
    for mode, look in MODES.items():
        people: dict[str, BrowserContext] = {}
        for shot in wanted:
            if shot.user not in people:
                people[shot.user] = _signed_in(
                    browser.new_context(base_url=address, **look), shot.user
                )
            page = people[shot.user].new_page()
            page.goto(shot.path)
            if shot.then:
                shot.then(page)
            path = options.to / f"{shot.name}-{mode}.png"
            picture = page.screenshot(full_page=options.full, animations="disabled")
            page.close()
            path.write_bytes(picture if len(picture) <= LARGEST else _smaller(picture))
            sys.stdout.write(f"{path.name} {path.stat().st_size // 1000} kB\n")
            yield path.name if path.stat().st_size > LARGEST and not options.full else ""


def _smaller(picture: bytes) -> bytes:
    """Return a picture in 256 colours, which can hardly be told from the full one."""
    packed = io.BytesIO()
    Image.open(io.BytesIO(picture)).convert("RGB").quantize(256).save(packed, "PNG", optimize=True)
    return packed.getvalue()


def _signed_in(context: BrowserContext, user: str) -> BrowserContext:
    if user:
        page = context.new_page()
        page.goto("/login/")
        page.fill("#id_username", user)
        page.fill("#id_password", PASSWORD)
        page.click("main button[type=submit]")
        page.wait_for_url("**/corpora/")
        page.close()
    return context


@contextmanager
def _browser() -> Iterator[Browser]:
    path = os.environ.get("CHROMIUM_PATH") or shutil.which("chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=path, args=["--no-sandbox", "--disable-gpu"]
        )
        yield browser
        browser.close()


@contextmanager
def _site(folder: Path) -> Iterator[str]:
    """Seed a database in the folder, let the cast work in it, serve it; yield its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    os.environ.update(
        DJANGO_SETTINGS_MODULE="annotator.settings",
        DATABASE_URL=f"sqlite:///{folder}/demo.sqlite3",
        SAIDBY_DATA=str(folder),
        SAIDBY_DEMO_PASSWORD=PASSWORD,
        SAIDBY_HOSTS="127.0.0.1",
        SAIDBY_MODELS=str(folder / "models"),
    )
    _pipeline(folder / "models" / "news")
    import django

    django.setup()
    from tools.demo import furnish

    furnish(PASSWORD)
    serve = [sys.executable, "manage.py", "serve", "--port", str(port)]
    with (folder / "serve.log").open("w") as log:
        server = subprocess.Popen(serve, cwd=ROOT, stdout=log, stderr=log)
    try:
        _wait(f"http://127.0.0.1:{port}/login/")
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(30)


def _pipeline(folder: Path) -> None:
    """Write a pipeline with labels of its own and a classifier, to be mapped on its page."""
    nlp = spacy.blank("en")
    rows = [{"label": label, "pattern": label} for label in ("PERSON", "ORG", "QUOTE", "DATE")]
    ruler: Any = nlp.add_pipe("entity_ruler")
    classifier: Any = nlp.add_pipe("textcat")
    for label in ("pro", "contra", "neither"):
        classifier.add_label(label)
    nlp.initialize()
    ruler.add_patterns(rows)
    folder.mkdir(parents=True)
    nlp.to_disk(folder)


def _wait(url: str) -> None:
    for _ in range(150):
        try:
            urllib.request.urlopen(url, timeout=2).close()
            return
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    sys.exit(f"nothing answers at {url}")


if __name__ == "__main__":
    main()
