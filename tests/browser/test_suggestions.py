"""What suggests for a corpus, chosen in the browser: once by keyboard, once by mouse."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from playwright.sync_api import Page, expect

from annotator.services import suggest
from corpus.models import Corpus
from tests.acts import add_document
from tests.annotator.scripted import LATER_NAME, scripted

pytestmark = pytest.mark.browser
ADDRESS = "/corpora/harbour/suggestions/"
SAID = "“The wall will not hold,” said Mayor Ilse Brandt.\n"


@pytest.fixture
def page(
    corpus: Corpus, alice: Any, sign_in: Callable[..., Page], tmp_path: Path
) -> Iterator[Page]:
    for name in ("one", "two"):
        add_document(corpus, tmp_path, name, SAID)
    suggest.suggest_corpus(corpus)
    with scripted():
        found = sign_in("alice")
        found.goto(ADDRESS)
        yield found


def work() -> None:
    call_command("run_jobs", "--once", verbosity=0)


def names(corpus: Corpus) -> list[str]:
    corpus.refresh_from_db()
    return [row["suggester"] for row in corpus.chosen_suggesters]


def test_a_list_is_made_tried_and_used_by_keyboard(page: Page, corpus: Corpus) -> None:
    press = page.keyboard.press
    page.focus("#new")
    press("Tab")
    press("Enter")
    # The row that was added has the focus: up, and it goes along.
    expect(page.locator("#up-1")).to_be_focused()
    press("Enter")
    expect(page.locator(".suggesters strong").first).to_have_text(LATER_NAME)
    expect(page.locator("#down-0")).to_be_focused()
    press("Enter")
    expect(page.locator(".suggesters strong").first).to_have_text("rules.v1")
    page.focus("#threshold")
    press("Enter")
    expect(page.locator("[data-job-state=queued]")).to_be_visible()
    work()
    # The page tells it by itself.
    expect(page.locator("#use")).to_be_visible()
    expect(page.locator("main")).to_contain_text("2 of 2 documents")
    page.focus("#use")
    press("Enter")
    expect(page.locator(".messages")).to_contain_text("They suggest from now on")
    assert names(corpus) == ["rules.v1", LATER_NAME]


def test_a_list_is_made_tried_used_and_undone_by_mouse(page: Page, corpus: Corpus) -> None:
    page.click("text=Add it")
    page.get_by_label("overrules").check()
    page.fill("#threshold", "0.7")
    page.click(".button-primary:text-is('See what would change')")
    work()
    expect(page.locator("#use")).to_be_visible()
    assert names(corpus) == []
    page.click("text=Discard")
    expect(page.locator("#use")).to_have_count(0)
    page.click("text=Add it")
    page.click(".button-primary:text-is('See what would change')")
    work()
    page.click("#use")
    work()
    assert names(corpus) == ["rules.v1", LATER_NAME]
    page.click("text=Use again")
    assert names(corpus) == ["rules.v1"]
