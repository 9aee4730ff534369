"""The round of practice in the browser: guided, kept nowhere, left at any time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from annotator.models import Decision
from tests.browser.conftest import ready
from tests.browser.review import opened

pytestmark = pytest.mark.browser
HERE = "/corpora/harbour/practice/"


@pytest.fixture
def page(document: Any, bob: Any, sign_in: Callable[..., Page]) -> Page:
    page = sign_in("bob")
    page.goto("/corpora/harbour/queue/")
    page.click("text=Review the next document")
    page.wait_for_url(f"**{HERE}")
    return ready(page)


def test_three_items_are_done_by_their_keys_and_nothing_is_kept(page: Page) -> None:
    sent: list[str] = []
    page.on("request", lambda request: request.method == "POST" and sent.append(request.url))
    words = page.locator("#practice-words")
    expect(words).to_contain_text("Accept Enter takes all of it")
    # A wrong decision is told, and taken back.
    page.keyboard.press("x")
    expect(words).to_contain_text("This one was right as it stood. Undo z takes it back.")
    page.keyboard.press("z")
    page.keyboard.press("Enter")
    expect(page.locator("#practice-count")).to_have_text("2 of 3")
    page.keyboard.press("o")
    if page.text_content("#practice-count") == "2 of 3":
        page.keyboard.press("Enter")
    expect(page.locator("#practice-count")).to_have_text("3 of 3")
    expect(words).to_contain_text("Reject x")
    page.keyboard.press("x")
    expect(words).to_contain_text("That was all of it.")
    expect(page.locator("#save-state")).to_contain_text("nothing is saved")
    assert sent == [] and not Decision.objects.exists()
    page.keyboard.press("Control+Enter")
    page.wait_for_url("**/documents/sea-wall/review/")


def test_it_is_skipped_and_found_again_in_the_help(page: Page) -> None:
    page.click("text=Skip the practice")
    page.wait_for_url("**/documents/sea-wall/review/")
    ready(page)
    page.keyboard.press("?")
    page.click("dialog >> text=Practise on three prepared items")
    page.wait_for_url(f"**{HERE}")
    ready(page)
    page.click("text=Skip the practice")
    page.wait_for_url("**/queue/")
    opened(page)
    expect(page.locator("#practice-words")).to_have_count(0)


def test_axe_finds_nothing(page: Page) -> None:
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        found = Axe().run(page)
        assert found.violations_count == 0, found.generate_report()
    page.set_viewport_size({"width": 320, "height": 640})
    wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert page.evaluate(wide) <= 0
