"""What each key of the review page does, by the state of the page in which it is pressed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page

from tests.acts import TEXT
from tests.browser.marking import (
    everywhere,
    everywhere_by_caret,
    everywhere_of_span,
    search_text,
)
from tests.browser.review import drag, focused, layer, press


def words(page: Page, ident: int) -> str:
    return layer(page).spans[ident].text(TEXT)


def stance(page: Page, key: str, value: str) -> None:
    assert press(page, key).spans[1].attributes["stance"] == value


def decide(page: Page) -> None:
    assert set(press(page, "Enter").spans) == {1, 2}
    assert focused(page) == "C2"


def reject(page: Page, key: str) -> None:
    assert press(page, key).rejected == {1}
    assert focused(page) == "C2"


def undo(page: Page, key: str) -> None:
    press(page, "u")
    assert press(page, key).spans == {}


def redo(page: Page, key: str) -> None:
    after = press(page, "u")
    press(page, "z")
    assert press(page, key) == after


def step(page: Page, key: str, to: str, *, first: str = "") -> None:
    if first:
        page.keyboard.press(first)
    page.keyboard.press(key)
    assert focused(page) == to


def move(page: Page, keys: list[str], text: str) -> None:
    press(page, *keys)
    assert words(page, 1) == text


def pick(page: Page, key: str, speaker: int, *, keep: bool = False) -> None:
    """Offered are the linked one, then by nearness: Brandt (S1), Okafor (S2)."""
    page.keyboard.press("l")
    assert speaker in [s.ident for s in press(page, key).targets_of(1)]
    found = press(page, "Enter").targets_of(1)
    assert speaker in [s.ident for s in found]
    assert len(found) == 1 + keep


def select(page: Page) -> None:
    page.keyboard.press("Space")
    page.keyboard.press("Shift+ArrowRight")
    page.wait_for_selector("#label-popup:not([hidden])")


def caret(page: Page, *keys: str) -> str:
    """Where the caret stands, as the words before and behind it, and what it has selected."""
    page.keyboard.press("Space")
    for key in keys:
        page.keyboard.press(key)
    return page.evaluate("document.getSelection().toString()")


def selects(page: Page, keys: list[str], text: str) -> None:
    assert caret(page, *keys).strip() == text


def find_speaker(page: Page) -> None:
    page.keyboard.press("/")
    page.keyboard.type("okaf")
    page.keyboard.press("Enter")
    assert [s.ident for s in press(page).targets_of(1)] == [5]


def kinds(page: Page) -> None:
    assert press(page, "p").spans[1].attributes["kind"] == "indirect"
    assert press(page, "p", "p").spans[1].attributes["kind"] == "direct"


def target(page: Page) -> None:
    page.keyboard.press("t")
    page.keyboard.press("2")
    assert press(page).spans[1].attributes["target"] == "the tax"
    page.keyboard.press("ArrowDown")
    page.keyboard.press("t")
    page.keyboard.press("t")
    assert press(page).spans[4].attributes["target"] == "the tax"


def piece(page: Page) -> None:
    caret(page, "Control+ArrowRight", "Shift+ArrowRight")
    press(page, "p")
    assert layer(page).spans[1].fragments
    assert layer(page).spans[1].covered(TEXT) != layer(page).spans[1].text(TEXT)


def not_piece(page: Page) -> None:
    select(page)
    press(page, "Shift+p")
    assert words(page, 1) == "wall will not hold,”"


def choose_label(page: Page) -> None:
    select(page)
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.textContent").endswith("Speaker of C1")
    page.keyboard.press("Enter")
    assert {s.label for s in press(page).spans.values()} == {"CLAIM", "SPEAKER"}


def alone(page: Page) -> None:
    select(page)
    assert [s.label for s in press(page, "Shift+Digit1").spans.values()] == ["SPEAKER"]


def find_many(page: Page) -> None:
    page.keyboard.press("Shift+l")
    page.wait_for_selector("#find:not([hidden])")
    assert page.text_content("#find-count") == "6 suggestions"


def hide(page: Page) -> None:
    page.keyboard.press("h")
    assert page.locator("#article [data-state=suggested]:not(.focused)").count() == 0
    page.keyboard.press("h")
    assert page.locator("#article [data-state=suggested]:not(.focused)").count() > 3


def guideline(page: Page) -> None:
    page.keyboard.press("g")
    page.wait_for_selector("#guideline-pane h2.current:text('CLAIM')")
    # Where the other end of a link is chosen, that is left first.
    while page.locator("#article [data-hint]").count():
        page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    page.wait_for_selector("#guideline-pane", state="hidden")
    decide(page)


def asks(page: Page, key: str, title: str) -> None:
    page.keyboard.press(key)
    page.wait_for_selector(f"dialog h2:text('{title}')")


def rejected(page: Page) -> None:
    press(page, "x")
    assert page.locator("#article [data-span='1']").count() == 0
    page.keyboard.press("r")
    page.wait_for_selector("#article [data-span='1'][data-state=rejected]")


def help_opens(page: Page, *, first: str = "") -> None:
    if first:
        caret(page, *first.split())
    page.keyboard.press("?")
    page.wait_for_selector("dialog >> text=accept as shown")


def leave(page: Page, how: str) -> None:
    {
        "linking": lambda: page.keyboard.press("l"),
        "select": lambda: select(page),
        "caret": lambda: page.keyboard.press("Space"),
        "browse": lambda: None,
    }[how]()
    page.keyboard.press("Escape")
    assert page.locator("#caret").is_hidden() and page.locator("#label-popup").is_hidden()
    decide(page)


def panes(page: Page, before: Callable[[Page], Any] = lambda page: None) -> None:
    before(page)
    seen = set()
    for _ in range(3):
        page.keyboard.press("F6")
        seen.add(page.evaluate("document.activeElement.closest('#queue, #article, #cards').id"))
    assert seen == {"queue", "article", "cards"}


def finish(page: Page, before: Callable[[Page], Any] = lambda page: None) -> None:
    before(page)
    page.keyboard.press("Control+Enter")
    page.wait_for_selector("dialog >> text=suggestions not looked at")


def linking(page: Page) -> None:
    page.keyboard.press("l")


def caret_on(page: Page) -> None:
    page.keyboard.press("Space")


def in_caret(page: Page, key: str, keys: list[str], text: str) -> None:
    assert caret(page, *keys).strip() == text, key


SAME_WHEN_LINKING = [
    "Enter",
    "x",
    "Delete",
    "Backspace",
    "ArrowDown",
    "j",
    "ArrowUp",
    "k",
    "Shift+ArrowDown",
    "Shift+j",
    "Shift+ArrowUp",
    "Shift+k",
    ".",
    ",",
    "ArrowLeft",
    "ArrowRight",
    "Shift+ArrowLeft",
    "Shift+ArrowRight",
    "Ctrl+ArrowLeft",
    "Ctrl+ArrowRight",
    "e",
    "/",
    "0",
    "w",
    "u",
    "o",
    "n",
    "m",
    "i",
    "t",
    "p",
    "Space",
    "Shift+l",
    "h",
    "c",
    "g",
    "Shift+g",
    "Shift+h",
    "r",
]

CLAIM = "“The wall will not hold,”"
BROWSE: dict[str, Callable[[Page], None]] = {
    "Enter": decide,
    "x": lambda page: reject(page, "x"),
    "Delete": lambda page: reject(page, "Delete"),
    "Backspace": lambda page: reject(page, "Backspace"),
    "z": lambda page: undo(page, "z"),
    "Ctrl+z": lambda page: undo(page, "Control+z"),
    "Shift+z": lambda page: redo(page, "Shift+z"),
    "Ctrl+Shift+z": lambda page: redo(page, "Control+Shift+z"),
    "Ctrl+y": lambda page: redo(page, "Control+y"),
    "ArrowDown": lambda page: step(page, "ArrowDown", "C2"),
    "j": lambda page: step(page, "j", "C2"),
    "ArrowUp": lambda page: step(page, "ArrowUp", "C1", first="ArrowDown"),
    "k": lambda page: step(page, "k", "C1", first="ArrowDown"),
    "Shift+ArrowDown": lambda page: step(page, "Shift+ArrowDown", "C3", first="Enter"),
    "Shift+j": lambda page: step(page, "Shift+j", "C3", first="Enter"),
    "Shift+ArrowUp": lambda page: step(page, "Shift+ArrowUp", "C3", first="Enter"),
    "Shift+k": lambda page: step(page, "Shift+k", "C3", first="Enter"),
    ".": lambda page: (page.keyboard.press("."), page.wait_for_selector("[data-span='2'].focused"))[
        0
    ],
    ",": lambda page: (
        step(page, "ArrowDown", "C2"),
        page.keyboard.press(","),
        page.wait_for_selector("[data-span='3'].focused"),
    )[0],
    "ArrowLeft": lambda page: move(page, ["ArrowLeft"], "“The wall will not hold"),
    "ArrowRight": lambda page: move(page, ["ArrowRight"], "“The wall will not hold,” said"),
    "Shift+ArrowLeft": lambda page: move(page, ["Shift+ArrowLeft"], "“The wall will not hold,"),
    "Shift+ArrowRight": lambda page: move(
        page, ["ArrowLeft", "Shift+ArrowRight"], "“The wall will not hold,"
    ),
    "Ctrl+ArrowLeft": lambda page: move(page, ["ArrowRight", "Control+ArrowLeft"], CLAIM),
    "Ctrl+ArrowRight": lambda page: move(
        page, ["Control+ArrowRight"], "“The wall will not hold,” said Mayor Ilse Brandt"
    ),
    "e": lambda page: move(page, ["e", "ArrowRight"], "The wall will not hold,”"),
    "l": lambda page: (linking(page), page.wait_for_selector("#article [data-hint='a']"))[0],
    "/": find_speaker,
    "0": lambda page: attribute(page, "0", "speaker_state", "unknown"),
    "w": lambda page: attribute(page, "w", "speaker_state", "author"),
    "u": lambda page: stance(page, "u", "support"),
    "o": lambda page: (stance(page, "u", "support"), stance(page, "o", "oppose"))[0],
    "n": lambda page: stance(page, "n", "neutral"),
    "m": lambda page: stance(page, "m", "mixed"),
    "i": lambda page: stance(page, "i", "unclear"),
    "t": target,
    "p": kinds,
    "1–9": lambda page: relabelled(page),
    "Shift+1–9": alone,
    "Space": lambda page: (
        page.keyboard.press("Space"),
        page.wait_for_selector("#caret:not([hidden])"),
    )[0],
    "Shift+l": find_many,
    "Shift+a": everywhere_of_span,
    "h": hide,
    "g": guideline,
    "Shift+h": lambda page: asks(page, "Shift+h", "How was this settled before?"),
    "c": lambda page: asks(page, "c", "Comment on C1"),
    "Shift+g": lambda page: asks(page, "Shift+g", "Flag C1"),
    "r": rejected,
    "?": help_opens,
    "Escape": lambda page: leave(page, "browse"),
    "F6": panes,
    "Ctrl+/": search_text,
    "Ctrl+Enter": finish,
}


def attribute(page: Page, key: str, name: str, value: str) -> None:
    found = press(page, key)
    assert found.spans[1].attributes[name] == value
    assert found.targets_of(1) == []


def relabelled(page: Page) -> None:
    assert press(page, "1").spans[1].label == "SPEAKER"


def undone_in_caret(page: Page, key: str, *, again: str = "") -> None:
    after = press(page, "u")
    page.keyboard.press("Space")
    assert press(page, key).spans == {}
    if again:
        assert press(page, again) == after


# The caret starts where the claim in hand begins: |“The wall will not hold,” said Mayor …
CARET: dict[str, Callable[[Page], None]] = {
    "ArrowRight": lambda page: in_caret(page, "→", ["ArrowRight", "Shift+ArrowRight"], "The"),
    "ArrowLeft": lambda page: in_caret(page, "←", ["ArrowLeft", "Shift+ArrowRight"], "vote"),
    "Shift+ArrowRight": lambda page: in_caret(page, "⇧→", ["Shift+ArrowRight"], "“The"),
    "Shift+ArrowLeft": lambda page: in_caret(
        page, "⇧←", ["ArrowRight", "ArrowRight", "Shift+ArrowLeft"], "The"
    ),
    "Ctrl+ArrowRight": lambda page: in_caret(
        page, "⌃→", ["Control+ArrowRight", "Shift+ArrowRight"], "said"
    ),
    "Ctrl+ArrowLeft": lambda page: in_caret(
        page, "⌃←", ["Control+ArrowRight", "Control+ArrowLeft", "Shift+ArrowRight"], "“The"
    ),
    "Ctrl+Shift+ArrowRight": lambda page: in_caret(
        page, "⌃⇧→", ["Control+Shift+ArrowRight"], CLAIM
    ),
    "Ctrl+Shift+ArrowLeft": lambda page: in_caret(
        page, "⌃⇧←", ["Control+ArrowRight", "Control+Shift+ArrowLeft"], CLAIM
    ),
    ".": lambda page: in_caret(page, ".", ["ArrowRight", ".", "Shift+ArrowRight"], "he"),
    ",": lambda page: in_caret(page, ",", ["ArrowRight", ".", ".", ",", "Shift+ArrowRight"], "he"),
    "Shift+.": lambda page: in_caret(page, "⇧.", ["ArrowRight", "Shift+.", "Shift+."], "Th"),
    ">": lambda page: in_caret(page, ">", ["ArrowRight", ">"], "T"),
    "Shift+,": lambda page: in_caret(page, "⇧,", ["ArrowRight", "Shift+,"], "“"),
    "<": lambda page: in_caret(page, "<", ["ArrowRight", "ArrowRight", "<", "<"], "he"),
    "ArrowDown": lambda page: down(page),
    "ArrowUp": lambda page: up(page),
    "Shift+ArrowDown": lambda page: in_caret_holds(page, ["Shift+ArrowDown"], "Brandt"),
    "Shift+ArrowUp": lambda page: in_caret_holds(page, ["Shift+ArrowUp"], "wall vote"),
    "z": lambda page: undone_in_caret(page, "z"),
    "Ctrl+z": lambda page: undone_in_caret(page, "Control+z"),
    "Shift+z": lambda page: undone_in_caret(page, "z", again="Shift+z"),
    "Ctrl+Shift+z": lambda page: undone_in_caret(page, "z", again="Control+Shift+z"),
    "Ctrl+y": lambda page: undone_in_caret(page, "z", again="Control+y"),
    "?": lambda page: (caret_on(page), help_opens(page))[0],
    "Escape": lambda page: leave(page, "caret"),
    "F6": lambda page: panes(page, caret_on),
    "Ctrl+/": lambda page: search_text(page, caret_on),
    "Shift+a": lambda page: everywhere(page, everywhere_by_caret),
    "Ctrl+Enter": lambda page: finish(page, caret_on),
}


def in_caret_holds(page: Page, keys: list[str], text: str) -> None:
    assert text in caret(page, *keys)


def down(page: Page) -> None:
    page.keyboard.press("Space")
    before = page.locator("#caret").bounding_box()
    page.keyboard.press("ArrowDown")
    after = page.locator("#caret").bounding_box()
    assert before and after and after["y"] > before["y"] + 10


def up(page: Page) -> None:
    page.keyboard.press("Space")
    page.keyboard.press("ArrowDown")
    before = page.locator("#caret").bounding_box()
    page.keyboard.press("ArrowUp")
    after = page.locator("#caret").bounding_box()
    assert before and after and after["y"] < before["y"] - 10


def popup(page: Page) -> None:
    """Words selected with the mouse, without the caret."""
    drag(page, "vote")
    page.wait_for_selector("#label-popup:not([hidden])")


SELECT: dict[str, Callable[[Page], None]] = {
    "p": lambda page: (popup(page), grown(page))[0],
    "Shift+p": lambda page: shrunk(page),
    "Enter": lambda page: (
        popup(page),
        page.keyboard.press("Enter"),
        page.wait_for_function("() => document.activeElement.closest('#label-popup')"),
    )[0],
    "?": lambda page: (popup(page), help_opens(page))[0],
    "Escape": lambda page: (
        popup(page),
        page.keyboard.press("Escape"),
        page.wait_for_selector("#label-popup", state="hidden"),
        decide(page),
    )[0],
    "F6": lambda page: panes(page, popup),
    "Ctrl+/": lambda page: search_text(page, popup),
    "Shift+a": lambda page: everywhere(page, lambda page: drag(page, "that")),
    "Ctrl+Enter": lambda page: finish(page, popup),
}


def grown(page: Page) -> None:
    assert press(page, "p").spans[1].covered(TEXT).startswith("vote")


def shrunk(page: Page) -> None:
    drag(page, "hold")
    page.wait_for_selector("#label-popup >> text=not part of C1")
    found = press(page, "Shift+p").spans[1]
    assert found.fragments and "hold" not in found.covered(TEXT)


for name in ("z", "Ctrl+z", "Shift+z", "Ctrl+Shift+z", "Ctrl+y"):
    SELECT[name] = CARET[name]

CARET |= {"p": piece, "Shift+p": not_piece, "Enter": choose_label}

# Offered in this order, since the sentence of the claim names the mayor and the next paragraph her
# opponent.
LINKING: dict[str, Callable[[Page], None]] = {
    "l": lambda page: (
        linking(page),
        linking(page),
        page.wait_for_selector("#article [data-hint]", state="detached"),
    )[0],
    "a": lambda page: (press(page, "0"), pick(page, "a", 2))[0],
    "s": lambda page: pick(page, "s", 5),
    "Shift+a": lambda page: (press(page, "l", "s"), pick(page, "Shift+a", 2, keep=True))[0],
    "Shift+s": lambda page: pick(page, "Shift+s", 5, keep=True),
    "?": lambda page: (linking(page), help_opens(page))[0],
    "Escape": lambda page: leave(page, "linking"),
    "F6": lambda page: panes(page, linking),
    "Ctrl+/": lambda page: search_text(page, linking),
    "Ctrl+Enter": lambda page: finish(page, linking),
    "z": lambda page: undo_linking(page, "z"),
    "Ctrl+z": lambda page: undo_linking(page, "Control+z"),
    "Shift+z": lambda page: undo_linking(page, "z", again="Shift+z"),
    "Ctrl+Shift+z": lambda page: undo_linking(page, "z", again="Control+Shift+z"),
    "Ctrl+y": lambda page: undo_linking(page, "z", again="Control+y"),
}


def undo_linking(page: Page, key: str, *, again: str = "") -> None:
    after = press(page, "u")
    linking(page)
    assert press(page, key).spans == {}
    if again:
        linking(page)
        assert press(page, again) == after


for name in SAME_WHEN_LINKING:
    LINKING[name] = lambda page, name=name: (linking(page), BROWSE[name](page))[0]  # type: ignore[misc]

CASES = {"browse": BROWSE, "linking": LINKING, "select": SELECT, "caret": CARET}

# More speakers than this text has.
MORE_HINTS = {f"linking: {shift}{letter}" for shift in ("", "Shift+") for letter in "dfbvqy"}
