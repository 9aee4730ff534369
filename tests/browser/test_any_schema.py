"""Review under a schema of one's own: every link and attribute by keys and mouse, undone each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from annotator.models import Layer
from annotator.services.decision_log import drift
from corpus.core.span import LayerView
from corpus.services.members import add_member
from tests.browser.conftest import ready
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
    TOMAS,
    UNION,
    entities,
    link_of,
)
from tests.browser.review import focused, press, settled
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
            settled(page)
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
    assert "changed and not accepted yet" in words and page.is_disabled("#submit-layer")
    page.keyboard.press("Escape")
    for ident in set(BY_KEYS) - {ADA_AGAIN}:
        go_to(page, ident)
        page.keyboard.press("Enter")
    press(page, "Control+Enter")
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
    press(page, "n")
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
    press(page, "n", "Enter", "Control+Enter")
    page.wait_for_selector("dialog")
    assert "1 person is incomplete." in page.inner_text("dialog")
    page.click("dialog >> text=P1 Ada Lund (missing: Works for, with O1)")
    assert focused(page) == "O1"
    press(page, "Enter", "Control+Enter")
    page.wait_for_selector("#submit-layer:enabled")


def test_a_link_taken_off_while_its_end_waits_stays_off_after_a_reload(page: Page) -> None:
    press(page, "n", "Enter")
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
