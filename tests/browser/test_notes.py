"""Comments on an item and flags for the guideline: what the page sends, shows, and keeps when it
cannot be sent.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page

from annotator.models import Comment, Flag
from annotator.services import notes
from tests.browser.review import layer, opened, said

pytestmark = pytest.mark.browser


@pytest.fixture
def page(document: Any, bob: Any, sign_in: Callable[..., Page]) -> Page:
    document.corpus.guideline = (
        "# Guideline\n\n## Claims\n\nWhat is said.\n\n## Speakers\n\nWho says it."
    )
    document.corpus.save()
    return opened(sign_in("bob"))


def test_a_comment_is_sent_and_shown_with_those_before_it(
    page: Page, document: Any, bob: Any
) -> None:
    notes.comment(document, by=bob, subject=1, body="Where does it end?")
    notes.comment(document, by=bob, subject=4, body="Not this one.")
    page.keyboard.press("c")
    page.wait_for_selector("dialog li:has-text('Where does it end?')")
    assert page.locator("dialog li").count() == 1
    page.keyboard.press("Control+Enter")
    page.wait_for_selector("dialog [role=alert]:text('A comment needs words.')")
    page.keyboard.type("At the comma, I think. x u")
    page.keyboard.press("Control+Enter")
    said(page, "Comment on C1 saved.")
    kept = Comment.objects.order_by("-pk")[0]
    assert (kept.ident, kept.body) == (1, "At the comma, I think. x u")
    assert page.evaluate("document.activeElement.id") == "row-1"
    page.click(".claim-card.focused >> text=comment")
    page.wait_for_selector("dialog li:has-text('At the comma')")


def test_a_comment_that_cannot_be_sent_stays_where_it_was_written(page: Page) -> None:
    page.route("**/comments/", lambda route: route.abort())
    page.keyboard.press("c")
    page.fill("dialog textarea", "Nobody hears this.")
    page.click("dialog >> text=Comment >> nth=-1")
    page.wait_for_selector("dialog [role=alert]:has-text('cannot be reached')")
    assert page.input_value("dialog textarea") == "Nobody hears this."


def test_a_flag_names_the_section_and_the_item_is_saved_before(page: Page) -> None:
    page.keyboard.press("u")
    page.keyboard.press("Shift+g")
    page.select_option("dialog select", label="Speakers")
    page.fill("dialog textarea", "Is a report a speaker?")
    page.click("dialog button[type=submit]")
    said(page, "C1 flagged for the guideline.")
    kept = Flag.objects.values_list("ident", "section", "note")
    assert list(kept) == [(1, "speakers", "Is a report a speaker?")]
    assert layer(page).spans[1].attributes["stance"] == "support"
