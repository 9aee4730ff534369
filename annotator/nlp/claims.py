"""Decide where a claim starts and ends."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from spacy.tokens import Doc, Token

from corpus.core.span import Range, trim

from .cues import Cue, lemma_of, lexicon
from .passages import Passage
from .quotes import Quote, within
from .speakers import TIMES, is_time
from .tree import has_child, outer_conjunct


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
# Words before a sentence that tie it to what the writer said before.
CONNECTIVE = re.compile(
    r"(?:But|And|Or|Yet|Still|However|Meanwhile|Moreover|Furthermore|Instead|Nevertheless"
    r"|Nonetheless|Also|Likewise|In addition|In fact|For example|For instance|As it stands),?\s+"
)
RELATIVES = frozenset({"which", "who", "that", "what", "whom"})
# Of these, those that open a remark behind a comma.
REMARKING = frozenset({"which", "who", "whose"})
# From this weight on a participle behind a comma reports something of its own.
REPORTING = 0.85
CONTRAST = frozenset({"while", "whereas", "although", "though"})
CONCESSIONS = frozenset({"although", "though"})
# Words that open where or when something was said.
CIRCUMSTANCES = frozenset({"on", "in", "at", "during", "after", "before", "when", "while"})
NOMINAL = ("NOUN", "PROPN", "ADJ")
# The next of several descriptions starts so near: `and`, its article, a mark.
NEAR = 4
# Frames whose claim is a thing or an act, of which the writer tells more behind a comma.
NAMED_THINGS = ("object", "small-clause", "noun", "infinitive")
TIED = frozenset(
    {
        *("for", "of", "as", "with", "to", "about", "against", "over", "into", "from"),
        *("by", "between", "among", "toward", "towards", "than"),
    }
)


def extent(cue: Cue, passage: Passage, policy: Boundaries = POLICY) -> tuple[Range, ...]:
    """Return the stored ranges of what a cue reports, in order; none when nothing is left."""
    if cue.name in lexicon().of_somebody and not policy.accused:
        act = cue.content[-1]
        cue = replace(cue, content=tuple(act.children) if act.dep_ == "prep" else (act,))
    ranges = []
    for first, last in _token_ranges(cue):
        start, end = passage.range_of(first, last)
        if cue.frame == "as" and AS.match(passage.text, start, end):
            start += len("as ")
        # `a bridge that Lopez called “a jewel”`: the pronoun alone says nothing there.
        if cue.frame == "clause" or passage.text[start:end].strip().lower() not in RELATIVES:
            ranges.append((start, end))
    return bounded(passage, ranges, policy)


def bounded(
    passage: Passage, ranges: Iterable[Range], policy: Boundaries = POLICY
) -> tuple[Range, ...]:
    """Return ranges as the policy wants them: whole quotations, no loose marks, no empty piece."""
    tidy = []
    for piece in _joined(_grown(piece, passage) for piece in ranges):
        start, end = _tidy(passage, piece, policy)
        if start < end:
            tidy.append((start, end))
    if policy.fragments or not tidy:
        return tuple(tidy)
    return ((tidy[0][0], tidy[-1][1]),)


def kind(ranges: Iterable[Range], quotes: Iterable[Quote], text: str) -> str:
    """Return direct when every word stands in a quotation, indirect when none does, else mixed."""
    inside = outside = False
    quoted = list(quotes)
    for start, end in ranges:
        at = start
        for quote in quoted:
            if quote.start < end and quote.end > start:
                inside = True
                outside = outside or _has_words(text, at, quote.start)
                at = max(at, quote.end)
        outside = outside or _has_words(text, at, end)
    if inside:
        return "mixed" if outside else "direct"
    return "indirect"


def without_marks(ranges: Iterable[Range], quotes: Sequence[Quote], text: str) -> tuple[Range, ...]:
    """Return the ranges, those that are a quotation from its first mark to its last without these
    marks.
    """
    bare = []
    for start, end in ranges:
        own = within(quotes, start, end)
        whole = bool(own) and (own[0].start, own[-1].end) == (start, end)
        if whole and kind([(start, end)], own, text) == "direct":
            start, end = trim(text, own[0].inner[0], own[-1].inner[1])
        bare.append((start, end))
    return tuple(bare)


def _has_words(text: str, start: int, end: int) -> bool:
    return any(c.isalnum() for c in text[start:end])


def _token_ranges(cue: Cue) -> list[Range]:
    """Return the token ranges, both ends included, of the words reported."""
    if cue.frame in ("according", "hearsay"):
        return _around(cue.head, cue.content[0])
    heads = cue.content
    if cue.frame == "passive" and not heads[0].is_ancestor(cue.head):
        return [(h.left_edge.i, h.right_edge.i) for h in heads]
    if heads and heads[0] != cue.head and not cue.head.is_ancestor(heads[0]):
        # The cue stands in what it reports: `The strikes, he said, were illegal`.
        return _around(cue.head, heads[0])
    first = min(_own_start(h) for h in heads)
    last = max(h.right_edge.i for h in heads)
    if first > cue.head.i:
        start = _after_time(heads[0], first)
        last = _before_next_cue(cue, _before_contrast(heads[-1], last))
        if cue.frame == "clause":
            last = _before_gloss(heads[-1], last)
        if cue.frame in NAMED_THINGS:
            last = _before_remark(heads[-1], last)
        last = _before_concession(heads[-1], last)
        end = _stretched(cue, last)
        if cue.frame == "as":
            end = _until_said(cue.head.doc, start, end)
        return [(start, end)]
    return _before(cue, first, last)


def _after_time(head: Token, first: int) -> int:
    """Return the first token after a time that tells when it was said: `said last month there was`.

    The parser ties such a time to the clause behind it.
    """
    for early in head.lefts:
        if early.left_edge.i != first:
            continue
        if early.dep_ in ("npadvmod", "prep") and is_time(early) and early.right_edge.i < head.i:
            return early.right_edge.i + 1
        break
    return first


def _own_start(head: Token) -> int:
    """Return the first token of a clause: its own `that` behind a comma, else the first of its
    subtree.
    """
    for child in head.lefts:
        if child.dep_ == "mark" and child.lower_ == "that":
            after_comma = child.i > 0 and head.doc[child.i - 1].text == ","
            return child.i if after_comma else head.left_edge.i
    return head.left_edge.i


def _before_contrast(head: Token, last: int) -> int:
    """Return the last token before a clause that sets another's words against these: `…, while
    critics say it is`.
    """
    for child in head.rights:
        if child.dep_ != "advcl" or not has_child(child, "ccomp") or not has_child(child, "nsubj"):
            continue
        if any(mark.dep_ == "mark" and mark.lower_ in CONTRAST for mark in child.lefts):
            return min(last, child.left_edge.i - 1)
    return last


def _before_concession(head: Token, last: int) -> int:
    """Return the last token before what the writer concedes behind a comma: `…, although it may
    take days`.
    """
    doc = head.doc
    for n in range(head.i + 1, last + 1):
        token = doc[n]
        if token.dep_ != "mark" or token.lower_ not in CONCESSIONS or doc[n - 1].text != ",":
            continue
        if token.head.right_edge.i >= last - 1:
            return n - 2
    return last


def _before_remark(head: Token, last: int) -> int:
    """Return the last token before what the writer tells of a thing behind a comma: `condemned the
    vote, which ended on Monday`.
    """
    doc = head.doc
    for n in range(head.i + 1, last + 1):
        if doc[n].lower_ not in REMARKING or doc[n - 1].text != ",":
            continue
        verb = doc[n]
        while verb.dep_ != "relcl" and verb.head != verb:
            verb = verb.head
        if verb.dep_ == "relcl" and verb.right_edge.i >= last - 1:
            return n - 2
    return last


def _before_next_cue(cue: Cue, last: int) -> int:
    """Return the last token before what the speaker says next, which the parser took for a part of
    the claim: `said he would stay and called it a mistake`.
    """
    for head in cue.content:
        following = outer_conjunct(cue.head, head)
        if following is not None:
            return min(last, following.left_edge.i - 1)
    return last


def _before_gloss(head: Token, last: int) -> int:
    """Return the last token before what the writer adds behind a comma: who somebody is, or what is
    cited for it.
    """
    doc = head.doc
    for n in range(head.i + 1, last + 1):
        token = doc[n]
        first = token.left_edge.i
        if token.right_edge.i < last or first <= head.i or doc[first - 1].text != ",":
            continue
        if _is_gloss(token):
            return first - 2
    return last


def _is_gloss(token: Token) -> bool:
    """Tell whether a phrase is the writer's: `NATO, the alliance of …`, `…, citing the report`."""
    if token.dep_ == "appos":
        return token.head.pos_ == "PROPN" and has_child(token, "det")
    if token.dep_ != "advcl" or token.tag_ != "VBG":
        return False
    weights = lexicon().weights
    lemma = lemma_of(token)
    return max(weights["clause"].get(lemma, 0.0), weights["object"].get(lemma, 0.0)) >= REPORTING


def _stretched(cue: Cue, last: int) -> int:
    """Return the last token of what follows a cue, with phrases that the parser tied to the cue
    itself.
    """
    if cue.frame not in ("object", "as", "small-clause"):
        return last
    for child in cue.head.rights:
        near = last < child.left_edge.i <= last + NEAR
        if cue.frame == "as" and child.dep_ == "conj" and child.pos_ in NOMINAL and near:
            # `condemned it as “late” and a “mistake”`
            last = child.right_edge.i
        if child.i == last + 1 and child.dep_ in ("prep", "dative") and child.lower_ in TIED:
            last = child.right_edge.i
    return last


def _until_said(doc: Doc, first: int, last: int) -> int:
    """Return the last token of a description that a quotation ends, before where or when it was
    said: `as “late” at a debate`.
    """
    for n in range(first, last):
        following = doc[n + 1]
        if doc[n].text == "”" and following.lower_ in CIRCUMSTANCES | TIMES:
            return n
    return last


def _around(inner: Token, outer: Token) -> list[Range]:
    """Return what stands around an inserted clause or phrase, within the clause that holds it."""
    if inner.i == outer.i:
        return []
    first, last = inner.left_edge.i, inner.right_edge.i
    pieces = []
    if outer.left_edge.i < first:
        start = outer.sent.start if outer.dep_ == "ROOT" else outer.left_edge.i
        pieces.append((start, first - 1))
    if outer.right_edge.i > last:
        pieces.append((last + 1, outer.right_edge.i))
    return pieces


def _before(cue: Cue, first: int, last: int) -> list[Range]:
    """Return what is reported where the cue follows it or stands in its middle."""
    head = cue.head
    # What else hangs on the cue, its subject say, stands between `cue_first` and `cue_last`.
    own = [c for c in head.children if c not in cue.content and c.dep_ != "punct"]
    reported_until = _last_before(head, cue.content, first)
    cue_first = head.i
    cue_last = head.i
    for child in own:
        if reported_until < child.left_edge.i:
            cue_first = min(cue_first, child.left_edge.i)
        if child.i > head.i:
            cue_last = max(cue_last, child.right_edge.i)
    start = head.sent.start if head.dep_ == "ROOT" else first
    pieces = []
    if start < cue_first:
        pieces.append((start, cue_first - 1))
    if last > cue_last:
        pieces.append((cue_last + 1, last))
    return pieces


def _last_before(cue: Token, content: Iterable[Token], default: int) -> int:
    """Return the last of the heads of what is reported, and of their children, before the cue."""
    last = -1
    for head in content:
        for token in (head, *head.lefts):
            if last < token.i < cue.i:
                last = token.i
    return last if last >= 0 else default


def _grown(piece: Range, passage: Passage) -> Range:
    """Return a piece with the whole of each quotation that it overlaps."""
    start, end = piece
    touched = passage.quotes_in(start, end)
    if not touched:
        return piece
    return min(start, touched[0].start), max(end, touched[-1].end)


def _joined(ranges: Iterable[Range]) -> Iterator[Range]:
    """Yield ranges in order, those that meet as one."""
    last: Range | None = None
    for piece in sorted(ranges):
        if last is None:
            last = piece
        elif piece[0] <= last[1]:
            last = last[0], max(last[1], piece[1])
        else:
            yield last
            last = piece
    if last is not None:
        yield last


def _tidy(passage: Passage, piece: Range, policy: Boundaries) -> Range:
    """Strip loose marks from the edges of a piece, but never from inside a quotation."""
    text = passage.text
    start, end = piece
    quotes = passage.quotes_in(start, end)
    starts = {quote.start for quote in quotes}
    ends = {quote.end for quote in quotes}
    while start < end and start not in starts and _is_loose_start(text[start]):
        start += 1
    while start not in starts and (tie := CONNECTIVE.match(text, start, end)):
        start = tie.end()
    while end > start and end not in ends and _is_loose_end(text, start, end, policy):
        end -= 1
    loose = LOOSE_END_WORD.search(text, max(start, end - LONGEST_LOOSE_END), end)
    if loose is not None and not passage.quotes_in(loose.start(), end):
        end = loose.start()
    if policy.final_stop and text[end : end + 1] == ".":
        end += 1
    if not policy.leading_that and text[start:end].lower().startswith("that "):
        start += len("that ")
    return trim(text, start, end)


def _is_loose_start(mark: str) -> bool:
    return mark.isspace() or mark in LOOSE_START


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
