"""Seam: what writes layers into files.

An encoder is a function `write(records, to, options)` that streams records into a file or folder,
writes the same bytes for the same records, and reports what its format cannot hold.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from corpus.core.callbacks import Progress, unreported
from corpus.core.plugins import Plugins
from corpus.core.schema import SchemaView
from exports.core.record import Record, Report
from exports.core.split import Split

MISALIGNED = ("expand", "drop", "refuse")
DISPUTED = ("mask", "leave-out", "keep")


@dataclass(frozen=True, slots=True)
class Options:
    """What a user may choose, and what is known of the corpus.

    `misaligned` says what becomes of spans off token edges; when it is "" they are widened, and
    training data refuse when they are many. `disputed` says what becomes of tokens in dispute.
    `model` names a spaCy pipeline to start training from, `left_out` what was left out before,
    by reason. `progress` is called with how much is done of the work after the reading of the
    records.
    """

    schema: SchemaView
    name: str = ""
    split: Split = field(default_factory=Split)
    misaligned: str = ""
    disputed: str = "mask"
    language: str = "en"
    model: str = ""
    debug_data: bool = False
    left_out: Mapping[str, int] = field(default_factory=dict)
    progress: Progress = unreported


class Encoder(Protocol):
    """The contract of an encoder. Its module states in `HOLDS` what its format keeps exactly."""

    def __call__(self, records: Iterable[Record], to: Path, options: Options) -> Report:
        """Write the records and report."""


ENCODERS = Plugins(
    "format",
    {
        "jsonl": "exports.encoders.jsonl:write",
        "spacy": "exports.encoders.spacy_project:write",
        "csv": "exports.encoders.table:write",
        "docbin": "exports.encoders.docbin:write",
        "prodigy": "exports.encoders.prodigy:write",
        "doccano": "exports.encoders.doccano:write",
        "labelstudio": "exports.encoders.labelstudio:write",
        "brat": "exports.encoders.brat:write",
        "cas": "exports.encoders.cas:write",
        "conll": "exports.encoders.conll:write",
        "webannotation": "exports.encoders.webannotation:write",
        "parquet": "exports.encoders.parquet:write",
        "html": "exports.encoders.html:write",
    },
)
FORMATS = tuple(ENCODERS.names())
# What a file is called when nobody names it; the formats that are missing here write a folder.
ENDINGS = {
    "jsonl": ".jsonl",
    "csv": ".csv",
    "docbin": ".spacy",
    "prodigy": ".jsonl",
    "doccano": ".jsonl",
    "labelstudio": ".json",
    "conll": ".conll",
    "parquet": ".parquet",
    "html": ".html",
}


def encoder(name: str) -> Encoder:
    """Return the encoder of a format."""
    write: Encoder = ENCODERS.get(name)
    return write
