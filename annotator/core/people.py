"""Who is the same speaker."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from corpus.core.span import Range, Span, jaccard, overlap, size

Mention = tuple[str, tuple[Range, ...]]


def name_of(span: Span) -> str:
    """Return the canonical name that a mention carries, case folded; "" when it has none."""
    return str(span.attributes.get("name", "")).casefold().strip()


def same_person(left: Span, right: Span) -> bool:
    """Tell whether two mentions name one person: equal names, or overlapping mentions where a name
    is missing.
    """
    names = name_of(left), name_of(right)
    return names[0] == names[1] if all(names) else overlap(left, right) > 0


def mention(span: Span) -> Mention:
    """Return what makes a mention the same in two layers: its name and its place."""
    return name_of(span), span.ranges


def persons(mentions: Iterable[Span]) -> Mapping[Mention, str]:
    """Return one key for each person that the layers of an article mention, the same for all who
    mean them.

    A mention with a name is that name. One without is the nearest of the persons that it is the
    same as by `same_person`, taken name by name and then shortest mention first, so that "Clinton
    and Trump" does not make Clinton and Trump one person.
    """
    distinct = {mention(span): span for span in mentions}
    found: dict[Mention, str] = {}
    leaders: list[tuple[Span, str]] = []
    for key, span in sorted(
        distinct.items(), key=lambda item: (not item[0][0], size(item[0][1]), item[0])
    ):
        near = [
            (jaccard(span, other), person) for other, person in leaders if same_person(span, other)
        ]
        if key[0]:
            found[key] = key[0]
        elif near:
            found[key] = max(near)[1]
            continue
        else:
            found[key] = f"@{span.start}-{span.end}"
        leaders.append((span, found[key]))
    return found
