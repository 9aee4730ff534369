"""Seam: what writes layers into files.

An encoder is a function `write(records, to, options)` that streams records into a file or folder, writes the same
bytes for the same records, and reports what its format cannot hold.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from corpus.core.plugins import Plugins
from corpus.core.problems import Problem
from corpus.core.schema import SchemaView
from exports.core.record import Record, Report

MISALIGNED = ("expand", "drop", "refuse")


@dataclass(frozen=True, slots=True)
class Options:
    """What a user may choose: shares of the split in percent, and what becomes of spans off token edges."""

    schema: SchemaView
    name: str = ""
    split: tuple[int, int, int] = (80, 10, 10)
    misaligned: str = "expand"


class Encoder(Protocol):
    """The contract of an encoder."""

    def __call__(self, records: Iterable[Record], to: Path, options: Options) -> Report:
        """Write the records and report."""


ENCODERS = Plugins(
    "format",
    {
        "jsonl": "exports.encoders.jsonl:write",
        "spacy": "exports.encoders.spacy_project:write",
    },
)
LATER = (
    "docbin", "prodigy", "doccano", "labelstudio", "brat", "cas", "conll", "webannotation", "parquet", "html",
)  # fmt: skip
FORMATS = (*ENCODERS.names(), *LATER)


def encoder(name: str) -> Encoder:
    """Return the encoder of a format; one that is not there yet says so."""
    if name in LATER:
        raise Problem("format-later", name=name, act="exported", known=", ".join(ENCODERS.names()))
    found: Encoder = ENCODERS.get(name)
    return found
