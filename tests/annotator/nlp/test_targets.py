"""What a stance is toward: an entry of a list, or a phrase proposed from the text."""

from __future__ import annotations

import pytest

from annotator.nlp.passages import read
from annotator.nlp.pipeline import pipeline
from annotator.nlp.targets import head_and_rest, mentioned, propose
from annotator.suggesters.rules import Rules

ARTICLE = """Anger over the harbor bridge

The council put off the bridge on Monday. “The bridge is a disgrace,” said Maria Lopez.

Maria Lopez lives near the ferry. The ferry is slow, and the ferry is old. \
Lopez said the bridge was needed."""


def test_targets_are_proposed_from_the_headline_and_from_what_is_discussed_most() -> None:
    proposed = propose(read(ARTICLE, pipeline()), ["Maria Lopez"])
    assert proposed[0] == "harbor bridge"
    assert "ferry" in proposed
    assert not any("Lopez" in target for target in proposed)
    assert len(proposed) <= 5


@pytest.mark.parametrize(
    "text", ["", "The council put off the harbor bridge.", "One day.\n\nTwo days."]
)
def test_no_target_is_proposed_without_a_headline_that_the_body_takes_up(text: str) -> None:
    assert propose(read(text, pipeline())) == ()


def test_a_proposed_target_stands_in_the_claim_that_mentions_it(rules: Rules) -> None:
    (layer,) = rules.suggest([ARTICLE])
    first = next(span for span in layer.in_order() if span.label == "CLAIM")
    assert (first.attributes["stance"], first.attributes.get("target")) == (
        "oppose",
        "harbor bridge",
    )


def test_the_list_goes_before_what_is_proposed(rules: Rules) -> None:
    plain, listed = (
        next(iter(rules.suggest([ARTICLE], t))) for t in (None, [["bridge across the bay"]])
    )
    found = [
        {s.attributes.get("target") for s in layer.spans.values()} - {None}
        for layer in (plain, listed)
    ]
    assert found[0] == {"harbor bridge"}
    assert found[1] == {"bridge across the bay"}


@pytest.mark.parametrize(
    ("words", "target"),
    [
        ("the bridges were closed", "harbor bridge"),
        ("the harbor was closed", ""),
        ("a toll on the harbor road", "road toll"),
        ("nothing of the kind", ""),
    ],
)
def test_a_target_is_mentioned_by_the_head_of_its_phrase(words: str, target: str) -> None:
    assert mentioned(words.split(), ["harbor bridge", "road toll"]) == target


def test_the_head_of_a_target_stands_before_its_preposition() -> None:
    assert head_and_rest("ban on trucks") == ({"ban"}, {"truck"})
