"""The network goes, the tab is closed, the session ends, a second window opens: no decision is
lost, none twice.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from playwright.sync_api import Page

from annotator.models import Decision
from annotator.services import removal
from tests.acts import PASSWORD
from tests.browser.conftest import ready, saved
from tests.browser.review import REVIEW, focused, layer, opened, press

pytestmark = pytest.mark.browser


@pytest.fixture
def page(document: Any, bob: Any, sign_in: Callable[..., Page]) -> Page:
    return opened(sign_in("bob"))


def once() -> None:
    """Every decision that was made stands in the log, and stands there once."""
    log = list(Decision.objects.order_by("seq").values_list("seq", "client_id"))
    assert [seq for seq, _ in log] == list(range(1, len(log) + 1))
    assert len({client for _, client in log}) == len(log)


def test_five_minutes_without_a_network(page: Page) -> None:
    press(page, "Enter")
    page.clock.install()
    page.context.set_offline(True)
    page.keyboard.press("Enter")
    page.keyboard.press("u")
    page.clock.run_for(1000)
    page.wait_for_selector("#save-state[data-save=offline]")
    for _ in range(10):
        page.clock.run_for(30_000)
    page.keyboard.press("x")
    assert "Offline — " in (page.text_content("#save-state") or "")
    assert "kept on this computer" in (page.text_content("#save-alert") or "")
    page.context.set_offline(False)
    page.evaluate("window.dispatchEvent(new Event('online'))")
    page.clock.run_for(31_000)
    page.wait_for_selector("#save-state[data-save=saved]")
    view = layer(page)
    assert {1, 4} <= set(view.spans) and view.rejected == {6}
    once()


def test_a_tab_closed_offline_sends_when_the_document_is_opened_again(page: Page) -> None:
    page.context.set_offline(True)
    page.keyboard.press("Enter")
    page.keyboard.press("x")
    page.wait_for_selector("#save-state[data-save=offline]")
    context = page.context
    page.close()
    assert not Decision.objects.exists()
    context.set_offline(False)
    again = context.new_page()
    again.goto(REVIEW)
    ready(again)
    assert again.text_content("#settled") == "1 unsettled · 2 of 3 settled"
    saved(again)
    view = layer(again)
    assert set(view.spans) == {1, 2} and view.rejected == {4}
    once()
    assert press(again, "z").rejected == frozenset()


def test_a_lost_answer_is_not_written_twice(page: Page) -> None:
    lost = []

    def swallow(route: Any) -> None:
        route.fetch()
        lost.append(route.request.post_data_json)
        route.abort()

    page.route("**/decisions/", swallow, times=1)
    page.keyboard.press("Enter")
    page.wait_for_selector("#save-state[data-save=offline]")
    assert Decision.objects.count() == 3
    page.wait_for_selector("#save-state[data-save=saved]")
    assert len(lost) == 1 and Decision.objects.count() == 3
    once()


def sign_in_again(page: Page, name: str) -> None:
    with page.expect_popup() as popup:
        page.click("#save-state a")
    login = popup.value
    login.fill("#id_username", name)
    login.fill("#id_password", PASSWORD)
    login.click("main button[type=submit]")
    login.wait_for_url("**/corpora/")
    login.close()


def test_a_session_that_ended_is_told_and_nothing_is_lost(page: Page) -> None:
    press(page, "Enter")
    Session.objects.all().delete()
    page.keyboard.press("Enter")
    page.wait_for_selector("#save-state[data-save=signed-out]")
    assert "Signed out — sign in to save (nothing lost)" in (page.text_content("#save-state") or "")
    assert page.text_content("#save-alert")
    page.keyboard.press("x")
    assert Decision.objects.count() == 3
    sign_in_again(page, "bob")
    page.evaluate("window.dispatchEvent(new Event('focus'))")
    page.wait_for_selector("#save-state[data-save=saved]")
    view = layer(page)
    assert {1, 4} <= set(view.spans) and view.rejected == {6}
    once()


def test_what_one_did_is_never_saved_as_anothers(page: Page, carol: Any) -> None:
    Session.objects.all().delete()
    page.keyboard.press("Enter")
    page.wait_for_selector("#save-state[data-save=signed-out]")
    sign_in_again(page, "carol")
    page.context.new_page().goto(REVIEW)
    with page.expect_response("**/decisions/") as answer:
        page.evaluate("window.dispatchEvent(new Event('focus'))")
    assert answer.value.status == 403
    page.wait_for_selector("#save-state[data-save=signed-out]")
    assert not Decision.objects.exists()


def test_a_second_window_reads_until_it_takes_over(page: Page) -> None:
    press(page, "Enter")
    second = page.context.new_page()
    second.goto(REVIEW)
    ready(second)
    second.wait_for_selector("#elsewhere >> text=another window")
    second.keyboard.press("x")
    second.wait_for_function(
        "() => document.querySelector('#status').textContent.includes('Read only')"
    )
    assert layer(page).rejected == frozenset()

    # What the first still does is there when the second takes over.
    page.keyboard.press("Enter")
    second.click("text=Take over here")
    second.wait_for_selector("#elsewhere", state="hidden")
    assert second.text_content("#settled") == "1 unsettled · 2 of 3 settled"
    page.wait_for_selector("#elsewhere >> text=taken this document over")
    second.bring_to_front()
    second.keyboard.press("Shift+ArrowDown")
    assert press(second, "x").rejected == {6}
    page.keyboard.press("u")
    assert layer(page).rejected == {6}

    # And back again, when the second is closed.
    second.close()
    page.wait_for_selector("#elsewhere", state="hidden")
    assert page.text_content("#settled") == "0 unsettled · 3 of 3 settled"
    assert press(page, "z").rejected == frozenset()
    once()


def elsewhere(page: Page, key: str) -> None:
    """Decide on another computer: the same reviewer in a browser of its own."""
    there = page.context.browser.new_context(base_url=page.url.split("/corpora")[0])  # type: ignore[union-attr]
    there.add_cookies(page.context.cookies())  # type: ignore[arg-type]
    other = there.new_page()
    other.goto(REVIEW)
    ready(other)
    press(other, key)
    there.close()


def test_a_stale_version_takes_in_what_was_done_elsewhere(page: Page) -> None:
    elsewhere(page, "Enter")
    assert focused(page) == "C1"
    page.keyboard.press("Shift+ArrowDown")
    view = press(page, "x")
    assert set(view.spans) == {1, 2} and view.rejected == {4}
    assert page.text_content("#settled") == "1 unsettled · 2 of 3 settled"
    once()


@pytest.mark.parametrize(("key", "stance"), [("1", "support"), ("2", "neutral")])
def test_the_same_changed_in_two_places_shows_both_sides(page: Page, key: str, stance: str) -> None:
    elsewhere(page, "n")
    page.keyboard.press("u")
    page.wait_for_selector("dialog >> text=Changed elsewhere")
    assert "▲ support" in page.text_content("dialog td >> nth=0")  # type: ignore[operator]
    assert "● neutral" in page.text_content("dialog td >> nth=1")  # type: ignore[operator]
    page.keyboard.press(key)
    page.wait_for_selector("dialog", state="detached")
    saved(page)
    assert layer(page).spans[1].attributes["stance"] == stance
    once()


def test_what_was_done_on_a_document_that_is_removed_is_saved_when_it_is_back(
    page: Page, document: Any, alice: Any
) -> None:
    page.clock.install()
    removal.remove(document, because="by mistake", by=alice)
    page.keyboard.press("Enter")
    page.clock.run_for(1000)
    page.wait_for_selector("#save-state[data-save=gone]")
    assert "A manager removed this document" in (page.text_content("#alert") or "")
    removal.put_back(document, by=alice)
    page.clock.run_for(31_000)
    page.wait_for_selector("#save-state[data-save=saved]")
    assert not page.text_content("#alert")
    assert 1 in layer(page).spans
    once()


def test_handing_in_a_document_that_is_removed_says_what_became_of_it(
    page: Page, document: Any, alice: Any
) -> None:
    for _ in range(3):
        page.keyboard.press("Enter")
    page.keyboard.press("Control+Enter")
    page.wait_for_selector("#submit-layer:enabled")
    removal.remove(document, because="by mistake", by=alice)
    page.click("#submit-layer")
    page.wait_for_selector("#alert >> text=A manager removed this document")
