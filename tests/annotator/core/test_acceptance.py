"""What the log of a review says of suggestions that were changed and not accepted."""

from __future__ import annotations

import uuid
from typing import Any

from annotator.core.acceptance import Logged, facts_of

SPAN = {"label": "CLAIM", "start": 0, "end": 4, "fragments": None, "attributes": {}}
REJECTED = {"rejected": True}


class Log:
    """A log of decisions on one span, each a group of its own, as the server holds it."""

    def __init__(self) -> None:
        self.steps: list[Logged] = []
        self.value: Any = None

    def add(self, verb: str, after: Any = None, undoes: Logged | None = None) -> Logged:
        named = undoes.group if undoes else None
        step = Logged(verb, "span", 1, self.value, after, uuid.uuid4(), named)
        self.value = after
        self.steps.append(step)
        return step

    def waits(self, *suggested: int) -> bool:
        return 1 in facts_of(self.steps, suggested or (1,)).unaccepted


def test_a_change_waits_until_it_is_accepted() -> None:
    log = Log()
    assert not log.waits()
    log.add("resize", SPAN)
    assert log.waits()
    log.add("attribute", SPAN)
    assert log.waits()
    log.add("accept", SPAN)
    assert not log.waits()
    log.add("resize", SPAN)
    assert not log.waits()


def test_undo_and_redo_lead_back_to_what_was() -> None:
    log = Log()
    moved = log.add("resize", SPAN)
    accepted = log.add("accept", SPAN)
    undone = log.add("undo", SPAN, accepted)
    assert log.waits()
    again = log.add("redo", SPAN, undone)
    assert not log.waits()
    log.add("undo", SPAN, again)
    assert log.waits()
    gone = log.add("undo", None, moved)
    assert not log.waits()
    log.add("redo", SPAN, gone)
    assert log.waits()


def test_what_is_rejected_or_was_never_suggested_waits_for_nothing() -> None:
    log = Log()
    log.add("resize", SPAN)
    assert not log.waits(2)
    taken_back = log.add("reject", REJECTED)
    assert not log.waits() and facts_of(log.steps, (1,)).rejected == {1}
    log.add("undo", SPAN, taken_back)
    assert log.waits() and not facts_of(log.steps, (1,)).rejected


def test_what_a_person_proposed_waits_until_it_is_accepted_and_after_an_undo_again() -> None:
    log = Log()
    proposed = log.add("propose", SPAN)
    assert log.waits(2)
    log.add("resize", SPAN)
    assert log.waits(2)
    accepted = log.add("accept", SPAN)
    assert not log.waits(2)
    log.add("undo", SPAN, accepted)
    assert log.waits(2)
    gone = log.add("undo", None, proposed)
    assert not log.waits(2)
    log.add("redo", SPAN, gone)
    assert log.waits(2)
