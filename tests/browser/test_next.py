"""From one document to the next without loading the page again, and by loading it where that
cannot be.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, Request, Route

from annotator.models import Assignment, Layer
from annotator.selectors import layers
from annotator.services import assignments
from annotator.services.decision_log import drift
from annotator.services.runs import file_run, store
from corpus.models import Document
from tests.acts import TEXT, add_document, suggested
from tests.browser.conftest import ready
from tests.browser.review import focused, layer, opened, press, said

pytestmark = pytest.mark.browser

NEXT = "/corpora/harbour/documents/pier/review/"
LOCKS = "async () => (await navigator.locks.query()).held.map((lock) => lock.name)"


@pytest.fixture
def pier(corpus: Any, document: Any, tmp_path: Any) -> Any:
    """A second document, with the same suggestions."""
    made = add_document(corpus, tmp_path, "pier", TEXT + "The pier stays.\n")
    store(file_run(corpus.schema, "pier.jsonl"), made, suggested())
    Document.objects.filter(pk=made.pk).update(title="Pier news")
    return made


@pytest.fixture
def page(bob: Any, pier: Any, sign_in: Callable[..., Page]) -> Page:
    """Bob's first document with everything settled, in a page that knows when it was left."""
    page = opened(sign_in("bob"))
    page.evaluate("window.kept = true")
    press(page, "Enter", "Enter", "Enter")
    return page


def hand_in(page: Page) -> None:
    page.keyboard.press("Control+Enter")
    page.wait_for_selector("dialog #submit-layer:not([disabled])")
    page.wait_for_load_state("networkidle")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{NEXT}")
    ready(page)


def was_kept(page: Page) -> bool:
    return bool(page.evaluate("window.kept === true"))


def test_the_next_document_takes_the_place_of_the_one_handed_in(
    page: Page, pier: Any, bob: Any
) -> None:
    assert assignments.take_place(pier, by=bob) is not None
    asked: list[str] = []

    def note(request: Request) -> None:
        if "/documents/" in request.url:
            asked.append(f"{request.method} {request.url.split('/documents/')[-1]}")

    page.on("request", note)
    hand_in(page)
    assert was_kept(page)
    # It was there before it was needed, and nothing else is asked for.
    assert asked == ["GET sea-wall/next/", "GET pier/review/", "POST sea-wall/submit/"]

    assert page.title() == "Pier news · review · Saidby"
    assert page.text_content("h1") == "Pier news"
    assert "pier" in (page.text_content(".topbar-title") or "").lower()
    assert (page.text_content("#position") or "").strip() == "Document 2 of 2"
    assert "The pier stays." in (page.text_content("#article") or "")
    assert page.locator("#queue [role=row]").count() == 3
    assert page.evaluate("document.activeElement.matches('#queue [aria-current=true]')")
    assert focused(page) == "C1"
    said(page, "Next document: Pier news. Claim C1, 1 of 3")
    (lock,) = page.evaluate(LOCKS)
    assert "pier" in lock

    reviews = Layer.objects.filter(kind="review")
    done = reviews.get(document__external_id="sea-wall")
    assert (done.state, drift(done)) == ("submitted", "")
    assert len(layers.layer_view(done).spans) == 6
    assert sorted(press(page, "Enter", "x").spans) == [1, 2]
    assert press(page, "z").rejected == frozenset()
    # Each key counts once, and for the document that it was pressed in.
    assert reviews.get(document__external_id="sea-wall").version == done.version

    page.go_back()
    page.wait_for_url("**/sea-wall/review/")
    page.wait_for_selector("text=Submitted: read only.")
    assert not was_kept(page)
    page.go_forward()
    page.wait_for_url(f"**{NEXT}")
    page.wait_for_selector("text=The pier stays.")
    assert focused(ready(page)) == "C2"


def test_a_document_in_nobodys_hands_is_taken_when_this_one_is_handed_in(
    page: Page, bob: Any
) -> None:
    page.keyboard.press("Control+Enter")
    page.wait_for_selector("dialog #submit-layer:not([disabled])")
    page.wait_for_load_state("networkidle")
    mine = Assignment.objects.filter(user=bob)
    assert mine.get().document.external_id == "sea-wall"
    assert Layer.objects.filter(document__external_id="pier", kind="review").count() == 0
    page.keyboard.press("Escape")
    hand_in(page)
    assert was_kept(page)
    assert mine.count() == 2
    assert focused(page) == "C1"


def test_a_page_that_cannot_be_fetched_is_loaded(page: Page) -> None:
    page.route(
        f"**{NEXT}",
        lambda route: route.abort() if route.request.resource_type == "xhr" else route.continue_(),
    )
    hand_in(page)
    assert not was_kept(page)
    assert focused(page) == "C1"


def test_a_page_of_a_newer_version_is_loaded(page: Page) -> None:
    """It brings scripts that this page does not have."""

    def newer(route: Any) -> None:
        if route.request.resource_type != "xhr":
            return route.continue_()
        html = route.fetch().text().replace("review.bundle.", "review.bundle.0")
        return route.fulfill(body=html, content_type="text/html")

    page.route(f"**{NEXT}", newer)
    hand_in(page)
    assert not was_kept(page)


def test_a_key_that_is_held_down_decides_nothing_more(page: Page) -> None:
    page.keyboard.press("Control+Enter")
    page.wait_for_selector("dialog #submit-layer:not([disabled])")
    page.wait_for_load_state("networkidle")
    page.keyboard.press("Enter")
    page.wait_for_selector("text=The pier stays.")
    ready(page)
    assert focused(page) == "C1"
    for _ in range(3):
        page.keyboard.down("Enter")
    page.keyboard.up("Enter")
    assert focused(page) == "C2"
    for _ in range(2):
        page.keyboard.down("ArrowDown")
    page.keyboard.up("ArrowDown")
    assert focused(page) == "C1"


def test_what_is_pressed_while_the_server_takes_the_document_changes_nothing(page: Page) -> None:
    waiting: list[Any] = []
    page.route("**/submit/", lambda route: waiting.append(route))
    page.keyboard.press("Control+Enter")
    page.wait_for_selector("dialog #submit-layer:not([disabled])")
    with page.expect_request("**/submit/"):
        page.keyboard.press("Enter")
    before = layer(page)
    assert press(page, "z") == before
    waiting[0].abort()
    page.wait_for_selector("#alert >> text=could not be submitted")
    assert press(page, "z") != before


def test_a_change_that_is_refused_is_told_before_handing_in(page: Page) -> None:
    refusal = {"status": 400, "json": {"code": "invalid", "message": "Not this one."}}
    saves: list[Route] = []
    page.route("**/decisions/", lambda route: saves.append(route))
    with page.expect_request("**/decisions/"):
        page.keyboard.press("z")
    page.keyboard.press("Control+Enter")
    # The refusal comes after the document was to be handed in.
    saves[0].fulfill(**refusal)
    page.wait_for_selector("#alert >> text=Not this one.")
    page.wait_for_timeout(300)
    assert page.locator("dialog[open]").count() == 0
    page.keyboard.press("Control+Enter")
    page.wait_for_selector("dialog #submit-layer")
