"""What the log of a review says that its spans and links do not show.

A change of a suggestion says nothing of the rest of it: a claim whose edge was moved may still have
the wrong speaker. What comes into a layer by another verb than `accept` waits until that one, and
undo leads back to what was before. So does what a person proposed for many places at once. The
review page does the same, in `text/acceptance.js`.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

from annotator.core.decisions import REJECTED


class Logged(NamedTuple):
    """A decision of a log, in order."""

    verb: str
    subject: str
    ident: int
    before: Any
    after: Any
    group: uuid.UUID
    undoes: uuid.UUID | None


@dataclass(frozen=True, slots=True)
class LogFacts:
    """What a log says: suggestions changed and not accepted, rejected ones, links left out.

    `document_seen` tells whether the attributes of the document were decided on; they have the
    ident 0 among the `unaccepted`.
    """

    unaccepted: frozenset[int] = frozenset()
    rejected: frozenset[int] = frozenset()
    dropped: frozenset[int] = frozenset()
    document_seen: bool = False


def facts_of(log: Iterable[Logged], suggested: Collection[int]) -> LogFacts:
    """Return what a log says of suggestions; 0 is among their idents when the document's are."""
    waiting: set[int] = set()
    earlier: dict[tuple[uuid.UUID, int], bool] = {}
    rejected: set[int] = set()
    dropped: set[int] = set()
    seen = False
    for step in log:
        if step.subject == "link":
            _move(dropped, step.ident, into=not step.after and step.verb != "undo")
            continue
        if step.subject not in ("span", "document"):
            continue
        is_span = step.subject == "span"
        is_new = step.before in (None, REJECTED) if is_span else not seen
        waits = _waits(
            step,
            is_new=is_new and step.ident in suggested,
            waiting=step.ident in waiting,
            earlier=earlier,
        )
        earlier.setdefault((step.group, step.ident), step.ident in waiting)
        _move(waiting, step.ident, into=waits)
        if is_span:
            _move(rejected, step.ident, into=step.after == REJECTED)
        else:
            seen = step.verb != "undo" or bool((step.after or {}).get("attributes"))
    return LogFacts(frozenset(waiting), frozenset(rejected), frozenset(dropped), seen)


def _waits(
    step: Logged, *, is_new: bool, waiting: bool, earlier: dict[tuple[uuid.UUID, int], bool]
) -> bool:
    """Tell whether a suggestion waits to be accepted after this decision."""
    if step.after in (None, REJECTED) or step.verb == "accept":
        return False
    if step.verb == "propose":
        return True
    if step.undoes is not None and (step.undoes, step.ident) in earlier:
        return earlier[step.undoes, step.ident]
    return is_new or waiting


def _move(idents: set[int], ident: int, *, into: bool) -> None:
    if into:
        idents.add(ident)
    else:
        idents.discard(ident)
