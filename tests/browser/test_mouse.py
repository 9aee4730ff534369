"""The mouse does everything that the keys do, and undo takes back each of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Error, Page

from corpus.core.span import LayerView
from tests.acts import TEXT, suggested
from tests.browser.review import ENDS, opened, press, written

pytestmark = pytest.mark.browser


@pytest.fixture
def page(document: Any, bob: Any, sign_in: Callable[..., Page]) -> Page:
    document.corpus.targets = ["the wall", "the tax"]
    document.corpus.save()
    page = opened(sign_in("bob"))
    page.set_default_timeout(3000)
    return page


def clicked(page: Page, *selectors: str) -> LayerView:
    for selector in selectors:
        page.click(selector)
    return press(page)


CARD = ".claim-card.focused"
MOUSE: dict[str, tuple[list[str], Callable[[LayerView], object]]] = {
    "accept": ([f"{CARD} [data-action=accept]"], lambda view: set(view.spans) == {1, 2}),
    "reject": ([f"{CARD} [data-action=reject]"], lambda view: view.rejected == {1}),
    "stance": (
        [f"{CARD} [data-action=toggle]:has-text('support')"],
        lambda view: view.spans[1].attributes["stance"] == "support",
    ),
    "no speaker": (
        [f"{CARD} [data-action=noLink]:has-text('not in text')"],
        lambda view: not view.links,
    ),
    "the writer": (
        [f"{CARD} [data-action=noLink]:has-text('the writer')"],
        lambda view: view.spans[1].attributes["speaker_state"] == "author",
    ),
    "drop speaker": ([f"{CARD} [data-action=dropLink]"], lambda view: not view.links),
    "pick speaker": (
        [f"{CARD} [data-action=link]", f"{CARD} [data-action=pick] >> nth=1"],
        lambda view: view.targets_of(1)[0].ident == 5,
    ),
    "add speaker": (
        [
            f"{CARD} [data-action=link]",
            f"{CARD} [data-action=also]",
            f"{CARD} [data-action=pick] >> nth=1",
        ],
        # The suggested one comes when the claim is accepted.
        lambda view: [speaker.ident for speaker in view.targets_of(1)] == [5],
    ),
    "speaker in the text": (
        [f"{CARD} [data-action=link]", "#article [data-span='5']"],
        lambda view: view.targets_of(1)[0].ident == 5,
    ),
    "find speaker": (
        [f"{CARD} [data-action=findTarget]", "dialog .choice:has-text('Okafor')"],
        lambda view: view.targets_of(1)[0].ident == 5,
    ),
    "target": (
        [f"{CARD} [data-action=field]", "dialog .choice >> nth=1"],
        lambda view: view.spans[1].attributes["target"] == "the tax",
    ),
    "kind": (
        [f"{CARD} [role=group][aria-label=kind] button:has-text('mixed')"],
        lambda view: view.spans[1].attributes["kind"] == "mixed",
    ),
    "label": (
        [f"{CARD} [data-action=relabel][data-arg=CUE]"],
        lambda view: view.spans[1].label == "CUE",
    ),
    "edge by word": (
        [f"{CARD} [data-arg='-1,word']"],
        lambda view: view.spans[1].text(TEXT)[-4:] == "hold",
    ),
    "edge by character": (
        [f"{CARD} [data-arg='-1,grapheme']"],
        lambda view: view.spans[1].text(TEXT)[-1] == ",",
    ),
    "edge to the clause": (
        [f"{CARD} [data-arg='1,natural']"],
        lambda view: view.spans[1].text(TEXT)[-6:] == "Brandt",
    ),
    "other edge": (
        [f"{CARD} [data-action=otherEdge]", f"{CARD} [data-arg='1,word']"],
        lambda view: view.spans[1].text(TEXT)[:3] == "The",
    ),
    "undo": ([f"{CARD} [data-action=accept]", "#undo"], lambda view: not view.spans),
    "redo": (
        [f"{CARD} [data-action=accept]", "#undo", "#redo"],
        lambda view: set(view.spans) == {1, 2},
    ),
    "next": (
        ["#queue [role=row] >> nth=1", f"{CARD} [data-action=reject]"],
        lambda view: view.rejected == {4},
    ),
    "a mark in the text": (
        ["#article [data-span='6']", f"{CARD} [data-action=reject]"],
        lambda view: view.rejected == {6},
    ),
    "the key bar": (["#key-bar [data-action=reject]"], lambda view: view.rejected == {1}),
}


def test_the_mouse_does_what_the_keys_do_and_undo_takes_it_back(
    corpus: Any, page: Page, tmp_path: Any
) -> None:
    wrong = {}
    for number, (name, (selectors, holds)) in enumerate(MOUSE.items()):
        written(corpus, tmp_path, f"sea-wall-{number}", f"{TEXT}{number}\n", suggested())
        opened(page, f"sea-wall-{number}")
        try:
            assert holds(clicked(page, *selectors)), "did not"
            if name not in ("undo", "redo"):
                assert press(page, "z") == LayerView(), "was not undone"
        except (AssertionError, Error) as error:
            wrong[name] = str(error).splitlines()[0]
            page.keyboard.press("Escape")
    assert wrong == {}


def test_an_edge_is_dragged_by_its_handle(page: Page) -> None:
    start = page.locator("#handle-end").bounding_box()
    _, to = page.evaluate(ENDS, "Ilse")
    assert start
    page.mouse.move(start["x"] + 12, start["y"] + 8)
    page.mouse.down()
    page.mouse.move(*to, steps=6)
    page.mouse.up()
    assert press(page).spans[1].text(TEXT) == "“The wall will not hold,” said Mayor Ilse"
    assert press(page, "z").spans == {}
