"""The form of a schema with a script: the cards beside it follow what is typed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from corpus.core.schema_templates import TEMPLATES
from corpus.services.corpora import create_corpus
from corpus.services.members import add_member

pytestmark = pytest.mark.browser
ADDRESS = "/corpora/people/schema/"


@pytest.fixture
def people(db: None, dave: Any) -> Any:
    corpus = create_corpus("people", schema=TEMPLATES["relations"].schema)
    add_member(corpus, dave, "manager")
    return corpus


def test_the_cards_follow_the_form(people: Any, sign_in: Callable[..., Page]) -> None:
    page = sign_in("dave")
    page.goto(ADDRESS)
    cards = page.locator("#schema-cards > *")
    expect(cards).to_have_count(3)
    person = cards.first
    expect(person).to_contain_text("Works for")
    page.locator("#labels-0-title").fill("Somebody")
    page.locator("#labels-0-key").fill("9")
    expect(person.locator("strong")).to_have_text("Somebody")
    expect(person.locator("kbd").first).to_have_text("9")
    page.locator("#labels-0-colour").fill("#ff0000")
    expect(person).to_have_css("border-inline-start-color", "rgb(255, 0, 0)")
    # A link that begins nowhere else is on no other card.
    page.locator('input[name="links-0-sources"]').first.uncheck()
    expect(person).not_to_contain_text("Works for")


def test_a_label_with_choices_is_added_and_saved(people: Any, sign_in: Callable[..., Page]) -> None:
    page = sign_in("dave")
    page.goto(ADDRESS)
    page.get_by_role("button", name="Add a label").click()
    # The page goes on where the new row is.
    expect(page.locator("#labels-3-name")).to_be_focused()
    page.locator("#labels-3-name").fill("EVENT")
    page.locator("[data-row='labels-3'] summary").click()
    page.locator("button[value='add labels 3 attributes']").click()
    page.locator("#labels-3-attributes-0-name").fill("when")
    choices = page.locator("#labels-3-attributes-0-choices")
    choices.fill("past | p\nfuture | f")
    card = page.locator("#schema-cards > *").nth(3)
    expect(card.locator(".badge")).to_have_text(["pastp", "futuref"])
    # What is no choice has none.
    page.locator("#labels-3-attributes-0-kind").select_option("text")
    expect(choices).to_be_hidden()
    page.locator("#labels-3-attributes-0-kind").select_option("choice")
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".schema-labels")).to_contain_text("EVENT")
    expect(page.locator(".schema-labels kbd", has_text="f")).to_be_visible()
