"""Review and adjudication of a schema of one's own: every link and attribute by keys and by mouse,
undone each, settled by keys.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
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
    ACT,
    ADA,
    ADA_AGAIN,
    BAY,
    BOARD,
    ELLIS,
    FAIR,
    MAY,
    ORRIN,
    STAR,
    TEXT,
    TOMAS,
    UNION,
    entities,
    suggested,
)
from tests.browser.review import focused, press
from tests.browser.test_access import clean

pytestmark = pytest.mark.browser
CARD = ".claim-card.focused"
WIDE = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.fixture
def page(transactional_db: None, dave: Any, tmp_path: Path, sign_in: Callable[..., Page]) -> Page:
    add_member(entities(tmp_path), dave, "reviewer")
    found = sign_in("dave")
    found.set_default_timeout(5000)
    return review_page(found)


def review_page(page: Page) -> Page:
    page.goto("/corpora/towns/documents/fair/review/")
    return ready(page)


def go_to(page: Page, ident: int) -> None:
    page.click(f"#row-{ident}")
    page.wait_for_selector(f"#row-{ident}[aria-current=true]")


def said(view: LayerView) -> set[tuple[str, int, int]]:
    """Return the links as kind, source and target."""
    return {(link.kind, link.source, link.target) for link in view.links.values()}


def link_of(view: LayerView, kind: str, source: int) -> Link:
    found = [x for x in view.links.values() if (x.kind, x.source) == (kind, source)]
    return found[0] if found else Link(0, kind, source, 0)


def undone(page: Page, before: LayerView, after: LayerView) -> None:
    """What was done is undone, done again, and stays."""
    assert press(page, "z") == before
    assert press(page, "Shift+z") == after


def typed(page: Page, words: str) -> None:
    page.wait_for_selector("dialog")
    page.keyboard.type(words)
    page.keyboard.press("Enter")
    page.wait_for_selector("dialog", state="detached")


Step = tuple[Callable[[Page], object], Callable[[LayerView], object]]


def keys(*names: str) -> Callable[[Page], object]:
    def act(page: Page) -> None:
        for name in names:
            page.keyboard.press(name)

    return act


def fields(*answers: str) -> Callable[[Page], object]:
    """Go on to the next field as often as there are answers; the last one is changed."""

    def act(page: Page) -> None:
        for answer in answers[:-1]:
            page.keyboard.press("t")
            page.wait_for_selector(f"dialog h2:has-text('{answer}')")
            page.keyboard.press("Escape")
            page.wait_for_selector("dialog", state="detached")
        page.keyboard.press("t")
        typed(page, answers[-1])

    return act


def clicks(*selectors: str) -> Callable[[Page], object]:
    def act(page: Page) -> None:
        for selector in selectors:
            page.click(selector)

    return act


def row(name: str) -> str:
    return f'{CARD} [role=group][aria-label="{name}"]'


def filled(selector: str, words: str) -> Callable[[Page], object]:
    def act(page: Page) -> None:
        page.fill(selector, words)
        page.press(selector, "Tab")

    return act


def has(ident: int, name: str, value: Any) -> Callable[[LayerView], object]:
    return lambda view: view.spans[ident].attributes.get(name) == value


def document_has(name: str, value: Any) -> Callable[[LayerView], object]:
    return lambda view: view.attributes.get(name) == value


def linked(kind: str, source: int, target: int) -> Callable[[LayerView], object]:
    return lambda view: (kind, source, target) in said(view)


def link_has(kind: str, source: int, name: str, value: Any) -> Callable[[LayerView], object]:
    return lambda view: link_of(view, kind, source).attributes.get(name) == value


BY_KEYS: Mapping[int, list[Step]] = {
    0: [
        (keys("n"), document_has("genre", "news")),
        (keys("w"), document_has("places", ["north"])),
        (keys("u"), document_has("places", ["north", "south"])),
        (keys("i"), document_has("checked", True)),
        (keys("i"), document_has("checked", False)),
    ],
    ADA: [
        (keys("w"), has(ADA, "weight", "minor")),
        (keys("u"), has(ADA, "weight", "main")),
        (keys("s"), has(ADA, "topics", ["sea"])),
        (keys("b"), has(ADA, "topics", ["sea", "work"])),
        (keys("d"), has(ADA, "public", True)),
        (fields("Ada"), has(ADA, "alias", "Ada")),
        (fields("1960"), has(ADA, "year", 1960)),
        (keys("l", "s"), linked("works_for", ADA, UNION)),
        (keys("m"), link_has("works_for", ADA, "as", "member")),
        (fields("2001"), link_has("works_for", ADA, "since", 2001)),
        (keys("n", "s"), linked("knows", ADA, ADA_AGAIN)),
        (keys("i", "a"), linked("takes_part", ADA, FAIR)),
        (keys("0"), lambda view: "works_for" not in {x.kind for x in view.links.values()}),
        (keys("l", "a"), linked("works_for", ADA, BAY)),
        (keys("m"), link_has("works_for", ADA, "as", "member")),
        (keys("y"), link_has("works_for", ADA, "as", "head")),
    ],
    BAY: [
        (keys("n", "a"), linked("based_in", BAY, ORRIN)),
    ],
    FAIR: [(keys("l", "a"), linked("based_in", FAIR, ELLIS))],
    ACT: [(keys("l", "a"), linked("passed_on", ACT, MAY))],
    TOMAS: [
        (keys("0"), has(TOMAS, "employment", "none")),
        (keys("n", "a"), lambda view: ("knows", TOMAS, ADA) not in said(view)),
    ],
    ADA_AGAIN: [(keys("x"), lambda view: ADA_AGAIN in view.rejected)],
}


def run(page: Page, steps: Mapping[int, list[Step]]) -> dict[str, str]:
    wrong = {}
    for ident, acts in steps.items():
        for number, (act, holds) in enumerate(acts):
            go_to(page, ident)
            before = press(page)
            act(page)
            after = press(page)
            place = f"{ident}, step {number}"
            if after == before or not holds(after):
                wrong[place] = f"{after.spans.get(ident)} {said(after)} {after.attributes}"
                continue
            undone(page, before, after)
    return wrong


def test_everything_is_done_by_keys_undone_and_handed_in(page: Page) -> None:
    assert focused(page) == "Doc"
    page.keyboard.press("Enter")
    assert focused(page) == "Doc"
    assert run(page, BY_KEYS) == {}
    page.keyboard.press("Control+Enter")
    page.wait_for_selector("dialog")
    words = page.inner_text("dialog")
    assert "claim" not in words and "speaker" not in words
    page.click("#submit-layer")
    page.wait_for_selector("dialog >> text=Submitted")
    found = Layer.objects.get(kind="review")
    assert (found.state, drift(found)) == ("submitted", "")


BY_MOUSE: Mapping[int, list[Step]] = {
    0: [
        (clicks(f"{row('Genre')} >> text=opinion"), document_has("genre", "opinion")),
        (clicks(f"{row('Regions')} >> text=south"), document_has("places", ["south"])),
        (clicks(f"{row('Facts checked')} >> text=no"), document_has("checked", False)),
    ],
    ADA: [
        (clicks(f"{row('Weight in the story')} >> text=minor"), has(ADA, "weight", "minor")),
        (clicks(f"{row('Topics')} >> text=tax"), has(ADA, "topics", ["tax"])),
        (clicks(f"{row('Public')} >> text=no"), has(ADA, "public", False)),
        (filled(f"{row('Also known as')} input", "A. L."), has(ADA, "alias", "A. L.")),
        (filled(f"{row('Year of origin')} input", "1961"), has(ADA, "year", 1961)),
        (
            clicks(f"{row('Works for')} [data-action=link]", f"#article [data-span='{UNION}']"),
            linked("works_for", ADA, UNION),
        ),
        (
            clicks(f"{row('O2: In which role')} >> text=member"),
            link_has("works_for", ADA, "as", "member"),
        ),
        (
            filled(f"{row('O2: Since')} input", "1999"),
            link_has("works_for", ADA, "since", 1999),
        ),
        (
            clicks(f"{row('Takes part in')} [data-action=findTarget]", "dialog .choice"),
            linked("takes_part", ADA, FAIR),
        ),
        (
            clicks(f"{row('Takes part in')} [data-action=dropLink]"),
            lambda view: ("takes_part", ADA, FAIR) not in said(view),
        ),
        (
            clicks(f"{row('Knows')} [data-action=link]", f"{CARD} [data-action=pick] >> nth=1"),
            linked("knows", ADA, ADA_AGAIN),
        ),
        (
            clicks(f"{row('Holds office')} [data-action=dropLink]"),
            lambda view: ("holds", ADA, BOARD) not in said(view),
        ),
        (clicks(f"{row('Works for')} [data-action=noLink]"), has(ADA, "employment", "none")),
    ],
    ADA_AGAIN: [
        # A symmetric link is there at its other end too.
        (
            clicks(f"{row('Knows')} [data-action=dropLink]"),
            lambda view: ("knows", ADA, ADA_AGAIN) not in said(view),
        ),
    ],
    STAR: [
        (clicks(f"{row('label')} >> text=Law or order"), lambda v: v.spans[STAR].label == "LAW"),
    ],
    ORRIN: [(clicks(f"{CARD} [data-action=accept]"), lambda view: ORRIN in view.spans)],
}


def test_everything_is_done_by_mouse_and_undone(page: Page) -> None:
    assert run(page, BY_MOUSE) == {}


def test_a_suggested_link_comes_with_the_later_of_its_ends(page: Page) -> None:
    press(page, "n", "Enter")
    view = press(page, "Enter")
    assert set(view.spans) == {ADA, BOARD}
    assert said(view) == {("holds", ADA, BOARD)}
    go_to(page, ADA)
    assert page.locator(f"{CARD} .waiting").count() == 2
    go_to(page, BAY)
    view = press(page, "Enter")
    assert ("works_for", ADA, BAY) in said(view)
    assert link_of(view, "works_for", ADA).attributes == {"as": "head"}
    page.wait_for_selector(f"#row-{ADA}.settled")


def test_a_required_link_that_waits_is_named_at_the_end_and_can_be_had(page: Page) -> None:
    press(page, "n", "Enter", "Enter", "Control+Enter")
    page.wait_for_selector("dialog")
    assert "1 person is incomplete." in page.inner_text("dialog")
    page.click("dialog >> text=P1 Ada Lund (missing: Works for, with O1)")
    assert focused(page) == "O1"
    press(page, "Enter", "Control+Enter")
    page.wait_for_selector("dialog >> text=submit anyway")


def test_a_link_taken_off_while_its_end_waits_stays_off_after_a_reload(page: Page) -> None:
    press(page, "n", "Enter", "Enter")
    go_to(page, ADA)
    page.click(f"{row('Knows')} [data-action=dropLink]")
    press(page)
    review_page(page)
    go_to(page, TOMAS)
    view = press(page, "0", "Enter")
    assert TOMAS in view.spans and ("knows", TOMAS, ADA) not in said(view)


@pytest.mark.parametrize("width", [1440, 390])
def test_axe_finds_nothing_and_nothing_is_wider_than_the_screen(
    page: Page, sign_in: Callable[..., Page], width: int
) -> None:
    narrow = review_page(sign_in("dave", width=width, height=844))
    for scheme in ("light", "dark"):
        narrow.emulate_media(color_scheme=scheme)
        for steps in ([], ["ArrowDown"], ["l"]):
            keys(*steps)(narrow)
            narrow.wait_for_timeout(100)
            assert narrow.evaluate(WIDE) <= 0
            clean(narrow)
        keys("Escape", "t")(narrow)
        narrow.wait_for_selector("dialog")
        clean(narrow)
        review_page(narrow)


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
    settle(page, version(page, "Works for: the Dock Union"))
    settle(page, "0")
    assert "The document" in page.inner_text(".dispute[aria-current=true]")
    settle(page, version(page, "Genre: opinion"))
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
        "employment": "employed",
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
