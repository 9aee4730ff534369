"""What one key accepts: what is missing stops, what fills it goes on, a change accepts nothing
else, and what rides along comes by itself.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page

from annotator.models import Decision, Layer
from corpus.core.schema_file import parse
from corpus.core.span import LayerView, Link, Span, layer_view
from corpus.services.corpora import create_corpus
from corpus.services.members import add_member
from tests.acts import find
from tests.browser.conftest import ready, saved
from tests.browser.review import focused, layer, opened, press, settled, written

pytestmark = pytest.mark.browser

TEXT = (
    "“The gate is late,” said Anna Holt.\n"
    "“Money is short,” said Ben Rask.\n"
    "“We shall wait,” said Cora Lind.\n"
)
# Idents: three claims, each with its speaker and its cue.
GATE, ANNA, SAID, MONEY, BEN, ALSO, WAIT, CORA, AGAIN = range(1, 10)


def claims() -> LayerView:
    """The first claim is without a stance; the second lacks nothing; the third lacks both."""
    quotes = ("“The gate is late,”", "“Money is short,”", "“We shall wait,”")
    spans, links = [], []
    people = ("Anna Holt", "Ben Rask", "Cora Lind")
    for number, (quote, who) in enumerate(zip(quotes, people, strict=True)):
        ident = 3 * number + 1
        start, end = find(quote, TEXT)
        attributes = {"kind": "direct"} | ({"stance": "oppose"} if number == 1 else {})
        spans += [
            Span(ident, "CLAIM", start, end, score=0.9, attributes=attributes),
            Span(ident + 1, "SPEAKER", *find(who, TEXT), score=0.9, attributes={"name": who}),
            Span(ident + 2, "CUE", end + 1, end + 5, score=0.9),
        ]
        if number < 2:
            links.append(Link(number + 1, "said_by", ident, ident + 1))
    return layer_view(spans, links)


@pytest.fixture
def page(corpus: Any, bob: Any, sign_in: Callable[..., Page], tmp_path: Any) -> Page:
    written(corpus, tmp_path, "claims", TEXT, claims())
    page = opened(sign_in("bob"), "claims")
    page.set_default_timeout(5000)
    return page


def state(page: Page, ident: int) -> str | None:
    return page.get_attribute(f"#article [data-span='{ident}']", "data-state")


def again(page: Page) -> Page:
    page.reload()
    return ready(page)


def test_the_one_key_that_is_missing_accepts_and_goes_on(page: Page) -> None:
    assert settled(page) == "4 unsettled · 0 of 4 settled"
    page.keyboard.press("Enter")
    page.wait_for_selector(".claim-card.focused .needs >> text=choose")
    assert focused(page) == "C1"
    view = press(page, "u")
    assert view.spans[GATE].attributes == {"kind": "direct", "stance": "support"}
    assert set(view.spans) == {GATE, ANNA, SAID}
    assert view.targets_of(GATE)[0].ident == ANNA
    assert (focused(page), settled(page)) == ("C2", "3 unsettled · 1 of 4 settled")


def test_a_group_is_undone_and_redone_as_one(page: Page) -> None:
    after = press(page, "u")
    assert press(page, "z").spans == {}
    assert focused(page) == "C1" and state(page, SAID) == "suggested"
    assert press(page, "Shift+z") == after
    again(page)
    assert press(page, "z").spans == {}


def test_of_two_missing_things_the_first_stays_and_the_second_goes_on(page: Page) -> None:
    page.click(f"#row-{WAIT}")
    page.keyboard.press("o")
    assert focused(page) == "C3" and settled(page).startswith("4 unsettled")
    view = press(page, "a")
    assert view.targets_of(WAIT)[0].ident == CORA and AGAIN in view.spans
    assert focused(page) == "C1"


def test_a_chip_of_the_card_accepts_and_goes_on_too(page: Page) -> None:
    page.click(".claim-card.focused button:has-text('neutral')")
    page.wait_for_selector("#row-4[aria-current=true]")
    assert press(page).spans[GATE].attributes["stance"] == "neutral"
    page.click(f"#row-{WAIT}")
    page.click(".claim-card.focused button:has-text('mixed')")
    page.click(".claim-card.focused button:has-text('not in text')")
    page.wait_for_selector(f"#row-{CORA}[aria-current=true]")
    assert press(page).spans[WAIT].attributes["speaker_state"] == "unknown"


def test_a_changed_value_of_an_accepted_item_moves_nothing(page: Page) -> None:
    press(page, "u")
    page.click(f"#row-{GATE}")
    assert press(page, "o").spans[GATE].attributes["stance"] == "oppose"
    assert focused(page) == "C1"


def test_a_moved_edge_accepts_nothing_until_enter(page: Page) -> None:
    page.click(f"#row-{MONEY}")
    view = press(page, "ArrowLeft")
    assert set(view.spans) == {MONEY} and view.links == {}
    assert (state(page, MONEY), state(page, BEN)) == ("edited", "suggested")
    assert focused(page) == "C2" and settled(page) == "4 unsettled · 0 of 4 settled"
    assert "not accepted" in (page.text_content(".claim-card.focused .badge") or "")
    assert "Ben Rask" in (page.text_content(".claim-card.focused") or "")
    again(page)
    assert settled(page) == "4 unsettled · 0 of 4 settled"
    page.click(f"#row-{MONEY}")
    view = press(page, "Enter")
    assert set(view.spans) == {MONEY, BEN, ALSO} and view.targets_of(MONEY)[0].ident == BEN
    assert view.spans[MONEY].text(TEXT) == "“Money is short"
    assert focused(page) == "C3" and state(page, MONEY) == "edited"
    again(page)
    assert settled(page) == "3 unsettled · 1 of 4 settled"
    assert set(press(page, "z").spans) == {MONEY}
    assert settled(page) == "4 unsettled · 0 of 4 settled"
    assert press(page, "z").spans == {}


def test_a_wrong_speaker_is_not_accepted_with_a_moved_edge(page: Page) -> None:
    page.click(f"#row-{MONEY}")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("l")
    page.click(f"#article [data-span='{CORA}']")
    view = press(page, "Enter")
    assert [span.ident for span in view.targets_of(MONEY)] == [CORA]
    assert BEN not in view.spans
    again(page)
    assert settled(page) == "2 unsettled · 1 of 3 settled"


def test_one_more_speaker_joins_the_suggested_one(page: Page) -> None:
    page.click(f"#row-{MONEY}")
    page.keyboard.press("l")
    page.keyboard.press("Shift+s")
    view = press(page, "Enter")
    assert {speaker.ident for speaker in view.targets_of(MONEY)} == {BEN, ANNA}


def test_what_was_changed_and_not_accepted_is_named_at_the_end(page: Page) -> None:
    press(page, "u", "ArrowLeft", "Control+Enter")
    page.wait_for_selector("dialog >> text=1 claim is changed and not accepted yet")
    assert page.is_disabled("#submit-layer")
    page.keyboard.press("Enter")
    page.wait_for_selector("dialog", state="detached")
    assert focused(page) == "C2"


def test_a_cue_is_no_item_and_is_reached_all_the_same(page: Page) -> None:
    codes = page.locator("#queue .cell-code").all_text_contents()
    assert codes == ["C1", "C2", "C3", "S3"]
    page.click(f"#article [data-span='{SAID}']")
    page.wait_for_selector(f".claim-card.focused[data-card='{SAID}']")
    page.click("[data-filter=all]")
    page.wait_for_selector(f"#row-{SAID}")
    page.click(f"#row-{GATE}")
    press(page, "x")
    assert state(page, SAID) == "suggested"
    page.click(f"#article [data-span='{ALSO}']")
    press(page, "x")
    page.click(f"#row-{MONEY}")
    view = press(page, "Enter")
    assert view.rejected == {GATE, ALSO} and set(view.spans) == {MONEY, BEN}


def test_accepting_many_takes_what_rides_along(page: Page) -> None:
    page.click("#find-many")
    page.select_option("#find [name=label]", "CLAIM")
    page.click("#find [data-action=acceptFound]")
    page.wait_for_timeout(50)
    saved(page)
    assert {SAID, ALSO, AGAIN} <= set(layer(page).spans)


def test_many_not_looked_at_are_handed_in_by_another_key(page: Page) -> None:
    page.keyboard.press("Control+Enter")
    page.wait_for_selector("dialog >> text=4 suggestions not looked at")
    assert page.evaluate("document.activeElement.textContent") == "Go to the first"
    page.click("#submit-layer")
    page.wait_for_selector("dialog >> text=not the same as rejecting")
    page.keyboard.press("Enter")
    page.wait_for_selector("dialog", state="detached")
    assert focused(page) == "C1" and Layer.objects.get(kind="review").state == "open"
    page.keyboard.press("Control+Enter")
    page.click("#submit-layer")
    page.wait_for_selector("dialog >> text=not the same as rejecting")
    page.keyboard.press("h")
    page.wait_for_selector("dialog >> text=Look at it again")
    left = Decision.objects.get(verb="leave")
    assert left.after == {"left": list(range(1, 10))}


def test_a_few_not_looked_at_are_handed_in_at_once(page: Page) -> None:
    press(page, "u", "Enter", "Control+Enter")
    page.wait_for_selector("dialog >> text=2 suggestions not looked at")
    assert page.evaluate("document.activeElement.textContent") == "Go to the first"
    page.click("#submit-layer")
    page.wait_for_selector("dialog >> text=Look at it again")


def test_an_accept_says_how_long_its_words_were_seen(page: Page) -> None:
    sent: list[dict[str, Any]] = []
    page.on(
        "request",
        lambda request: (
            sent.extend(request.post_data_json["decisions"])
            if request.url.endswith("/decisions/")
            else None
        ),
    )
    page.wait_for_timeout(700)
    press(page, "u", "ArrowLeft")
    seen = {(one["verb"], one["ident"]): one.get("seen_ms") for one in sent}
    assert seen["attribute", GATE] is None and seen["resize", MONEY] is None
    assert all(600 < seen["accept", ident] < 60_000 for ident in (GATE, ANNA, SAID))


FLAGS = {
    "labels": [
        {
            "name": "SCENE",
            "title": "Scene",
            "attributes": [
                {"name": "indoors", "title": "Indoors", "kind": "flag", "required": True},
                {
                    "name": "moods",
                    "title": "Moods",
                    "kind": "choices",
                    "choices": ["calm", "tense"],
                    "required": True,
                },
            ],
        },
        {"name": "WORD", "title": "Word", "fold": True},
    ],
    "links": [],
}


def test_flags_and_choices_of_any_schema(
    dave: Any, sign_in: Callable[..., Page], tmp_path: Any
) -> None:
    corpus = create_corpus("scenes", name="Scenes", schema=parse(FLAGS))
    add_member(corpus, dave, "reviewer")
    spans = [
        Span(1, "SCENE", *find("The gate is late", TEXT), attributes={"moods": ["calm"]}),
        Span(2, "SCENE", *find("Money is short", TEXT), attributes={"indoors": True}),
        Span(3, "WORD", *find("said", TEXT)),
    ]
    written(corpus, tmp_path, "scenes", TEXT, layer_view(spans, []))
    page = sign_in("dave")
    page.goto("/corpora/scenes/documents/scenes/review/")
    ready(page)
    chip = page.locator(".claim-card.focused [data-action=toggle]:has-text('no')")
    view = press(page, *(chip.locator("kbd").text_content() or ""))
    assert view.spans[1].attributes == {"moods": ["calm"], "indoors": False}
    assert set(view.spans) == {1, 3}
    page.wait_for_selector("#row-2[aria-current=true]")
    # Of several choices more may follow, so that Enter accepts.
    page.click(".claim-card.focused button:has-text('calm')")
    page.click(".claim-card.focused button:has-text('tense')")
    view = press(page)
    assert view.spans[2].attributes["moods"] == ["calm", "tense"]
    assert settled(page) == "1 unsettled · 1 of 2 settled"
    press(page, "Enter")
    assert settled(page) == "0 unsettled · 2 of 2 settled"
