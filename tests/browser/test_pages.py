"""Every page: nothing for axe to find, nothing sideways on a small screen, in light and dark."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.annotator.test_adjudicate import shorter, submit_as
from tests.browser.conftest import ready
from tests.conftest import add_document

pytestmark = pytest.mark.browser
C = "/corpora/harbour"
PAGES = [
    ("alice", "/corpora/"),
    ("alice", f"{C}/"),
    ("alice", f"{C}/documents/"),
    ("alice", f"{C}/documents/?query=zzz"),
    ("alice", f"{C}/guideline/"),
    ("alice", f"{C}/disputes/"),
    ("alice", f"{C}/disputes/?kind=missing"),
    ("alice", f"{C}/documents/sea-wall/adjudicate/"),
    ("bob", f"{C}/"),
    ("bob", f"{C}/documents/sea-wall/review/"),
    ("bob", f"{C}/documents/second/review/"),
    ("bob", f"{C}/disputes/"),
    ("bob", f"{C}/documents/nowhere/review/"),
    ("dave", "/corpora/"),
]


@pytest.fixture
def site(document: Any, alice: Any, bob: Any, carol: Any, dave: Any, tmp_path: Any) -> None:
    document.corpus.guideline = "# Guideline\n\n## CLAIM\n\nWhat is said. <script>alert(1)</script>"
    document.corpus.save()
    submit_as(document, bob)
    submit_as(document, carol, change=shorter)
    add_document(document.corpus, tmp_path, "second", "Second article\n\n“Yes,” said Ann.")


@pytest.mark.parametrize(("name", "path"), PAGES)
def test_axe_finds_nothing_and_nothing_scrolls_sideways(
    site: None, sign_in: Callable[..., Page], name: str, path: str
) -> None:
    page = sign_in(name)
    refused = ("/disputes/" in path and name == "bob") or "nowhere" in path
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        page.set_viewport_size({"width": 1440, "height": 900})
        page.goto(path)
        if path.endswith(("/review/", "/adjudicate/")) and not refused:
            ready(page)
        found = Axe().run(page)
        assert found.violations_count == 0, found.generate_report()
    page.set_viewport_size({"width": 320, "height": 640})
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0
