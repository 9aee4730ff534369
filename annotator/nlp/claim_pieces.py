"""Give the words of a claim as they were parsed: those of a quotation from its own parse."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from spacy.tokens import Token

from .frames import Frame
from .passages import Passage


@dataclass(frozen=True, slots=True)
class Piece:
    """Words of a claim that one parse holds; `quoted` tells that they are a quotation's."""

    passage: Passage
    tokens: tuple[Token, ...]
    quoted: bool


def pieces_of(frame: Frame, passages: Sequence[Passage]) -> list[Piece]:
    """Return the words of a claim in text order of its ranges, without the stand-ins that the
    parser saw for quotations.
    """
    pieces: list[Piece] = []
    for start, end in frame.ranges:
        for passage in passages[frame.passage :]:
            if passage.start >= end:
                break
            pieces.extend(_pieces_in(passage, max(start, passage.start), min(end, passage.end)))
    return pieces


def _pieces_in(passage: Passage, start: int, end: int) -> Iterator[Piece]:
    """Yield the words of one passage between two places."""
    if start >= end:
        return
    own = []
    hidden = False
    for number in passage.tokens_in(start, end):
        if _is_stand_in(passage, number):
            hidden = True
        else:
            own.append(passage.doc[number])
    if any(token.is_alpha for token in own):
        yield Piece(passage, tuple(own), bool(passage.quotes_in(start, end)))
    if not hidden:
        return
    for inside in passage.insides:
        if inside.start < end and start < inside.end:
            numbers = inside.tokens_in(max(start, inside.start), min(end, inside.end))
            tokens = tuple(inside.doc[number] for number in numbers)
            if tokens:
                yield Piece(inside, tokens, True)


def _is_stand_in(passage: Passage, number: int) -> bool:
    """Tell whether a token stands for a whole quotation: then the next one, or the one before,
    stands in the same place.
    """
    starts = passage.starts
    start = starts[number]
    behind = number + 1 < len(starts) and starts[number + 1] == start
    return behind or (number > 0 and starts[number - 1] == start)
