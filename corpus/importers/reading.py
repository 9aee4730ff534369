"""How somebody wants files read; what is not said is guessed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Reading:
    """The options of reading files.

    `fields` says what our fields (`text`, `title`, `id` …) are called in the files. `encoding` is
    that of texts which are not UTF-8. `split_every` makes a document of so many sentences where one
    file is one long row of them; 0 leaves it whole. Without `spans` no annotation is read. `folder`
    is what the folder of the files is called; None where its own name says it. Of an unpacked
    archive no file outside its `root` is looked at.
    """

    format: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)
    encoding: str = ""
    split_every: int = 0
    spans: bool = True
    folder: str | None = None
    root: str = ""

    def as_json(self) -> dict[str, Any]:
        """Return what `Reading(**data)` reads."""
        return asdict(self)


AS_FOUND = Reading()
