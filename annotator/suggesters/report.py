"""What a suggester tells beside its layers: notes on texts, and what it used."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

# What a server is paid for, and what it is called in words.
USED = {
    "requests": "Requests",
    "tokens_in": "Tokens sent",
    "tokens_out": "Tokens answered",
    "cost": "Cost",
}


@dataclass(frozen=True, slots=True)
class Note:
    """Something that happened to a text so many times; `text` is its number within the call.

    `reason` is the same words wherever the same happens and quotes nothing of the text, so that it
    can be counted and kept; `example` are a few words that it happened to.
    """

    text: int
    reason: str
    count: int = 1
    example: str = ""


@dataclass(slots=True)
class Report:
    """The notes of a suggester since they were last taken, and sums of what it used."""

    notes: list[Note] = field(default_factory=list)
    usage: Counter[str] = field(default_factory=Counter)

    def note(self, text: int, reason: str, count: int = 1, *, example: str = "") -> None:
        """Note what happened to a text."""
        self.notes.append(Note(text, reason, count, example))

    def use(self, **amounts: float) -> None:
        """Add to what was used, such as `requests`, `tokens_in`, `tokens_out` and `cost`."""
        for name, amount in amounts.items():
            self.usage[name] += amount  # type: ignore[assignment]  # a Counter takes fractions

    def take(self) -> tuple[list[Note], Counter[str]]:
        """Return both, and begin anew."""
        taken = self.notes, self.usage
        self.notes = []
        self.usage = Counter()
        return taken
