"""Further data sets of an exported folder: stances, and spans that overlap."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from spacy.language import Language
from spacy.tokens import Doc
from spacy.tokens import Span as Phrase

from annotator.core.claim_text import claim_text
from corpus.core.schema import SchemaView
from corpus.core.span import Span
from exports.core.record import Record
from exports.encoders.shards import Shards
from exports.encoders.spacy_config import LONGEST_PROPOSED, category_config, nested_config
from exports.encoders.spacy_documents import KEY, Tokens, pieces

STANCE = "stance"
TARGET = "target"
# Tokens of the longest passage of paragraphs. Each costs some milliseconds to write, however short
# it is, and memory to train, the more the longer it is.
LONGEST_PASSAGE = 1000


class Stances:
    """One example for each claim with a stance, with the stance as its category.

    Its text has three lines: the target, the claim, and the sentence around it.
    """

    def __init__(self, folder: Path, schema: SchemaView, language: str) -> None:
        self._folder = folder
        self._language = language
        self._shards: dict[str, Shards] = {}
        self._choices = _stances(schema)

    def add(self, part: str, nlp: Language, record: Record, *, masked: bool) -> None:
        """Add the claims of a document; `masked` leaves out those that a dispute touches."""
        for span in record.layer.in_order():
            stance = span.attributes.get(STANCE)
            if stance not in self._choices or (masked and _in_dispute(span, record)):
                continue
            doc = nlp.make_doc(stance_text(record, span))
            doc.cats = {choice: float(choice == stance) for choice in self._choices}
            if part not in self._shards:
                self._shards[part] = Shards(self._folder / part, ["ORTH", "SPACY"])
            self._shards[part].add(doc)

    def finish(self) -> None:
        """Write what is held, and the configuration."""
        if not self._shards:
            return
        for shard in self._shards.values():
            shard.flush()
        config = category_config(self._language, "labels.json", _scored_on(self._shards))
        config.to_disk(self._folder / "config.cfg")
        labels = json.dumps(list(self._choices))
        (self._folder / "labels.json").write_text(labels + "\n", encoding="utf-8")


def _scored_on(shards: dict[str, Shards]) -> str:
    return "dev" if "dev" in shards else "train"


def _stances(schema: SchemaView) -> tuple[str, ...]:
    """Return the stances that a schema has."""
    for label in schema.labels.values():
        for attribute in label.attributes:
            if attribute.name == STANCE:
                return attribute.choices
    return ()


def _in_dispute(span: Span, record: Record) -> bool:
    return any(start < span.end and span.start < end for start, end in record.disputed)


def stance_text(record: Record, span: Span) -> str:
    """Return what a classifier reads of a claim.

    A claim that names no target has the first of its document's.
    """
    targets: Sequence[str] = record.meta.get("targets") or ()
    target = str(span.attributes.get(TARGET) or next(iter(targets), ""))
    return claim_text(record.text, span, target)


class Nested:
    """Passages with spans that may overlap, for `spancat`: paragraphs, joined to some length.

    A span that runs over several passages is in none of them (`parted`); `too_long` counts those
    that are never proposed. A paragraph with missing values is left out.
    """

    def __init__(self, folder: Path) -> None:
        self.parted = 0
        self.too_long = 0
        self.left_out = 0
        self.spans = 0
        self._folder = folder
        self._lengths: list[int] = []
        self._labels: set[str] = set()
        self._shards: dict[str, Shards] = {}

    def add(self, part: str, doc: Doc, tokens: Tokens) -> None:
        """Add the passages of a document."""
        spans = list(doc.spans[KEY])
        known = tokens.known
        kept = 0
        for start, end in _joined(doc, known):
            inside = [span for span in spans if start <= span.start and span.end <= end]
            words, spaces = tokens.words[start:end], tokens.spaces[start:end]
            example = Doc(doc.vocab, words=words, spaces=spaces)
            example.spans[KEY] = [_moved(example, span, start) for span in inside]
            self._measure(inside)
            kept += len(inside)
            if part not in self._shards:
                self._shards[part] = Shards(self._folder / part, ["ORTH", "SPACY"])
            self._shards[part].add(example)
        certain = [span for span in spans if known[span.start : span.end].all()]
        self.parted += max(0, len(certain) - kept)
        self.left_out += sum(not known[piece.start : piece.end].all() for piece in pieces(doc))

    def _measure(self, spans: list[Phrase]) -> None:
        for span in spans:
            self._lengths.append(len(span))
            self._labels.add(span.label_)
            self.spans += 1
            self.too_long += len(span) > LONGEST_PROPOSED

    def finish(self, language: str) -> bool:
        """Write what is held, and the configuration; tell whether there is anything to train."""
        if "train" not in self._shards or not self._lengths:
            return False
        for shard in self._shards.values():
            shard.flush()
        dev = _scored_on(self._shards)
        shortest, longest = min(self._lengths), max(self._lengths)
        config = nested_config(language, "labels.json", dev, shortest, longest)
        config.to_disk(self._folder / "config.cfg")
        labels = json.dumps(sorted(self._labels))
        (self._folder / "labels.json").write_text(labels + "\n", encoding="utf-8")
        return True


def _joined(doc: Doc, known: Any) -> Iterator[tuple[int, int]]:
    """Yield where neighbouring paragraphs without missing values begin and end."""
    begin = end = 0
    for piece in pieces(doc):
        certain = known[piece.start : piece.end].all()
        if end > begin and (not certain or piece.end - begin > LONGEST_PASSAGE):
            yield begin, end
            begin = end
        if certain:
            end = piece.end
        else:
            begin = end = piece.end
    if end > begin:
        yield begin, end


def _moved(doc: Doc, span: Phrase, by: int) -> Phrase:
    return Phrase(doc, span.start - by, span.end - by, label=span.label_, span_id=span.id_)
