"""Find what a paragraph announces and the next one says without marks: `Here is what Lena Park told
us:` and block quotations.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from corpus.core.span import Range

from .claims import Boundaries, bounded
from .cues import lemma_of, lexicon
from .frames import Frame
from .passages import Passage
from .speakers import speakers_of
from .tree import has_child
from .verb_cues import verb_cue

# A colon alone announces lists as well: these words announce what somebody says.
HERE = re.compile(
    r"(?:Here(?:[’']s| is| are)|This is) (?:what|how)\b|.*\b(?:in full|as follows):\Z"
)
BLOCK = re.compile(r">\s*(?=\S)")
SAYING = 0.95
# So many tokens may be a reporting clause and nothing else, its verb among the last of them.
LONGEST_CLAUSE = 8
VERB_AT_END = 4
WEIGHT = 0.8


def announced(passages: list[Passage], policy: Boundaries) -> Iterator[Frame]:
    """Yield the frames of paragraphs that the one before announces."""
    for number, before in enumerate(passages[:-1]):
        if before.text[before.end - 1] != ":":
            continue
        first = passages[number + 1]
        block = BLOCK.match(first.text, first.start, first.end)
        if block is None and not _announces(before):
            continue
        frame = _frame(number, passages, block is not None, policy)
        if frame is not None:
            yield frame


def _announces(passage: Passage) -> bool:
    """Tell whether a paragraph before a colon announces what somebody says: `Here is what Lena Park
    told us:`, or nothing but `Lena Park added:`.
    """
    if HERE.match(passage.text, passage.start, passage.end):
        return True
    if len(passage.doc) > LONGEST_CLAUSE:
        return False
    return any(
        _says(lemma_of(token)) and not has_child(token, "dobj")
        for token in passage.doc[-VERB_AT_END:]
    )


def _frame(number: int, passages: list[Passage], block: bool, policy: Boundaries) -> Frame | None:
    before, first = passages[number], passages[number + 1]
    if first.quotes and first.quotes[0].start == first.start:
        return None
    sayings = [token for token in before.doc if token.pos_ == "VERB" and _says(lemma_of(token))]
    if not sayings:
        return None
    cue = verb_cue(sayings[-1], "quotation", ())
    speakers = speakers_of(cue, before)
    pieces = [_said(first, policy)]
    for following in passages[number + 2 :] if block else ():
        if not BLOCK.match(following.text, following.start, following.end):
            break
        pieces.append(_said(following, policy))
    said = [piece for piece in pieces if piece is not None]
    if not said or not speakers:
        return None
    ranges = ((said[0][0], said[-1][1]),)
    return Frame(
        passage=number + 1,
        ranges=ranges,
        cue=cue,
        cue_range=before.range_of(cue.first, cue.last),
        speakers=speakers,
        weight=WEIGHT,
        rule="announced",
        why="what the paragraph before announces",
        kind="direct",
    )


def _says(lemma: str) -> bool:
    return lexicon().weights["quotation"].get(lemma, 0.0) >= SAYING


def _said(passage: Passage, policy: Boundaries) -> Range | None:
    """Return what a paragraph says, without the sign of a block quotation."""
    sign = BLOCK.match(passage.text, passage.start, passage.end)
    ranges = bounded(passage, [(sign.end() if sign else passage.start, passage.end)], policy)
    return (ranges[0][0], ranges[-1][1]) if ranges else None
