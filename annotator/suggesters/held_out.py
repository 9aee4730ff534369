"""The documents that an export kept back from training, as its manifest names them."""

from __future__ import annotations

import json
from pathlib import Path

from corpus.core.problems import Problem

MANIFEST = "manifest.json"
# A pipeline lies so many folders below the export that it was trained in, as in `model/model-best`.
DEEPEST = 3


def held_out(folder: Path) -> frozenset[str]:
    """Return the test part of an exported folder, by id; raise `Problem` when it names none."""
    try:
        data = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        return frozenset(map(str, data["documents"]["test"]))
    except (OSError, ValueError, KeyError, TypeError):
        reason = f"its {MANIFEST} names no test part"
        raise Problem("file-unreadable", reason=reason).at(str(folder)) from None


def held_out_around(pipeline: Path) -> frozenset[str] | None:
    """Return the test part of the export that a pipeline lies in, None when it lies in none."""
    folder = pipeline.resolve()
    for place in (folder, *folder.parents[:DEEPEST]):
        if (place / MANIFEST).is_file():
            try:
                return held_out(place)
            except Problem:
                # The manifest of something else.
                return None
    return None
