"""Going through disputes over documents: the next one is there at once, and no key is lost."""

from __future__ import annotations

import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route

from annotator.models import Decision, Dispute
from corpus.models import Corpus
from tests.browser.conftest import ready, saved
from tests.browser.test_adjudication import Adjudicator, harbour, harbour_of

pytestmark = pytest.mark.browser
__all__ = ["harbour"]
MANY = ("pier", "school", "tram", "market", "ferry", "park", "mill")
QUEUE = "/corpora/harbour/disputes/settle/"
SETTLED = {"verb": "settle", "subject": "dispute"}


def queued(page: Page) -> list[tuple[str, int]]:
    """Return document and number of each dispute, in the order of the queue."""
    rows = page.evaluate(
        "fetch('/api/corpora/harbour/disputes/').then(answer => answer.json())"
        ".then(body => body.disputes.map(row => [row.document, row.dispute]))"
    )
    return [(document, ident) for document, ident in rows]


def settled() -> list[tuple[str, int]]:
    """Return document and number of each dispute, in the order in which they were settled."""
    rows = Decision.objects.filter(**SETTLED).order_by("at", "pk")
    return [(row.layer.document.external_id, row.ident) for row in rows.select_related("layer")]


def marked(page: Page) -> None:
    """Leave a mark in the page that a reload would wipe out."""
    page.evaluate("document.body.dataset.mark = 'same page'")


def is_same_page(page: Page) -> bool:
    return page.get_attribute("body", "data-mark") == "same page"


def topic_of(page: Page) -> str:
    return page.url.split("/documents/")[1].split("/")[0]


@pytest.fixture
def wide_harbour(transactional_db: None, tmp_path: Path) -> Corpus:
    return harbour_of(MANY, tmp_path)


def test_thirty_keys_in_three_seconds_settle_thirty_disputes_in_order(
    wide_harbour: Corpus, sign_in: Callable[..., Page]
) -> None:
    page = sign_in("alice")
    page.goto(QUEUE)
    order = queued(page)
    assert len(order) == 30 and len({document for document, _ in order}) == len(MANY)
    assert sum(one[0] != other[0] for one, other in pairwise(order)) > 20
    ready(page)
    marked(page)
    # By the page's own clock, so that a busy machine does not slow the keys down.
    page.evaluate(
        """async () => {
          const options = { key: "1", code: "Digit1", bubbles: true, cancelable: true };
          for (let key = 0; key < 30; key += 1) {
            document.body.dispatchEvent(new KeyboardEvent("keydown", options));
            await new Promise((done) => setTimeout(done, 100));
          }
        }"""
    )
    focused = {ident for _, ident in order}
    not_these = ", ".join(f"[data-dispute='{ident}']" for ident in focused)
    page.wait_for_selector(f".dispute[aria-current=true]:not({not_these})", timeout=60_000)
    page.wait_for_selector("#save-state[data-save=saved]", timeout=60_000)
    assert page.inner_text("#queue-left") == "4 more in this queue"
    assert is_same_page(page)
    assert len(settled()) == 30
    for topic in MANY:
        of_topic = [ident for document, ident in settled() if document == topic]
        assert of_topic == [ident for document, ident in order if document == topic]
    # What follows the thirty is in focus, and another document's.
    assert int(Adjudicator(page).focus) not in focused
    assert Dispute.objects.get(ident=Adjudicator(page).focus).state == "open"


def test_another_document_is_shown_without_a_reload(
    harbour: Corpus, sign_in: Callable[..., Page]
) -> None:
    page = sign_in("alice")
    page.goto(f"{QUEUE}?facet=stance")
    at = Adjudicator(ready(page))
    marked(page)
    first, ident = topic_of(page), at.focus
    title = page.title()
    at.act("1")
    second = topic_of(page)
    assert second != first and is_same_page(page)
    # Address, title, heading, text, focus and what is said are the other document's.
    assert page.title() != title and page.title() == f"The {second} debate · adjudication · Saidby"
    assert page.inner_text("#document-name") == f"The {second} debate"
    assert page.inner_text("h1") == f"The {second} debate"
    assert f"The {second} debate" in page.inner_text("#article")
    assert f"The {first} debate" not in page.inner_text("#article")
    assert page.evaluate("document.activeElement.dataset.dispute") == at.focus
    page.wait_for_selector(f"#status:text-matches('^The {second} debate. D')", state="attached")
    assert f"at={at.focus}" in page.url and "queue=" in page.url
    # Back shows the document before, where it was left; forward the next one again.
    now = at.focus
    page.go_back()
    page.wait_for_selector(f".dispute.settled[data-dispute='{ident}'][aria-current=true]")
    assert topic_of(page) == first and page.inner_text("#document-name") == f"The {first} debate"
    page.go_forward()
    page.wait_for_selector(f".dispute[data-dispute='{now}'][aria-current=true]:not(.settled)")
    assert topic_of(page) == second and is_same_page(page)
    saved(page)
    page.reload()
    ready(page)
    assert (topic_of(page), at.focus) == (second, now)


def test_keys_wait_for_a_document_that_is_slow_to_come(
    harbour: Corpus, sign_in: Callable[..., Page]
) -> None:
    page = sign_in("alice")
    page.goto("/corpora/")
    order = queued(page)

    def slowly(route: Route) -> None:
        if "application/json" in (route.request.headers.get("accept") or ""):
            time.sleep(0.3)
        route.continue_()

    page.route("**/adjudicate/**", slowly)
    page.goto(QUEUE)
    ready(page)
    for _ in range(6):
        page.keyboard.press("1")
    page.wait_for_selector(f".dispute[data-dispute='{order[6][1]}'][aria-current=true]")
    saved(page)
    assert {ident for _, ident in settled()} == {ident for _, ident in order[:6]}


def test_keys_are_kept_and_counted_when_the_next_document_cannot_be_loaded(
    harbour: Corpus, sign_in: Callable[..., Page]
) -> None:
    page = sign_in("alice")
    page.route("**/documents/*/adjudicate/?*", gone)
    page.goto(f"{QUEUE}?facet=stance")
    at = Adjudicator(ready(page))
    first = at.focus
    for key in ("1", "1", "d"):
        page.keyboard.press(key)
    page.wait_for_selector("#alert >> text=The next document could not be loaded")
    page.wait_for_selector("#alert >> text=2 keys wait for it.")
    assert at.focus == first
    page.unroute("**/documents/*/adjudicate/?*")
    page.click("#alert button:text-is('Try again')")
    page.wait_for_selector(f"html[data-ready=true] .dispute:not([data-dispute='{first}'])")
    saved(page)
    assert Decision.objects.filter(**SETTLED).count() == 2
    assert Dispute.objects.filter(state="deferred").count() == 1
    assert page.inner_text("#alert") == ""


def gone(route: Route) -> None:
    """Lose what the page asks for behind the scenes."""
    if route.request.headers.get("accept") == "application/json":
        route.abort()
    else:
        route.continue_()


def test_finishing_a_document_shows_the_next_without_a_reload(
    harbour: Corpus, sign_in: Callable[..., Page]
) -> None:
    page = sign_in("alice")
    page.goto("/corpora/harbour/documents/pier/adjudicate/")
    ready(page)
    marked(page)
    for _ in range(5):
        page.keyboard.press("0")
    page.wait_for_selector("text=5 of 5 settled")
    # The next key is for the document that Finish leads to.
    page.keyboard.press("Control+Enter")
    page.keyboard.press("0")
    page.wait_for_selector("text=1 of 5 settled")
    saved(page)
    assert is_same_page(page) and topic_of(page) != "pier"
    assert Dispute.objects.filter(state="settled").count() == 6


def test_a_key_held_down_settles_one_dispute(harbour: Corpus, sign_in: Callable[..., Page]) -> None:
    page = sign_in("alice")
    page.goto(QUEUE)
    ready(page)
    for _ in range(5):
        page.keyboard.down("1")
    page.keyboard.up("1")
    saved(page)
    assert len(settled()) == 1


def test_keys_for_a_document_on_its_way_are_dropped_when_its_reader_goes_back(
    harbour: Corpus, sign_in: Callable[..., Page]
) -> None:
    page = sign_in("alice")
    held: list[Route] = []

    def hold(route: Route) -> None:
        if "application/json" in (route.request.headers.get("accept") or ""):
            held.append(route)
        else:
            route.continue_()

    page.route("**/adjudicate/**", hold)
    page.goto(f"{QUEUE}?facet=stance")
    ready(page)
    first = topic_of(page)
    page.keyboard.press("1")
    page.wait_for_timeout(300)
    held.pop(0).continue_()
    page.wait_for_url(lambda url: f"/{first}/" not in url)
    for _ in range(3):
        page.keyboard.press("1")
    page.wait_for_timeout(300)
    page.go_back()
    page.wait_for_url(lambda url: f"/{first}/" in url)
    while held:
        held.pop(0).continue_()
        page.wait_for_timeout(300)
    saved(page)
    assert topic_of(page) == first
    assert len(settled()) == 2


def test_the_last_choice_gets_its_reason_from_the_next_document(
    harbour: Corpus, sign_in: Callable[..., Page]
) -> None:
    page = sign_in("alice")
    page.goto(f"{QUEUE}?facet=stance")
    at = Adjudicator(ready(page))
    first = topic_of(page)
    at.act("1")
    assert topic_of(page) != first
    page.keyboard.press("Shift+B")
    page.wait_for_selector("dialog[open]")
    page.keyboard.type("as the guideline says")
    with page.expect_response(f"**/documents/{first}/reason/") as answer:
        page.keyboard.press("Enter")
    assert answer.value.status == 200
