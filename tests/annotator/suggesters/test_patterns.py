"""Suggesting what fits patterns, for any schema and language."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from annotator.core import patterns
from annotator.suggesters.patterns import WINDOW, Patterns
from corpus.core import layer_check
from corpus.core.problems import Problem
from corpus.core.schema import SchemaView
from corpus.core.schema_templates import TEMPLATES

SCHEMA = TEMPLATES["relations"].schema


def made(*rows: dict[str, Any], language: str = "en", schema: SchemaView = SCHEMA) -> Patterns:
    found, problems = patterns.read("\n".join(map(json.dumps, rows)), schema)
    assert problems == []
    return Patterns(found, schema=schema, language=language)


def found(suggester: Patterns, text: str) -> list[tuple[str, str]]:
    (layer,) = suggester.suggest([text])
    assert list(layer_check.check(layer, SCHEMA, text)) == []
    return [(span.label, text[span.start : span.end]) for span in layer.in_order()]


def test_of_one_label_the_longest_is_taken_and_labels_may_overlap() -> None:
    suggester = made(
        {"label": "ORGANISATION", "pattern": "Bay Ferry Board"},
        {"label": "ORGANISATION", "pattern": "Ferry Board"},
        {"label": "ORGANISATION", "pattern": [{"LOWER": "board"}]},
        {"label": "PLACE", "pattern": "Bay"},
    )
    assert found(suggester, "😀 The Bay Ferry Board met the board.") == [
        ("ORGANISATION", "Bay Ferry Board"),
        ("PLACE", "Bay"),
        ("ORGANISATION", "board"),
    ]


def test_a_suggestion_names_its_pattern_and_has_its_attributes() -> None:
    schema = TEMPLATES["attribution"].schema
    row = {"label": "SPEAKER", "pattern": "Rubio", "attributes": {"name": "Marco Rubio"}}
    (layer,) = made(row, schema=schema).suggest(["Rubio left."])
    (span,) = layer.spans.values()
    assert span.attributes == {"name": "Marco Rubio"}
    assert span.evidence == {"rule": "pattern", "why": "the pattern Rubio"}


@pytest.mark.parametrize(
    ("language", "text", "words", "taken"),
    [
        ("de", "Die Stadt Köln lag still.", "Köln", "blank:de"),
        ("zh", "东京很大。", "东京", "blank:zh"),
        ("ar", "وصل وزير الخارجية", "وزير الخارجية", "blank:ar"),
        ("en-GB", "The Bay.", "Bay", "blank:en"),
        ("ja", "Tokyo is large.", "Tokyo", "blank:xx"),
        ("qq", "Tokyo is large.", "Tokyo", "blank:xx"),
    ],
)
def test_words_of_any_language_are_found(language: str, text: str, words: str, taken: str) -> None:
    suggester = made({"label": "PLACE", "pattern": words}, language=language)
    assert found(suggester, text) == [("PLACE", words)]
    assert suggester.config["model"] == taken


def test_what_stands_at_the_edge_of_a_window_is_found_once() -> None:
    long = " ".join(["Bay"] * 100)
    suggester = made({"label": "PLACE", "pattern": long}, {"label": "PERSON", "pattern": "Ann Lee"})
    for before in (WINDOW - 1, WINDOW - 50, WINDOW, 2 * WINDOW - 1):
        text = f"{'and ' * before}Ann Lee, {long}."
        assert found(suggester, text) == [("PERSON", "Ann Lee"), ("PLACE", long)]


def test_other_patterns_are_another_configuration() -> None:
    one, other = {"label": "PLACE", "pattern": "Bay"}, {"label": "PLACE", "pattern": "Lake"}
    assert made(one).config == made(one).config != made(other).config
    assert made(one).capabilities.labels == {"PLACE"}


def test_patterns_for_labels_that_a_schema_lost_are_left_out() -> None:
    rows = {"label": "PLACE", "pattern": "Bay"}, {"label": "PERSON", "pattern": "Ann"}
    listed, _ = patterns.read("\n".join(map(json.dumps, rows)), SCHEMA)
    entities = TEMPLATES["evidence"].schema
    with pytest.raises(Problem, match="suggester-labels"):
        Patterns(listed, schema=entities)


def test_white_space_is_trimmed_and_alone_is_nothing() -> None:
    suggester = made({"label": "PLACE", "pattern": [{"IS_SPACE": True}]})
    assert found(suggester, "Bay  \n\n Bay") == []
    wide = made({"label": "PLACE", "pattern": [{"IS_SPACE": True}, {"ORTH": "Bay"}]})
    assert found(wide, "The\nBay") == [("PLACE", "Bay")]


def test_patterns_that_fit_everywhere_end_soon() -> None:
    suggester = made(
        {"label": "PLACE", "pattern": [{"OP": "+"}, *[{"OP": "?"}] * 2]},
        {"label": "PERSON", "pattern": [{"OP": "{0,5}"}]},
    )
    before = time.process_time()
    list(suggester.suggest(["word " * 1500]))
    assert time.process_time() - before < 10
