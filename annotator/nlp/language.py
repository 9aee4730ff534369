"""Tell whether a text is in English, by the words that no English text does without."""

from __future__ import annotations

import re
from itertools import islice

WORD = re.compile(r"[^\W\d_]+")
LATIN = re.compile(r"[A-Za-z\u00c0-\u024f]")
# Words that other languages in Latin letters hardly have, in the order of their use.
ENGLISH = frozenset(
    {
        *("the", "of", "and", "to", "that", "is", "was", "for", "it", "with", "he", "his", "she"),
        *("her", "they", "their", "by", "from", "at", "this", "have", "has", "had", "not", "but"),
        *("are", "were", "be", "been", "which", "who", "will", "would", "what", "when", "there"),
        *("we", "you", "said", "says", "about", "if", "can", "could", "more", "than", "up", "out"),
        *("its", "our", "your", "my", "him", "them", "these", "those", "after", "before", "how"),
    }
)
# So many words are read, and with fewer nothing can be told.
READ = 3_000
FEWEST = 30
# The share of those words is a third in English news, and under a twentieth elsewhere.
SHARE = 0.08
# Letters that other scripts write without spaces between words.
FEWEST_LETTERS = 60


def is_english(text: str) -> bool:
    """Tell whether a text is in English; a short one, or one of names and numbers, counts as such.

    Linear in the first 3,000 words, whatever follows.
    """
    words = [word[0].lower() for word in islice(WORD.finditer(text), READ)]
    letters = "".join(words)
    other = len(letters) - len(LATIN.findall(letters))
    if len(letters) >= FEWEST_LETTERS and other > len(letters) / 2:
        return False
    running = [word for word in words if len(word) > 1]
    if len(running) < FEWEST:
        return True
    return sum(word in ENGLISH for word in running) >= SHARE * len(running)
