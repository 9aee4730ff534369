"""Who is the same speaker."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from corpus.core.span import Range, Span, jaccard, overlap, size

Mention = tuple[str, tuple[Range, ...]]


def name_of(span: Span) -> str:
    """Return the canonical name that a mention carries, case folded; "" when it has none."""
    return str(span.attributes.get("name", "")).casefold().strip()


def same_person(left: Span, right: Span) -> bool:
    """Tell whether two mentions name one person.

    They do by equal names, or where a name is missing by overlapping.
    """
    left_name = name_of(left)
    right_name = name_of(right)
    if left_name and right_name:
        return left_name == right_name
    return overlap(left, right) > 0


def mention(span: Span) -> Mention:
    """Return what makes a mention the same in two layers: its name and its place."""
    return name_of(span), span.ranges


def persons(mentions: Iterable[Span]) -> Mapping[Mention, str]:
    """Return one key for each person that the layers of an article mention.

    A mention with a name is that name. One without is the nearest of the persons that it is the
    same as by `same_person`, taken name by name and then shortest mention first, so that "Clinton
    and Trump" does not make Clinton and Trump one person.
    """
    distinct = {mention(span): span for span in mentions}
    keys: dict[Mention, str] = {}
    leaders: list[tuple[Span, str]] = []
    for key in sorted(distinct, key=lambda key: (not key[0], size(key[1]), key)):
        name = key[0]
        span = distinct[key]
        if name:
            keys[key] = name
            leaders.append((span, name))
            continue
        near = [(jaccard(span, other), who) for other, who in leaders if same_person(span, other)]
        if near:
            keys[key] = max(near)[1]
        else:
            keys[key] = f"@{span.start}-{span.end}"
            leaders.append((span, keys[key]))
    return keys
