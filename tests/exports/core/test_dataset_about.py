"""What people say of a dataset: read from Markdown, forms and the API, kept as a card holds it."""

from __future__ import annotations

import pytest

from corpus.core.problems import Problem
from exports.core.dataset_about import KEYS, LENGTH, SECTIONS, by_key, by_section, checked, read


def test_sections_are_read_whatever_the_case_of_their_headings() -> None:
    text = "# Harbour\n\n## motivation ##\n\nTo know.\n\n### More\n\n## People And Pay\n€15\n"
    assert read(text) == {"Motivation": "To know.\n\n### More", "People and pay": "€15"}
    for wrong, named in (("## Weather\n", "Weather"), ("Words first.\n", "Words first.")):
        with pytest.raises(Problem, match=named):
            read(wrong)


def test_keys_of_forms_lead_to_sections_and_back() -> None:
    answers = {"people_and_pay": "€15", "uses": ""}
    about = by_section(answers)
    assert about == {"People and pay": "€15", "Uses": ""}
    back = by_key(about)
    assert list(back) == list(KEYS) and len(back) == len(SECTIONS)
    assert (back["people_and_pay"], back["uses"], back["motivation"]) == ("€15", "", "")


def test_a_card_holds_plain_line_ends_and_headings_below_its_own() -> None:
    words = "\r\n## Uses\r\n\r\nTraining.\rTests.\r\n```\r\n# code\r\n```\r\n"
    assert checked({"Motivation": words}) == {
        "Motivation": "#### Uses\n\nTraining.\nTests.\n```\n# code\n```"
    }
    assert checked({"Uses": "  \r\n"}) == {"Uses": ""}
    assert len(checked({"Uses": "x" * LENGTH})["Uses"]) == LENGTH
    with pytest.raises(Problem, match="Uses has 10001 characters"):
        checked({"Uses": "x" * (LENGTH + 1)})
