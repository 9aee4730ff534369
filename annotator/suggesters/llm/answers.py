"""What was answered, so that nothing is asked twice, and what it cost."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from annotator.suggesters.llm.spending import Usage


@dataclass(frozen=True, slots=True)
class Key:
    """What an answer is kept under: the digest of its document's text, and of the request."""

    text: str
    request: str


class Answers(Protocol):
    """The answers of earlier requests, and what those of this job used."""

    def find(self, key: Key) -> str | None:
        """Return a kept answer."""

    def keep(self, key: Key, answer: str | None, usage: Usage) -> None:
        """Keep an answer; None where one was paid for that is of no use."""

    def spent(self) -> Usage:
        """Return what this job has used, in all its attempts."""


@dataclass(slots=True)
class AnswersInMemory:
    """Answers of one process."""

    kept: dict[Key, str] = field(default_factory=dict)
    usage: Usage = field(default_factory=Usage)

    def find(self, key: Key) -> str | None:
        """Return a kept answer."""
        return self.kept.get(key)

    def keep(self, key: Key, answer: str | None, usage: Usage) -> None:
        """Keep an answer; None where one was paid for that is of no use."""
        self.usage += usage
        if answer is not None:
            self.kept[key] = answer

    def spent(self) -> Usage:
        """Return what this process has used."""
        return self.usage
