"""The review page: every operation by keyboard and by mouse, saved at once, undone, and never
another's work.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page

from annotator.models import Decision, Layer
from tests.acts import TEXT, add_document
from tests.browser.conftest import ready, saved
from tests.browser.review import REVIEW, drag, layer, press

pytestmark = pytest.mark.browser


@pytest.fixture
def page(document: Any, bob: Any, sign_in: Callable[..., Page]) -> Page:
    found = sign_in("bob")
    found.goto(REVIEW)
    return ready(found)


def words(span: Any) -> str:
    return span.text(TEXT)


def test_enter_accepts_the_claim_with_its_speaker_and_goes_on(page: Page) -> None:
    view = press(page, "Enter")
    assert [words(s) for s in view.in_order()] == ["“The wall will not hold,”", "Mayor Ilse Brandt"]
    assert view.targets_of(1)[0].ident == 2
    view = press(page, "Enter", "Enter")
    assert len(view.spans) == 6
    assert page.text_content("#settled").startswith("0 unsettled")
    assert (
        page.eval_on_selector_all(
            "[data-span='1'][data-state]", "all => all.map(e => e.dataset.state)"
        )[0]
        == "accepted"
    )


def test_every_operation_is_undone_and_redone(page: Page) -> None:
    before = press(page)
    for keys in (["Enter"], ["x"], ["ArrowLeft"], ["u"], ["0"], ["1"]):
        after = press(page, *keys)
        assert after != before, keys
        assert press(page, "z") == before, keys
        assert press(page, "Shift+z") == after, keys
        assert press(page, "z") == before, keys
        page.reload()
        ready(page)
    assert Decision.objects.filter(verb="undo").exists()


def test_undo_works_after_a_reload(page: Page) -> None:
    press(page, "Enter")
    page.reload()
    ready(page)
    assert dict(press(page, "z").spans) == {}


def test_a_rejection_is_kept_and_shown_on_request(page: Page) -> None:
    assert press(page, "x").rejected == {1}
    page.keyboard.press("r")
    page.wait_for_selector("[data-span='1'][data-state='rejected']")


def test_edges_move_by_word_character_and_clause(page: Page) -> None:
    assert words(press(page, "ArrowLeft").spans[1]) == "“The wall will not hold"
    assert words(press(page, "ArrowLeft").spans[1]) == "“The wall will not"
    assert words(press(page, "Shift+ArrowRight").spans[1]) == "“The wall will not h"
    view = press(page, "Shift+ArrowRight", "e", "ArrowRight")
    assert words(view.spans[1]) == "The wall will not ho"
    assert view.spans[1].origin == 1


def test_stance_speaker_and_no_speaker(page: Page) -> None:
    assert press(page, "u").spans[1].attributes["stance"] == "support"
    view = press(page, "0")
    assert view.spans[1].attributes["speaker_state"] == "unknown"
    assert view.targets_of(1) == []
    page.keyboard.press("l")
    view = press(page, "a")
    assert len(view.targets_of(1)) == 1
    assert view.spans[1].attributes["speaker_state"] == "linked"


def test_a_new_span_by_keyboard(page: Page) -> None:
    page.keyboard.press("Space")
    for _ in range(3):
        page.keyboard.press("Shift+ArrowRight")
    view = press(page, "3")
    (added,) = [s for s in view.spans.values() if s.origin is None]
    assert added.label == "CUE"
    assert words(added).strip() == words(added) != ""
    assert [d.verb for d in Decision.objects.all()] == ["add"]


def test_a_new_span_by_mouse_behind_an_emoji(page: Page) -> None:
    drag(page, "added")
    page.click("#label-popup button:has-text('Cue')")
    page.wait_for_timeout(50)
    saved(page)
    (span,) = layer().spans.values()
    assert (span.label, words(span)) == ("CUE", "added")


def test_the_buttons_do_what_the_keys_do(page: Page) -> None:
    page.click("#cards button:has-text('accept')")
    page.click("#cards button:has-text('support')")
    page.wait_for_timeout(50)
    saved(page)
    view = layer()
    assert [words(s) for s in view.in_order()][:2] == [
        "“The wall will not hold,”",
        "Mayor Ilse Brandt",
    ]
    assert view.spans[4].attributes["stance"] == "support"
    page.click("#undo")
    page.wait_for_timeout(50)
    saved(page)
    assert Decision.objects.filter(verb="undo").exists()


def test_submitting_names_what_is_left_and_reopening_gives_it_back(page: Page) -> None:
    press(page, "Enter")
    page.keyboard.press("Control+Enter")
    page.wait_for_selector("dialog >> text=2 suggestions not looked at")
    page.click("#submit-layer")
    page.click("dialog >> text=Look at it again")
    page.wait_for_selector("text=Submitted: read only.")
    assert Layer.objects.get(kind="review").state == "submitted"
    page.click("#reopen")
    page.wait_for_selector("#reopen", state="detached")
    ready(page)
    assert len(press(page, "Enter").spans) == 4


def test_awkward_text_is_annotated_without_a_wrong_offset(
    corpus: Any, bob: Any, sign_in: Callable[..., Page], tmp_path: Any
) -> None:
    text = (
        "👩‍👩‍👧 Family\u00a0day\n\nCafe\u0301 owner 🇫🇷 Zoë said “😀 fine”.\n\n"
        "אמר דוד כי הכול בסדר 😀 היום.\n"
    )
    add_document(corpus, tmp_path, "awkward", text.replace("\n", "\r\n"))
    page = sign_in("bob")
    page.goto("/corpora/harbour/documents/awkward/review/")
    ready(page)
    for moves, label in ((1, "1"), (3, "2"), (6, "2"), (9, "1")):
        page.keyboard.press("Space")
        for _ in range(moves):
            page.keyboard.press("ArrowRight")
        page.keyboard.press("Shift+ArrowRight")
        page.keyboard.press("Shift+ArrowRight")
        page.keyboard.press(label)
        page.keyboard.press("Escape")
    page.wait_for_timeout(100)
    saved(page)
    view = layer()
    assert len(view.spans) >= 3
    shown = page.evaluate(
        """() => Object.groupBy(
             [...document.querySelectorAll("#article [data-span]")], e => e.dataset.span)
           && [...document.querySelectorAll("#article p")].map(p => p.textContent).join("\\n")"""
    )
    assert "Cafe\u0301 owner 🇫🇷 Zoë" in shown
    for span in view.spans.values():
        assert text[span.start : span.end].strip()


def test_nobody_sees_anothers_marks(page: Page, carol: Any, sign_in: Callable[..., Page]) -> None:
    press(page, "Enter", "x")
    other = sign_in("carol")
    other.goto(REVIEW)
    ready(other)
    assert other.text_content("#settled").startswith("3 unsettled")
    assert "bob" not in other.content()


def test_changes_made_offline_are_kept_and_sent_later(page: Page) -> None:
    page.context.set_offline(True)
    page.keyboard.press("Enter")
    page.wait_for_selector("#save-state[data-save=offline]")
    assert "kept on this computer" in page.text_content("#save-state")
    assert not Decision.objects.exists()
    page.context.set_offline(False)
    page.wait_for_selector("#save-state[data-save=saved]", timeout=40_000)
    assert len(layer().spans) == 2
