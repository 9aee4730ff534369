"""The policy that weighs what people say by how often they are right."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from annotator.core.compare import Cluster, compare
from annotator.core.competence import Ballots, Competence
from annotator.core.merge import Drop, longest, policy_called
from annotator.core.weighted import Weighted, count
from corpus.core.problems import Problem
from corpus.core.schema import ATTRIBUTION
from corpus.core.span import LayerView
from tests.annotator.core.test_compare import CLAIM, OKAFOR, layer

FACETS = ("missing", "boundary", "label", "speaker", "stance", "target")


def trusting(**shares: float) -> Competence:
    """People who are right so often in every facet."""
    return Competence(dict.fromkeys(FACETS, shares))


def only(**layers: LayerView) -> Cluster:
    (cluster,) = compare(layers, ATTRIBUTION)
    return cluster


def test_a_facet_is_settled_by_who_is_more_often_right() -> None:
    cluster = only(a=layer(stance="support"), b=layer(), c=layer())
    # Alone against two: 0.97 · 0.4 · 0.4 = 0.1552, and theirs 0.03 · 0.6 · 0.6 = 0.0108.
    decide = Weighted(competence=trusting(a=0.97, b=0.6, c=0.6))
    verdict = decide.verdict(cluster, ATTRIBUTION)
    assert verdict.outcome.head.attributes["stance"] == "support"
    assert verdict.probability == round(0.1552 / 0.166, 2) == 0.93
    assert policy_called("majority")(cluster, ATTRIBUTION).head.attributes["stance"] == "oppose"


def test_two_who_are_as_often_right_settle_nothing_that_they_differ_in() -> None:
    decide = Weighted(competence=trusting(a=0.9, b=0.9))
    for other in (layer(stance="support"), layer(claim=(1, 24)), layer(speaker=OKAFOR)):
        assert decide(only(a=layer(), b=other), ATTRIBUTION) is None
    assert decide(only(a=layer(), b=LayerView()), ATTRIBUTION) is None


def test_what_is_probably_nothing_is_dropped_with_its_probability() -> None:
    decide = Weighted(competence=trusting(a=0.6, b=0.9, c=0.9))
    verdict = decide.verdict(only(a=layer(), b=LayerView(), c=LayerView()), ATTRIBUTION)
    # 0.6 · 0.1 · 0.1 = 0.006 for it, 0.4 · 0.9 · 0.9 = 0.324 against it.
    assert verdict.outcome is Drop
    assert verdict.probability == round(0.324 / 0.33, 2)


def test_facets_come_from_different_people() -> None:
    cluster = only(
        a=layer(stance="support"),
        b=layer(claim=(1, 24)),
        c=layer(speaker=OKAFOR),
    )
    frame = policy_called("weighted")(cluster, ATTRIBUTION)
    assert (frame.head.start, frame.head.end) == CLAIM
    assert frame.head.attributes["stance"] == "oppose"
    assert [linked.span.attributes["name"] for linked in frame.linked] == ["Ilse Brandt"]


def test_a_rule_for_the_boundary_settles_what_is_not_probable_enough() -> None:
    cluster = only(a=layer(), b=layer(claim=(1, 24)), c=layer(claim=(2, 24)))
    assert policy_called("weighted")(cluster, ATTRIBUTION) is None
    decide = Weighted(boundary=longest, competence=trusting(a=0.9, b=0.9, c=0.9))
    verdict = decide.verdict(cluster, ATTRIBUTION)
    assert (verdict.outcome.head.start, verdict.outcome.head.end) == CLAIM
    # What the rule chose is not reckoned with.
    assert verdict.probability == 1


def test_the_bar_is_part_of_the_name() -> None:
    cluster = only(a=layer(), b=layer(), c=layer(stance="support"))
    # 0.8 · 0.8 · 0.2 against 0.2 · 0.2 · 0.8: four to one.
    assert policy_called("weighted:0.79")(cluster, ATTRIBUTION) is not None
    assert policy_called("weighted:0.81")(cluster, ATTRIBUTION) is None
    for name in ("weighted:", "weighted:0.5", "weighted:1", "weighted:0.999", "weighted:two"):
        with pytest.raises(Problem):
            policy_called(name)


def test_who_did_not_look_says_neither_yes_nor_no() -> None:
    full = only(a=layer(), b=layer(), c=LayerView(), d=LayerView())
    assert policy_called("weighted")(full, ATTRIBUTION) is None
    seen = replace(full, abstained=("c", "d"))
    assert policy_called("weighted")(seen, ATTRIBUTION).head.attributes["stance"] == "oppose"
    alone = only(a=layer(), b=LayerView())
    lonely = replace(alone, abstained=("b",))
    certain = Weighted(competence=trusting(a=0.99))
    assert certain(lonely, ATTRIBUTION) is None, "one person's word is no agreement"


def test_people_are_known_again_under_other_layers() -> None:
    """A layer belongs to one document, a person reviews many."""
    ballots = Ballots()
    people: dict[str, str] = {}
    for number in range(20):
        names = {f"{person}{number}": person for person in ("ann", "ben", "cem")}
        people |= names
        views: Mapping[str, LayerView] = {
            name: layer(stance="support" if person == "cem" else "oppose")
            for name, person in names.items()
        }
        for cluster in compare(views, ATTRIBUTION):
            count(ballots, cluster, ATTRIBUTION, people)
    competence = ballots.competence()
    assert competence.of("stance", "ann") > 0.9 > 0.5 == competence.of("stance", "cem")
    # In the rest they are as good as the others.
    assert competence.of("speaker", "cem") == competence.of("speaker", "ann")
    decide = Weighted(competence=competence, people={"x": "ann", "y": "cem"})
    frame = decide(only(x=layer(), y=layer(stance="support")), ATTRIBUTION)
    assert frame is not None and frame.head.attributes["stance"] == "oppose"
