"""The review page around the work: header, queue, key bar, and the guideline beside it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.review import opened

pytestmark = pytest.mark.browser

# Not among the rules that axe runs by itself: what is read out begins as what is seen.
NAMES = {"runOnly": {"type": "rule", "values": ["label-content-name-mismatch"]}}
NAMES["rules"] = {"label-content-name-mismatch": {"enabled": True}}  # type: ignore[assignment]


@pytest.fixture
def page(document: Any, bob: Any, sign_in: Callable[..., Page]) -> Page:
    return opened(sign_in("bob"))


def test_the_header_names_the_document_by_its_title(page: Page) -> None:
    assert page.text_content(".topbar-title") == "Sea wall vote 😀"


def test_what_is_read_out_of_a_button_is_what_is_seen(page: Page) -> None:
    found = Axe().run(page, options=NAMES)
    assert found.violations_count == 0, found.generate_report()
    expect(page.get_by_role("button", name="Undo z")).to_have_count(1)


def test_a_row_of_the_queue_shows_two_lines_of_a_long_claim(page: Page) -> None:
    words = page.locator("#queue .queue-row .cell-text > span").first
    lines = words.evaluate(
        "node => node.clientHeight / parseFloat(getComputedStyle(node).lineHeight)"
    )
    assert round(lines) == 2
