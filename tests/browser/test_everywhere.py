"""All places of marked words, each proposed as a span that waits to be looked at."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page

from annotator.models import Decision
from corpus.core.span import LayerView
from tests.browser.conftest import ready
from tests.browser.review import drag, opened, press, said, written

pytestmark = pytest.mark.browser

TEXT = (
    "“The wall will not hold,” said Lund.\n\nLund spoke for Lund’s party, not for Lundby.\n\n"
    "Then LUND left.\n"
)
MANY = "Lund spoke.\n\n" * 24


@pytest.fixture
def page(corpus: Any, bob: Any, sign_in: Callable[..., Page], tmp_path: Any) -> Page:
    written(corpus, tmp_path, "lund", TEXT, LayerView())
    return opened(sign_in("bob"), "lund")


def words(view: LayerView, text: str = TEXT) -> list[str]:
    return [span.text(text) for span in view.in_order()]


def settled(page: Page) -> str:
    return page.text_content("#settled") or ""


def test_all_places_are_proposed_wait_and_are_taken_back_as_one(page: Page) -> None:
    drag(page, "Lund")
    assert page.text_content("#label-popup [data-action=everywhere]") == "⇧ a in all 3 places"
    press(page, "Shift+a")
    said(page, "All 3 places.")
    view = press(page, "1")
    assert words(view) == ["Lund"] * 3
    said(page, "2 more places to look at.")
    assert len({decision.group for decision in Decision.objects.all()}) == 1
    assert settled(page) == "2 unsettled · 1 of 3 settled"
    page.reload()
    ready(page)
    assert settled(page) == "2 unsettled · 1 of 3 settled"
    assert press(page, "z") == LayerView()
    assert words(press(page, "Shift+z")) == ["Lund"] * 3
    assert settled(page) == "2 unsettled · 1 of 3 settled"


def test_a_proposal_is_accepted_by_one_key_or_taken_away(page: Page) -> None:
    drag(page, "Lund")
    press(page, "Shift+a", "1", "Shift+ArrowDown")
    assert "not accepted" in (page.text_content(".claim-card.focused .badge") or "")
    press(page, "Enter")
    assert settled(page) == "1 unsettled · 2 of 3 settled"
    assert words(press(page, "x")) == ["Lund"] * 2
    assert settled(page) == "0 unsettled · 2 of 2 settled"
    press(page, "z", "z")
    assert settled(page) == "2 unsettled · 1 of 3 settled"


def test_a_review_is_not_handed_in_with_proposals_that_nobody_looked_at(page: Page) -> None:
    drag(page, "Lund")
    press(page, "Shift+a", "1", "Control+Enter")
    page.wait_for_selector("dialog")
    assert page.is_disabled("#submit-layer")
    page.click("dialog >> text=Go to the first")
    page.wait_for_selector("#queue [aria-current=true] >> text=S2")
    press(page, "Enter", "Enter", "Control+Enter")
    page.click("#submit-layer")
    page.wait_for_selector("dialog >> text=Submitted")


def test_of_the_span_in_hand_with_the_name_that_it_is_known_by(page: Page) -> None:
    drag(page, "Lund")
    press(page, "1")
    page.fill(".claim-card.focused [aria-label='name'] input", "Ada Lund")
    page.press(".claim-card.focused [aria-label='name'] input", "Tab")
    page.click(".claim-card.focused [data-action=everywhere]")
    view = press(page)
    assert words(view) == ["Lund"] * 3
    assert {span.attributes["name"] for span in view.spans.values()} == {"Ada Lund"}
    press(page, "Shift+a")
    said(page, "Lund: no other place without Speaker.")


def test_of_many_the_number_is_said_before(page: Page, corpus: Any, tmp_path: Any) -> None:
    written(corpus, tmp_path, "many", MANY, LayerView())
    opened(page, "many")
    drag(page, "Lund")
    page.click("#label-popup [data-action=everywhere]")
    page.click("#label-popup >> text=Speaker")
    page.wait_for_selector("dialog h2:text('This adds 23 spans')")
    page.click("dialog >> text=Cancel")
    assert press(page) == LayerView()
    page.keyboard.press("1")
    page.wait_for_selector("dialog")
    page.keyboard.press("Enter")
    page.wait_for_selector("dialog", state="detached")
    assert words(press(page), MANY) == ["Lund"] * 24
    assert settled(page) == "23 unsettled · 1 of 24 settled"
