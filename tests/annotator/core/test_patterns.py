"""Patterns as JSONL: read line by line, with what is wrong named."""

from __future__ import annotations

import json
from typing import Any

import pytest
import spacy
from spacy.matcher import Matcher

from annotator.core import patterns
from annotator.core.patterns import Pattern
from corpus.core.problems import Problem
from corpus.core.schema_templates import TEMPLATES

SCHEMA = TEMPLATES["relations"].schema
TOKENS: list[list[dict[str, Any]]] = [
    [{"LOWER": "harbour"}, {"LOWER": {"IN": ["board", "office"]}}],
    [{"IS_TITLE": True, "OP": "+"}, {"ORTH": "GmbH"}],
    [{"shape": "dddd"}, {"TEXT": {"NOT_IN": ["A"]}, "OP": "?"}],
    [{"LENGTH": {">=": 3, "<": 9}}, {"LENGTH": 4}],
    [{"NORM": "the"}, {}, {"IS_PUNCT": False, "OP": "{0,3}"}],
    [{"LIKE_NUM": True, "OP": "{2}"}, {"SPACY": True, "OP": "!"}, {"LOWER": "x", "OP": "{1,}"}],
]


def line(**row: Any) -> str:
    return json.dumps({"label": "PERSON", "pattern": "Ann", **row})


def reasons(*lines: str) -> list[tuple[int, str, str]]:
    _, problems = patterns.read("\n".join(lines), SCHEMA)
    return [(problem.line, problem.code, problem.message) for problem in problems]


def test_words_and_tokens_are_read_and_written_the_same() -> None:
    rows = [line(), line(pattern="Ilse  Brandt", id="mayor")]
    rows += [line(label="ORGANISATION", pattern=tokens) for tokens in TOKENS]
    found, problems = patterns.read("\n\n".join(rows) + "\n", SCHEMA)
    assert problems == []
    assert [pattern.line for pattern in found] == [1, 3, 5, 7, 9, 11, 13, 15]
    assert found[1] == Pattern("PERSON", "Ilse Brandt", "mayor", {}, 3)
    again, _ = patterns.read(patterns.write(found), SCHEMA)
    assert patterns.write(again) == patterns.write(found)
    assert patterns.digest(patterns.write(again)) != patterns.digest(patterns.write(found[:2]))


@pytest.mark.parametrize("tokens", TOKENS)
def test_what_is_accepted_is_what_the_matcher_takes(tokens: list[dict[str, Any]]) -> None:
    (found,), _ = patterns.read(line(pattern=tokens), SCHEMA)
    matcher = Matcher(spacy.blank("en").vocab, validate=True)
    matcher.add("it", [list(found.words)])


def test_each_faulty_line_is_named_and_the_others_are_good() -> None:
    lines = [line(), "{", "[]", line(label="FERRY"), line(pattern=[]), line(), line(pattern="Bob")]
    found, problems = patterns.read("\n".join(lines), SCHEMA)
    assert [pattern.words for pattern in found] == ["Ann", "Bob"]
    assert [(problem.line, problem.code) for problem in problems] == [
        (2, "row-json"),
        (3, "row-json"),
        (4, "pattern-label"),
        (5, "pattern-invalid"),
        (6, "pattern-invalid"),
    ]
    assert "it repeats line 1" in problems[-1].message
    assert "PERSON, ORGANISATION, PLACE" in problems[2].message


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({"pattern": [{"TEXT": {"REGEX": "(a+)+$"}}]}, "regular expressions"),
        ({"pattern": [{"TEXT": {"IN": ["a"], "FUZZY": "b"}}]}, "'FUZZY'"),
        ({"pattern": [{"LEMMA": "say"}]}, "'LEMMA' is not matched here"),
        ({"pattern": [{"OP": "*"}, {"OP": "+"}]}, "counts for 3"),
        ({"pattern": [{"OP": "?"}] * 6}, "more than 5 of its tokens"),
        ({"pattern": [{"OP": "{9999}"}]}, "more than 30 tokens"),
        ({"pattern": [{"OP": "{0,9999}"}]}, "more than 30 tokens"),
        ({"pattern": [{"OP": "{5,2}"}]}, "asks for more"),
        ({"pattern": [{"OP": "{}"}]}, "OP is one of"),
        ({"pattern": [{"OP": 2}]}, "OP is one of"),
        ({"pattern": [{"LOWER": "a", "lower": "b"}]}, "stands twice"),
        ({"pattern": [{"IS_ALPHA": 1}]}, "true or false"),
        ({"pattern": [{"LENGTH": {"IN": [1]}}]}, "LENGTH is"),
        ({"pattern": [{"LOWER": 3}]}, "LOWER is no text"),
        ({"pattern": ["Ann"]}, "no object"),
        ({"pattern": None}, "neither words nor"),
        ({"pattern": " "}, "no words"),
        ({"pattern": "a" * 501}, "500 characters"),
        ({"id": 3}, "its id"),
        ({"ident": "x"}, "no field 'ident'"),
        ({"attributes": {"name": "x"}}, "has no attribute 'name'"),
        ({"attributes": []}, "no object"),
    ],
)
def test_what_cannot_be_matched_is_refused(row: dict[str, Any], said: str) -> None:
    ((number, code, message),) = reasons(line(**row))
    assert (number, code) == (1, "pattern-invalid")
    assert said in message


@pytest.mark.parametrize(
    "written",
    [
        '{"label": "PERSON", "pattern": "\\u0000"}',
        '{"label": "PERSON", "pattern": "\\ud800"}',
        "[" * 100_000,
        '{"label": "PERSON", "pattern": ' + "1" * 5000 + "}",
    ],
)
def test_what_no_database_keeps_is_refused(written: str) -> None:
    assert len(reasons(written)) == 1


def test_a_file_has_its_limits() -> None:
    with pytest.raises(Problem, match="patterns-many"):
        patterns.read("x" * (patterns.LARGEST + 1), SCHEMA)
    with pytest.raises(Problem, match="patterns-many"):
        patterns.read("\n".join(line(pattern=f"A{n}") for n in range(5001)), SCHEMA)
    endless = [line(pattern=[{"LOWER": f"a{n}", "OP": "+"}]) for n in range(22)]
    assert [number for number, _, _ in reasons(*endless)] == [21, 22]


def test_words_become_a_pattern_with_what_they_are_known_by() -> None:
    schema = TEMPLATES["attribution"].schema
    found = patterns.of_words("SPEAKER", "Rubio", schema, {"name": "Marco Rubio"})
    assert found.as_json() == {
        "label": "SPEAKER",
        "pattern": "Rubio",
        "attributes": {"name": "Marco Rubio"},
    }
    with pytest.raises(Problem, match="pattern-label"):
        patterns.of_words("FERRY", "Rubio", schema)


@pytest.mark.parametrize(
    "quoting",
    [
        {"pattern": "the wall will  not hold, she"},
        {"pattern": [{"LOWER": word} for word in ("the", "wall", "will", "not", "hold", "she")]},
        {"pattern": [{"orth": word} for word in ["“", "The", "wall", "will", "not", "hold", ","]]},
        {"pattern": "wall", "id": "“The wall will not hold,” she said"},
        {"pattern": "wall", "attributes": {"name": "The wall will not hold, she"}},
        {"id": "the wall will not hold, she said"},
    ],
)
def test_what_quotes_a_text_is_taken_out_wherever_a_line_has_it(quoting: Any) -> None:
    text = "At noon:\n“The wall will not hold,” she said.\n"
    names = line(pattern="the wall") + "\n" + line(pattern=[{"LOWER": "the"}, {"LOWER": "wall"}])
    lines = f"{names}\n{json.dumps({'label': 'PERSON', **quoting})}\n"
    assert patterns.without_quotes(lines, [text]) == f"{names}\n"
