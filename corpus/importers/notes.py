"""What an importer of another tool's format could not take: counted with an example, or named."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from corpus.core.problems import Problem

LONGEST = 80
# What code that reads a record of the wrong shape runs into.
STUMBLES = (
    ArithmeticError,
    AttributeError,
    LookupError,
    RecursionError,
    TypeError,
    ValueError,
)


@dataclass(frozen=True, slots=True)
class Notes:
    """The counts by reason, the first value of each, and a problem for each part left out."""

    counts: Counter[str] = field(default_factory=Counter)
    examples: dict[str, str] = field(default_factory=dict)
    left: list[Problem] = field(default_factory=list)

    def add(self, reason: str, example: Any = "", count: int = 1) -> None:
        """Count one more, or several, and keep the first example."""
        self.counts[reason] += count
        said = example if isinstance(example, str) else json.dumps(example, ensure_ascii=False)
        if said:
            self.examples.setdefault(reason, " ".join(said.split())[:LONGEST])

    @contextmanager
    def leaving(self, field: str, item: Any, wanted: str) -> Iterator[None]:
        """Leave out by itself what is not of the shape that is `wanted` of items of a field."""
        try:
            yield
        except Problem as problem:
            self.left.append(problem)
        except STUMBLES:
            said = json.dumps(item, ensure_ascii=False)[:LONGEST]
            reason = f"must hold {wanted}; {said} is none"
            self.left.append(Problem("row-field", field=field, reason=reason))

    def row(self) -> dict[str, Any]:
        """Return what a row says of this."""
        return {"examples": self.examples, "left": self.left}
