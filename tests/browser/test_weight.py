"""What the review page costs to open, and that a key costs the same on a long article."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.browser.review import layer, opened, press, written
from tools.longread import longread

pytestmark = pytest.mark.browser


@pytest.fixture
def page(bob: Any, sign_in: Callable[..., Page]) -> Page:
    return sign_in("bob")


def test_an_article_opens_in_at_most_six_requests_and_150_kilobytes(
    corpus: Any, page: Page, tmp_path: Any
) -> None:
    written(corpus, tmp_path, "article", *longread(600, 25))
    client = page.context.new_cdp_session(page)
    client.send("Network.enable")
    client.send("Network.setCacheDisabled", {"cacheDisabled": True})
    transferred: list[int] = []
    client.on(
        "Network.loadingFinished", lambda event: transferred.append(event["encodedDataLength"])
    )
    opened(page, "article")
    page.wait_for_timeout(300)
    assert 3 <= len(transferred) <= 6
    assert 20_000 < sum(transferred) <= 150_000


def test_the_whole_text_of_a_book_is_in_the_page_and_only_what_is_near_is_cut(
    corpus: Any, page: Page, tmp_path: Any
) -> None:
    text, view = longread(100_000, 5_000)
    written(corpus, tmp_path, "book", text, view)
    opened(page, "book")
    paragraphs = page.eval_on_selector_all("#article p", "all => all.map((one) => one.textContent)")
    assert "\n".join(paragraphs) == text
    assert page.locator("#article *").count() < 8_000
    assert page.locator("#queue [role=row]").count() < 100
    assert page.get_attribute("#queue", "aria-rowcount") == "2500"
    assert page.evaluate("document.querySelectorAll('.claim-card').length") < 60

    # A key touches the paragraphs of its span and the rows and cards that say something else now,
    # nothing more.
    page.evaluate(
        """() => {
          window.touched = new Set();
          new MutationObserver((all) => all.forEach((one) => window.touched.add(one.target)))
            .observe(document.querySelector("#article"), { childList: true, subtree: true });
        }"""
    )
    press(page, "Enter")
    assert 1 <= page.evaluate("[...window.touched].filter((node) => node.matches('p')).length") <= 6
    first = min(
        (span for span in view.spans.values() if span.label == "CLAIM"),
        key=lambda span: (span.start, -span.end),
    )
    assert set(layer(page).spans) == {
        first.ident,
        *(speaker.ident for speaker in view.targets_of(first.ident)),
    }

    page.keyboard.press("Shift+ArrowUp")
    last = max(view.spans.values(), key=lambda span: (span.label == "CLAIM", span.start)).ident
    page.wait_for_selector(f"#article [data-span='{last}'].focused")
    assert page.locator("#article *").count() < 8_000

    # A part has no row: the queue stays where it is.
    rows = page.eval_on_selector_all("#queue [role=row]", "all => all.map((one) => one.id)")
    page.keyboard.press(",")
    page.wait_for_selector(f"#article [data-span]:not([data-span='{last}']).focused")
    focus = page.evaluate("document.activeElement.id")
    assert page.locator("#queue [aria-current=true]").count() == 0
    assert focus == f"row-{last}"
    after = page.eval_on_selector_all("#queue [role=row]", "all => all.map((one) => one.id)")
    assert after == rows
