"""Every measure against hand counts, published examples, nltk, or its definition written out."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from itertools import permutations, product
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from nltk.metrics.agreement import AnnotationTask
from nltk.metrics.scores import f_measure

from annotator.core import alpha, unitize
from annotator.core.agreement import Article, Measure, WordIndex, agreement
from annotator.core.bootstrap import Sums, Tally, estimate
from corpus.core.schema import ATTRIBUTION
from corpus.core.span import LayerView, Link, Span, layer_view
from tools.texts import annotated

# Krippendorff (2011), "Computing Krippendorff's Alpha-Reliability", example B: two observers,
# twelve units.
TWO_OBSERVERS = ["ab", "aa", "bb", "bb", "db", "cc", "cc", "cc", "ee", "dd", "dd", "ad"]
# Its example C, which Gwet uses too: four observers, values missing; the values of each unit.
FOUR_OBSERVERS = [
    "111",
    "2232",
    "3333",
    "3333",
    "2222",
    "1234",
    "4444",
    "1121",
    "2222",
    "555",
    "11",
    "3",
]


def summed(*articles: Any) -> Sums:
    tally = Tally()
    for counts in articles:
        tally.add(counts)
    return tally.observed()


def test_alpha_is_the_published_one() -> None:
    assert alpha.alpha(summed(alpha.count(TWO_OBSERVERS)))[0] == pytest.approx(0.692, abs=0.0005)
    assert alpha.alpha(summed(alpha.count(FOUR_OBSERVERS)))[0] == pytest.approx(0.743, abs=0.0005)


def test_ac1_is_the_published_one() -> None:
    # 0.77544, with p_a 0.81818 and p_e 0.19032, is what Gwet's own software gives for these data.
    assert alpha.ac1(summed(alpha.count(FOUR_OBSERVERS)), 5)[0] == pytest.approx(
        0.77544, abs=0.000005
    )


@given(st.lists(st.text("abc", min_size=2, max_size=4), min_size=2, max_size=12))
def test_alpha_is_nltks(units: list[str]) -> None:
    assume(len(set("".join(units))) > 1)
    chosen = []
    for i, unit in enumerate(units):
        for n, value in enumerate(unit):
            chosen.append((f"c{n}", i, value))
    task = AnnotationTask(chosen)
    assert alpha.alpha(summed(alpha.count(units)))[0] == pytest.approx(task.alpha())


@given(
    st.lists(st.text("abc", max_size=4), max_size=12),
    st.lists(st.text("abc", max_size=4), max_size=12),
)
def test_counts_of_articles_add_up_to_those_of_all(first: list[str], second: list[str]) -> None:
    with np.errstate(invalid="ignore", divide="ignore"):
        apart = alpha.alpha(summed(alpha.count(first), alpha.count(second)))
        assert apart == pytest.approx(alpha.alpha(summed(alpha.count(first + second))), nan_ok=True)


LENGTH = 14


@st.composite
def continua(draw: st.DrawFn) -> list[list[unitize.Unit]]:
    """A text as two to four people unitized it, with values a and b."""
    found = []
    for _ in range(draw(st.integers(2, 4))):
        cuts = sorted(draw(st.sets(st.integers(0, LENGTH), max_size=8)))
        pairs = zip(cuts[::2], cuts[1::2], strict=False)
        found.append([(start, end, draw(st.sampled_from("ab"))) for start, end in pairs])
    return found


Grid = dict[tuple[str, str], float]


def by_definition(people: list[list[unitize.Unit]]) -> dict[str, float | None]:
    """The family character by character, each equation of the paper as it stands there."""
    m = len(people)
    gap = unitize.GAP
    values = [[value_at(units, x) for x in range(LENGTH)] for units in people]
    names = sorted({gap}.union(*values))
    valued = [name for name in names if name != gap]

    # Equation 1: the observed coincidences.
    observed: Counter[tuple[str, str]] = Counter()
    for i, j in permutations(range(m), 2):
        for pair in zip(values[i], values[j], strict=True):
            observed[pair] += 1 / (m - 1)

    # Equations 4 and 10: what a unit shares with itself, over all the text and where units meet.
    itself = dict.fromkeys(names, 0.0)
    itself[gap] = sum(row.count(gap) for row in values)
    coded = dict.fromkeys(valued, 0.0)
    for i, units in enumerate(people):
        for start, end, name in units:
            itself[name] += (end - start) ** 2
            for j in range(m):
                if j != i:
                    met = end - start - values[j][start:end].count(gap)
                    coded[name] += met**2 / (m - 1)

    grids = (observed, expected(observed, names, itself))
    found = {"u": one_minus(*(apart(grid) for grid in grids))}
    found["|u"] = one_minus(*(apart(of_value(grid, gap)) for grid in grids))
    met_units = {pair: n for pair, n in observed.items() if gap not in pair}
    grids = (met_units, expected(observed, valued, coded))
    found["cu"] = one_minus(*(apart(grid) for grid in grids))
    for name in "ab":
        seen, chance = (sum(n for (_, k), n in grid.items() if k == name) for grid in grids)
        found[name] = None
        if name in valued and seen > 0 and chance > 1e-9:
            same = (name, name)
            found[name] = one_minus(
                (seen - grids[0].get(same, 0)) / seen, (chance - grids[1][same]) / chance
            )
    return found


def value_at(units: list[unitize.Unit], x: int) -> str:
    return next((value for start, end, value in units if start <= x < end), unitize.GAP)


def expected(observed: Grid, names: list[str], itself: dict[str, float]) -> Grid:
    """What chance gives: the margins of these values, without what a unit shares with itself."""
    margin = {c: sum(observed[c, k] for k in names) for c in names}
    total = sum(margin.values())
    below = total**2 - sum(itself[c] for c in names)
    grid = {}
    for c, k in product(names, repeat=2):
        above = total * (margin[c] * margin[k] - (itself[c] if c == k else 0))
        grid[c, k] = above / below if below else 0
    return grid


def apart(grid: Grid) -> float:
    return sum(n for (c, k), n in grid.items() if c != k)


def of_value(grid: Grid, name: str) -> Grid:
    return {pair: n for pair, n in grid.items() if name in pair}


def one_minus(observed: float, by_chance: float) -> float | None:
    return 1 - observed / by_chance if by_chance > 1e-9 else None


@given(continua())
def test_the_unitized_alphas_are_their_equations(people: list[list[unitize.Unit]]) -> None:
    sums = summed(unitize.count(people, LENGTH))
    with np.errstate(invalid="ignore", divide="ignore"):
        ours = {
            "u": unitize.alpha_u(sums)[0],
            "|u": unitize.alpha_u_binary(sums)[0],
            "cu": unitize.alpha_u_coding(sums)[0],
            "a": unitize.alpha_u_value(sums, "a")[0],
            "b": unitize.alpha_u_value(sums, "b")[0],
        }
    for name, wanted in by_definition(people).items():
        if wanted is not None:
            assert ours[name] == pytest.approx(wanted), name


@given(st.lists(st.lists(st.sampled_from("ab "), min_size=9, max_size=9), min_size=2, max_size=4))
def test_with_units_of_one_character_unitized_alpha_is_nominal_alpha(
    people: list[list[str]],
) -> None:
    assume(len({value for row in people for value in row}) > 1)
    units: list[list[unitize.Unit]] = []
    chosen = []
    for i, row in enumerate(people):
        units.append([(x, x + 1, value) for x, value in enumerate(row) if value != " "])
        chosen += [(i, x, value) for x, value in enumerate(row)]
    task = AnnotationTask(chosen)
    assert unitize.alpha_u(summed(unitize.count(units, 9)))[0] == pytest.approx(task.alpha())


def test_units_do_not_overlap_and_the_outermost_stands() -> None:
    spans = [
        Span(1, "CLAIM", 0, 20),
        Span(2, "CLAIM", 5, 10),
        Span(3, "CLAIM", 15, 30),
        Span(4, "CLAIM", 40, 60, ((40, 45), (55, 60))),
    ]
    found = unitize.units(spans, lambda span: span.label)
    assert [unit[:2] for unit in found] == [(0, 20), (20, 30), (40, 45), (55, 60)]


def test_an_interval_holds_the_figure_and_needs_two_articles() -> None:
    tally = Tally()
    tally.add({("hits",): 1, ("all",): 4})
    share = {"share": lambda sums: sums["hits"] / sums["all"]}
    assert estimate(tally, share)["share"].low is None
    tally.add({("hits",): 3, ("all",): 4})
    found = estimate(tally, share)["share"]
    assert (found.value, found.low, found.high) == (0.5, 0.25, 0.75)
    for _ in range(100):
        tally.add({("hits",): 2, ("all",): 4})
    many = estimate(tally, share)["share"]
    assert many.low is not None and many.high is not None
    assert 0.4 < many.low < many.value < many.high < 0.6
    assert estimate(tally, share)["share"] == many


TEXT = (
    "“The wall will not hold,” said Mayor Ilse Brandt. Okafor denied that it would cost more. "
    "He was calm."
)


def review(*stances: str, speaker: tuple[int, int] = (31, 48), name: str = "") -> LayerView:
    places = [(0, 25), (63, 87), (88, 100)]
    named = {"name": name} if name else {}
    spans = [
        Span(n, "CLAIM", *place, attributes={"stance": stance})
        for n, (place, stance) in enumerate(zip(places, stances, strict=False), start=1)
    ]
    return layer_view(
        [*spans, Span(9, "SPEAKER", *speaker, attributes=named)], [Link(1, "said_by", 1, 9)]
    )


def figures(*layers: LayerView, text: str = TEXT) -> dict[tuple[str, str], Measure]:
    found = agreement(
        [Article(text, {f"r{n}": view for n, view in enumerate(layers)})], ATTRIBUTION
    )
    return {(m.measure, m.label): m for m in found if m.a is None and m.of is None}


def test_stances_are_compared_on_aligned_claims_alone() -> None:
    found = figures(review("oppose", "support"), review("oppose", "neutral", "support"))
    stance = found["alpha_stance", "CLAIM"]
    # Two aligned claims of three: oppose twice, support against neutral.
    task = AnnotationTask(
        [(1, 1, "oppose"), (2, 1, "oppose"), (1, 2, "support"), (2, 2, "neutral")]
    )
    assert stance.value == pytest.approx(task.alpha())
    assert (stance.n, stance.total, stance.articles) == (2, 3, 1)
    assert stance.reason.startswith("no interval")
    assert found["ac1_stance", "CLAIM"].value is not None


def test_what_is_undefined_says_why() -> None:
    found = figures(review("oppose"), review("oppose"))
    assert found["alpha_stance", "CLAIM"].value is None
    assert found["alpha_stance", "CLAIM"].reason == "all chose the same stance"
    assert found["span_f1_exact", "CUE"].reason == "neither marked anything"
    assert found["alpha_u", "CUE"].reason == "nobody marked anything"
    nothing = figures(LayerView(), review("oppose"))
    assert (
        nothing["alpha_speaker", "CLAIM"].reason == "nothing aligned has a speaker from two people"
    )
    assert nothing["span_f1_exact", "CLAIM"].value == 0


def test_another_mention_of_one_person_is_the_same_speaker() -> None:
    spans = [Span(9, "SPEAKER", 50, 56, attributes={"name": "Tomas Okafor"})]
    other = [Span(8, "CLAIM", 63, 87), *spans]

    def with_okafor(view: LayerView) -> LayerView:
        moved = [replace(span, ident=span.ident + 10) for span in other]
        return layer_view(
            [*view.spans.values(), *moved], [*view.links.values(), Link(2, "said_by", 18, 19)]
        )

    full = with_okafor(review("oppose", name="Ilse Brandt"))
    short = with_okafor(review("oppose", speaker=(37, 48), name="ilse brandt "))
    found = figures(full, short)["alpha_speaker", "CLAIM"]
    assert (found.value, found.n) == (1.0, 2)
    wrong = with_okafor(review("oppose", speaker=(50, 56), name="Tomas Okafor"))
    assert figures(full, wrong)["alpha_speaker", "CLAIM"].value < 0.5


@given(annotated(), annotated())
def test_word_f1_is_nltks_and_no_order_changes_a_figure(one: tuple, other: tuple) -> None:
    text, left = one
    fits = [s for s in other[1].spans.values() if s.end <= len(text)]
    right = layer_view(fits)
    found = figures(left, right, text=text)
    words = WordIndex(text)
    sets = [
        {w for s in view.spans.values() if s.label == "CLAIM" for w in words.of(s)}
        for view in (left, right)
    ]
    value = found["span_f1_word", "CLAIM"].value
    if all(sets):
        assert value == pytest.approx(f_measure(*sets) or 0)
    backwards = LayerView(dict(reversed(left.spans.items())), dict(reversed(left.links.items())))
    again = figures(right, backwards, text=text)
    assert {key: m.value for key, m in again.items()} == pytest.approx(
        {key: m.value for key, m in found.items()}
    )
