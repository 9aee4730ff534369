"""Know what stances are toward: an entry of a list, or noun phrases proposed from the headline and
the text.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cache

from spacy.tokens import Span as Phrase

from .passages import Passage

MOST = 5
LONGEST = 80
OFTEN = 3
WORD = re.compile(r"[^\W\d_]{3,}")
HEAD_ENDS = re.compile(
    r"\s(?:of|in|for|on|to|at|by|from|with|during|over|about|against|between|across|near|under|"
    r"through|after|before)\s"
)
SMALL = frozenset(
    {
        *("the", "and", "for", "with", "from", "during"),
        *("its", "his", "her", "their", "our", "this", "that"),
    }
)
BEFORE_A_NOUN = ("DET", "PRON", "PUNCT", "SPACE", "ADV")
FLEETING = frozenset({"DATE", "TIME", "PERCENT", "MONEY", "QUANTITY", "ORDINAL", "CARDINAL"})
VAGUE = frozenset(
    {
        *("thing", "people", "person", "man", "woman", "way", "part", "day", "time", "lot"),
        *("kind", "one", "side", "number", "place", "end", "fact", "case", "year", "week", "month"),
        *("statement", "word", "question", "member", "group", "report", "news", "story"),
        *("interview", "spokesman", "spokeswoman", "other"),
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
    said_by: set[str] = set()
    for name in speakers:
        said_by.update(map(stem, WORD.findall(name)))
    counts: Counter[str] = Counter()
    fullest: dict[str, str] = {}
    for passage in passages[1:]:
        for phrase in passage.doc.noun_chunks:
            head = _head_of(phrase)
            if not head:
                continue
            counts[head] += 1
            words = _words_of(phrase)
            if len(fullest.get(head, "")) < len(words) <= LONGEST:
                fullest[head] = words
    titled: dict[str, str] = {}
    for phrase in passages[0].doc.noun_chunks:
        head = _head_of(phrase)
        if head:
            titled[head] = _words_of(phrase)
    taken_up = sorted((head for head in titled if counts[head]), key=lambda head: -counts[head])
    named = [titled[head] for head in taken_up]
    for head, times in counts.most_common():
        if times >= OFTEN and head in fullest and head not in titled and head not in said_by:
            named.append(fullest[head])
    return tuple(dict.fromkeys(words for words in named if len(words) <= LONGEST))[:MOST]


def mentioned(words: Iterable[str], targets: Sequence[str]) -> str:
    """Return the target that these words mention best, empty when they mention none.

    A mention is the head of the target's phrase, its last name, or two of its words.
    """
    stems = set(map(stem, words))
    best = ""
    most = 0
    for target in targets:
        heads, rest = head_and_rest(target)
        score = 2 * len(heads & stems) + len(rest & stems)
        if score > max(most, 1):
            best = target
            most = score
    return best


@cache
def head_and_rest(target: str) -> tuple[frozenset[str], frozenset[str]]:
    """Return the stems of the head of a phrase, and of its other words."""
    before_head_ends = HEAD_ENDS.split(target, maxsplit=1)[0]
    head = frozenset(_stems(before_head_ends)[-1:])
    return head, frozenset(_stems(target)) - head


def _stems(phrase: str) -> list[str]:
    """Return the stems of the words of a phrase that carry a meaning."""
    return [stem(word) for word in WORD.findall(phrase) if word.lower() not in SMALL]


@cache
def stem(word: str) -> str:
    """Return a word in lower case without the s of its plural."""
    word = word.lower()
    return word[:-1] if word.endswith("s") and not word.endswith("ss") and len(word) > 3 else word


def _head_of(phrase: Phrase) -> str:
    """Return the stem of what a noun phrase is about, empty for pronouns, times, amounts and vague
    words.
    """
    root = phrase.root
    if root.pos_ not in ("NOUN", "PROPN") or len(root.lower_) <= 2:
        return ""
    if root.ent_type_ in FLEETING or root.lemma_.lower() in VAGUE:
        return ""
    return stem(root.lower_)


def _words_of(phrase: Phrase) -> str:
    """Return a noun phrase without its determiner, quotation marks and loose white space."""
    first = phrase.start
    while first < phrase.root.i and phrase.doc[first].pos_ in BEFORE_A_NOUN:
        first += 1
    words = phrase.doc[first : phrase.end].text.split()
    return " ".join(words).strip(" ,.;:“”‘’\"'")
