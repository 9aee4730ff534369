"""How often a suggester is right, told once there is gold enough."""

from __future__ import annotations

from annotator.core.calibration import FEWEST, Tally
from corpus.core.span import Span, layer_view


def spans(number: int, label: str = "CLAIM", stance: str = "oppose") -> list[Span]:
    return [
        Span(n, label, 10 * n, 10 * n + 5, attributes={"stance": stance})
        for n in range(1, number + 1)
    ]


def test_a_label_is_as_right_as_gold_says() -> None:
    tally = Tally()
    tally.add_spans(spans(40), layer_view(spans(30)))
    tally.add_spans(spans(FEWEST - 1, "CUE"), layer_view([]))
    # 31 of 42, in steps of 0.05; of cues too few were judged.
    assert tally.shares() == {"CLAIM": 0.75}


def test_nobody_is_always_right_or_wrong() -> None:
    tally = Tally()
    tally.add_spans(spans(400), layer_view(spans(400)))
    tally.add_spans(spans(400, "CUE"), layer_view([]))
    assert tally.shares() == {"CLAIM": 0.95, "CUE": 0.05}


def test_values_are_judged_where_gold_has_one() -> None:
    tally = Tally()
    gold = [*spans(10), *spans(40, stance="support")[10:30], *spans(50, stance="")[30:]]
    tally.add_values(spans(60), layer_view(gold), "stance")
    assert tally.shares() == {"stance": 0.35}
