"""DocBins in files of a bounded size."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from struct import Struct
from typing import Any

import numpy as np
from spacy.attrs import ENT_TYPE, SPACY
from spacy.tokens import Doc, DocBin
from srsly.msgpack import Packer

from corpus.core.problems import Problem

SHARD = 1000
# How spaCy packs a span: its id, knowledge base id and label, its tokens and its characters.
SPAN = Struct(">QQQllll")


@dataclass(slots=True)
class Shards:
    """DocBins of one part of the split, written out at `SHARD` documents to bound memory.

    Each file is read back, and must hold what was added.
    """

    folder: Path
    attributes: list[str] = field(default_factory=lambda: ["ORTH", "SPACY"])
    bin: DocBin = field(init=False)
    written: int = 0
    known: set[int] = field(default_factory=set)
    packer: Any = field(init=False)

    def __post_init__(self) -> None:
        self.bin = DocBin(attrs=self.attributes)
        self.packer = Packer(use_bin_type=True)

    def add(self, doc: Doc) -> None:
        """Add a document.

        `DocBin.add` looks nine strings of every token up, of which we keep two; that takes longer
        than to find the tokens.
        """
        attributes: Any = self.bin.attrs
        tokens = doc.to_array(attributes).reshape((len(doc), len(attributes)))
        # `attrs[0]` of a DocBin is always ORTH.
        held = {*tokens[:, 0].tolist()}
        if ENT_TYPE in attributes:
            held.update(tokens[:, attributes.index(ENT_TYPE)].tolist())
        packed = self._packed(doc, held)
        strings = doc.vocab.strings
        self.bin.strings.update(strings[number] for number in held - self.known)
        self.known |= held
        self.bin.tokens.append(tokens)
        self.bin.spaces.append(doc.to_array(SPACY).astype(bool).reshape((len(doc), 1)))
        self.bin.flags.append({"has_unknown_spaces": doc.has_unknown_spaces})
        self.bin.cats.append(doc.cats)
        self.bin.span_groups.append(packed)
        if len(self.bin) == SHARD:
            self.flush()

    def flush(self) -> None:
        """Write what is held."""
        if len(self.bin):
            self.folder.mkdir(parents=True, exist_ok=True)
            path = self.folder / f"{self.written:04d}.spacy"
            self.bin.to_disk(path)
            _compare(DocBin().from_disk(path), self.bin, path)
            self.written += 1
            self.bin = DocBin(attrs=self.attributes)
            self.known = set()

    def _packed(self, doc: Doc, held: set[int]) -> bytes:
        """Return the span groups of a document as `doc.spans.to_bytes` does; add their strings.

        That looks through all installed packages for plug-ins, at every call.
        """
        if not doc.spans:
            packed: bytes = self.packer.pack([])
            return packed
        groups: dict[bytes, list[str]] = {}
        for name, group in doc.spans.items():
            spans = []
            for span in group:
                strings = (span.id, span.kb_id, span.label)
                held.update(strings)
                place = (span.start, span.end, span.start_char, span.end_char)
                spans.append(SPAN.pack(*strings, *place))
            row = {"name": group.name, "attrs": group.attrs, "spans": spans}
            groups.setdefault(self.packer.pack(row), []).append(name)
        packed = self.packer.pack(groups)
        return packed


def _compare(written: DocBin, held: DocBin, path: Path) -> None:
    """Raise `Problem` unless a file holds what was added."""
    same = (
        written.attrs == held.attrs
        and written.strings == held.strings
        and written.cats == held.cats
        and written.span_groups == held.span_groups
        and _equal(written.tokens, held.tokens)
        and _equal(written.spaces, held.spaces)
    )
    if not same:
        raise Problem("export-differs", id=f"{path.parent.name}/{path.name}")


def _equal(ones: list[np.ndarray], others: list[np.ndarray]) -> bool:
    """Tell whether two lists of arrays are equal, array by array."""
    if len(ones) != len(others):
        return False
    return all(np.array_equal(one, other) for one, other in zip(ones, others, strict=True))
