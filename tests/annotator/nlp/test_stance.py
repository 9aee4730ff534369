"""What stance a claim takes toward a target and why, one construction a passage."""

from __future__ import annotations

import pytest

from annotator.suggesters.rules import Rules
from corpus.core.span import LayerView, Span


def claims(rules: Rules, text: str, *targets: str) -> list[Span]:
    layer: LayerView
    (layer,) = rules.suggest([text], [targets])
    return [span for span in layer.in_order() if span.label == "CLAIM"]


BRIDGE = "harbor bridge"
PASSAGES = [
    # What the cue says of its object.
    ("The council backed the harbor bridge.", "support"),
    ("The council condemned the harbor bridge.", "oppose"),
    ("The council did not support the harbor bridge.", "oppose"),
    ("The mayor declined to endorse the harbor bridge.", "oppose"),
    ("The minister voiced doubts about the harbor bridge.", "oppose"),
    ("The council condemned the weather.", None),
    # A name given: only the name tells the side.
    ("Lopez called the harbor bridge a disgrace.", "oppose"),
    ("Lopez called the harbor bridge a triumph of planning.", "support"),
    ("Lopez described the harbor bridge as long.", None),
    # Boasting is no support of the target, a denial no support by itself.
    ("Lopez boasted that the ferry had won a prize.", None),
    ("The mayor denied that the vote had been rushed.", None),
    # A `but` alone weighs nothing.
    ("Lopez said the harbor bridge was long but that the road was narrow.", None),
    # Words that judge the target, and the same words of something else.
    ("“The harbor bridge is outrageous,” Lopez said.", "oppose"),
    ("“The ferry is outrageous,” Lopez said of the harbor bridge.", None),
    ("“The harbor bridge is excellent,” Lopez said.", "support"),
    ("“There is no justification for the harbor bridge,” Lopez said.", "oppose"),
    ("Lopez said the harbor bridge would damage the bay.", "oppose"),
    ("Lopez said the storm would damage the bay.", None),
    ("“The harbor bridge does nothing to boost the economy,” Lopez said.", "oppose"),
    # What must stop.
    ("“The council must stop the harbor bridge,” Lopez said.", "oppose"),
    ("“The council must stop the noise,” Lopez said.", None),
    ("Lopez said they would scrap the harbor bridge.", "oppose"),
    ("Lopez said they would scrap the ferry.", None),
    # Who is wrong to do something.
    ("Lopez said it was wrong for the harbor bridge to open.", "oppose"),
    ("Lopez said it was wrong for the ferry to open.", None),
    # What rises and falls with the target.
    ("Lopez said prices would go up with the harbor bridge.", "oppose"),
    ("Lopez said prices would go up with the ferry.", None),
    ("Lopez said crime would fall with the harbor bridge.", "support"),
    # What is missing.
    ("Lopez said there was no reason for the harbor bridge.", "oppose"),
    ("Lopez said there was no reason for the ferry.", None),
    # What is doubted or denied of the target, and of something else.
    ("Lopez said the harbor bridge would help the town.", "support"),
    ("Lopez questioned whether the harbor bridge would help the town.", "oppose"),
    ("Lopez denied that the harbor bridge would damage the bay.", "support"),
    ("Lopez denied that the storm would damage the bay.", None),
    # What is rejected is held against the target, or against something else.
    ("The board rejected a challenge to the harbor bridge.", "support"),
    ("The board rejected a challenge to the ferry.", None),
    # A matter for others is no side.
    ("“Whether the harbor bridge is lawful is a matter for the court,” Lopez said.", None),
    # No side taken.
    ("Lopez discussed the ferry at noon.", "neutral"),
    ("Lopez discussed the harbor bridge at noon.", None),
    ("Lopez said the harbor bridge would open in May.", "neutral"),
    ("“There are many bridges,” Lopez said.", None),
]


@pytest.mark.parametrize(("text", "stance"), PASSAGES, ids=[text[:60] for text, _ in PASSAGES])
def test_construction(rules: Rules, text: str, stance: str | None) -> None:
    (claim,) = claims(rules, text, BRIDGE)
    assert claim.attributes.get("stance") == stance
    assert bool((claim.evidence or {}).get("stance")) == (stance is not None)


def test_the_reasons_are_words_of_the_text(rules: Rules) -> None:
    (claim,) = claims(rules, "“The harbor bridge is outrageous,” Lopez said.", BRIDGE)
    assert (claim.evidence or {})["stance"] == "“outrageous” of “bridge”"


@pytest.mark.parametrize(
    ("text", "stance"),
    [
        ("“We will go on as planned,” said Maria Lopez, a spokeswoman for Dockside.", "support"),
        ("“We will go on as planned,” said Maria Lopez, a spokeswoman for Northline.", None),
        ("Maria Lopez, a spokeswoman for Dockside, denied that the vote was rushed.", "support"),
        ("“It will rain,” said Maria Lopez, a rival of Northline.", None),
    ],
)
def test_who_the_speaker_is_to_the_target(rules: Rules, text: str, stance: str | None) -> None:
    (claim,) = claims(rules, text, "Dockside")
    assert claim.attributes.get("stance") == stance


@pytest.mark.parametrize(
    ("told", "stance"),
    [
        ("Maria Lopez has fought the harbor bridge for years.", "oppose"),
        ("Maria Lopez has never fought the harbor bridge.", "support"),
        ("Maria Lopez has fought the ferry for years.", None),
        ("Tom Reed has fought the harbor bridge for years.", None),
        ("Maria Lopez would have fought the harbor bridge.", None),
    ],
)
def test_what_the_text_tells_of_the_speaker(rules: Rules, told: str, stance: str | None) -> None:
    text = f"{told}\n\n“The harbor bridge is here to stay,” Lopez said."
    claim = claims(rules, text, BRIDGE)[-1]
    assert claim.attributes.get("stance") == stance


@pytest.mark.parametrize(
    ("speaker", "stance"),
    [
        ("Maria Lopez, the chairwoman of Dockside", "support"),
        ("Maria Lopez, the Dockside Party chairwoman", None),
    ],
)
def test_whoever_leads_a_body_of_the_same_town_does_not_speak_for_the_target(
    rules: Rules, speaker: str, stance: str | None
) -> None:
    (claim,) = claims(rules, f"“We will go on as planned,” said {speaker}.", "Dockside")
    assert claim.attributes.get("stance") == stance


def test_an_ally_who_tells_a_plain_fact_takes_no_side(rules: Rules) -> None:
    text = "Maria Lopez, a spokeswoman for Dockside, said that 14 boats left the port on Monday."
    (claim,) = claims(rules, text, "Dockside")
    assert claim.attributes.get("stance") == "neutral"


def test_what_the_speaker_says_elsewhere_counts_and_what_another_says_does_not(
    rules: Rules,
) -> None:
    text = "Maria Lopez condemned the harbor bridge. “It is made of paper,” {} said."
    same = claims(rules, text.format("Lopez"), BRIDGE)
    other = claims(rules, text.format("Tom Berg"), BRIDGE)
    assert [c.attributes.get("stance") for c in same] == ["oppose", "oppose"]
    assert [c.attributes.get("stance") for c in other] == ["oppose", None]


@pytest.mark.parametrize(
    ("text", "targets", "stance", "target"),
    [
        ("The council backed the bridge.", [BRIDGE, "road toll"], "support", BRIDGE),
        ("The council rejected the toll.", [BRIDGE, "road toll"], "oppose", "road toll"),
        # An end to the target is against it, unless the end is the target itself.
        ("The union called for a ban on trucks.", ["trucks"], "oppose", "trucks"),
        ("The union called for a ban on trucks.", ["ban on trucks"], "support", "ban on trucks"),
        # Without a list, the object of the cue is the target.
        ("The council backed the bridge.", [], "support", "the bridge"),
        ("“There is a bridge,” Lopez said.", [BRIDGE], None, None),
    ],
)
def test_target(
    rules: Rules, text: str, targets: list[str], stance: str | None, target: str | None
) -> None:
    (claim,) = claims(rules, text, *targets)
    assert (claim.attributes.get("stance"), claim.attributes.get("target")) == (stance, target)
