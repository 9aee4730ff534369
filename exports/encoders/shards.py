"""DocBins in files of a bounded size."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from spacy.tokens import Doc, DocBin

SHARD = 1000


@dataclass(slots=True)
class Shards:
    """DocBins of one part of the split, written out at `SHARD` documents to bound memory."""

    folder: Path
    attributes: list[str] = field(default_factory=lambda: ["ORTH", "SPACY"])
    bin: DocBin = field(init=False)
    written: int = 0

    def __post_init__(self) -> None:
        self.bin = DocBin(attrs=self.attributes)

    def add(self, doc: Doc) -> None:
        """Add a document."""
        self.bin.add(doc)
        if len(self.bin) == SHARD:
            self.flush()

    def flush(self) -> None:
        """Write what is held."""
        if len(self.bin):
            self.folder.mkdir(parents=True, exist_ok=True)
            self.bin.to_disk(self.folder / f"{self.written:04d}.spacy")
            self.written += 1
            self.bin = DocBin(attrs=self.attributes)
