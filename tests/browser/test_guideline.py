"""The guideline beside the text while one reviews."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.conftest import ready
from tests.browser.review import focused, opened, press

pytestmark = pytest.mark.browser

TEXT = "# Guideline\n\n## SPEAKER\n\n" + "Who says it. " * 200 + "\n\n## CLAIM\n\nWhat is said."


@pytest.fixture
def page(document: Any, bob: Any, sign_in: Callable[..., Page]) -> Page:
    document.corpus.guideline = TEXT
    document.corpus.save()
    return opened(sign_in("bob"))


def box(page: Page, selector: str) -> dict[str, float]:
    found = page.locator(selector).bounding_box()
    assert found is not None
    return dict(found)


def test_it_stays_open_beside_the_text_and_follows_the_label_in_hand(page: Page) -> None:
    pane = page.locator("#guideline-pane")
    page.keyboard.press("g")
    expect(pane.locator(".current")).to_have_text("CLAIM")
    expect(pane.locator(".current")).to_be_in_viewport()
    text, beside = box(page, "#text-pane"), box(page, "#guideline-pane")
    assert text["x"] + text["width"] <= beside["x"] + 1
    # The keys work on, and what is in hand chooses the section.
    assert set(press(page, "Enter").spans) == {1, 2}
    assert focused(page) == "C2"
    page.keyboard.press(".")
    expect(pane.locator(".current")).to_have_text("SPEAKER")
    page.reload()
    ready(page)
    expect(pane).to_be_visible()
    page.keyboard.press("g")
    expect(pane).to_be_hidden()
    page.reload()
    ready(page)
    expect(pane).to_be_hidden()


def test_it_is_reached_by_f6_and_left_by_escape(page: Page) -> None:
    page.keyboard.press("g")
    for _ in range(3):
        page.keyboard.press("F6")
    expect(page.locator("#guideline-text")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("#guideline-pane")).to_be_hidden()
    assert set(press(page, "Enter").spans) == {1, 2}


@pytest.mark.parametrize("width", [1440, 1200, 1000, 390])
def test_axe_finds_nothing_and_nothing_scrolls_sideways(page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 844})
    page.click("#guideline-toggle")
    expect(page.locator("#guideline-pane")).to_be_visible()
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        found = Axe().run(page)
        assert found.violations_count == 0, found.generate_report()
    wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert page.evaluate(wide) <= 0
    page.click("#guideline-pane >> text=✕")
    expect(page.locator("#guideline-pane")).to_be_hidden()
