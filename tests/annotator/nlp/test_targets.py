"""What a stance is toward: an entry of a list, or a phrase proposed from the text."""

from __future__ import annotations

import pytest

from annotator.nlp.analysis import frames_of
from annotator.nlp.names import Names
from annotator.nlp.passages import read
from annotator.nlp.pipeline import pipeline
from annotator.nlp.target_proposals import propose
from annotator.nlp.targets import head_and_rest, mentioned
from annotator.suggesters.rules import Rules

ARTICLE = """Anger over the harbor bridge

The council put off the bridge on Monday. “The bridge is a disgrace,” said Maria Lopez.

Maria Lopez lives near the ferry. The ferry is slow, and the ferry is old. \
Lopez said the bridge was needed."""


def proposed(text: str) -> tuple[str, ...]:
    passages = read(text, pipeline())
    frames = frames_of(passages, 0.5)
    names = Names(passages, [mention for frame in frames for mention in frame.speakers])
    said_by = [text[f.speaker.start : f.speaker.end] if f.speaker else "" for f in frames]
    return propose(passages, names, frames, said_by)


def test_targets_are_proposed_from_the_headline_and_from_what_is_discussed_most() -> None:
    found = proposed(ARTICLE)
    assert found[0] == "harbor bridge"
    assert "ferry" in found
    assert len(found) <= 5


@pytest.mark.parametrize(
    "text", ["", "The council put off the harbor bridge.", "One day.\n\nTwo days."]
)
def test_no_target_is_proposed_without_a_headline_that_the_body_takes_up(text: str) -> None:
    assert proposed(text) == ()


JUDGED = """Reed says Lopez is unfit

Tom Reed said on Monday that Maria Lopez was unfit for office. Lopez is a liar, Reed said.

“Lopez lied to us,” Anna Weber said in Ohio. Weber lives in Ohio, and Ohio knows her."""


def test_whom_the_claims_judge_goes_before_who_says_so_and_a_place_is_none() -> None:
    found = proposed(JUDGED)
    assert found[0] == "Maria Lopez"
    assert "Ohio" not in found


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
