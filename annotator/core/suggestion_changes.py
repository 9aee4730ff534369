"""What one set of suggestions has otherwise than another of the same text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from annotator.core.same_spans import same_spans
from corpus.core.schema import BOUNDARY, SchemaView
from corpus.core.span import LayerView, Range, Span

ADDED, REMOVED, CHANGED = "added", "removed", "changed"
KINDS = (ADDED, REMOVED, CHANGED)


@dataclass(frozen=True, slots=True)
class Change:
    """A span that is added, removed or changed; `facets` says what of a changed one is otherwise.

    A facet comes with the choice that it had and has, as `stance: oppose → support`, where the
    values are choices: other values may be words of the text.
    """

    kind: str
    label: str
    ranges: tuple[Range, ...]
    facets: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Return it without words of the text."""
        return {
            "kind": self.kind,
            "label": self.label,
            "ranges": [list(piece) for piece in self.ranges],
            "facets": list(self.facets),
        }


def changes(text: str, before: LayerView, after: LayerView, schema: SchemaView) -> list[Change]:
    """Return what differs between two layers, in text order.

    Spans are the same as where suggesters are joined.
    """
    same = same_spans(text, before.spans.values(), after.spans.values())
    gone = set(before.spans) - set(same.values())
    found = [Change(REMOVED, s.label, s.ranges) for s in before.in_order() if s.ident in gone]
    linked_before, linked_after = _linked(before), _linked(after)
    for span in after.in_order():
        if span.ident not in same:
            found.append(Change(ADDED, span.label, span.ranges))
            continue
        old = before.spans[same[span.ident]]
        facets = [BOUNDARY] if old.ranges != span.ranges else []
        facets += _attributes(old, span, schema)
        targets = {
            (kind, same.get(target, -target)) for kind, target in linked_after.get(span.ident, ())
        }
        other = targets ^ linked_before.get(old.ident, set())
        facets += sorted({kind for kind, _ in other})
        if facets:
            found.append(Change(CHANGED, span.label, span.ranges, tuple(facets)))
    return sorted(found, key=lambda change: (change.ranges, change.label))


def counted(found: Iterable[Change]) -> Counter[tuple[str, str]]:
    """Return how many changes there are by label and kind."""
    return Counter((change.label, change.kind) for change in found)


def _linked(layer: LayerView) -> dict[int, set[tuple[str, int]]]:
    """Return the kinds and targets of the links of each span."""
    linked: dict[int, set[tuple[str, int]]] = {}
    for link in layer.links.values():
        linked.setdefault(link.source, set()).add((link.kind, link.target))
    return linked


def _attributes(old: Span, new: Span, schema: SchemaView) -> list[str]:
    """Return the attributes in which two spans of a label differ, in the order of the schema."""
    facets = []
    for attribute in schema.labels[new.label].attributes:
        values = [span.attributes.get(attribute.name) for span in (old, new)]
        if values[0] == values[1]:
            continue
        words = attribute.name
        if attribute.choices:
            words += ": " + " → ".join(str(value) if value else "–" for value in values)
        facets.append(words)
    return facets
