"""Precedents: what a settled dispute says of each facet in question, and which words are alike."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from annotator.core.compare import Cluster
from annotator.core.frames import Frame, facets, reasons
from annotator.core.merge import Outcome
from corpus.core.schema import BOUNDARY, DOCUMENT, LABEL, MISSING, UNSEEN, SchemaView
from corpus.core.span import Span

# Characters of the words and of each value that a precedent keeps.
WORDS = 300
VALUE = 160
# A cue stands no farther from what it belongs to.
CUE_WITHIN = 200
QUOTES = "“\"‘'«‹„‚「『"
# What is settled about a frame: that it stands there, that it does not, or that a frame whose
# versions differ is dropped.
MARKED, UNMARKED, DROPPED = "marked", "not marked", "nothing to mark"

# Scripts without spaces between words are compared character by character.
_UNSPACED = (
    "\u0e00-\u0eff\u0f00-\u0fff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff"
    "\uf900-\ufaff\U00020000-\U0003ffff"
)
_TOKEN = re.compile(f"[{_UNSPACED}]|[^\\W{_UNSPACED}]+")

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Ruling:
    """What one facet of a dispute was settled as.

    `votes` held the `value`; `others` are the values that were refused, with the votes for each.
    `words` are those in question and `cue` those of the nearest span that rides along.
    """

    facet: str
    label: str
    value: str
    votes: int
    others: tuple[tuple[str, int], ...]
    words: str
    cue: str


def label_key(labels: Iterable[str]) -> str:
    """Return by which label precedents are found: the one in question, or all of them."""
    return " / ".join(sorted(set(labels) - {DOCUMENT}))


def rulings(
    cluster: Cluster, outcome: Outcome, schema: SchemaView, text: str, *, cue: str = ""
) -> Iterator[Ruling]:
    """Yield what a settled dispute says of each facet in question."""
    if outcome is None:
        return
    frame = outcome if isinstance(outcome, Frame) else None
    members = [frame for _, frame in sorted(cluster.members.items())]
    absent = len(set(cluster.voters) - cluster.members.keys())
    shown = frame.head if frame is not None else members[0].head
    words = "" if cluster.is_of_document else flat(shown.covered(text), WORDS)
    label = label_key(member.head.label for member in members)
    held: dict[str, int]
    for facet in cluster.kinds:
        if facet in (MISSING, UNSEEN):
            value = MARKED if frame is not None else UNMARKED
            held = {MARKED: len(members), UNMARKED: absent}
        elif frame is None:
            value = DROPPED
            held = Counter(value_of(member, facet, schema, text) for member in members)
        else:
            value = value_of(frame, facet, schema, text)
            held = _held(members, frame, facet, schema, text)
        votes = held.pop(value, 0)
        refused = sorted(held.items(), key=lambda item: (-item[1], item[0]))
        others = tuple((other, count) for other, count in refused if count)
        yield Ruling(facet, label, value, votes, others, words, cue)


def _held(
    members: Sequence[Frame], chosen: Frame, facet: str, schema: SchemaView, text: str
) -> Counter[str]:
    """Count who held what; the same person under another mention is the chosen value."""
    value = value_of(chosen, facet, schema, text)
    held: Counter[str] = Counter()
    for member in members:
        same_label = member.head.label == chosen.head.label
        if facet not in facets(member, chosen, schema) and (same_label or facet == BOUNDARY):
            held[value] += 1
            continue
        other = value_of(member, facet, schema, text)
        # Words that were cut may look alike and are not.
        held[other if other != value else f"{other} (other)"] += 1
    return held


def value_of(frame: Frame, facet: str, schema: SchemaView, text: str) -> str:
    """Return what a frame says in one facet, as people read it."""
    return flat(_value(frame, facet, schema, text), VALUE)


def _value(frame: Frame, facet: str, schema: SchemaView, text: str) -> str:
    head = frame.head
    if facet == BOUNDARY:
        return quoted(flat(head.covered(text), VALUE - 2))
    if facet == LABEL:
        return schema.labels[head.label].title or head.label
    kind = schema.link_in_dispute(head.label, facet)
    if kind is not None:
        ends = [linked.span.covered(text) for linked in frame.linked_by(kind.name)]
        return ", ".join(ends) or " ".join(reasons(frame, kind).values()) or "none"
    attribute = schema.attribute_in_dispute(head.label, facet)
    return "none" if attribute is None else attribute.words(head.attributes.get(attribute.name))


def flat(words: str, limit: int) -> str:
    """Return words in one line of at most so many characters."""
    line = " ".join(words.split())
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"


def quoted(words: str) -> str:
    """Return words in quotation marks, unless they begin with some of their own."""
    return words if not words or words[0] in QUOTES else f"“{words}”"


class Cues:
    """The spans of a document that ride along with others, to find the nearest."""

    def __init__(self, clusters: Iterable[Cluster], schema: SchemaView, text: str) -> None:
        self.text = text
        folds = {label.name for label in schema.labels.values() if label.fold}
        found: dict[tuple[int, int], Span] = {}
        for cluster in clusters:
            head = next(iter(cluster.members.values())).head
            if head.label in folds:
                found.setdefault((head.start, head.end), head)
        self.spans = [found[place] for place in sorted(found)]
        self.starts = [span.start for span in self.spans]

    def near(self, cluster: Cluster) -> str:
        """Return the words of the nearest in the same paragraph, "" where there is none."""
        if cluster.is_of_document:
            return ""
        at = bisect_left(self.starts, cluster.start)
        best = ""
        least = CUE_WITHIN + 1
        for span in self.spans[max(0, at - 2) : at + 3]:
            between = (min(span.end, cluster.end), max(span.start, cluster.start))
            gap = max(0, between[1] - between[0])
            if gap < least and "\n" not in self.text[between[0] : between[1]]:
                best = flat(span.covered(self.text), VALUE)
                least = gap
        return best


def tokens(words: str) -> frozenset[str]:
    """Return the words of a text whatever their case; characters where words have no spaces."""
    return frozenset(_TOKEN.findall(words.casefold()))


def most_alike(words: str, others: Mapping[T, str], limit: int) -> list[T]:
    """Return the keys of the texts with the most alike words, the most alike first.

    Two texts are as alike as the words that they share weigh among all that either has; a word
    weighs the less the more texts hold it. Of equals the one that was given first comes first.
    """
    wanted = tokens(words)
    sets = {key: tokens(text) for key, text in others.items()}
    counts: Counter[str] = Counter(wanted)
    for held in sets.values():
        counts.update(held)

    weights = {token: 1 / count for token, count in counts.items()}

    def weight(of: frozenset[str]) -> float:
        return sum(map(weights.__getitem__, of))

    own = weight(wanted)

    def likeness(key: T) -> float:
        shared = weight(wanted & sets[key])
        either = own + weight(sets[key]) - shared
        # The order in which a set is summed up must decide nothing.
        return round(shared / either, 9) if either else 0.0

    # Sorting keeps the order of equals.
    return sorted(sets, key=likeness, reverse=True)[:limit]
