"""Know what stances are toward: an entry of a list, or noun phrases proposed from the headline and
the text.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import cache

from spacy.tokens import Span as Phrase

from .passages import Passage

MOST = 5
LONGEST = 80
OFTEN = 3
WORD = re.compile(r"[^\W\d_]{3,}")
HEAD_ENDS = re.compile(
    r"\s(?:of|in|for|on|to|at|by|from|with|during|over|about|against|between|across|near|under|through|after|before)\s"
)
SMALL = frozenset(
    {
        "the",
        "and",
        "for",
        "its",
        "his",
        "her",
        "their",
        "our",
        "this",
        "that",
        "with",
        "from",
        "during",
    }
)
FLEETING = frozenset({"DATE", "TIME", "PERCENT", "MONEY", "QUANTITY", "ORDINAL", "CARDINAL"})
VAGUE = frozenset(
    {
        *(
            "thing",
            "people",
            "person",
            "man",
            "woman",
            "way",
            "part",
            "day",
            "time",
            "lot",
            "kind",
            "one",
            "side",
        ),
        *(
            "number",
            "place",
            "end",
            "fact",
            "case",
            "year",
            "week",
            "month",
            "statement",
            "word",
            "question",
        ),
        *(
            "member",
            "group",
            "report",
            "news",
            "story",
            "interview",
            "spokesman",
            "spokeswoman",
            "other",
        ),
    }
)


def propose(passages: Sequence[Passage], speakers: Iterable[str] = ()) -> tuple[str, ...]:
    """Return up to five noun phrases that a text is about, the most likely first; none for a text
    without a body.

    The headline's phrases come first, by how often the body takes them up, then what the body names
    most often. People who speak are left out unless the headline names them.
    """
    if len(passages) < 2:
        return ()
    said_by = {_stem(w) for name in speakers for w in WORD.findall(name)}
    counts: Counter[str] = Counter()
    fullest: dict[str, str] = {}
    for passage in passages[1:]:
        for phrase in passage.doc.noun_chunks:
            head = _head_of(phrase)
            if head:
                counts[head] += 1
                words = _words_of(phrase)
                if len(words) > len(fullest.get(head, "")) and len(words) <= LONGEST:
                    fullest[head] = words
    titled = {head: _words_of(c) for c in passages[0].doc.noun_chunks if (head := _head_of(c))}
    taken_up = sorted((h for h in titled if counts[h]), key=lambda h: -counts[h])
    discussed = (
        h for h, n in counts.most_common() if n >= OFTEN and h not in titled and h not in said_by
    )
    named = [titled[h] for h in taken_up] + [fullest[h] for h in discussed if h in fullest]
    return tuple(dict.fromkeys(n for n in named if len(n) <= LONGEST))[:MOST]


def mentioned(words: Iterable[str], targets: Sequence[str]) -> str:
    """Return the target that these words mention best, empty when they mention none.

    A mention is the head of the target's phrase, its last name, or two of its words.
    """
    stems = {_stem(w) for w in words}
    best, most = "", 0
    for target in targets:
        heads, rest = _parts(target)
        score = 2 * len(heads & stems) + len(rest & stems)
        if score > max(most, 1):
            best, most = target, score
    return best


def is_head(word: str, targets: Sequence[str]) -> bool:
    """Tell whether a word is the head of a target: `ban` of “ban on sampling”."""
    return any(_stem(word) in _parts(target)[0] for target in targets)


@cache
def _parts(target: str) -> tuple[frozenset[str], frozenset[str]]:
    """Return the stems of the head of a phrase, and of its other words."""
    first = HEAD_ENDS.split(target, maxsplit=1)[0]
    heads = [_stem(w) for w in WORD.findall(first) if w.lower() not in SMALL][-1:]
    rest = {_stem(w) for w in WORD.findall(target) if w.lower() not in SMALL} - set(heads)
    return frozenset(heads), frozenset(rest)


@cache
def _stem(word: str) -> str:
    word = word.lower()
    return word[:-1] if word.endswith("s") and not word.endswith("ss") and len(word) > 3 else word


def _head_of(phrase: Phrase) -> str:
    """Return the stem of what a noun phrase is about, empty for pronouns, times, amounts and vague
    words.
    """
    root = phrase.root
    if (
        root.pos_ not in ("NOUN", "PROPN")
        or root.ent_type_ in FLEETING
        or root.lemma_.lower() in VAGUE
    ):
        return ""
    return _stem(root.lower_) if len(root.lower_) > 2 else ""


def _words_of(phrase: Phrase) -> str:
    """Return a noun phrase without its determiner, quotation marks and loose white space."""
    return " ".join(_kept(phrase)).strip(" ,.;:“”‘’\"'")


def _kept(phrase: Phrase) -> Iterator[str]:
    first = phrase.start
    while first < phrase.root.i and phrase.doc[first].pos_ in (
        "DET",
        "PRON",
        "PUNCT",
        "SPACE",
        "ADV",
    ):
        first += 1
    yield from phrase.doc[first : phrase.end].text.split()
