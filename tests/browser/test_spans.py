"""Claims in pieces, inside one another, across one another and over paragraphs; texts from right to
left.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page

from corpus.core.span import Span, layer_view
from tests.acts import add_document, find
from tests.browser.review import drag, layer, opened, press, written

pytestmark = pytest.mark.browser

TEXT = (
    "“You can burn a roof,” said Maric, “but you cannot burn a paragraph.”\n\n"
    "“He stood behind me and he said: ‘Slower, Agata.’ Then he left.”\n\n"
    "“It began with a leak.\n\n"
    "“It went on with a flood.\n\n"
    "“It ended in court,” the clerk said.\n"
)


def claim(ident: int, words: str, **more: Any) -> Span:
    attributes = {"kind": "direct", "stance": "unclear", "speaker_state": "unknown"}
    return Span(ident, "CLAIM", *find(words, TEXT), score=0.9, attributes=attributes, **more)


@pytest.fixture
def page(corpus: Any, bob: Any, sign_in: Callable[..., Page], tmp_path: Any) -> Page:
    outer = claim(2, "“He stood behind me and he said: ‘Slower, Agata.’ Then he left.”")
    spans = [claim(1, "“You can burn a roof,”"), outer, claim(3, "‘Slower, Agata.’")]
    written(corpus, tmp_path, "pieces", TEXT, layer_view(spans, []))
    return opened(sign_in("bob"), "pieces")


def pieces(page: Page, ident: int) -> list[str]:
    found = layer(page).spans[ident]
    return [TEXT[a:b] for a, b in found.fragments or ((found.start, found.end),)]


def test_a_piece_is_joined_and_taken_away_and_both_are_undone(page: Page) -> None:
    drag(page, "“but you cannot burn a paragraph.”")
    page.click("#label-popup >> text=part of C1")
    press(page)
    assert pieces(page, 1) == ["“You can burn a roof,”", "“but you cannot burn a paragraph.”"]
    assert page.locator("#article [data-span='1']").count() == 2
    assert page.get_attribute("#article [data-span='1'] >> nth=1", "data-tag") == "…C1"
    assert "2 pieces" in (page.text_content(".claim-card.focused") or "")
    drag(page, "“but you cannot burn a paragraph.”")
    page.click("#label-popup >> text=not part of C1")
    press(page)
    assert pieces(page, 1) == ["“You can burn a roof,”"]
    press(page, "z")
    assert len(pieces(page, 1)) == 2
    press(page, "z")
    assert layer(page).spans == {}


def test_words_in_the_middle_are_cut_out(page: Page) -> None:
    drag(page, "can burn")
    press(page, "Shift+p")
    assert pieces(page, 1) == ["“You", "a roof,”"]


def test_an_edge_of_a_discontinuous_claim_stays_in_its_piece(page: Page) -> None:
    drag(page, "“but you cannot burn a paragraph.”")
    press(page, "p")
    press(page, *["ArrowLeft"] * 12)
    assert pieces(page, 1) == ["“You can burn a roof,”", "“but"]


def test_nested_claims_have_lanes_of_their_own_and_a_click_goes_outwards(page: Page) -> None:
    lanes = page.evaluate(
        """['2', '3'].map((id) => document.querySelector(`#article [data-span='${id}']`))
          .map((one) => getComputedStyle(one).getPropertyValue("--lane"))"""
    )
    assert lanes == ["1", "0"]
    inner = page.locator("#article [data-span='3']")
    inner.click()
    assert page.text_content(".claim-card.focused .code") == "C3"
    assert "inside C2" in (page.text_content(".claim-card.focused .card-notes") or "")
    inner.click()
    assert page.text_content(".claim-card.focused .code") == "C2"
    page.wait_for_function(
        "() => document.querySelector('#status').textContent.startsWith('Claim C2')"
    )


def test_overlapping_claims_both_keep_their_words(page: Page) -> None:
    drag(page, "roof,” said Maric, “but")
    view = press(page, "2")
    (added,) = view.spans.values()
    assert added.text(TEXT) == "roof,” said Maric, “but"
    painted = page.evaluate(
        "(id) => [...document.querySelectorAll(`#article [data-span='${id}']`)]"
        ".map((one) => one.textContent).join('')",
        str(added.ident),
    )
    assert painted == "roof,” said Maric, “but"
    assert page.text_content("#article p") == TEXT.split("\n")[0]


def test_a_claim_over_three_paragraphs_goes_on_in_each(page: Page) -> None:
    page.click("#article p:nth-of-type(5)", position={"x": 4, "y": 12})
    start, end = page.evaluate(
        """() => {
          const [first, last] = [5, 9].map(
            (n) => document.querySelector(`#article p:nth-of-type(${n})`));
          document.getSelection().setBaseAndExtent(
            first.firstChild, 0, last.firstChild, "“It ended in court,”".length);
          const box = last.getBoundingClientRect();
          return [box.left, box.top];
        }"""
    )
    page.dispatch_event("#article p:nth-of-type(9)", "pointerup")
    page.wait_for_selector("#label-popup:not([hidden])")
    assert start >= 0 and end > 0
    (added,) = press(page, "2").spans.values()
    whole = TEXT[TEXT.index("“It began") : TEXT.index(" the clerk")]
    assert added.text(TEXT) == whole
    found = f"#article [data-span='{added.ident}']"
    tags = page.eval_on_selector_all(found, "all => all.map((one) => one.dataset.tag)")
    assert tags[0].startswith("C") and tags[1:] == ["…" + tags[0]] * 2
    assert "over paragraphs" in (page.text_content(".claim-card.focused") or "")


def test_a_text_from_right_to_left_is_laid_out_and_moved_in_its_own_direction(
    corpus: Any, bob: Any, sign_in: Callable[..., Page], tmp_path: Any
) -> None:
    corpus.language = "he"
    corpus.save()
    text = "אמר דוד כי הכול בסדר היום.\n"
    add_document(corpus, tmp_path, "rtl", text)
    page = opened(sign_in("bob"), "rtl")
    assert (
        page.evaluate("getComputedStyle(document.querySelector('#article p')).direction") == "rtl"
    )
    box = page.locator("#article p >> nth=0").bounding_box()
    first = page.evaluate(
        """() => {
        const node = document.querySelector("#article p").firstChild;
        const range = document.createRange();
        range.setStart(node, 0);
        range.setEnd(node, 3);
        const { left, right } = range.getBoundingClientRect();
        return { left, right }; }"""
    )
    assert box and first["right"] > box["x"] + box["width"] - 60
    drag(page, "דוד")
    (name,) = press(page, "1").spans.values()
    assert name.text(text) == "דוד"
    # The left arrow goes on in the text, as the eye sees it.
    assert press(page, "ArrowLeft").spans[name.ident].text(text) == "דוד כי"
    assert press(page, "ArrowRight").spans[name.ident].text(text) == "דוד"
    sheet = page.locator(".claim-card.focused").bounding_box()
    assert sheet and sheet["x"] > box["x"]
