"""Tell the formats apart that share a file ending, by the names of their fields."""

from __future__ import annotations

import re
from pathlib import Path

HEAD = 1 << 16
SIGNS = (
    ("cas", (rb'"%TYPES"', rb'"%FEATURE_STRUCTURES"')),
    ("webannotation", (rb"www\.w3\.org/ns/anno",)),
    ("labelstudio", (rb'"(annotations|predictions|completions)"\s*:\s*\[', rb'"data"\s*:\s*\{')),
    ("prodigy", (rb'"_(input|task)_hash"\s*:', rb'"token_start"\s*:', rb'"answer"\s*:\s*"')),
    ("doccano", (rb'"start_offset"\s*:', rb'"labels?"\s*:\s*\[', rb'"entities"\s*:\s*\[', rb'"Comments"\s*:\s*\[')),
)


def sniff(path: Path, formats: list[str]) -> str | None:
    """Return the first of `formats` whose fields stand in the head of a file; the lossless form otherwise."""
    with path.open("rb") as file:
        head = file.read(HEAD)
    for name, signs in SIGNS:
        if name in formats and any(re.search(sign, head) for sign in signs):
            return name
    return "jsonl" if "jsonl" in formats else None
