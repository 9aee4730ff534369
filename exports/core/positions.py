"""Where each group of documents stands between 0 and `RANGE`, which decides its part.

A group's position is a hash of its first id, and what a corpus remembers: shares are thresholds on
it, folds are equal stretches of it. Test begins at 0 and dev ends at `RANGE`, so that a larger
share takes only what trained before.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from corpus.core import near_duplicates

PARTS = ("train", "dev", "test")
# What is in no part, and the parts with it.
UNUSED = "unused"
EVERY_PART = (*PARTS, UNUSED)
# Why a document is unused.
BETWEEN = "near-duplicate-of-documents-in-different-parts"
CROSSING = "near-duplicate-of-a-document-in-test-or-dev"
HELD = "held-for-test-by-percent"
BEYOND = "beyond-the-subset"

RANGE = 1 << 62
# The golden ratio's steps spread over a range evenly, however many they are.
STEP = int(RANGE * 0.6180339887498949)


@dataclass(frozen=True, slots=True)
class Member:
    """What is remembered of a document: where its group stands, and whether it ever was test.

    A document that joined groups at different positions has none of its own.
    """

    position: int | None
    tested: bool = False


@dataclass(frozen=True, slots=True)
class Thresholds:
    """What makes a part of a position: shares in percent, or which of how many folds is test."""

    shares: tuple[int, int, int] = (80, 10, 10)
    fold: tuple[int, int] | None = None

    def part(self, position: int) -> str:
        """Return the part at a position."""
        if self.fold is not None:
            count, test = self.fold
            number = position * count // RANGE
            if number == test:
                return "test"
            return "dev" if count > 2 and number == (test + 1) % count else "train"
        _, dev, test = self.shares
        if position * 100 < test * RANGE:
            return "test"
        return "dev" if (RANGE - 1 - position) * 100 < dev * RANGE else "train"

    def wanted(self) -> list[str]:
        """Return the parts that must not be empty, the most needed first."""
        if self.fold is not None:
            return ["train", "test"]
        return [part for part, share in zip(PARTS, self.shares, strict=True) if share]

    def moved(self, position: int, part: str) -> int:
        """Return a position within a part, the further in, the further in it was in the whole."""
        # Rounding, and the next free position, must not lead over an edge.
        position &= -(1 << 20)
        if self.fold is not None:
            count, test = self.fold
            fold = test if part == "test" else (test + 2) % count if count > 2 else 1 - test
            return -(-(fold * RANGE + position) // count)
        train, dev, test = self.shares
        if part == "test":
            return position * test // 100
        if part == "dev":
            return RANGE - 1 - (RANGE - 1 - position) * dev // 100
        return -(-test * RANGE // 100) + position * train // 100


@dataclass(slots=True)
class Placed:
    """The part of each document, why some have none, and what is to be remembered anew."""

    parts: dict[str, str] = field(default_factory=dict)
    unused: dict[str, str] = field(default_factory=dict)
    members: dict[str, Member] = field(default_factory=dict)

    def leave_out(self, ident: str, reason: str) -> None:
        """Take a document out of every part."""
        self.parts[ident] = UNUSED
        self.unused[ident] = reason


@dataclass(slots=True)
class _Group:
    """Documents that come in together; `anchors` are the remembered ones that they are near to."""

    members: list[str]
    anchors: set[tuple[int | None, str]]
    position: int | None = None
    part: str = UNUSED


def place(
    strata: Mapping[str, str],
    thresholds: Thresholds,
    ties: Sequence[Sequence[str]],
    memory: Mapping[str, Member],
) -> Placed:
    """Return the part of each document of `strata`.

    `strata` gives the stratum of each, "" for all where none are asked for. Each of `ties` names
    documents that must not part, also such as are in no part now. What `memory` holds stays where
    it is; a document near to some of it goes with it, or is unused when those are in different
    parts.
    """
    settled = _settled(thresholds, memory)
    placed = Placed()
    for ident in strata:
        if ident in settled:
            placed.parts[ident] = settled[ident][1]
            if settled[ident][1] == UNUSED:
                placed.unused[ident] = HELD
    groups = _groups(strata, ties, settled)
    fresh = [group for group in groups if not group.anchors]
    used = {member.position for member in memory.values()}
    _give_positions(fresh, strata, memory, used)
    for group in fresh:
        group.part = thresholds.part(group.position or 0)
    _fill_empty_parts(fresh, placed, thresholds, used)
    for group in groups:
        for ident in group.members:
            placed.parts[ident] = group.part
            if group.part == UNUSED:
                held = all(part == UNUSED for _, part in group.anchors)
                placed.unused[ident] = HELD if held else BETWEEN
            before = memory.get(ident)
            if before is None or before.position != group.position:
                placed.members[ident] = Member(group.position)
    _part_no_ties(placed, ties)
    return placed


def _settled(
    thresholds: Thresholds, memory: Mapping[str, Member]
) -> dict[str, tuple[int | None, str]]:
    """Return position and part of each remembered document whose part does not hang on others.

    A group of which one ever was test by shares is test for good, and in no fold.
    """
    tested = {m.position for m in memory.values() if m.tested and m.position is not None}
    held_part = "test" if thresholds.fold is None else UNUSED
    settled: dict[str, tuple[int | None, str]] = {}
    for ident, member in memory.items():
        if member.tested or member.position in tested:
            settled[ident] = (member.position, held_part)
        elif member.position is not None:
            settled[ident] = (member.position, thresholds.part(member.position))
    return settled


def _groups(
    strata: Mapping[str, str],
    ties: Sequence[Sequence[str]],
    settled: Mapping[str, tuple[int | None, str]],
) -> list[_Group]:
    """Return the groups of documents that are not settled, by their first ids."""
    loose = {ident for tie in ties for ident in tie if ident not in settled}
    loose |= strata.keys() - settled.keys()
    anchors: defaultdict[str, set[tuple[int | None, str]]] = defaultdict(set)
    for tie in ties:
        near = {settled[ident] for ident in tie if ident in settled}
        if near:
            for ident in tie:
                if ident in loose:
                    anchors[ident] |= near
    # One between two parts stands alone, so that what is near to it alone need not be left out too.
    between = {ident for ident in loose if len({part for _, part in anchors[ident]}) > 1}
    groups = [_Group([ident], anchors[ident]) for ident in between]
    for members in connected(loose - between, ties):
        groups.append(_Group(members, set().union(*(anchors[ident] for ident in members))))
    kept = []
    for group in groups:
        group.members = [ident for ident in group.members if ident in strata]
        parts = {part for _, part in group.anchors}
        positions = {position for position, _ in group.anchors}
        if len(parts) == 1:
            [group.part] = parts
        if len(parts) == 1 and len(positions) == 1:
            [group.position] = positions
        if group.members:
            kept.append(group)
    return sorted(kept, key=lambda group: group.members[0])


def connected(idents: Collection[str], ties: Iterable[Sequence[str]]) -> list[list[str]]:
    """Return the documents in groups that ties connect, each in order."""
    wanted = set(idents)
    pairs: list[tuple[str, str]] = []
    for tie in ties:
        there = [ident for ident in tie if ident in wanted]
        pairs.extend((there[0], other) for other in there[1:])
    groups: dict[str, list[str]] = {}
    for ident, first in sorted(near_duplicates.joined(sorted(wanted), pairs).items()):
        groups.setdefault(first, []).append(ident)
    return list(groups.values())


def hashed(key: str) -> int:
    """Return a number below `RANGE` for a key, the same on every machine."""
    return int.from_bytes(hashlib.sha256(f"split {key}".encode()).digest()[:8]) >> 2


def _give_positions(
    groups: Sequence[_Group],
    strata: Mapping[str, str],
    memory: Mapping[str, Member],
    used: set[int | None],
) -> None:
    """Give each group that joins no other its position.

    That is the hash of its first id. In a stratum it is the next of an even sequence instead, so
    that each stratum is shared out by itself, however the shares are. No position that is `used` is
    given again: two groups with the same one would count as one group.
    """
    taken: defaultdict[str, set[int]] = defaultdict(set)
    for ident, stratum in strata.items():
        member = memory.get(ident)
        if stratum and member is not None and member.position is not None:
            taken[stratum].add(member.position)
    counts = {stratum: len(positions) for stratum, positions in taken.items()}
    for group in sorted(groups, key=lambda group: hashed(group.members[0])):
        stratum = strata[group.members[0]]
        position = hashed(f"stratum {stratum}" if stratum else group.members[0])
        if stratum:
            number = counts.get(stratum, 0)
            # A document may have left the stratum with its place in the sequence.
            while (position + number * STEP) % RANGE in used:
                number += 1
            counts[stratum] = number + 1
            position = (position + number * STEP) % RANGE
        used.add(position)
        group.position = position


def _fill_empty_parts(
    groups: Sequence[_Group], placed: Placed, thresholds: Thresholds, used: set[int | None]
) -> None:
    """Move new groups, the smallest first, into parts that have a share and nothing in them."""
    for part in thresholds.wanted():
        held: defaultdict[str, int] = defaultdict(int)
        for settled_part in placed.parts.values():
            held[settled_part] += 1
        for group in groups:
            held[group.part] += 1
        # What trains is needed before all else; the other parts take from none its last.
        spare = [group for group in groups if part == "train" or held[group.part] > 1]
        if held[part] or not spare:
            continue
        group = min(spare, key=lambda group: (len(group.members), group.position))
        position = thresholds.moved(group.position or 0, part)
        while position in used:
            position += 1
        used.add(position)
        group.position = position
        group.part = part


def _part_no_ties(placed: Placed, ties: Sequence[Sequence[str]]) -> None:
    """Leave out of train and dev what is near to test, then out of train what is near to dev.

    Remembered documents may come near to each other when a text is corrected.
    """
    for part, lower in (("test", ("train", "dev")), ("dev", ("train",))):
        for tie in ties:
            if any(placed.parts.get(ident) == part for ident in tie):
                for ident in tie:
                    if placed.parts.get(ident) in lower:
                        placed.leave_out(ident, CROSSING)


def keep_first(placed: Placed, percent: int, memory: Mapping[str, Member]) -> None:
    """Leave all but the first percent of train out, by a further hash of the groups' positions.

    A smaller subset lies within every larger one. One group at least is kept.
    """
    ranks: dict[str, int] = {}
    for ident, part in placed.parts.items():
        if part == "train":
            member = placed.members.get(ident) or memory.get(ident)
            position = member.position if member is not None else None
            ranks[ident] = hashed(f"subset {ident if position is None else position}")
    least = min(ranks.values(), default=0)
    for ident, rank in ranks.items():
        if rank * 100 >= percent * RANGE and rank != least:
            placed.leave_out(ident, BEYOND)
