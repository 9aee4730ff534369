"""Articles of any length with any number of spans, the same every time."""

from __future__ import annotations

import random

from corpus.core.span import LayerView, Link, Span, layer_view

WORDS = [
    "the",
    "council",
    "voted",
    "barrier",
    "harbour",
    "storm",
    "water",
    "budget",
    "price",
    "mayor",
    "town",
    "winter",
    "money",
    "plan",
    "report",
    "river",
    "engineers",
    "residents",
    "would",
    "could",
    "should",
    "never",
    "again",
    "because",
    "although",
    "after",
    "before",
    "wall",
    "gate",
    "pilot",
    "vessel",
]


def longread(words: int, spans: int) -> tuple[str, LayerView]:
    """Return a text of paragraphs of 30 to 90 words with that many spans: half SPEAKER, half CLAIM,
    each claim linked.

    Claims have 8 to 48 words inside one paragraph, and every twenty-fifth runs over into the next;
    some nest.
    """
    dice = random.Random(20261123)
    paragraphs: list[list[tuple[int, int]]] = []
    parts: list[str] = []
    at = written = 0
    while written < words:
        places = []
        for _ in range(min(dice.randint(30, 90), words - written)):
            word = dice.choice(WORDS)
            places.append((at, at + len(word)))
            parts.append(word)
            at += len(word) + 1
        written += len(places)
        paragraphs.append(places)
        parts[-1] += ".\n"
        at += 2
    text = " ".join(parts).replace("\n ", "\n")
    # The joining space after a line feed was left out, so every later paragraph begins one place
    # earlier.
    paragraphs = [[(a - n, b - n) for a, b in places] for n, places in enumerate(paragraphs)]
    made: list[Span] = []
    links: list[Link] = []
    for number in range(spans // 2):
        index = number * (len(paragraphs) - 1) // max(1, spans // 2)
        places = paragraphs[index]
        first = dice.randrange(0, max(1, len(places) // 2))
        last = min(len(places) - 1, first + dice.randint(8, 48))
        end = paragraphs[index + 1][5][1] if number % 25 == 24 else places[last][1]
        who = dice.randrange(0, len(places) - 4)
        claim, speaker = 2 * number + 1, 2 * number + 2
        attributes = {"kind": "indirect", "stance": "unclear", "speaker_state": "linked"}
        made.append(Span(claim, "CLAIM", places[first][0], end, attributes=attributes, score=0.8))
        made.append(
            Span(
                speaker,
                "SPEAKER",
                places[who][0],
                places[who + dice.randint(0, 3)][1],
                score=0.9,
                attributes={"name": f"Person {number}"},
            )
        )
        links.append(Link(number + 1, "said_by", claim, speaker))
    return text, layer_view(made, links)
