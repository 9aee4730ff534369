"""Know which target of a list words mention."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cache

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
