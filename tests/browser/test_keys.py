"""Every key of the table does what it says, and can be moved or switched off."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Error, Page

from tests.acts import TEXT, suggested
from tests.browser.conftest import ready
from tests.browser.key_cases import CASES, MORE_HINTS
from tests.browser.review import opened, press, written

pytestmark = pytest.mark.browser

TABLE = """async () => {
  const { reviewKeys, withLabelKeys } = await import("/static/annotator/review/keys.js");
  const { schema } = JSON.parse(document.getElementById("workspace").textContent);
  return reviewKeys(withLabelKeys(schema)).flatMap(({ keys, contexts }) => keys.flatMap((key) =>
    (contexts.length ? contexts : ["browse"]).map((context) => `${context}: ${key}`)));
}"""


@pytest.fixture
def page(document: Any, bob: Any, sign_in: Callable[..., Page]) -> Page:
    document.corpus.guideline = (
        "# Guideline\n\n## SPEAKER\n\nWho says it.\n\n## CLAIM\n\nWhat is said."
    )
    document.corpus.targets = ["the wall", "the tax"]
    document.corpus.save()
    page = opened(sign_in("bob"))
    page.set_default_timeout(3000)
    return page


def test_no_key_of_the_table_is_left_out(page: Page) -> None:
    assert set(page.evaluate(TABLE)) - MORE_HINTS == {
        f"{context}: {key}" for context in CASES for key in CASES[context]
    }


@pytest.mark.parametrize("context", CASES)
def test_every_key_does_what_the_table_says(
    corpus: Any, page: Page, tmp_path: Any, context: str
) -> None:
    wrong = {}
    for number, (key, act) in enumerate(CASES[context].items()):
        written(corpus, tmp_path, f"sea-wall-{number}", f"{TEXT}{number}\n", suggested())
        opened(page, f"sea-wall-{number}")
        try:
            act(page)
        except (AssertionError, Error) as error:
            wrong[key] = (str(error).splitlines() or ["did not"])[0]
            page.keyboard.press("Escape")
    assert wrong == {}


def test_a_key_is_moved_switched_off_and_given_back(page: Page) -> None:
    page.keyboard.press("?")
    page.click("[aria-label='change the key for: reject (or delete what you added) and go on']")
    page.keyboard.press("u")
    page.wait_for_selector("dialog >> text=u was taken from: stance: support")
    page.click("[aria-label='switch off: the other edge (the end comes first)']")
    page.keyboard.press("Escape")
    page.wait_for_selector("dialog", state="detached")
    assert page.text_content(".claim-card.focused [data-action=reject] kbd") == "u"
    page.reload()
    ready(page)
    page.keyboard.press("x")
    page.keyboard.press("e")
    assert press(page, "ArrowLeft").spans[1].text(TEXT) == "“The wall will not hold"
    assert press(page, "u").rejected == {1}
    page.keyboard.press("?")
    page.click("dialog >> text=all keys as they were")
    page.keyboard.press("Escape")
    page.wait_for_selector("dialog", state="detached")
    assert press(page, "x").rejected == {1, 4}
