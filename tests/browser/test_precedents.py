"""Case law in a browser: on the card, in full, into the guideline; a reason by a key; in review."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page

from annotator.models import Layer, Precedent
from annotator.selectors.layers import layer_view
from annotator.services import review
from annotator.services.runs import file_run, store
from corpus.models import Corpus
from tests.acts import add_document, submit_as, suggested, support
from tests.annotator.disputed import act, shown
from tests.browser.conftest import ready, saved
from tests.browser.test_access import clean

pytestmark = pytest.mark.browser
CARD = ".dispute[aria-current=true]"
WORDS = "“The wall will not hold,”"


@pytest.fixture
def second(
    transactional_db: None,
    document: Any,
    corpus: Corpus,
    tmp_path: Any,
    alice: Any,
    bob: Any,
    carol: Any,
) -> Any:
    """One document is settled, and another has the same dispute."""
    submit_as(document, bob)
    submit_as(document, carol, change=support)
    dispute = shown(document, alice, "stance")
    number = next(
        v["number"] for v in dispute["versions"] if v["span"]["attributes"]["stance"] == "oppose"
    )
    act(document, alice, dispute["ident"], choice="version", number=number, reason="overlooked")
    made = add_document(corpus, tmp_path, "second")
    store(file_run(corpus.schema, "suggested.jsonl"), made, suggested())
    return made


def looked_at(page: Page) -> None:
    """axe finds nothing, by day and by night."""
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]  # one of its words
        page.wait_for_timeout(100)
        clean(page)


def reasons() -> list[str]:
    gold = Layer.objects.get(kind="gold", document__external_id="second")
    return [value["reason"] for value in layer_view(gold).settled.values()]


def test_a_card_shows_how_like_disputes_were_settled_and_a_key_gives_the_reason(
    second: Any,
    corpus: Corpus,
    alice: Any,
    bob: Any,
    carol: Any,
    sign_in: Callable[[str], Page],
) -> None:
    submit_as(second, bob)
    submit_as(second, carol, change=support)
    page = sign_in("alice")
    page.goto("/corpora/harbour/documents/second/adjudicate/")
    ready(page)
    block = page.locator(f"{CARD} .precedents li")
    block.wait_for()
    assert block.inner_text() == f"settled 1 : 1 for oppose: {WORDS} — because overlooked"
    looked_at(page)
    page.keyboard.press("p")
    dialog = page.locator("dialog")
    dialog.wait_for()
    looked_at(page)
    assert "support (1)" in dialog.inner_text()
    assert "/sea-wall/adjudicate/?at=" in (dialog.locator("a").get_attribute("href") or "")
    page.keyboard.press("1")
    dialog.get_by_text("In the guideline, under “Settled examples”.").wait_for()
    corpus.refresh_from_db()
    assert "because: overlooked" in corpus.guideline
    page.keyboard.press("Escape")
    # Before: the reason rides with the choice.
    page.keyboard.press("b")
    page.locator("dialog .choice").first.wait_for()
    page.keyboard.press("2")
    page.get_by_text("because: the words themselves say so").first.wait_for()
    looked_at(page)
    page.keyboard.press("1")
    saved(page)
    assert reasons() == ["the words themselves say so"]
    # Afterwards: of what was settled last.
    page.keyboard.press("Shift+B")
    page.locator("dialog .choice").first.wait_for()
    page.keyboard.press("5")
    page.get_by_text("— a slip").wait_for()
    saved(page)
    assert reasons() == ["a slip"]
    assert Precedent.objects.filter(reason="a slip").count() == 1


def test_a_reviewer_sees_how_it_was_settled_before_on_request(
    second: Any, bob: Any, sign_in: Callable[[str], Page]
) -> None:
    review.open_layer(second, by=bob)
    page = sign_in("bob")
    page.goto("/corpora/harbour/documents/second/review/")
    ready(page)
    assert "1 : 1" not in page.inner_text("body")
    page.keyboard.press("Shift+H")
    dialog = page.locator("dialog")
    dialog.wait_for()
    looked_at(page)
    said = dialog.inner_text()
    assert WORDS in said and "1 : 1 for oppose" in said and "overlooked" in said
    assert "carol" not in said and dialog.locator("a").count() == 0
