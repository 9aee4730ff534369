"""What a text classifier reads of a claim: its target, its words, and the sentence around it.

Training data and suggestions use this one function, so that a classifier reads what it learned.
"""

from __future__ import annotations

import re

from corpus.core.span import Span

# Characters of the words around a claim, on either side.
MOST_AROUND = 300
SENTENCE_END = re.compile(r"[.!?…][\"”’»]?\s+|[。！？]|\n\s*")


def claim_text(text: str, span: Span, target: str = "") -> str:
    """Return target, claim and the sentence around it, one in a line each."""
    lines = (target, span.covered(text), sentence_around(text, span.start, span.end))
    return "\n".join(" ".join(line.split()) for line in lines)


def sentence_around(text: str, start: int, end: int) -> str:
    """Return the sentence that a place stands in, or the sentences when it runs over several."""
    first = max(0, start - MOST_AROUND)
    last = min(len(text), end + MOST_AROUND)
    for match in SENTENCE_END.finditer(text, first, start):
        first = match.end()
    # A claim that ends its sentence brings the stop itself.
    stop = SENTENCE_END.search(text, max(start, end - 2), last)
    while stop and stop.end() < end:
        stop = SENTENCE_END.search(text, stop.end(), last)
    return text[first : stop.end() if stop else last].strip()
