"""The lists of disputes, on the product's page and in Django's admin: found, chosen and settled."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.acts import shorter, submit_as
from tests.browser.test_pages import COLOURS, faults

pytestmark = pytest.mark.browser
LIST = "/corpora/harbour/disputes/"
ADMIN = "/admin/annotator/dispute/"
STANCE = "?facet=stance&value=oppose&against=support"


@pytest.fixture
def disputed(document: Any, alice: Any, bob: Any, carol: Any) -> Any:
    submit_as(document, bob)
    submit_as(document, carol, change=shorter)
    alice.is_staff = alice.is_superuser = True
    alice.save()
    return document


def test_a_cell_is_opened_a_row_ticked_and_settled_by_keys_alone(
    disputed: Any, sign_in: Callable[..., Page]
) -> None:
    page = sign_in("alice")
    page.goto(LIST)
    page.locator(".confusions summary").focus()
    page.keyboard.press("Enter")
    cell = page.locator(".confusion td a", has_text="oppose against support")
    cell.focus()
    page.keyboard.press("Enter")
    row = page.locator(".disputes-table tbody tr")
    expect(row).to_have_count(1)
    expect(row).to_contain_text("bob: oppose")
    expect(row).to_contain_text("carol: support")
    row.get_by_role("checkbox").focus()
    page.keyboard.press("Space")
    page.locator("select[name=act]").focus()
    page.locator("select[name=act]").select_option(label="as stance “support”")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator(".messages")).to_contain_text("Done with 1 dispute.")
    page.goto(f"{LIST}{STANCE}&state=settled")
    expect(row).to_have_count(1)


def test_axe_finds_nothing_in_a_narrowed_list(disputed: Any, sign_in: Callable[..., Page]) -> None:
    page = sign_in("alice")
    wrong = {}
    for query in (STANCE, "?facet=boundary&suggested=neither", "?state=settled"):
        if found := faults(page, LIST + query, script=False):
            wrong[query] = found
    assert wrong == {}


def test_axe_finds_nothing_in_the_admins_list(disputed: Any, sign_in: Callable[..., Page]) -> None:
    page = sign_in("alice")
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]  # one of the two
        page.goto(f"{ADMIN}?facet=stance")
        # What is Django's own is Django's.
        ours = {"include": [[".confusions"], ["#result_list"]]}
        options = COLOURS if scheme == "dark" else None
        found = Axe().run(page, context=ours, options=options)
        assert found.violations_count == 0, found.generate_report()
    page.set_viewport_size({"width": 390, "height": 844})
    for part in (".confusions", "#result_list", "#changelist .actions"):
        box = page.locator(part).bounding_box()
        assert box is not None
        assert box["x"] + box["width"] <= 390, part
