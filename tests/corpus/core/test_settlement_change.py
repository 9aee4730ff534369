"""Settled disputes under another schema: what they say still fits."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from corpus.core.schema import Label, LinkKind, SchemaView
from corpus.core.schema_change import Change, read_map
from corpus.core.settlement_change import Clusters, mapped_settlements


def change(old: LinkKind, new: LinkKind, names: Any = None, *, without: str = "") -> Change:
    labels = {name: Label(name, name) for name in ("A", "B", "C")}
    kept = {name: label for name, label in labels.items() if name != without}
    return read_map(names, SchemaView(labels, {old.name: old}), SchemaView(kept, {new.name: new}))


def span(label: str, start: int = 0, end: int = 3) -> dict[str, Any]:
    return {"label": label, "start": start, "end": end, "fragments": None, "attributes": {}}


def settled(*links: Any, label: str = "A") -> dict[str, Any]:
    frame = {"span": span(label), "links": list(links)}
    return {"choice": "version", "number": 1, "reason": "so", "frame": frame}


def to(cluster: int, **more: Any) -> dict[str, Any]:
    return {"kind": "rel", "cluster": cluster, **more}


def links_of(made: Change, clusters: Clusters, *values: Any) -> list[Any]:
    """The links of the first settlement; disputes are numbered from 1."""
    mapped = mapped_settlements(dict(enumerate(values, start=1)), made, clusters)
    frame = mapped[clusters.idents.get(1, 1)]["frame"]
    links: list[Any] = frame["links"]
    return links


WIDE = LinkKind("rel", ("A",), ("B", "C"))
NARROW = LinkKind("rel", ("A",), ("B",))


def test_a_settlement_by_what_is_dropped_settles_by_nothing() -> None:
    made = change(NARROW, NARROW, {"labels": {"C": None}}, without="C")
    mapped = mapped_settlements({1: settled(label="C")}, made, Clusters({1: 11}))
    assert mapped == {11: {"choice": "none", "reason": "so"}}


def test_a_link_stays_while_the_kind_takes_what_is_at_its_end() -> None:
    labels = {2: frozenset("B"), 3: frozenset("C"), 4: frozenset("BC")}
    clusters = Clusters(labels=labels)
    made = change(WIDE, NARROW)
    assert links_of(made, clusters, settled(to(2), to(3), to(4))) == [to(2), to(4)]
    parts = [{"kind": "rel", "span": span("C")}, {"kind": "rel", "span": span("B")}]
    assert links_of(made, clusters, settled(*parts)) == parts[1:]


def test_what_was_chosen_for_a_cluster_decides_and_not_its_other_versions() -> None:
    clusters = Clusters({1: 11, 2: 12}, labels={12: frozenset("BC")})
    made = change(WIDE, NARROW)
    assert links_of(made, clusters, settled(to(2)), settled(label="C")) == []
    assert links_of(made, clusters, settled(to(2)), settled(label="B")) == [to(12)]


def test_a_kind_that_becomes_single_keeps_the_first_link_in_each_direction() -> None:
    old = LinkKind("rel", ("A",), ("A", "B"), symmetric=True)
    new = LinkKind("rel", ("A",), ("A", "B"), symmetric=True, many=False)
    labels = {2: frozenset("B"), 3: frozenset("B"), 4: frozenset("A")}
    clusters = Clusters(labels=labels)
    back = to(4, reverse=True)
    assert links_of(change(old, new), clusters, settled(to(2), to(3), back)) == [to(2), back]


OWNED = replace(NARROW, owned=True)


def test_a_link_to_what_is_a_part_now_holds_what_was_chosen_of_it() -> None:
    spans = {1: span("A"), 2: span("B", 4, 8)}
    clusters = Clusters({1: 11}, spans, {11: frozenset("A")})
    made = change(NARROW, OWNED)
    of_part = {**settled(label="B"), "spans": [5]}
    mapped = mapped_settlements({1: settled(to(2)), 2: of_part}, made, clusters)
    assert mapped == {11: settled({"kind": "rel", "span": span("B", 4, 8)})}


def test_a_link_to_what_is_a_frame_of_its_own_now_names_its_cluster() -> None:
    clusters = Clusters({1: 11}, labels={12: frozenset("B")}, places={("B", ((4, 8),)): 12})
    made = change(OWNED, NARROW)
    part = {"kind": "rel", "span": span("B", 4, 8)}
    elsewhere = {"kind": "rel", "span": span("B", 5, 8)}
    assert links_of(made, clusters, settled(part, elsewhere)) == [to(12), elsewhere]
    # What stays a part stays one, though it may stand alone in some layer.
    assert links_of(change(OWNED, OWNED), clusters, settled(part)) == [part]
