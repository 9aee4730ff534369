"""One key makes a span of the marked words and links the item in hand to it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from annotator.models import Decision
from corpus.core.span import LayerView, Span, layer_view
from corpus.services.members import add_member
from tests.acts import TEXT, find
from tests.browser.entities import ADA, BAY, FAIR, TOMAS, UNION, entities
from tests.browser.review import drag, focused, layer, opened, press, said, written
from tests.browser.test_any_schema import go_to, review_page
from tests.browser.test_any_schema import said as links_of

pytestmark = pytest.mark.browser

CLAIM = "that the town was broke"


@pytest.fixture
def page(corpus: Any, bob: Any, sign_in: Callable[..., Page], tmp_path: Any) -> Page:
    """A claim that only lacks its speaker, who was missed, and one that is right."""
    attributes = {"kind": "indirect", "stance": "oppose"}
    lacking = Span(1, "CLAIM", *find(CLAIM), score=0.9, attributes=attributes)
    done = Span(
        2,
        "CLAIM",
        *find("“The wall will not hold,”"),
        score=0.9,
        attributes={**attributes, "speaker_state": "author"},
    )
    written(corpus, tmp_path, "missed", TEXT, layer_view([lacking, done], []))
    page = opened(sign_in("bob"), "missed")
    go_to(page, 1)
    page.evaluate(
        """() => {
          window.keys = 0;
          document.addEventListener("keydown", (event) => {
            if (!["Shift", "Control"].includes(event.key)) window.keys += 1;
          }, true);
        }"""
    )
    return page


def speakers(view: LayerView, ident: int = 1) -> list[str]:
    return [speaker.text(TEXT) for speaker in view.targets_of(ident)]


def popup(page: Page) -> list[str]:
    return page.eval_on_selector_all(
        "#label-popup button", "all => all.map((one) => one.textContent)"
    )


def test_a_missed_speaker_costs_marking_and_one_key(page: Page) -> None:
    drag(page, "Opposition leader Tomas Okafor")
    assert speakers(press(page, "1")) == ["Opposition leader Tomas Okafor"]
    assert page.evaluate("window.keys") == 1
    assert page.text_content("#settled") == "1 unsettled · 1 of 2 settled"
    assert layer().spans[1].attributes["speaker_state"] == "linked"
    assert len({decision.group for decision in Decision.objects.all()}) == 1
    assert press(page, "z") == LayerView()
    assert focused(page) == "C2"
    assert speakers(press(page, "Shift+z")) == ["Opposition leader Tomas Okafor"]
    assert focused(page) == "C2"


def test_the_claim_stays_in_hand_and_takes_a_second_speaker(page: Page) -> None:
    drag(page, "Opposition leader Tomas Okafor")
    press(page, "1")
    go_to(page, 1)
    drag(page, "Mayor Ilse Brandt")
    view = press(page, "1")
    assert sorted(speakers(view)) == ["Mayor Ilse Brandt", "Opposition leader Tomas Okafor"]
    assert focused(page) == "C2"
    said(page, "Speaker of C2: S2 Mayor Ilse Brandt.")


def test_words_marked_before_are_linked_to_and_not_marked_twice(page: Page) -> None:
    for ident in (1, 2):
        go_to(page, ident)
        drag(page, "Mayor Ilse Brandt")
        press(page, "1")
    view = layer(page)
    assert speakers(view, 1) == speakers(view, 2) == ["Mayor Ilse Brandt"]
    assert [span.label for span in view.spans.values()].count("SPEAKER") == 1


def test_the_caret_does_it_too_and_the_popup_says_what_the_key_does(page: Page) -> None:
    page.keyboard.press("Space")
    page.keyboard.press("Shift+ArrowRight")
    assert popup(page)[:3] == ["1 Speaker of C2", "2 Claim", "3 Cue"]
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    assert len(speakers(press(page))) == 1
    # Nothing else was missing, so the claim is accepted and the other one is in hand.
    assert focused(page) == "C1"
    assert page.get_attribute("#row-1", "data-row-state") == "edited"
    assert page.text_content("#settled") == "1 unsettled · 1 of 2 settled"


@pytest.mark.parametrize("way", ["key", "popup"])
def test_a_speaker_may_stay_alone(page: Page, way: str) -> None:
    drag(page, "Mayor Ilse Brandt")
    if way == "key":
        page.keyboard.press("Shift+Digit1")
    else:
        page.click("#label-popup >> text=Speaker alone")
    view = press(page)
    assert [span.text(TEXT) for span in view.spans.values()] == ["Mayor Ilse Brandt"]
    assert not view.links
    assert focused(page) == "S1"


@pytest.fixture
def towns(transactional_db: None, dave: Any, tmp_path: Path, sign_in: Callable[..., Page]) -> Page:
    add_member(entities(tmp_path), dave, "reviewer")
    return review_page(sign_in("dave"))


def test_links_of_any_schema_are_made_by_the_key_of_their_target(towns: Page) -> None:
    go_to(towns, ADA)
    drag(towns, "the spring fair")
    assert ("takes_part", ADA, FAIR) in links_of(press(towns, "4"))
    drag(towns, "Tomas Okafor")
    assert ("knows", ADA, TOMAS) in links_of(press(towns, "1"))
    assert focused(towns) == "P1"
    go_to(towns, UNION)
    drag(towns, "Port")
    view = press(towns, "3")
    (made,) = [span for span in view.spans.values() if span.label == "PLACE"]
    assert ("based_in", UNION, made.ident) in links_of(view)


def test_what_cannot_be_linked_is_added_alone_and_that_is_said(towns: Page) -> None:
    go_to(towns, ADA)
    drag(towns, "the Dock Union")
    assert "2 Organisation, not linked" in popup(towns)
    view = press(towns, "2")
    assert [span.label for span in view.spans.values()] == ["ORG"]
    said(towns, "Added, not linked: P1 has its one Works for.")
    go_to(towns, BAY)
    drag(towns, "harbour")
    assert {span.label for span in press(towns, "7").spans.values()} == {"ORG", "OFFICE"}
    said(towns, "Added, not linked: no link goes to it from Organisation.")
