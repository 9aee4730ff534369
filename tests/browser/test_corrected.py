"""The text is corrected while pages are open: nothing goes into the new one, nothing is lost."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from annotator.models import Layer
from annotator.selectors.layers import layer_view
from corpus.models import Document
from tests.acts import TEXT, add_document, submit_as, support
from tests.browser.conftest import ready
from tests.browser.review import opened, press

pytestmark = pytest.mark.browser

# The first claim has other words, all others stand elsewhere.
OTHER = "Harbour. " + TEXT.replace("will not hold", "may not hold")


def test_a_review_page_keeps_what_it_could_not_save_and_says_what_to_do(
    document: Document, bob: Any, tmp_path: Path, sign_in: Callable[..., Page]
) -> None:
    page = opened(sign_in("bob"))
    press(page, "Enter")
    now = add_document(document.corpus, tmp_path, text=OTHER)
    copied = Layer.objects.get(document=now, owner=bob).version
    page.keyboard.press("x")
    expect(page.locator("#save-state")).to_contain_text("Text corrected — ")
    expect(page.locator("#alert")).to_contain_text("Load the page again")
    # Nothing more is begun that could not be saved either.
    page.keyboard.press("x")
    expect(page.locator("#status")).to_contain_text("the text was corrected")
    assert Layer.objects.get(document=now, owner=bob).version == copied

    page.get_by_role("button", name="Load the page again").click()
    ready(page)
    expect(page.locator("#left-behind")).to_contain_text("The wall will not hold")
    unsaved = page.locator("#unsaved")
    expect(unsaved).to_contain_text("reject: Claim “that it would cost more”")
    page.reload()
    ready(page)
    expect(unsaved).to_contain_text("that it would cost more")
    page.click("#unsaved-done")
    page.reload()
    ready(page)
    expect(unsaved).to_have_count(0)
    page.keyboard.press("x")
    page.wait_for_selector("#save-state[data-save=saved]")
    view = layer_view(Layer.objects.get(document=now, owner=bob))
    assert len(view.rejected) == 1


def test_a_review_is_not_handed_in_over_another_text(
    document: Document, bob: Any, tmp_path: Path, sign_in: Callable[..., Page]
) -> None:
    page = opened(sign_in("bob"))
    press(page, "Enter", "Enter", "Enter")
    page.click("#finish")
    page.wait_for_selector("#submit-layer")
    now = add_document(document.corpus, tmp_path, text=f"Harbour. {TEXT}")
    page.click("#submit-layer")
    expect(page.locator("#alert")).to_contain_text("Load the page again")
    assert Layer.objects.get(document=now, owner=bob).state == "open"
    page.get_by_role("button", name="Load the page again").click()
    ready(page)
    expect(page.locator("#settled")).to_have_text("0 unsettled · 3 of 3 settled")


def test_an_adjudicators_page_settles_nothing_of_another_text(
    document: Document,
    alice: Any,
    bob: Any,
    carol: Any,
    tmp_path: Path,
    sign_in: Callable[..., Page],
) -> None:
    submit_as(document, bob)
    submit_as(document, carol, change=support)
    page = sign_in("alice")
    page.goto("/corpora/harbour/documents/sea-wall/adjudicate/")
    ready(page)
    now = add_document(document.corpus, tmp_path, text=f"Harbour. {TEXT}")
    page.keyboard.press("1")
    expect(page.locator("#alert")).to_contain_text("the text was corrected")
    gold = Layer.objects.get(document=now, kind="gold")
    assert not layer_view(gold).settled
    page.get_by_role("button", name="Load the page again").click()
    ready(page)
    page.keyboard.press("1")
    page.wait_for_selector("#save-state[data-save=saved]")
    assert layer_view(gold).settled
