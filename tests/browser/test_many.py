"""Suggestions found by label, confidence, rule and words, decided all at once, undone as one step,
and hidden.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from annotator.models import Decision
from corpus.core.span import Span, layer_view
from tests.browser.conftest import ready
from tests.browser.review import layer, opened, press, written

pytestmark = pytest.mark.browser


@pytest.fixture
def page(document: Any, bob: Any, sign_in: Callable[..., Page]) -> Page:
    found = opened(sign_in("bob"))
    found.click("#find-many")
    return found


def rows(page: Page) -> list[str]:
    return page.eval_on_selector_all(
        "#queue .cell-code", "all => all.map((one) => one.textContent)"
    )


def test_the_filters_narrow_the_queue(page: Page) -> None:
    assert len(rows(page)) == 6
    page.select_option("#find [name=label]", "CLAIM")
    assert rows(page) == ["C1", "C2", "C3"]
    page.fill("#find [name=below]", "80")
    assert rows(page) == ["C2", "C3"]
    page.fill("#find [name=words]", "BROKE")
    assert rows(page) == ["C3"]
    page.fill("#find [name=words]", "")
    page.fill("#find [name=below]", "")
    page.select_option("#find [name=rule]", "quotation")
    assert rows(page) == ["C1"]
    assert page.text_content("#find-count") == "1 suggestion"
    page.click("#find >> text=Close")
    assert page.locator("#find").is_hidden()
    assert rows(page) == ["C1", "C2", "C3"]


def test_escape_closes_it_from_its_fields_and_from_the_work(page: Page) -> None:
    page.fill("#find [name=words]", "broke")
    page.press("#find [name=words]", "Escape")
    assert page.locator("#find").is_hidden()
    assert rows(page) == ["C1", "C2", "C3"]
    # The keys work on at once, from the queue.
    page.keyboard.press("Shift+l")
    page.locator("#queue .queue-row").first.click()
    page.keyboard.press("Escape")
    assert page.locator("#find").is_hidden()
    assert page.evaluate("document.activeElement.matches('#queue .queue-row')")


def test_all_found_are_accepted_and_taken_back_in_one_step(page: Page) -> None:
    page.select_option("#find [name=label]", "CLAIM")
    page.fill("#find [name=above]", "70")
    page.click("#find >> text=Accept all")
    view = press(page)
    assert {s.ident for s in view.spans.values() if s.label == "CLAIM"} == {1, 4}
    assert len({d.group for d in Decision.objects.all()}) == 1
    assert page.text_content("#find-count") == "0 suggestions"
    page.wait_for_function(
        "() => document.querySelector('#status').textContent.startsWith('2 accepted')"
    )
    page.reload()
    ready(page)
    assert press(page, "z").spans == {}
    assert page.text_content("#settled") == "3 unsettled · 0 of 3 settled"


@pytest.fixture
def crowded(corpus: Any, bob: Any, sign_in: Callable[..., Page], tmp_path: Any) -> Page:
    """Seventeen speakers are found, of whom twelve are sure."""
    text = ""
    spans = []
    for ident in range(1, 18):
        start = len(text)
        text += f"Name{ident}"
        score = 0.95 if ident <= 12 else 0.6
        spans.append(Span(ident, "SPEAKER", start, len(text), score=score))
        text += " "
    written(corpus, tmp_path, "crowded", f"{text}spoke.", layer_view(spans, []))
    page = opened(sign_in("bob"), "crowded")
    page.click("#find-many")
    return page


def test_accepting_more_than_ten_asks_first_and_offers_the_sure_ones(crowded: Page) -> None:
    crowded.click("#find >> text=Accept all")
    box = crowded.locator("dialog")
    expect(box).to_contain_text("Accept 17 suggestions at once?")
    expect(box.get_by_role("button", name="Accept all 17")).to_be_visible()
    expect(box.get_by_role("button", name="Only the 12 at 90 % and more")).to_be_focused()
    crowded.keyboard.press("Escape")
    expect(box).to_have_count(0)
    assert not Decision.objects.exists()
    crowded.click("#find >> text=Accept all")
    crowded.keyboard.press("Enter")
    assert set(press(crowded).spans) == set(range(1, 13))
    # Five are left: so few need no question.
    crowded.click("#find >> text=Accept all")
    assert len(press(crowded).spans) == 17


def test_where_none_is_surer_than_the_rest_the_question_begins_at_no(crowded: Page) -> None:
    crowded.fill("#find [name=above]", "90")
    crowded.click("#find >> text=Accept all")
    expect(crowded.locator("dialog button:has-text('Only')")).to_have_count(0)
    expect(crowded.get_by_role("button", name="Cancel")).to_be_focused()
    crowded.click("dialog >> text=Accept all 12")
    assert len(press(crowded).spans) == 12
    assert len({decision.group for decision in Decision.objects.all()}) == 1


def test_all_found_are_rejected_and_taken_back_in_one_step(page: Page) -> None:
    page.fill("#find [name=below]", "75")
    page.click("#find >> text=Reject all")
    assert press(page).rejected == {3, 6}
    page.click("#undo")
    assert press(page).rejected == frozenset()


def test_what_lacks_something_is_told_and_waits(page: Page) -> None:
    page.select_option("#find [name=label]", "SPEAKER")
    page.click("#find >> text=Reject all")
    press(page)
    page.select_option("#find [name=label]", "CLAIM")
    page.click("#find >> text=Accept all")
    press(page)
    page.wait_for_function(
        "() => document.querySelector('#status').textContent.includes('3 of them lack something')"
    )
    page.click("#find >> text=Close")
    assert page.text_content("#settled") == "3 unsettled · 3 of 6 settled"


def test_hidden_suggestions_are_out_of_the_text_but_not_out_of_the_work(page: Page) -> None:
    page.click("#find >> text=Close")
    page.click("#hide-suggested")
    assert page.locator("#article [data-state=suggested]:not(.focused)").count() == 0
    assert page.locator(".claim-card:not(.focused)").count() == 0
    assert len(rows(page)) == 3
    press(page, "Enter")
    assert layer(page).targets_of(1)
