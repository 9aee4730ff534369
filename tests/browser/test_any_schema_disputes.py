"""Adjudication under a schema of one's own: disputes on links, attributes and the document are
settled by keys, undone each, and edited.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from annotator.core.decisions import link_value, span_value
from annotator.models import Adjudication, Dispute, Layer
from annotator.selectors import layers
from annotator.services import review
from annotator.services.decision_log import drift
from corpus.core.span import LayerView, Link
from corpus.models import Corpus, Document
from corpus.services.members import add_member
from tests.acts import person
from tests.browser.conftest import ready, saved
from tests.browser.entities import (
    ADA,
    BAY,
    ELLIS,
    STAR,
    TEXT,
    TOMAS,
    UNION,
    entities,
    link_of,
    suggested,
)
from tests.browser.test_access import clean
from tests.browser.test_any_schema import WIDE, keys

pytestmark = pytest.mark.browser


def handed_in(document: Document, name: str, view: LayerView) -> None:
    """Hand in a review that holds these spans, links and attributes of the document."""
    user = person(name)
    add_member(document.corpus, user, "reviewer")
    mine = review.open_layer(document, by=user)
    decisions: list[dict[str, Any]] = []

    def decide(verb: str, subject: str, ident: int, after: Any, **more: Any) -> None:
        client = str(uuid.uuid4())
        row = {"client_id": client, "verb": verb, "subject": subject, "ident": ident}
        decisions.append({**row, "after": after, **more})

    for span in view.in_order():
        decide("accept", "span", span.ident, dict(span_value(span)), exact=span.text(TEXT))
    for link in view.links.values():
        decide("link", "link", link.ident, dict(link_value(link)))
    decide("accept", "document", 0, {"attributes": dict(view.attributes)})
    review.decide(mine, decisions, by=user, at=0)
    review.hand_in(mine, by=user, at=len(decisions))


@pytest.fixture
def disputed(transactional_db: None, tmp_path: Path) -> Corpus:
    """Two reviews that differ in links of three kinds, attributes, a span, and the document."""
    corpus = entities(tmp_path, reviewers_per_document=2)
    add_member(corpus, person("alice"), "manager")
    document = Document.objects.get(corpus=corpus)
    first = replace(suggested(), attributes={"genre": "news"})
    spans = {ident: span for ident, span in first.spans.items() if ident != STAR}
    bay = {"weight": "minor", "topics": ["sea"], "public": False, "year": 1990}
    spans[BAY] = replace(spans[BAY], attributes=bay)
    links = {ident: link for ident, link in first.links.items() if link.kind != "knows"}
    links[1] = Link(1, "works_for", ADA, BAY, {"as": "member", "since": 2001})
    links[6] = Link(6, "works_for", TOMAS, UNION, {"as": "head"})
    links[7] = Link(7, "based_in", BAY, ELLIS)
    second = replace(first, spans=spans, links=links, attributes={"genre": "opinion"})
    handed_in(document, "ann", first)
    handed_in(document, "ben", second)
    return corpus


def adjudication(page: Page) -> Page:
    page.goto("/corpora/towns/documents/fair/adjudicate/")
    return ready(page)


def gold() -> LayerView:
    return layers.layer_view(Layer.objects.get(kind="gold"))


def in_gold(view: LayerView) -> set[tuple[str, str, str]]:
    """Return the links of gold by the words at their ends."""
    return {
        (x.kind, view.spans[x.source].text(TEXT), view.spans[x.target].text(TEXT))
        for x in view.links.values()
    }


def version(page: Page, words: str) -> str:
    """Return the key of the version that says these words, in the dispute in focus."""
    for found in page.locator(".dispute[aria-current=true] .version[data-action=take]").all():
        if words in found.inner_text():
            return found.get_attribute("data-arg") or ""
    raise AssertionError(page.inner_text(".dispute[aria-current=true]"))


def settle(page: Page, key: str) -> None:
    """Settle the dispute in focus; undo and settle it again."""
    ident = page.get_attribute(".dispute[aria-current=true]", "data-dispute")
    for step in (key, "z", key):
        page.keyboard.press(step)
        closed = ".settled" if step == key else ":not(.settled)"
        page.wait_for_selector(f".dispute[data-dispute='{ident}']{closed}")
        saved(page)


def test_disputes_on_links_and_attributes_are_settled_by_keys(
    disputed: Corpus, sign_in: Callable[..., Page]
) -> None:
    page = adjudication(sign_in("alice"))
    words = page.inner_text("body")
    assert not any(word in words for word in ("claim", "speaker", "stance"))
    settle(page, version(page, "Knows: Tomas Okafor"))
    settle(page, version(page, "Topics: sea"))
    settle(page, version(page, "the Dock Union"))
    settle(page, "0")
    assert "The document" in page.inner_text(".dispute[aria-current=true]")
    settle(page, version(page, "opinion"))
    page.wait_for_selector("text=5 of 5 settled")
    assert Adjudication.objects.get().state == "done"
    view = gold()
    assert view.attributes == {"genre": "opinion"}
    assert in_gold(view) == {
        ("works_for", "Ada Lund", "Bay Water"),
        ("knows", "Tomas Okafor", "Ada Lund"),
        ("holds", "Ada Lund", "the harbour board"),
        ("based_in", "Bay Water", "Lake Orrin"),
        ("based_in", "Bay Water", "Port Ellis"),
        ("works_for", "Tomas Okafor", "the Dock Union"),
        ("passed_on", "The Harbour Act", "3 May 1998"),
    }
    assert "The Northern Star" not in {span.text(TEXT) for span in view.spans.values()}


def test_single_facets_are_taken_from_other_versions(
    disputed: Corpus, sign_in: Callable[..., Page]
) -> None:
    page = adjudication(sign_in("alice"))
    with_knows = version(page, "Knows: Tomas Okafor")
    other = {"1": "2", "2": "1"}[with_knows]
    page.keyboard.press(f"Shift+{other}")
    page.keyboard.press(with_knows)
    page.wait_for_selector("text=1 of 5 settled")
    saved(page)
    settled = Dispute.objects.get(state="settled")
    assert settled.facet == "works_for"
    value = gold().settled[settled.ident]
    assert value["facets"] == {"works_for": int(other)}
    kinds = {link["kind"] for link in value["frame"]["links"]}
    assert kinds == {"works_for", "knows", "holds"}


def test_an_edit_holds_several_kinds_of_links_and_attributes(
    disputed: Corpus, sign_in: Callable[..., Page]
) -> None:
    page = adjudication(sign_in("alice"))
    page.keyboard.press("e")
    form = page.locator("#edit-form")
    form.locator("[data-kind=works_for] select").first.select_option(
        label="Bay Water (organisation D2)"
    )
    form.locator("[name$=':since']").fill("1997")
    form.locator("[data-kind=takes_part] select").select_option(
        label="the spring fair (public event)"
    )
    form.locator("[data-kind=holds] >> text=+ another").click()
    assert form.locator("[data-kind=holds] select").count() == 2
    form.locator("[name='attribute:weight']").select_option("passing")
    form.locator("[name='attribute:topics'][value=tax]").check()
    form.locator("[name='attribute:public']").select_option(label="yes")
    form.locator("[name='attribute:alias']").fill("The chair")
    form.locator("[name='attribute:year']").fill("1950")
    form.locator("[name=reason]").fill("Both are right in part.")
    form.locator("button[type=submit]").click()
    page.wait_for_selector("text=1 of 5 settled")
    saved(page)
    view = gold()
    ada = min((s for s in view.spans.values() if s.text(TEXT) == "Ada Lund"), key=lambda s: s.start)
    assert dict(ada.attributes) == {
        "weight": "passing",
        "topics": ["tax"],
        "public": True,
        "alias": "The chair",
        "year": 1950,
    }
    assert ("takes_part", "Ada Lund", "the spring fair") in in_gold(view)
    # The link to Bay Water appears when the dispute on it is settled.
    settle(page, "1")
    view = gold()
    assert link_of(view, "works_for", ada.ident).attributes["since"] == 1997
    assert drift(Layer.objects.get(kind="gold")) == ""


@pytest.mark.parametrize("width", [1440, 390])
def test_axe_finds_nothing_in_the_adjudication(
    disputed: Corpus, sign_in: Callable[..., Page], width: int
) -> None:
    page = adjudication(sign_in("alice", width=width, height=844))
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        for steps in ([], ["e"], ["Escape", *["ArrowDown"] * 4], ["e"], ["Escape"]):
            keys(*steps)(page)
            page.wait_for_timeout(100)
            assert page.evaluate(WIDE) <= 0
            clean(page)


def test_a_version_of_ones_own_has_another_label_and_new_spans(
    disputed: Corpus, sign_in: Callable[..., Page]
) -> None:
    page = adjudication(sign_in("alice"))
    page.keyboard.press("e")
    form = page.locator("#edit-form")
    form.locator("[name='attribute:alias']").fill("The chair")
    form.locator("[name=label]").select_option(label="Organisation")
    # The links and fields of the new label, and what both labels know.
    form.locator("[data-kind=based_in]").wait_for()
    assert form.locator("[data-kind=works_for]").count() == 0
    assert form.locator("[name='attribute:alias']").input_value() == "The chair"
    assert page.evaluate("document.activeElement.name") == "label"
    form.locator("[name=words]").fill("Dock")
    form.get_by_text("new Based in").click()
    form.locator("[name=words]").fill("Ada Lund runs")
    form.get_by_text("the organisation itself").click()
    page.wait_for_selector("#draft-words:text-is('Ada Lund runs')")
    form.locator("[name=reason]").fill("It is a firm.")
    form.locator("button[type=submit]").click()
    page.wait_for_selector("text=1 of 5 settled")
    saved(page)
    view = gold()
    (ada,) = [s for s in view.spans.values() if s.text(TEXT) == "Ada Lund runs"]
    assert ada.label == "ORG" and ada.attributes["alias"] == "The chair"
    assert "employment" not in ada.attributes
    assert ("based_in", "Ada Lund runs", "Dock") in in_gold(view)
    assert {s.label for s in view.spans.values() if s.text(TEXT) == "Dock"} == {"PLACE"}
    assert drift(Layer.objects.get(kind="gold")) == ""


def test_a_link_that_gold_cannot_hold_is_named(
    disputed: Corpus, sign_in: Callable[..., Page]
) -> None:
    page = adjudication(sign_in("alice"))
    assert page.is_hidden("#left-out")
    works_for = page.get_attribute(".dispute[aria-current=true]", "data-dispute")
    page.keyboard.press("1")
    page.wait_for_selector("text=1 of 5 settled")
    saved(page)
    # Bay Water, where the link goes, is settled as nothing.
    page.keyboard.press("0")
    page.wait_for_selector("text=2 of 5 settled")
    saved(page)
    said = "Works for: Bay Water (nothing was settled there)"
    assert said in page.inner_text(f".dispute[data-dispute='{works_for}']")
    assert page.inner_text("#left-out-summary").endswith("left out of gold")
    assert said in (page.text_content("#left-out-list") or "")
    page.wait_for_selector(f"#status:has-text('{said}')", state="attached")
    page.keyboard.press("z")
    page.wait_for_selector("text=1 of 5 settled")
    saved(page)
    assert page.is_hidden("#left-out")
