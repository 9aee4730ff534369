"""Searching the text: matches whatever their case and accents, and the caret where the box is
left.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page

from corpus.core.span import LayerView
from tests.browser.review import drag, layer, opened, press, said, written
from tests.browser.test_access import clean

pytestmark = pytest.mark.browser

TEXT = (
    "İstanbul, Straße 😀: Zoë Lund spoke. ZOE was tired.\n\n"
    + "The harbour is old and the wall is older.\n\n" * 60
    + "In the end “zoe\u0308” left, said Ada Lund.\n"
)


@pytest.fixture
def page(corpus: Any, bob: Any, sign_in: Callable[..., Page], tmp_path: Any) -> Page:
    written(corpus, tmp_path, "long", TEXT, LayerView())
    return opened(sign_in("bob"), "long")


def search(page: Page, words: str) -> None:
    page.keyboard.press("Control+/")
    page.wait_for_selector("#text-search:not([hidden])")
    page.keyboard.type(words)


def count(page: Page) -> str:
    return page.text_content("#text-search-count") or ""


MARKED = """() => ["match-now", "match"].map((name) =>
  [...(CSS.highlights.get(name) ?? [])].map((range) => range.toString()))"""


def marked(page: Page) -> tuple[list[str], list[str]]:
    now, others = page.evaluate(MARKED)
    return now, others


def test_words_are_found_whatever_their_case_and_accents(page: Page) -> None:
    search(page, "zoe")
    assert count(page) == "1 of 3"
    assert marked(page) == (["Zoë"], ["ZOE", "zoe\u0308"])
    page.keyboard.press("ArrowDown")
    assert marked(page)[0] == ["ZOE"]
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    assert (count(page), marked(page)[0]) == ("3 of 3", ["zoe\u0308"])
    page.wait_for_function(
        """() => {
          const [range] = CSS.highlights.get("match-now");
          const { top, bottom } = range.getBoundingClientRect();
          return range.toString() && top > 60 && bottom < innerHeight;
        }"""
    )
    page.fill("#text-search-words", "strasse")
    assert (count(page), marked(page)) == ("1 of 1", (["Straße"], []))
    page.fill("#text-search-words", "nowhere")
    assert (count(page), marked(page)) == ("not found", ([], []))


def test_enter_marks_what_is_found_and_a_label_makes_it_a_span(page: Page) -> None:
    search(page, "zoe")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    assert page.locator("#text-search").is_hidden()
    assert marked(page) == ([], [])
    said(page, "Marked: ZOE.")
    (span,) = press(page, "1").spans.values()
    assert span.text(TEXT) == "ZOE"


def test_escape_leaves_the_caret_at_the_beginning_of_the_word(page: Page) -> None:
    search(page, "arbour")
    page.keyboard.press("Escape")
    assert page.locator("#text-search").is_hidden()
    said(page, "Caret at: harbour.")
    page.keyboard.press("Shift+ArrowRight")
    (span,) = press(page, "1").spans.values()
    assert span.text(TEXT) == "harbour"
    # The next search goes on from there.
    search(page, "the")
    assert count(page) == "2 of 121"


def test_the_mouse_does_it_too(page: Page) -> None:
    page.click("#search-text")
    page.keyboard.type("lund")
    page.click("#text-search-next")
    assert (count(page), marked(page)[0]) == ("2 of 2", ["Lund"])
    page.click("#text-search-previous")
    page.click("#text-search-take")
    page.click("#label-popup >> text=Speaker")
    press(page)
    (span,) = layer().spans.values()
    assert span.text(TEXT) == "Lund"
    page.click("#search-text")
    page.click("#text-search-leave")
    assert page.locator("#caret").is_visible()


def test_marked_words_are_searched_for_and_nothing_found_changes_nothing(page: Page) -> None:
    drag(page, "Lund")
    page.keyboard.press("Control+/")
    assert page.input_value("#text-search-words") == "Lund"
    assert count(page) == "1 of 2"
    page.fill("#text-search-words", "nowhere")
    page.keyboard.press("Escape")
    assert page.locator("#caret").is_hidden()
    assert press(page).spans == {}


def test_where_somebody_clicked_the_caret_starts(page: Page) -> None:
    x, y = page.evaluate(
        """() => {
          const range = document.createRange();
          const node = document.querySelector("#article p").firstChild;
          const at = node.data.indexOf("spoke");
          range.setStart(node, at + 2);
          range.setEnd(node, at + 3);
          const { left, top, height } = range.getBoundingClientRect();
          return [left, top + height / 2];
        }"""
    )
    page.mouse.click(x, y)
    page.keyboard.press("Space")
    said(page, "Caret at: spoke.")
    page.keyboard.press("ArrowRight")
    said(page, "ZOE")
    page.keyboard.press("Shift+ArrowRight")
    said(page, "Marked: ZOE.")


@pytest.mark.parametrize("width", [1440, 390])
def test_axe_finds_nothing_with_the_box_open(
    page: Page, sign_in: Callable[..., Page], width: int
) -> None:
    narrow = opened(sign_in("bob", width=width, height=844), "long")
    search(narrow, "zoe")
    for scheme in ("light", "dark"):
        narrow.emulate_media(color_scheme=scheme)
        clean(narrow)
    wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert narrow.evaluate(wide) <= 0
