"""Who is the same: two mentions of one speaker, or of whatever a schema knows again by a name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from corpus.core.schema import SchemaView
from corpus.core.span import Range, Span, jaccard, overlap, size

Mention = tuple[str, tuple[Range, ...]]


def identity_of(span: Span, schema: SchemaView) -> str:
    """Return what a mention is known again by, case folded; "" when it has nothing."""
    attribute = schema.identities.get(span.label, "")
    return str(span.attributes.get(attribute, "")).casefold().strip()


def same_thing(left: Span, right: Span, schema: SchemaView) -> bool:
    """Tell whether two mentions are of one person or thing.

    They are by equal names, or where a name is missing by overlapping.
    """
    left_name = identity_of(left, schema)
    right_name = identity_of(right, schema)
    if left_name and right_name:
        return left_name == right_name
    return overlap(left, right) > 0


def mention(span: Span, schema: SchemaView) -> Mention:
    """Return what makes a mention the same in two layers: its name and its place."""
    return identity_of(span, schema), span.ranges


def identities(mentions: Iterable[Span], schema: SchemaView) -> Mapping[Mention, str]:
    """Return one key for each person or thing that the layers of an article mention.

    A mention with a name is that name. One without is the nearest of those that it is the same as
    by `same_thing`, taken name by name and then shortest mention first, so that "Clinton and
    Trump" does not make Clinton and Trump one person.
    """
    distinct = {mention(span, schema): span for span in mentions}
    keys: dict[Mention, str] = {}
    leaders: list[tuple[Span, str]] = []
    for key in sorted(distinct, key=lambda key: (not key[0], size(key[1]), key)):
        name = key[0]
        span = distinct[key]
        if name:
            keys[key] = name
            leaders.append((span, name))
            continue
        near = [
            (jaccard(span, other), who) for other, who in leaders if same_thing(span, other, schema)
        ]
        if near:
            keys[key] = max(near)[1]
        else:
            keys[key] = f"@{span.start}-{span.end}"
            leaders.append((span, keys[key]))
    return keys
