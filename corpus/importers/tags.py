"""Tags of tokens in IOB1, IOB2, BIOES or BILOU, and where tokens stand in a text."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator

from corpus.core.problems import Problem
from corpus.core.span import Range

TAG = re.compile(r"[O_-]|([BILUES])-(\S+)")
# How the Penn Treebank, and whoever trains on it, writes what a text has otherwise.
WRITTEN = {
    "``": '"',
    "''": '"',
    "-LRB-": "(",
    "-RRB-": ")",
    "-LSB-": "[",
    "-RSB-": "]",
    "-LCB-": "{",
    "-RCB-": "}",
}
SPACE = re.compile(r"\s+")
# Label, first and last token of a span.
Chunk = tuple[str, int, int]


def no_tag(tag: str, format: str) -> Problem:
    """Return the problem of a tag that is none."""
    return Problem("row-shape", format=format, reason=f"{tag[:40]!r} is no tag like B-CLAIM")


def places_of(words: Iterable[str], text: str) -> list[Range]:
    """Return where each word stands in the text.

    Between two of them there is nothing but white space; raises `Problem` where there is more.
    """
    places = []
    at = 0
    for word in words:
        start = _next(word, text, at)
        if start < 0:
            word = WRITTEN.get(word, word)
            start = _next(word, text, at)
        if start < 0:
            raise Problem(
                "span-text",
                id=word[:40],
                said=word[:40],
                found=text[at : at + 40],
                start=at,
                end=at + 40,
            )
        at = start + len(word)
        places.append((start, at))
    return places


def _next(word: str, text: str, at: int) -> int:
    """Return where a word stands behind white space alone, -1 where it does not."""
    space = SPACE.match(text, at)
    start = space.end() if space else at
    if text.startswith(word, start):
        return start
    # A word may begin with white space itself.
    start = text.find(word, at, start + len(word))
    return start if not text[at : max(start, at)].strip() else -1


def chunks(tags: list[str], starts: set[int], notes: Counter[str]) -> Iterator[Chunk]:
    """Yield label, first and last token of each span, whichever of the schemes the tags are in.

    `starts` has the numbers of the tokens that begin a sentence: no span goes on there.
    """
    label = ""
    first = 0
    for number, tag in enumerate(tags):
        match = TAG.fullmatch(tag)
        kind = (match and match[1]) or "O"
        name = (match and match[2]) or ""
        goes_on = kind in "ILE" and name == label and number not in starts
        if label and not goes_on:
            yield label, first, number - 1
            label = ""
        if kind != "O" and not goes_on:
            notes["spans whose first tag is I-"] += kind == "I"
            label = name
            first = number
        if label and kind in "LEUS":
            yield label, first, number
            label = ""
    if label:
        yield label, first, len(tags) - 1
