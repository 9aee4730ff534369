"""The review page without a mouse, without colours, without motion, on a narrow screen, and read
aloud.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.browser.review import layer, opened, press, said

pytestmark = pytest.mark.browser


@pytest.fixture
def page(document: Any, bob: Any, sign_in: Callable[..., Page]) -> Page:
    return opened(sign_in("bob"))


def clean(page: Page) -> None:
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()


# The last one saves something.
STATES = [
    ["l"],
    ["Space", "Shift+ArrowRight"],
    ["?"],
    ["g"],
    ["t"],
    ["/"],
    ["Control+Enter"],
    ["Shift+l"],
    ["h", "x", "r"],
]


def test_axe_finds_nothing_in_any_state(page: Page) -> None:
    wrong = {}
    for keys in STATES:
        opened(page)
        for key in keys:
            page.keyboard.press(key)
        page.wait_for_timeout(100)
        found = Axe().run(page)
        if found.violations_count:
            wrong[" ".join(keys)] = found.generate_report()
    assert wrong == {}


def test_the_queue_is_a_grid_with_one_tab_stop(page: Page) -> None:
    grid = page.locator("[role=grid]")
    assert grid.get_attribute("aria-label") and grid.get_attribute("aria-colcount") == "5"
    assert grid.get_attribute("aria-rowcount") == str(grid.locator("[role=row]").count()) == "3"
    assert grid.locator("[role=row][tabindex='0']").count() == 1
    assert grid.locator("[role=row] >> nth=0 >> [role=gridcell]").count() == 5
    for number in ("1", "2", "3"):
        current = grid.locator("[aria-selected=true]")
        assert current.count() == 1 and current.get_attribute("aria-rowindex") == number
        assert page.evaluate("document.activeElement.getAttribute('aria-rowindex')") == number
        page.keyboard.press("ArrowDown")


def test_what_happens_is_said(page: Page) -> None:
    page.keyboard.press("ArrowDown")
    said(page, "Claim C2, 2 of 3, suggested, 80 percent: that it would cost more")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowLeft")
    said(page, "End: …“The wall will not hold")
    page.keyboard.press("0")
    said(page, "No speaker in the text.")
    page.keyboard.press("Enter")
    said(page, "Claim C2")
    page.keyboard.press("x")
    said(page, "Rejected. Claim C3")
    page.keyboard.press("z")
    said(page, "Undone. Claim C2")


def test_keys_typed_into_a_field_or_on_a_link_are_no_commands(page: Page) -> None:
    page.click("#find-many")
    page.fill("#find [name=words]", "")
    page.type("#find [name=words]", "xu")
    page.focus(".brand")
    page.keyboard.press("x")
    assert page.locator("[data-row-state=rejected]").count() == 0
    page.keyboard.press("Tab")
    page.keyboard.press("F6")
    assert press(page, "Enter") is not None


def test_the_words_are_readable_in_the_accessibility_tree(page: Page) -> None:
    client = page.context.new_cdp_session(page)
    nodes = client.send("Accessibility.getFullAXTree")["nodes"]
    text = "".join(
        n["name"]["value"]
        for n in nodes
        if n.get("role", {}).get("value") == "StaticText" and "name" in n
    )
    for words in ("The wall will not hold,", "Opposition leader Tomas Okafor", "claim C1 starts"):
        assert words in text


def test_states_are_told_by_shape_without_colours(page: Page) -> None:
    press(page, "Enter")
    page.emulate_media(forced_colors="active")
    style = (
        "(id) => getComputedStyle("
        "document.querySelector(`#article [data-span='${id}']`)).borderBottomStyle"
    )
    assert [page.evaluate(style, ident) for ident in ("1", "4")] == ["solid", "dashed"]
    outline = page.evaluate(
        "getComputedStyle(document.querySelector('#article .focused')).outlineStyle"
    )
    assert outline == "solid"
    marks = page.eval_on_selector_all(
        "#queue .cell-state", "all => all.map((one) => one.textContent)"
    )
    assert marks[0] == "?suggested" and marks[-1] == "✓accepted"


def test_reduced_motion_is_respected(page: Page) -> None:
    page.keyboard.press("Space")
    name = "getComputedStyle(document.querySelector('#caret')).animationName"
    assert page.evaluate(name) != "none"
    page.emulate_media(reduced_motion="reduce")
    assert page.evaluate(name) == "none"


def test_the_work_can_be_done_320_pixels_wide(
    document: Any, bob: Any, sign_in: Callable[..., Page]
) -> None:
    page = opened(sign_in("bob", width=320, height=640))
    wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert page.evaluate(wide) <= 0
    page.click("#cards button:has-text('accept')")
    press(page)
    assert set(layer(page).spans) == {1, 2}
    page.click("#queue-toggle")
    page.click("#queue [role=row] >> nth=1")
    page.click("#cards button:has-text('reject')")
    assert press(page).rejected == {6}
    assert page.evaluate(wide) <= 0
    clean(page)
