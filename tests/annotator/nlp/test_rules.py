"""Whole frames on short passages, one construction each."""

from __future__ import annotations

from dataclasses import fields

import pytest

from annotator.nlp.claims import Boundaries
from annotator.nlp.cues import lexicon
from annotator.suggesters.rules import Rules
from corpus.core.layer_check import check
from corpus.core.schema import ATTRIBUTION
from corpus.core.span import LayerView

from .constructions import CONSTRUCTIONS
from .reported import REPORTED
from .sources import SOURCES
from .styles import STYLES

PASSAGES = [*CONSTRUCTIONS, *REPORTED, *SOURCES, *STYLES]


def frames(layer: LayerView, text: str) -> list[str]:
    """Return the frames of a layer as the table of constructions writes them."""
    found = []
    for span in layer.in_order():
        if span.label == "CLAIM":
            speakers = layer.targets_of(span.ident)
            state = span.attributes.get("speaker_state", "")
            cue = (span.evidence or {}).get("cue", "-")
            assert (state == "linked") == bool(speakers)
            who = " + ".join(s.text(text) for s in speakers) or state.upper() or "?"
            found.append(" | ".join((span.covered(text), who, cue, span.attributes["kind"])))
    return found


def only(rules: Rules, text: str) -> LayerView:
    (layer,) = rules.suggest([text])
    assert list(check(layer, ATTRIBUTION, text)) == []
    return layer


@pytest.mark.parametrize(("text", "expected"), PASSAGES, ids=[text[:60] for text, _ in PASSAGES])
def test_construction(rules: Rules, text: str, expected: list[str]) -> None:
    assert frames(only(rules, text), text) == expected


def test_every_frame_of_cue_has_a_construction(rules: Rules) -> None:
    layers = rules.suggest(text for text, _ in PASSAGES)
    seen = {(span.evidence or {}).get("rule") for layer in layers for span in layer.spans.values()}
    assert set(lexicon().weights) <= seen


@pytest.mark.parametrize(
    ("text", "stance", "target"),
    [
        ("The mayor criticized the company.", "oppose", "the company"),
        ("The mayor praised the company.", "support", "the company"),
        # Without a target that the text or a list gives, nothing else takes a side.
        ("The union called for a new bridge.", None, None),
        ("The company denied that the bridge was unsafe.", None, None),
        ("“The delay is unacceptable,” Lopez said.", None, None),
        ("Lopez said the bridge was closed.", None, None),
    ],
)
def test_stance(rules: Rules, text: str, stance: str | None, target: str | None) -> None:
    (claim,) = [s for s in only(rules, text).spans.values() if s.label == "CLAIM"]
    assert (claim.attributes.get("stance"), claim.attributes.get("target")) == (stance, target)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        (
            "Mayor Maria Lopez said the bridge was safe. Lopez said it was tested.",
            ["Maria Lopez", "Maria Lopez"],
        ),
        (
            "Maria Lopez said the bridge was safe. She said it was tested.",
            ["Maria Lopez", "Maria Lopez"],
        ),
        (
            "Two officials said the bridge was safe. They said it was tested.",
            ["Two officials", "Two officials"],
        ),
        ("The Trump administration said the bridge was safe.", ["Trump administration"]),
        ("I said the bridge was safe.", [None]),
    ],
)
def test_names(rules: Rules, text: str, names: list[str | None]) -> None:
    speakers = [s for s in only(rules, text).in_order() if s.label == "SPEAKER"]
    assert [s.attributes.get("name") for s in speakers] == names


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            (
                "“He stood behind me and he said: ‘Slower, Agata.’ I went on,” the clerk told "
                "the court."
            ),
            [
                (
                    "“He stood behind me and he said: ‘Slower, Agata.’ I went on,” | the clerk "
                    "| told | direct"
                ),
                "‘Slower, Agata.’ | he | said | direct",
            ],
        ),
        (
            "Lopez said that the police believed that the driver had slept.",
            [
                "that the police believed that the driver had slept | Lopez | said | indirect",
                "that the driver had slept | the police | believed | indirect",
            ],
        ),
        (
            "“My mother told me that the bridge was old,” Lopez said.",
            [
                "“My mother told me that the bridge was old,” | Lopez | said | direct",
                "that the bridge was old | My mother | told | indirect",
            ],
        ),
        # Nobody is said to have made the reports.
        (
            "The mayor denied reports that the radar was old.",
            ["reports that the radar was old | The mayor | denied | indirect"],
        ),
    ],
)
def test_nested_claims_where_wanted(rules: Rules, text: str, expected: list[str]) -> None:
    assert frames(only(Rules(nested=True), text), text) == expected
    assert frames(only(rules, text), text) == expected[:1]


@pytest.mark.parametrize(
    ("field", "text", "kept", "changed"),
    [
        (
            "quotation_marks",
            "“The bridge is safe,” Lopez said.",
            "“The bridge is safe,”",
            "The bridge is safe,",
        ),
        ("leading_that", "Lopez said that it was safe.", "that it was safe", "it was safe"),
        ("final_stop", "Lopez said it was safe.", "it was safe", "it was safe."),
        (
            "fragments",
            "The sea, he argued, was warm.",
            "The sea … was warm",
            "The sea, he argued, was warm",
        ),
        ("accused", "The mayor accused the firm of lying.", "the firm of lying", "lying"),
    ],
)
def test_boundary_policy(rules: Rules, field: str, text: str, kept: str, changed: str) -> None:
    other = Rules(boundaries={field: not getattr(Boundaries(), field)})
    assert [frames(only(r, text), text)[0].split(" | ")[0] for r in (rules, other)] == [
        kept,
        changed,
    ]


def test_every_boundary_is_tried() -> None:
    (marks,) = [m for m in test_boundary_policy.pytestmark if m.name == "parametrize"]  # type: ignore[attr-defined]
    assert [case[0] for case in marks.args[1]] == [f.name for f in fields(Boundaries)]


def test_marks_left_out_of_a_quotation_over_several_paragraphs() -> None:
    text = "“The bridge was old.\n\n“It was never safe,” Lopez said."
    (found,) = frames(only(Rules(boundaries={"quotation_marks": False}), text), text)
    assert found == "The bridge was old.\n\n“It was never safe, | Lopez | said | direct"


def test_options_are_part_of_the_run() -> None:
    plain, other = Rules().config, Rules(nested=True, boundaries={"final_stop": True}).config
    assert plain != other
    assert other["nested"] and other["boundaries"]["final_stop"]


def test_every_suggestion_is_explained(rules: Rules) -> None:
    layer = only(rules, "“The bridge is safe,” Lopez said.")
    claim = next(s for s in layer.spans.values() if s.label == "CLAIM")
    assert claim.score is not None and claim.score > 0.9
    assert claim.evidence == {
        "rule": "quotation",
        "why": "quotation beside “said”",
        "cue": "said",
        "cue_span": [28, 32],
    }


def test_one_speaker_for_several_claims(rules: Rules) -> None:
    layer = only(rules, "“The bridge is safe,” Lopez said. “We tested it twice.”")
    assert [s.label for s in layer.in_order()].count("SPEAKER") == 1
    assert len(layer.links) == 2


def test_same_text_gives_the_same_layer(rules: Rules) -> None:
    text = "“The bridge is safe,” Lopez said. The mayor called him a liar."
    first, second = rules.suggest([text, text])
    assert first == second


def test_long_line_is_read_in_pieces(rules: Rules) -> None:
    text = "“The bridge is safe,” Lopez said. The mayor disagreed with him. " * 300
    assert len(only(rules, text.strip()).links) >= 290
