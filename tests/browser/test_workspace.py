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


def bar(page: Page) -> list[str]:
    """Return what the key bar shows in the window as it is."""
    return page.evaluate(
        """() => {
          const bar = document.querySelector("#key-bar");
          const inside = bar.getBoundingClientRect();
          const isSeen = (node) => {
            const box = node.getBoundingClientRect();
            const list = node.closest(".key-list")?.getBoundingClientRect() ?? inside;
            return box.top < list.bottom - 1;
          };
          const seen = [...bar.querySelectorAll("button")].filter(isSeen);
          for (const node of seen) {
            const box = node.getBoundingClientRect();
            if (box.left < inside.left || box.right > inside.right + 0.5) return ["cut off"];
          }
          return seen.map((node) => node.innerText.replace(/\\s+/gu, " ").trim());
        }"""
    )


def test_the_key_bar_shows_the_keys_of_what_is_in_hand(page: Page) -> None:
    shown = bar(page)
    assert shown[:2] == ["Enter accept, next", "x reject"]
    assert "l speaker" in shown and "u o n m i stance" in shown and "p kind" in shown
    assert shown[-1] == "? all keys"
    page.click("#key-bar >> text=stance")
    expect(page.locator("dialog h2")).to_have_text("C1: stance")
    page.keyboard.press("Escape")
    # A speaker has no stance.
    page.keyboard.press(".")
    assert not [words for words in bar(page) if "stance" in words]
    assert bar(page)[-1] == "? all keys"


@pytest.mark.parametrize(("width", "height"), [(1440, 900), (390, 844), (720, 450), (320, 640)])
def test_the_key_bar_never_overflows(page: Page, width: int, height: int) -> None:
    page.set_viewport_size({"width": width, "height": height})
    for keys in ([], ["l"], ["Escape", "Space", "Shift+ArrowRight"]):
        for key in keys:
            page.keyboard.press(key)
        shown = bar(page)
        assert shown[-1] == "? all keys" and len(shown) > 1
        assert page.locator("#key-bar").evaluate("node => node.scrollWidth <= node.clientWidth")
