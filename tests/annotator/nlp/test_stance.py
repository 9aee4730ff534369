"""What stance a claim takes and why, one construction a passage."""

from __future__ import annotations

import pytest

from annotator.suggesters.rules import Rules
from corpus.core.span import LayerView, Span


def claims(rules: Rules, text: str, *targets: str) -> list[Span]:
    layer: LayerView
    (layer,) = rules.suggest([text], [targets])
    return [span for span in layer.in_order() if span.label == "CLAIM"]


PASSAGES = [
    # What the cue says of its object.
    ("The council backed the new bridge.", "support"),
    ("The council condemned the new bridge.", "oppose"),
    ("The council did not condemn the new bridge.", "support"),
    ("The council did not support the new bridge.", "oppose"),
    ("The minister voiced doubts about the new bridge.", "oppose"),
    ("Lopez accused the company of hiding invoices.", "oppose"),
    # What is held against the speaker.
    ("The mayor denied that the vote had been rushed.", "support"),
    ("The mayor did not deny that the vote had been rushed.", "mixed"),
    ("The company rejected the criticism.", "support"),
    ("The minister dismissed calls for a new vote.", "support"),
    # Calls to stop something, and support for its end.
    ("The union called for a ban on night flights.", "oppose"),
    ("Lopez welcomed the resignation of the director.", "oppose"),
    # Hearsay without a speaker.
    ("The firm is accused of fraud.", "oppose"),
    # Words that judge.
    ("“The delay is outrageous,” Lopez said.", "oppose"),
    ("“The delay is not outrageous,” Lopez said.", "support"),
    ("“The design is excellent,” Lopez said.", "support"),
    ("“The design is excellent, but the roof will leak,” Lopez said.", "mixed"),
    ("Lopez said she had nothing against the bridge.", "mixed"),
    # How a claim is built.
    ("Lopez said the company must stop the work.", "oppose"),
    ("“We will appeal,” Lopez said.", "oppose"),
    ("“Who will pay for the bridge?” Lopez asked.", "oppose"),
    ("Lopez said that she was in favor of the bridge.", "support"),
    ("Lopez said that she was still against it.", "oppose"),
    ("Lopez said the bridge would reduce the risk of accidents.", "support"),
    # No side taken.
    ("The agency said it would publish its report in May.", "neutral"),
    ("The agency said it had no view on the matter.", "neutral"),
    ("Lopez said the bridge would open by the end of the year.", "neutral"),
    ("Lopez said that two trucks had stood on the bridge on Monday.", "neutral"),
    ("Lopez said traffic fell by 4 percent last year.", "neutral"),
    ("Lopez said 58% of voters were against the bridge.", None),
    ("The agency said it was considering its options.", "neutral"),
    # Two sides in one claim; people who are quoted say `but` for anything.
    ("Lopez said the bridge was well built but that the road to it was narrow.", "mixed"),
    ("“The bridge is excellent, but the road to it is narrow,” Lopez said.", "mixed"),
    ("“It is a long way, but the buses run,” Lopez said.", None),
    ("Lopez said there was nothing but sand under it.", None),
    ("“The design is excellent and generous, and too generous for us,” Lopez said.", None),
    # Nothing to go by.
    ("“There are many bridges,” Lopez said.", None),
    ("Lopez said the bridge was closed.", None),
]


@pytest.mark.parametrize(("text", "stance"), PASSAGES, ids=[text[:60] for text, _ in PASSAGES])
def test_construction(rules: Rules, text: str, stance: str | None) -> None:
    (claim,) = claims(rules, text)
    assert claim.attributes.get("stance") == stance


def test_every_stance_has_its_reasons_and_without_any_there_is_no_stance(rules: Rules) -> None:
    for text, stance in PASSAGES:
        (claim,) = claims(rules, text)
        assert bool((claim.evidence or {}).get("stance")) == (stance is not None), text


def test_the_reasons_are_words_of_the_text(rules: Rules) -> None:
    (claim,) = claims(rules, "“The delay is outrageous,” Lopez said.")
    assert (claim.evidence or {})["stance"] == "the words “outrageous”"


def test_what_follows_a_clear_claim_of_a_known_side_goes_on_with_it(rules: Rules) -> None:
    text = "Maria Lopez{}, condemned the new bridge. “It is made of paper,” Lopez said."
    assert [c.attributes.get("stance") for c in claims(rules, text.format(", a critic"))] == [
        "oppose",
        "oppose",
    ]
    # By itself it tells too little.
    assert [c.attributes.get("stance") for c in claims(rules, text.format(", 40"))] == [
        "oppose",
        None,
    ]


def test_another_speaker_does_not_go_on_with_it(rules: Rules) -> None:
    text = "Maria Lopez condemned the new bridge. “It is made of paper,” Tom Berg said."
    assert [c.attributes.get("stance") for c in claims(rules, text)] == ["oppose", None]


def test_what_somebody_concedes_does_not_go_on_with_the_own_side(rules: Rules) -> None:
    text = "Maria Lopez, a critic, condemned the new bridge. Lopez conceded that it was shorter."
    assert [c.attributes.get("stance") for c in claims(rules, text)] == ["oppose", None]


def test_disputing_an_attack_defends(rules: Rules) -> None:
    text = "Maria Lopez said the plan was a disgrace. Tom Berg disputed that claim."
    assert [c.attributes.get("stance") for c in claims(rules, text)] == ["oppose", "support"]


@pytest.mark.parametrize(
    ("text", "targets", "stance", "target"),
    [
        (
            "The council backed the bridge.",
            ["harbor bridge", "road toll"],
            "support",
            "harbor bridge",
        ),
        ("The council rejected the toll.", ["harbor bridge", "road toll"], "oppose", "road toll"),
        # What the article is about needs no name: no target means the document's default.
        ("The council rejected the plan.", ["harbor bridge"], "oppose", None),
        ("The council praised the weather.", ["harbor bridge"], "support", "the weather"),
        # An end to the target is against it, unless the end is the target itself.
        ("The union called for a ban on trucks.", ["trucks"], "oppose", "trucks"),
        ("The union called for a ban on trucks.", ["ban on trucks"], "support", "ban on trucks"),
        ("The union welcomed the resignation of the mayor.", ["the mayor"], "oppose", "the mayor"),
        # Without a list, the object of the cue is the target.
        ("The council backed the bridge.", [], "support", "the bridge"),
        ("“The bridge is a disgrace,” Lopez said.", ["harbor bridge"], "oppose", "harbor bridge"),
        ("“There is a bridge,” Lopez said.", ["harbor bridge"], None, None),
    ],
)
def test_target(
    rules: Rules, text: str, targets: list[str], stance: str | None, target: str | None
) -> None:
    (claim,) = claims(rules, text, *targets)
    assert (claim.attributes.get("stance"), claim.attributes.get("target")) == (stance, target)
