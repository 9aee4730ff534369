"""Whole frames on short passages, one construction each."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from annotator.suggesters.rules import Rules
from corpus.core.schema import ATTRIBUTION, check
from corpus.core.span import LayerView

Expected = tuple[str, str | None, str]


def frames(layer: LayerView, text: str) -> list[Expected]:
    found = []
    for span in layer.in_order():
        if span.label == "CLAIM":
            speakers = layer.targets_of(span.ident)
            assert span.attributes["speaker_state"] == ("linked" if speakers else "unknown")
            found.append((span.covered(text), speakers[0].text(text) if speakers else None, span.attributes["kind"]))
    return found


def only(rules: Rules, text: str) -> LayerView:
    (layer,) = rules.suggest([text])
    assert list(check(layer, ATTRIBUTION, text)) == []
    return layer


PASSAGES: list[tuple[str, list[Expected]]] = [
    # Direct speech.
    ("“The bridge is safe,” Maria Lopez said.", [("“The bridge is safe,”", "Maria Lopez", "direct")]),
    ("“The bridge is safe,” said Maria Lopez.", [("“The bridge is safe,”", "Maria Lopez", "direct")]),
    ("Maria Lopez said: “The bridge is safe.”", [("“The bridge is safe.”", "Maria Lopez", "direct")]),
    ("Maria Lopez said, “The bridge is safe.”", [("“The bridge is safe.”", "Maria Lopez", "direct")]),
    ('"The bridge is safe," the mayor told reporters.', [('"The bridge is safe,"', "the mayor", "direct")]),
    ("''The bridge is safe,'' the mayor said.", [("''The bridge is safe,''", "the mayor", "direct")]),
    ("‘The bridge is safe,’ the mayor said.", [("‘The bridge is safe,’", "the mayor", "direct")]),
    (
        "“The bridge is safe,” Lopez said. “We tested it twice.”",
        [("“The bridge is safe,”", "Lopez", "direct"), ("“We tested it twice.”", "Lopez", "direct")],
    ),
    (
        "“The bridge is safe,” Lopez said, “and we tested it twice.”",
        [("“The bridge is safe,” … “and we tested it twice.”", "Lopez", "direct")],
    ),
    (
        "“The bridge is safe,” said Lopez, the town's engineer, on Monday.",
        [("“The bridge is safe,”", "Lopez, the town's engineer", "direct")],
    ),
    ("“The bridge is safe.”", [("“The bridge is safe.”", None, "direct")]),
    ("“Is the bridge safe?” Lopez asked.", [("“Is the bridge safe?”", "Lopez", "direct")]),
    (
        "Lopez was calm. “The bridge is safe,” he said.",
        [("“The bridge is safe,”", "he", "direct")],
    ),
    # Mixed speech.
    (
        "Lopez said the bridge was “perfectly safe.”",
        [("the bridge was “perfectly safe.”", "Lopez", "mixed")],
    ),
    (
        "Lopez added that “nobody should worry” about the bridge.",
        [("that “nobody should worry” about the bridge", "Lopez", "mixed")],
    ),
    # Indirect speech.
    ("Lopez said that the bridge was safe.", [("that the bridge was safe", "Lopez", "indirect")]),
    ("Lopez said the bridge was safe.", [("the bridge was safe", "Lopez", "indirect")]),
    ("The bridge was safe, Lopez said.", [("The bridge was safe", "Lopez", "indirect")]),
    ("The bridge, Lopez said, was safe.", [("The bridge … was safe", "Lopez", "indirect")]),
    ("Town closes bridge after storm, officials say", [("Town closes bridge after storm", "officials", "indirect")]),
    ("Lopez said on Tuesday that the bridge was safe.", [("that the bridge was safe", "Lopez", "indirect")]),
    ("Officials say the bridge will reopen in May.", [("the bridge will reopen in May", "Officials", "indirect")]),
    ("The police asked whether the driver had slept.", [("whether the driver had slept", "The police", "indirect")]),
    ("The company denied that the bridge was unsafe.", [("that the bridge was unsafe", "The company", "indirect")]),
    (
        "According to the police, the driver had slept.",
        [("the driver had slept", "the police", "indirect")],
    ),
    (
        "The driver had slept, according to the police.",
        [("The driver had slept", "the police", "indirect")],
    ),
    ("Lopez promised to repair the bridge.", [("to repair the bridge", "Lopez", "indirect")]),
    (
        "The union urged the council to repair the bridge.",
        [("the council to repair the bridge", "The union", "indirect")],
    ),
    ("The union called for a new bridge.", [("a new bridge", "The union", "indirect")]),
    ("The mayor criticized the company.", [("the company", "The mayor", "indirect")]),
    ("The mayor called him a liar.", [("him a liar", "The mayor", "indirect")]),
    (
        "The mayor described the bridge as a disgrace.",
        [("the bridge as a disgrace", "The mayor", "indirect")],
    ),
    ("The mayor accused the company of lying.", [("the company of lying", "The mayor", "indirect")]),
    (
        "His claim that the bridge is safe was rejected.",
        [("that the bridge is safe", "His", "indirect")],
    ),
    (
        "Lopez said the bridge was safe, adding that tests went well.",
        [("the bridge was safe", "Lopez", "indirect"), ("that tests went well", "Lopez", "indirect")],
    ),
    (
        "The engineer, who said the bridge was safe, has left.",
        [("the bridge was safe", "who", "indirect")],
    ),
    (
        "The bridge was closed over safety fearsTwo engineers familiar with the matter told Acme News.",
        [("The bridge was closed over safety fears", "Two engineers familiar with the matter", "indirect")],
    ),
    # No claim.
    ("The company declined to comment.", []),
    ("The company did not immediately respond to a request for comment.", []),
    ("The bridge was closed on Monday.", []),
    ("They watched “The Bridge” on Monday.", []),
    # Names with a colon.
    ("LOPEZ: The bridge is safe.", [("The bridge is safe", "LOPEZ", "indirect")]),
    # Damaged text.
    ("“The bridge is safe,”Lopez said.", [("“The bridge is safe,”", "Lopez", "direct")]),
    ("“The bridge is safe, Lopez said.", [("“The bridge is safe,", "Lopez", "direct")]),
    ("The storm ended.Lopez said the bridge was safe.", [("the bridge was safe", "Lopez", "indirect")]),
    ("Lopez\u00a0said the\u00a0bridge was safe.", [("the\u00a0bridge was safe", "Lopez", "indirect")]),
    ("“The bridge is entirely safe,” Lopez. The storm ended.", [("“The bridge is entirely safe,”", "Lopez", "direct")]),
    (
        "“The bridge is safe,” Lopez said.\n\n“We tested it twice this week.”",
        [("“The bridge is safe,”", "Lopez", "direct"), ("“We tested it twice this week.”", "Lopez", "direct")],
    ),
]


@pytest.mark.parametrize(("text", "expected"), PASSAGES, ids=[text[:60] for text, _ in PASSAGES])
def test_passage(rules: Rules, text: str, expected: list[Expected]) -> None:
    assert frames(only(rules, text), text) == expected


@pytest.mark.parametrize(
    ("text", "stance", "target"),
    [
        ("The mayor criticized the company.", "oppose", "the company"),
        ("The mayor praised the company.", "support", "the company"),
        ("The union called for a new bridge.", "support", "a new bridge"),
        ("The minister expressed concern about the new bridge.", "oppose", "the new bridge"),
        ("The company denied that the bridge was unsafe.", "oppose", None),
        ("“The delay is unacceptable,” Lopez said.", "oppose", None),
        ("“The delay is not unacceptable,” Lopez said.", "support", None),
        ("Lopez said the bridge was closed.", "unclear", None),
    ],
)
def test_stance(rules: Rules, text: str, stance: str, target: str | None) -> None:
    (claim,) = [s for s in only(rules, text).spans.values() if s.label == "CLAIM"]
    assert (claim.attributes["stance"], claim.attributes.get("target")) == (stance, target)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Mayor Maria Lopez said the bridge was safe. Lopez said it was tested.", ["Maria Lopez", "Maria Lopez"]),
        ("Maria Lopez said the bridge was safe. She said it was tested.", ["Maria Lopez", "Maria Lopez"]),
        ("Two officials said the bridge was safe. They said it was tested.", ["Two officials", "Two officials"]),
        ("The Trump administration said the bridge was safe.", ["Trump administration"]),
        ("I said the bridge was safe.", [None]),
    ],
)
def test_names(rules: Rules, text: str, names: list[str | None]) -> None:
    speakers = [s for s in only(rules, text).in_order() if s.label == "SPEAKER"]
    assert [s.attributes.get("name") for s in speakers] == names


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


BITS = st.sampled_from(
    [
        *("“", "”", '"', "'", "‘", "’", "''", "«", "»", ".", ",", "? ", ": ", " ", "\n", "\n\n", "😀", "e\u0301"),
        *("שלום ", "\u200f", "\u200b", "\u00a0", "\u2029", "\x1c", "(", ")", "said ", "told ", "He ", "John Smith "),
        *("that ", "it was wrong ", "according to ", "called him a ", "who said ", "accused of ", "claim that "),
        *("strikesTwo ", "LOPEZ: ", "I "),
    ]
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(BITS | st.characters(exclude_categories=("Cs",)), min_size=1, max_size=40).map("".join))
def test_any_text_gives_a_sound_layer(rules: Rules, text: str) -> None:
    only(rules, text)
