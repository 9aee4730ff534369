"""The review page under a finger: no mouse, no keyboard."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.acts import TEXT
from tests.browser.conftest import saved, session
from tests.browser.review import layer, opened

pytestmark = pytest.mark.browser


@pytest.fixture
def page(
    document: Any, bob: Any, browser: Browser, live_server: Any, transactional_db: None
) -> Iterator[Page]:
    context = browser.new_context(
        viewport={"width": 390, "height": 844},
        base_url=live_server.url,
        has_touch=True,
        is_mobile=True,
    )
    context.add_cookies([session("bob", live_server.url)])
    page = context.new_page()
    page.set_default_timeout(10_000)
    yield opened(page)
    context.close()


SELECT = """(words) => {
  for (const paragraph of document.querySelectorAll("#article p")) {
    const walk = document.createTreeWalker(paragraph, NodeFilter.SHOW_TEXT);
    for (let node; (node = walk.nextNode()); ) {
      const at = node.data.indexOf(words);
      if (at >= 0) return getSelection().setBaseAndExtent(node, at, node, at + words.length);
    }
  }
}"""


def press_long(page: Page, words: str) -> None:
    """Select as a browser does under a finger: with no event but that of the selection."""
    page.locator("h1").tap()
    page.evaluate(SELECT, words)


def test_a_long_press_selects_a_word_and_the_label_is_one_tap(page: Page) -> None:
    press_long(page, "Opposition")
    popup = page.locator("#label-popup")
    expect(popup).to_be_visible()
    popup.locator("[data-action=add][data-arg=SPEAKER]").tap()
    saved(page)
    added = [(span.label, span.text(TEXT)) for span in layer().spans.values()]
    assert ("SPEAKER", "Opposition") in added


def test_what_is_pressed_is_44_pixels_and_names_no_key(page: Page) -> None:
    small = page.evaluate(
        """() => [...document.querySelectorAll("button, a.brand ~ a, input, select, .queue-row")]
          .filter((node) => node.checkVisibility() && node.getBoundingClientRect().width)
          .map((node) => [node, node.getBoundingClientRect()])
          .filter(([, box]) => Math.min(box.width, box.height) < 44)
          .map(([node, box]) => `${node.outerHTML.slice(0, 80)} ${box.width} x ${box.height}`)"""
    )
    assert small == []
    assert page.locator("kbd:visible").count() == 0
    expect(page.locator("#key-bar")).to_be_hidden()


def test_the_sheet_covers_at_most_half(page: Page) -> None:
    for width, height in ((390, 844), (320, 568), (844, 390)):
        page.set_viewport_size({"width": width, "height": height})
        box = page.locator("#cards").bounding_box()
        assert box is not None
        assert box["height"] <= height / 2
        assert box["y"] + box["height"] <= height + 1


def test_axe_finds_nothing_under_a_finger(page: Page) -> None:
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
