"""The policy `weighted`: in each facet the answer that is most probably true, given who says so.

Who is to be trusted how far in which facet is estimated before, over a whole corpus: each facet of
each cluster is a question that people answered. A dispute is settled where in every facet one
answer is probable enough.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from annotator.core.compare import Cluster
from annotator.core.competence import Ballots, Competence, Votes, best, together
from annotator.core.dispute import mixed
from annotator.core.frames import Frame, content, fullest, same_links
from annotator.core.merge import Drop, Outcome
from corpus.core.schema import BOUNDARY, DOCUMENT, LABEL, MISSING, LinkKind, SchemaView
from corpus.core.span import Range

# How probable an answer must be in each facet.
BAR = 0.75
# One person's word is no agreement, however far they are trusted.
FEWEST = 2

Ranges = tuple[Range, ...]
Boundary = Callable[[Sequence[Ranges]], Ranges | None]
# Frames by the layer that holds them.
Frames = Mapping[str, Frame]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a policy makes of a cluster, and how probable it is that all of it is right, if it
    says so.
    """

    outcome: Outcome
    probability: float | None = None


UNDECIDED = Verdict(None)


@dataclass(frozen=True)
class Weighted:
    """The policy, with what was estimated of people; `people` has the person of each layer.

    Without an estimate everybody is trusted alike.
    """

    bar: float = BAR
    boundary: Boundary | None = None
    competence: Competence = field(default_factory=Competence)
    people: Mapping[str, str] = field(default_factory=dict)

    def __call__(self, cluster: Cluster, schema: SchemaView) -> Outcome:
        """Return what is probable enough in every facet; None leaves it to a person."""
        return self.verdict(cluster, schema).outcome

    def verdict(self, cluster: Cluster, schema: SchemaView) -> Verdict:
        """Return what is probable enough in every facet, and how probable that is in all."""
        if len(cluster.voters) < FEWEST:
            return UNDECIDED
        exists, probability = self._best(MISSING, existence(cluster))
        if probability < self.bar:
            return UNDECIDED
        if not exists:
            return Verdict(Drop, together([probability]))
        probabilities = [probability]
        frame = self._frame(cluster, schema, probabilities)
        return UNDECIDED if frame is None else Verdict(frame, together(probabilities))

    def _frame(
        self, cluster: Cluster, schema: SchemaView, probabilities: list[float]
    ) -> Frame | None:
        """Return the frame that is probable enough in every facet; add how probable each is."""
        frames = _sorted(cluster.members)
        label, probability = self._best(LABEL, labels(frames))
        if probability < self.bar:
            return None
        probabilities.append(probability)
        frames = {name: frame for name, frame in frames.items() if frame.head.label == label}
        chosen: dict[str, Frame] = {}
        for facet, votes in questions(frames, schema):
            answer, probability = self._best(facet, votes)
            if probability >= self.bar:
                probabilities.append(probability)
            elif facet == BOUNDARY and self.boundary is not None:
                answer = self.boundary([frame.head.ranges for frame in frames.values()])
            else:
                return None
            holders = [frames[name] for name in votes if votes[name] == answer]
            if not holders:
                return None
            chosen[facet] = _commonest(holders, schema)
        base = chosen.pop(BOUNDARY, None) or next(iter(frames.values()))
        return fullest(mixed(base, chosen, schema), cluster.members.values(), schema)

    def _best(self, facet: str, votes: Votes) -> tuple[Hashable, float]:
        """Return the most probable answer and its probability."""
        by_person = {self.people.get(layer, layer): answer for layer, answer in votes.items()}
        return best(self.competence.posterior(facet, by_person))


def count(
    ballots: Ballots, cluster: Cluster, schema: SchemaView, people: Mapping[str, str]
) -> None:
    """Add to ballots what the layers of a cluster answer in each facet, by their people.

    A layer of nobody in `people` came in meanwhile, and is left out.
    """

    def add(facet: str, votes: Votes) -> None:
        known = {people[layer]: answer for layer, answer in votes.items() if layer in people}
        ballots.add(facet, known)

    frames = _sorted(cluster.members)
    if cluster.rides(schema):
        # Nobody was asked about what rides along.
        return
    if not cluster.is_of_document:
        add(MISSING, existence(cluster))
        add(LABEL, labels(frames))
    for label in dict.fromkeys(labels(frames).values()):
        alike = {name: frame for name, frame in frames.items() if frame.head.label == label}
        for facet, votes in questions(alike, schema):
            add(facet, votes)


def existence(cluster: Cluster) -> dict[str, bool]:
    """Return which of the layers that looked have a frame in a cluster: the others say nothing."""
    return {layer: layer in cluster.members for layer in cluster.voters}


def labels(frames: Frames) -> dict[str, str]:
    """Return the label that each layer gives."""
    return {layer: frame.head.label for layer, frame in frames.items()}


def questions(frames: Frames, schema: SchemaView) -> Iterator[tuple[str, Votes]]:
    """Yield each facet of frames with one label, and what each layer answers in it."""
    label = next(iter(frames.values())).head.label
    if label != DOCUMENT:
        yield BOUNDARY, {layer: frame.head.ranges for layer, frame in frames.items()}
    kinds: dict[str, list[LinkKind]] = {}
    for kind in schema.links_compared(label):
        kinds.setdefault(schema.link_facet(kind), []).append(kind)
    for facet, of_facet in kinds.items():
        yield facet, _linked_alike(frames, of_facet, schema)
    for attribute in schema.compared(label):
        name = attribute.name
        values = {layer: _value(frame, name) for layer, frame in frames.items()}
        yield schema.attribute_facet(name), values


def _linked_alike(
    frames: Frames, kinds: Sequence[LinkKind], schema: SchemaView
) -> dict[str, Hashable]:
    """Return by layer the number of the first frame with the same links."""
    firsts: list[Frame] = []
    votes: dict[str, Hashable] = {}
    for layer, frame in frames.items():
        for number, first in enumerate(firsts):
            if all(same_links(frame, first, kind, schema) for kind in kinds):
                votes[layer] = number
                break
        else:
            votes[layer] = len(firsts)
            firsts.append(frame)
    return votes


def _value(frame: Frame, name: str) -> str:
    """Return the value of an attribute as JSON; none is an answer too."""
    return json.dumps(frame.head.attributes.get(name), sort_keys=True)


def _commonest(frames: Sequence[Frame], schema: SchemaView) -> Frame:
    """Return the frame that most others are alike in what rides along; of several the first."""
    label = frames[0].head.label
    kinds = [kind for kind in schema.links_from(label) if schema.rides(kind)]
    names = [attribute.name for attribute in schema.attributes_of(label) if attribute.fold]

    def alike(one: Frame, other: Frame) -> bool:
        if any(_value(one, name) != _value(other, name) for name in names):
            return False
        return all(same_links(one, other, kind, schema) for kind in kinds)

    return max(frames, key=lambda frame: sum(alike(frame, other) for other in frames))


def _sorted(members: Frames) -> dict[str, Frame]:
    """Return frames in an order that comes of what they say."""
    return dict(sorted(members.items(), key=lambda member: (content(member[1]), member[0])))
