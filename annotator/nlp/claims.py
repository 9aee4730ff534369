"""Decide where a claim starts and ends."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from spacy.tokens import Token

from corpus.core.span import Range, trim

from .cues import Cue, lexicon
from .passages import Passage
from .quotes import Quote, within
from .speakers import is_time


@dataclass(frozen=True, slots=True)
class Boundaries:
    """The boundary policy: what belongs to a claim.

    The quotation marks around a direct one; the `that` before a clause; the full stop after a
    clause; the parts on both sides of an inserted reporting clause as fragments, instead of one
    claim that holds this clause too; the accused of `accused the firm of lying`.
    """

    quotation_marks: bool = True
    leading_that: bool = True
    final_stop: bool = False
    fragments: bool = True
    accused: bool = True


POLICY = Boundaries()
LOOSE = " \t\n.,:;—–-…"
LOOSE_START = LOOSE + ")!?"
LONGEST_LOOSE_END = 12
LOOSE_END_WORD = re.compile(r"[\s,;:—–-]+(?:and|or|but)\Z")
AS = re.compile(r"as\s")
RELATIVES = frozenset({"which", "who", "that", "what", "whom"})
CONTRAST = frozenset({"while", "whereas", "although", "though"})
TIED = frozenset({"for", "of", "as", "with", "to", "about", "against", "over", "into", "from"})


def extent(cue: Cue, passage: Passage, policy: Boundaries = POLICY) -> tuple[Range, ...]:
    """Return the stored ranges of what a cue reports, in order; none when nothing is left."""
    if cue.name in lexicon().of_somebody and not policy.accused:
        act = cue.content[-1]
        cue = replace(cue, content=tuple(act.children) if act.dep_ == "prep" else (act,))
    ranges = [passage.range_of(a, b) for a, b in _token_ranges(cue)]
    if cue.frame == "as":
        ranges = [(a + 3, b) if AS.match(passage.text, a, b) else (a, b) for a, b in ranges]
    return bounded(passage, ranges, policy)


def bounded(
    passage: Passage, ranges: Iterable[Range], policy: Boundaries = POLICY
) -> tuple[Range, ...]:
    """Return ranges as the policy wants them: whole quotations, no loose marks, no empty piece."""
    grown = _joined(_grown(r, passage) for r in ranges)
    kept = [r for r in (_tidy(passage, r, policy) for r in grown) if r[0] < r[1]]
    kept = [r for n, r in enumerate(kept) if len(kept) == 1 or not _is_relative(passage.text, r)]
    return tuple(kept) if policy.fragments or not kept else ((kept[0][0], kept[-1][1]),)


def _is_relative(text: str, piece: Range) -> bool:
    return text[piece[0] : piece[1]].lower() in RELATIVES


def kind(ranges: Iterable[Range], quotes: Iterable[Quote], text: str) -> str:
    """Return direct when every word stands in a quotation, indirect when none does, else mixed."""
    inside = outside = False
    quoted = [(q.start, q.end) for q in quotes]
    for start, end in ranges:
        at = start
        for a, b in quoted:
            if a < end and b > start:
                inside = True
                outside = outside or _has_words(text, at, a)
                at = max(at, b)
        outside = outside or _has_words(text, at, end)
    if inside:
        return "mixed" if outside else "direct"
    return "indirect"


def without_marks(ranges: Iterable[Range], quotes: Sequence[Quote], text: str) -> tuple[Range, ...]:
    """Return the ranges, those that are a quotation from its first mark to its last without these
    marks.
    """
    found = []
    for start, end in ranges:
        own = within(quotes, start, end)
        if (
            own
            and (own[0].start, own[-1].end) == (start, end)
            and kind([(start, end)], own, text) == "direct"
        ):
            start, end = trim(text, own[0].inner[0], own[-1].inner[1])
        found.append((start, end))
    return tuple(found)


def _has_words(text: str, start: int, end: int) -> bool:
    return any(c.isalnum() for c in text[start:end])


def _token_ranges(cue: Cue) -> list[Range]:
    """Return the token ranges, both ends included, of the words reported."""
    if cue.frame == "according":
        return _around(cue.head, cue.content[0])
    heads = cue.content
    if cue.frame == "passive":
        return [(h.left_edge.i, h.right_edge.i) for h in heads]
    if heads and heads[0] != cue.head and cue.head.is_ancestor(heads[0]) is False:
        return _around(cue.head, heads[0])
    first = min(_own_start(h) for h in heads)
    last = max(h.right_edge.i for h in heads)
    if first > cue.head.i:
        return [(_after_time(heads[0], first), _stretched(cue, _before_contrast(heads[-1], last)))]
    return _before(cue, first, last)


def _after_time(head: Token, first: int) -> int:
    """Return the first token after a time that tells when it was said, as in `said last month there
    was`.
    """
    early = next((c for c in head.lefts if c.left_edge.i == first), None)
    if (
        early is not None
        and early.dep_ in ("npadvmod", "prep")
        and is_time(early)
        and early.right_edge.i < head.i
    ):
        return early.right_edge.i + 1
    return first


def _own_start(head: Token) -> int:
    """Return the first token of a clause: its own `that` behind a comma, else the first of its
    subtree.
    """
    that = next((c.i for c in head.lefts if c.dep_ == "mark" and c.lower_ == "that"), None)
    return (
        that
        if that is not None and that > 0 and head.doc[that - 1].text == ","
        else head.left_edge.i
    )


def _before_contrast(head: Token, last: int) -> int:
    """Return the last token before a clause that sets another's words against these: `…, while
    critics say it is`.
    """
    for child in head.rights:
        marked = any(c.lower_ in CONTRAST and c.dep_ == "mark" for c in child.lefts)
        reports = any(c.dep_ == "ccomp" for c in child.children) and any(
            c.dep_ == "nsubj" for c in child.children
        )
        if child.dep_ == "advcl" and marked and reports:
            return min(last, child.left_edge.i - 1)
    return last


def _stretched(cue: Cue, last: int) -> int:
    """Return the last token of what follows a cue, with phrases that the parser tied to the cue
    itself.
    """
    if cue.frame not in ("object", "as", "small-clause"):
        return last
    for child in cue.head.rights:
        if child.i == last + 1 and child.dep_ in ("prep", "dative") and child.lower_ in TIED:
            last = child.right_edge.i
    return last


def _around(inner: Token, outer: Token) -> list[Range]:
    """Return what stands around an inserted clause or phrase, within the clause that holds it."""
    if inner.i == outer.i:
        return []
    first, last = inner.left_edge.i, inner.right_edge.i
    found = []
    if outer.left_edge.i < first:
        start = outer.sent.start if outer.dep_ == "ROOT" else outer.left_edge.i
        found.append((start, first - 1))
    if outer.right_edge.i > last:
        found.append((last + 1, outer.right_edge.i))
    return found


def _before(cue: Cue, first: int, last: int) -> list[Range]:
    """Return what is reported where the cue follows it or stands in its middle."""
    head = cue.head
    own = [c for c in head.children if c not in cue.content and c.dep_ != "punct"]
    left_content = max(
        (t.i for h in cue.content for t in (h, *h.lefts) if t.i < head.i), default=first
    )
    own_first = min(
        (c.left_edge.i for c in own if left_content < c.left_edge.i < head.i), default=head.i
    )
    own_last = max((c.right_edge.i for c in own if c.i > head.i), default=head.i)
    start = head.sent.start if head.dep_ == "ROOT" else first
    found = [(start, own_first - 1)] if start < own_first else []
    if last > own_last:
        found.append((own_last + 1, last))
    return found


def _grown(piece: Range, passage: Passage) -> Range:
    start, end = piece
    touched = passage.quotes_in(start, end)
    return (min(start, touched[0].start), max(end, touched[-1].end)) if touched else piece


def _joined(ranges: Iterable[Range]) -> Iterator[Range]:
    last: Range | None = None
    for piece in sorted(ranges):
        if last is not None and piece[0] <= last[1]:
            last = last[0], max(last[1], piece[1])
            continue
        if last is not None:
            yield last
        last = piece
    if last is not None:
        yield last


def _tidy(passage: Passage, piece: Range, policy: Boundaries) -> Range:
    """Strip loose marks from the edges of a piece, but never from inside a quotation."""
    text = passage.text
    start, end = piece
    quotes = passage.quotes_in(start, end)
    starts = {q.start for q in quotes}
    ends = {q.end for q in quotes}
    while (
        start < end
        and start not in starts
        and (text[start] in LOOSE_START or text[start].isspace())
    ):
        start += 1
    while end > start and end not in ends and _is_loose_end(text, start, end, policy):
        end -= 1
    loose = LOOSE_END_WORD.search(text, max(start, end - LONGEST_LOOSE_END), end)
    if loose is not None and not passage.quotes_in(loose.start(), end):
        end = loose.start()
    if policy.final_stop and text[end : end + 1] == ".":
        end += 1
    if not policy.leading_that and text[start:end].lower().startswith("that "):
        start += 5
    return trim(text, start, end)


def _is_loose_end(text: str, start: int, end: int, policy: Boundaries) -> bool:
    mark = text[end - 1]
    if mark == ".":
        return not policy.final_stop and not _is_abbreviation(text, start, end)
    if mark == ")":
        return text.count("(", start, end) < text.count(")", start, end)
    return mark.isspace() or mark in LOOSE


def _is_abbreviation(text: str, start: int, end: int) -> bool:
    """Tell whether a final stop belongs to an abbreviation such as U.S."""
    word = text[start:end].rsplit(maxsplit=1)[-1]
    return word.count(".") > 1 and len(word) <= 6 and word[0].isalpha() and text[end - 2].isalpha()
