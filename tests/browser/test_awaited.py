"""A review that is opened before its suggestions are there, in the browser."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from annotator.models import Decision, Layer
from annotator.services.runs import program_run, store
from corpus.models import Corpus, Job
from tests.acts import add_document, suggested
from tests.browser.conftest import ready
from tests.browser.review import layer, opened, press

pytestmark = pytest.mark.browser


@pytest.fixture
def bare(corpus: Corpus, bob: Any, alice: Any, tmp_path: Path) -> Any:
    """A document for which suggestions are being made."""
    Job.objects.create(corpus=corpus, kind="suggest", state="running", total=1)
    return add_document(corpus, tmp_path)


def come(document: Any) -> None:
    store(program_run(document.corpus.schema, "ours"), document, suggested())
    Job.objects.update(state="done")


def test_suggestions_appear_in_a_review_that_nobody_touched(
    bare: Any, sign_in: Callable[..., Page]
) -> None:
    page = opened(sign_in("bob"))
    expect(page.locator("#awaited-words")).to_have_text(
        "Suggestions are being made; they will appear here."
    )
    expect(page.locator("#queue-empty")).to_contain_text("No suggestions yet.")
    come(bare)
    expect(page.locator('#article [data-span="1"][data-state="suggested"]').first).to_be_visible()
    expect(page.locator("#awaited")).to_have_count(0)
    ready(page)
    page.keyboard.press("Enter")
    page.wait_for_selector("#save-state[data-save=saved]")
    assert list(layer(page).spans) and Decision.objects.first().suggestion is not None  # type: ignore[union-attr]
    # Clicks act once, although the page began twice.
    page.click("[data-filter=all]")
    expect(page.locator("#queue [data-ident]").first).to_be_visible()


def test_suggestions_wait_while_somebody_searches(bare: Any, sign_in: Callable[..., Page]) -> None:
    page = opened(sign_in("bob"))
    page.keyboard.press("Control+/")
    field = page.locator("#text-search input").first
    expect(field).to_be_focused()
    come(bare)
    page.wait_for_timeout(2500)
    page.keyboard.type("axo")
    expect(field).to_have_value("axo")
    expect(page.locator('#article [data-state="suggested"]')).to_have_count(0)
    page.keyboard.press("Escape")
    expect(page.locator('#article [data-span="1"][data-state="suggested"]').first).to_be_visible()
    expect(page.locator("#status")).to_contain_text("Suggestions are here.")
    assert not Decision.objects.exists()


def test_a_review_that_was_begun_says_that_it_goes_on_without(
    bare: Any, sign_in: Callable[..., Page]
) -> None:
    page = opened(sign_in("bob"))
    # The first words of the text, picked by the caret and marked.
    press(page, "Space", "Shift+ArrowRight", "1")
    come(bare)
    expect(page.locator("#awaited-words")).to_contain_text("goes on without them")
    assert Layer.objects.get(kind="review").shown_run is None
    assert [span.label for span in layer(page).spans.values()] == ["SPEAKER"]


def test_a_manager_reads_and_no_key_writes(
    document: Any, alice: Any, sign_in: Callable[..., Page]
) -> None:
    page = sign_in("alice")
    sent: list[str] = []
    page.on("request", lambda request: request.method == "POST" and sent.append(request.url))
    page.goto("/corpora/harbour/documents/")
    page.click("text=Read >> nth=0")
    ready(page)
    expect(page.locator('#article [data-span="1"][data-state="suggested"]').first).to_be_visible()
    expect(page.locator("#save-state")).to_contain_text("Read only")
    expect(page.locator("#finish")).to_be_hidden()
    for key in ("Enter", "x", "o", "z", "c", "f", "Space", "Control+Enter"):
        page.keyboard.press(key)
    page.keyboard.press("j")
    assert sent == [] and not Layer.objects.filter(kind="review").exists()
    expect(page.locator('#article [data-state="accepted"]')).to_have_count(0)
