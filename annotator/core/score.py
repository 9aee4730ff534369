"""One person's layer against gold, frame by frame and facet by facet."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from annotator.core.compare import compare
from annotator.core.frames import Frame, facets
from corpus.core.schema import BOUNDARY, DOCUMENT, LABEL, SchemaView
from corpus.core.span import LayerView

GOLD, OWN = "gold", "own"


@dataclass(frozen=True, slots=True)
class Pair:
    """What a person and gold say of one place; `wrong` are the facets in which they differ.

    A frame that only gold has is "missed", one that only the person has is "extra". `frame` is
    gold's where there is one.
    """

    frame: Frame
    own: Frame | None
    gold: Frame | None
    wrong: tuple[str, ...]


def pairs(own: LayerView, gold: LayerView, schema: SchemaView) -> list[Pair]:
    """Align a layer with gold, one frame to one, in text order."""
    aligned = []
    for cluster in compare({OWN: own, GOLD: gold}, schema):
        mine = cluster.members.get(OWN)
        theirs = cluster.members.get(GOLD)
        if mine is None:
            wrong: tuple[str, ...] = ("missed",)
        elif theirs is None:
            wrong = ("extra",)
        else:
            wrong = facets(mine, theirs, schema)
        frame = cluster.members.get(GOLD) or cluster.members[OWN]
        aligned.append(Pair(frame, mine, theirs, wrong))
    return aligned


@dataclass(slots=True)
class Score:
    """How many frames of gold a person found, and of those in how many each facet is right.

    `total` and `right` are by facet: "found" over the frames of gold, "precise" over the person's
    own, then boundary, label, links and attributes over the frames that both have.
    """

    documents: int = 0
    total: Counter[str] = field(default_factory=Counter)
    right: Counter[str] = field(default_factory=Counter)

    def add(self, aligned: list[Pair], schema: SchemaView) -> None:
        """Count one document."""
        self.documents += 1
        for pair in aligned:
            for facet, right in judged(pair, schema):
                self.total[facet] += 1
                self.right[facet] += right

    def as_json(self) -> dict[str, object]:
        """Return the counts by facet, in a fixed order."""
        facets = []
        for name, total in self.total.items():
            facets.append({"facet": name, "right": self.right[name], "total": total})
        return {"documents": self.documents, "facets": facets}


def judged(pair: Pair, schema: SchemaView) -> Iterator[tuple[str, bool]]:
    """Yield each facet that a pair says something about, and whether the person has it right."""
    if pair.gold is not None:
        yield "found", pair.own is not None
    if pair.own is not None:
        yield "precise", pair.gold is not None
    if pair.own is None or pair.gold is None:
        return
    head = pair.gold.head.label
    names = [] if head == DOCUMENT else [BOUNDARY, LABEL]
    if LABEL not in pair.wrong:
        names += [schema.link_facet(kind) for kind in schema.links_from(head)]
        names += [schema.attribute_facet(a.name) for a in schema.compared(head)]
    for name in names:
        yield name, name not in pair.wrong


def confusions(pair: Pair, schema: SchemaView) -> Iterator[tuple[str, str, str]]:
    """Yield (what, person's value, gold's value) for the label and each choice."""
    if pair.own is None or pair.gold is None:
        return
    own, gold = pair.own.head, pair.gold.head
    if gold.label != DOCUMENT:
        yield LABEL, own.label, gold.label
    if own.label != gold.label:
        return
    for attribute in schema.compared(gold.label):
        name = attribute.name
        if attribute.kind in ("choice", "flag"):
            facet = schema.attribute_facet(name)
            yield facet, _value(own.attributes, name), _value(gold.attributes, name)


def _value(attributes: Mapping[str, object], name: str) -> str:
    return str(attributes.get(name, ""))
