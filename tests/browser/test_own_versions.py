"""Own versions: any speaker, several, new spans, and nothing changed that nobody touched."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page

from annotator.models import Decision, Layer
from annotator.selectors import layers
from corpus.models import Corpus
from tests.browser.conftest import ready, saved
from tests.browser.test_adjudication import Adjudicator, article, harbour, in_gold

pytestmark = pytest.mark.browser
__all__ = ["harbour"]


def test_a_version_of_ones_own_needs_a_reason_and_stands_in_gold(
    harbour: Corpus, sign_in: Callable[..., Page]
) -> None:
    page = sign_in("alice")
    page.goto("/corpora/harbour/documents/pier/adjudicate/")
    at = Adjudicator(ready(page))
    while "no budget" not in at.words:
        at.press("ArrowDown")
    at.press("e")
    form = page.locator("#edit-form")
    words = page.locator("#draft-words")
    assert words.inner_text() == "that the pier had no budget"
    page.click("#edit-form [aria-label='back a word'], #edit-form [title='back a word']")
    assert words.inner_text() == "that the pier had no"
    form.locator("[name='attribute:stance']").select_option("mixed")
    form.locator("[data-kind=said_by] select").select_option(label="Tomas Okafor")
    form.locator("[name='attribute:target']").fill("the pier")
    form.locator("button[type=submit]").click()
    assert not Decision.objects.filter(verb="settle", subject="dispute").exists()
    form.locator("[name=reason]").fill("The clause ends here.")
    form.locator("button[type=submit]").click()
    page.wait_for_selector("text=1 of 5 settled")
    saved(page)
    assert ("that the pier had no", "mixed", "Tomas Okafor") in in_gold("pier")
    settled = Decision.objects.get(verb="settle", subject="dispute")
    assert (settled.after["choice"], settled.after["reason"]) == ("edit", "The clause ends here.")
    page.keyboard.press("z")
    page.wait_for_selector("text=0 of 5 settled")
    saved(page)
    assert in_gold("pier") == []


def edit(page: Page, words: str) -> Any:
    """Begin a version of one's own at the dispute with these words; return its form."""
    page.goto("/corpora/harbour/documents/pier/adjudicate/")
    at = Adjudicator(ready(page))
    while words not in at.words:
        at.press("ArrowDown")
    at.press("e")
    return page.locator("#edit-form")


def save(page: Page, form: Any) -> None:
    form.locator("[name=reason]").fill("As the text has it.")
    form.locator("button[type=submit]").click()
    page.wait_for_selector("text=1 of 5 settled")
    saved(page)


def mark(page: Page, words: str) -> None:
    """Mark words of the article as a mouse does."""
    page.locator("#article p", has_text=words).last.evaluate(
        """(line, words) => {
          const walker = document.createTreeWalker(line, NodeFilter.SHOW_TEXT);
          while (walker.nextNode()) {
            const at = walker.currentNode.data.indexOf(words);
            if (at < 0) continue;
            const range = [walker.currentNode, at, walker.currentNode, at + words.length];
            getSelection().setBaseAndExtent(...range);
          }
        }""",
        words,
    )


def test_a_version_of_ones_own_links_to_speakers_that_nobody_marked(
    harbour: Corpus, sign_in: Callable[..., Page]
) -> None:
    page = sign_in("alice")
    form = edit(page, "no budget")
    words = form.locator("[name=words]")
    # Typed, with Enter; words that are not in the text are refused.
    words.fill("Mayor of Elsewhere")
    words.press("Enter")
    page.wait_for_selector("#alert >> text=not in the text")
    words.fill("Both")
    words.press("Enter")
    # Marked in the text, with a button.
    mark(page, "one of them")
    page.wait_for_selector("#edit-form")
    assert words.input_value() == "one of them"
    form.get_by_text("new speaker").click()
    save(page, form)
    view = layers.layer_view(Layer.objects.get(kind="gold", document__external_id="pier"))
    text = article("pier")
    (claim,) = [s for s in view.spans.values() if s.label == "CLAIM"]
    assert claim.text(text) == "that the pier had no budget"
    speakers = {span.text(text) for span in view.targets_of(claim.ident)}
    assert speakers == {"The auditor", "Both", "one of them"}


def test_moving_an_edge_of_ones_own_version_changes_nothing_else(
    harbour: Corpus, sign_in: Callable[..., Page]
) -> None:
    layer = Layer.objects.get(document__external_id="pier", owner__username="ann")
    span = layer.spans.get(label__name="CLAIM", start=article("pier").index("that the pier was"))
    span.attributes = {"stance": "oppose", "kind": "mixed", "target": "the  pier "}
    span.save()
    page = sign_in("alice")
    form = edit(page, "was too dear")
    page.keyboard.press("ArrowLeft")
    page.wait_for_selector("#draft-words:text-is('that the pier was too')")
    save(page, form)
    frame = Decision.objects.get(verb="settle", subject="dispute").after["frame"]
    held = page.evaluate("JSON.parse(document.getElementById('disputes').textContent)")
    dispute = next(d for d in held["disputes"] if d["start"] == frame["span"]["start"])
    before = dispute["versions"][0]
    assert frame["span"]["attributes"] == before["span"]["attributes"]
    assert [link["kind"] for link in frame["links"]] == ["said_by"]
    kept = before["links"][0]["span"]
    assert {name: kept[name] for name in ("start", "end", "attributes")} == {
        name: frame["links"][0]["span"][name] for name in ("start", "end", "attributes")
    }
    assert (frame["span"]["start"], frame["span"]["end"]) == (dispute["start"], dispute["end"] - 5)
