"""Links of frames: some corpora link a reporting word to who spoke and to what was said."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import permutations

from .schema import SchemaView
from .span import LayerView, Link

# A word with more links than that is no frame.
MOST_ENDS = 20
JOINED = "links of frames made one from end to end"


def joined(layer: LayerView, schema: SchemaView) -> tuple[LayerView, int]:
    """Return a layer with links between the ends of its frames, and how many were made.

    A frame is a span with links of kinds that the schema does not know. Where one kind of the
    schema runs from the label of one end to that of another, that link takes the place of both.
    """
    unknown: dict[int, list[Link]] = {}
    for link in layer.links.values():
        if link.kind not in schema.links:
            unknown.setdefault(link.source, []).append(link)
    links = dict(layer.links)
    ident = max(links, default=0)
    made = 0
    there = {(link.kind, link.source, link.target) for link in links.values()}
    for frame in unknown.values():
        for kind, source, target in _ends(frame, layer, schema):
            joins = (kind, source.target, target.target)
            if joins not in there:
                there.add(joins)
                ident += 1
                made += 1
                links[ident] = Link(ident, *joins)
            links.pop(source.ident, None)
            links.pop(target.ident, None)
    return (replace(layer, links=links), made) if links != layer.links else (layer, 0)


def _ends(
    frame: list[Link], layer: LayerView, schema: SchemaView
) -> Iterator[tuple[str, Link, Link]]:
    """Yield each two links of a frame whose ends one kind of the schema joins, with its name."""
    if len(frame) > MOST_ENDS:
        return
    for source, target in permutations(frame, 2):
        one = layer.spans[source.target].label
        other = layer.spans[target.target].label
        kinds = []
        for kind in schema.links.values():
            if one != other and one in kind.sources and other in kind.targets:
                kinds.append(kind.name)
        if len(kinds) == 1 and not schema.links[kinds[0]].symmetric:
            yield kinds[0], source, target
