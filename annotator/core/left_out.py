"""Links that gold leaves out though they were agreed or settled, and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from annotator.core.frames import Frame, Linked
from annotator.core.merge import Drop, Outcome
from corpus.core.schema import SchemaView

# Its other end was settled so that nothing stands there.
NOTHING = "nothing"
# Its other end has another label now, which the kind does not join.
LABEL = "label"
# Its kind allows one link, and another one stands.
ONE = "one"


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A link of the frame that was chosen for a cluster, with the reason why gold lacks it."""

    linked: Linked
    reason: str


def left_out(chosen: Sequence[Outcome], schema: SchemaView) -> dict[int, list[LeftOut]]:
    """Return what gold leaves out of the frame chosen for each cluster, by its number.

    `chosen` are the outcomes as gold is built from them. A link to a frame that nobody settled yet
    is not left out: it waits.
    """
    found: dict[int, list[LeftOut]] = {}
    # The ends of the links that stand, by kind and source.
    held: dict[tuple[str, object], object] = {}
    for number, outcome in enumerate(chosen):
        if not isinstance(outcome, Frame):
            continue
        for linked in outcome.linked:
            reason = _reason(number, outcome, linked, chosen, schema, held)
            if reason:
                found.setdefault(number, []).append(LeftOut(linked, reason))
    return found


def _reason(
    number: int,
    frame: Frame,
    linked: Linked,
    chosen: Sequence[Outcome],
    schema: SchemaView,
    held: dict[tuple[str, object], object],
) -> str:
    """Return why a link is left out; "" when it stands or waits."""
    other: Outcome = None
    source: object = number
    end: object = (linked.span.label, linked.span.ranges, linked.copy)
    label = linked.span.label
    if linked.anchor is not None:
        other = chosen[linked.anchor]
        end = linked.anchor
        if other is None:
            return ""
        if not isinstance(other, Frame):
            return NOTHING if other is Drop else ""
        label = other.head.label
    labels = (frame.head.label, label)
    if linked.reverse:
        source, end = end, source
        labels = labels[::-1]
    kind = schema.links[linked.kind]
    if not kind.joins(*labels):
        return LABEL
    first = held.setdefault((linked.kind, source), end)
    return ONE if not kind.many and first != end else ""
