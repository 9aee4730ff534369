"""What changed between two editions of gold, frame by frame, and in words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from annotator.core.compare import compare
from corpus.core.schema import SchemaView
from corpus.core.span import LayerView

BEFORE, AFTER = "1 before", "2 after"


@dataclass(frozen=True, slots=True)
class Change:
    """A frame that is not as it was, and its span in each edition, 0 where it is not there.

    `kind` is added, removed, moved (its boundary), label, speaker, or the name of an attribute.
    """

    kind: str
    label: str
    before: int
    after: int


def changes(before: LayerView, after: LayerView, schema: SchemaView) -> Iterator[Change]:
    """Yield what changed from one layer of a document to another, in text order.

    A frame may change in several ways.
    """
    for cluster in compare({BEFORE: before, AFTER: after}, schema):
        old = cluster.members.get(BEFORE)
        new = cluster.members.get(AFTER)
        head = (new or old or next(iter(cluster.members.values()))).head
        idents = (old.head.ident if old else 0, new.head.ident if new else 0)
        for kind in cluster.kinds:
            if kind == "missing":
                yield Change("added" if old is None else "removed", head.label, *idents)
            else:
                yield Change("moved" if kind == "boundary" else kind, head.label, *idents)
    links = len(after.links) - len(before.links)
    if links:
        yield from [Change("links added" if links > 0 else "links removed", "", 0, 0)] * abs(links)


def sentence(counts: Mapping[tuple[str, str], int]) -> str:
    """Say what changed, as in `41 CLAIM moved, 12 CLAIM changed in stance, 7 links added`.

    `counts` is by label and kind of change.
    """
    parts = []
    for (label, kind), count in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
        if not label:
            parts.append(f"{count} {kind}")
        elif kind in ("added", "removed", "moved"):
            parts.append(f"{count} {label} {kind}")
        else:
            parts.append(f"{count} {label} changed in {kind}")
    return ", ".join(parts) or "no frame changed"


def counted(changed: Iterator[Change]) -> Counter[tuple[str, str]]:
    """Count changes by label and kind."""
    return Counter((change.label, change.kind) for change in changed)
