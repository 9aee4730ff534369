"""Two more data sets for spaCy: entities for `ner`, and stances of claims for `textcat`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from spacy.cli.init_config import init_config
from spacy.tokens import Doc
from spacy.tokens import Span as Phrase
from spacy.util import filter_spans

from corpus.core.schema import SchemaView
from exports.core.record import Record
from exports.encoders.shards import Shards

STANCE = "stance"


class Entities:
    """Entities, which may not overlap: of two spans that do, the longer one stays.

    `left_out` counts the others.
    """

    def __init__(self, folder: Path) -> None:
        self.left_out = 0
        self._folder = folder
        self._shards: dict[str, Shards] = {}
        self._labels: set[str] = set()

    def add(self, part: str, doc: Doc) -> None:
        """Add a document by its span group."""
        spans = [Phrase(doc, span.start, span.end, label=span.label) for span in doc.spans["sc"]]
        kept = filter_spans(spans)
        words = [token.text for token in doc]
        spaces = [bool(token.whitespace_) for token in doc]
        bare = Doc(doc.vocab, words=words, spaces=spaces)
        bare.ents = [Phrase(bare, span.start, span.end, label=span.label) for span in kept]
        self._labels |= {span.label_ for span in kept}
        self.left_out += len(spans) - len(kept)
        if part not in self._shards:
            columns = ["ORTH", "SPACY", "ENT_IOB", "ENT_TYPE"]
            self._shards[part] = Shards(self._folder / part, columns)
        self._shards[part].add(bare)

    def finish(self) -> None:
        """Write what is held, and the configuration."""
        _finish(self._folder, self._shards, "ner", sorted(self._labels))


class Stances:
    """One example for each claim with a stance: its words, and the stance as its category."""

    def __init__(self, folder: Path, schema: SchemaView) -> None:
        self._folder = folder
        self._shards: dict[str, Shards] = {}
        self._choices = _stances(schema)

    def add(self, part: str, nlp: Any, record: Record) -> None:
        """Add the claims of a document."""
        for span in record.layer.in_order():
            stance = span.attributes.get(STANCE)
            if stance not in self._choices:
                continue
            doc = nlp.make_doc(span.covered(record.text))
            doc.cats = {choice: float(choice == stance) for choice in self._choices}
            if part not in self._shards:
                self._shards[part] = Shards(self._folder / part, ["ORTH", "SPACY"])
            self._shards[part].add(doc)

    def finish(self) -> None:
        """Write what is held, and the configuration."""
        _finish(self._folder, self._shards, "textcat", list(self._choices))


def _stances(schema: SchemaView) -> tuple[str, ...]:
    """Return the stances that a schema has."""
    for label in schema.labels.values():
        for attribute in label.attributes:
            if attribute.name == STANCE:
                return attribute.choices
    return ()


def _finish(folder: Path, shards: dict[str, Shards], component: str, labels: list[str]) -> None:
    if not shards:
        return
    for shard in shards.values():
        shard.flush()
    config = init_config(lang="en", pipeline=[component], optimize="efficiency", gpu=False)
    config["paths"]["train"] = "train"
    config["paths"]["dev"] = "dev" if "dev" in shards else "train"
    config.to_disk(folder / "config.cfg")
    (folder / "labels.json").write_text(json.dumps(labels) + "\n", encoding="utf-8")
