"""Canonical JSON and checksums."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any


def canonical(data: Any) -> str:
    """Return JSON with sorted keys and no spaces: one value, one text."""
    return json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def digest(text: str) -> str:
    """Return the SHA-256 of a text in UTF-8."""
    return hashlib.sha256(text.encode()).hexdigest()


def file_digest(path: Path) -> str:
    """Return the SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def checksums(folder: Path, *, leave_out: tuple[str, ...] = ("manifest.json",)) -> dict[str, str]:
    """Return the SHA-256 of every file below a folder by its path, in order."""
    files = sorted(p for p in folder.rglob("*") if p.is_file() and p.name not in leave_out)
    return {p.relative_to(folder).as_posix(): file_digest(p) for p in files}
