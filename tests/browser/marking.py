"""What keys do about words of the text: searching them, and marking all their places."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page

from tests.acts import TEXT
from tests.browser.review import drag, layer, press


def search_text(page: Page, before: Callable[[Page], Any] = lambda page: None) -> None:
    before(page)
    page.keyboard.press("Control+/")
    page.fill("#text-search-words", "OKAFOR")
    assert page.text_content("#text-search-count") == "1 of 1"
    page.keyboard.press("Enter")
    assert page.evaluate("document.getSelection().toString()") == "Okafor"


def everywhere(page: Page, mark: Callable[[Page], Any]) -> None:
    """Mark both places of a word."""
    mark(page)
    press(page, "Shift+a", "3")
    assert [s.text(TEXT) for s in layer(page).spans.values()] == ["that", "that"]


def everywhere_by_caret(page: Page) -> None:
    page.keyboard.press("Control+/")
    page.fill("#text-search-words", "that")
    page.keyboard.press("Enter")


def everywhere_of_span(page: Page) -> None:
    drag(page, "that")
    press(page, "3")
    assert len(press(page, "Shift+a").spans) == 2
