"""CoNLL as taggers read it: a token and its tag in IOB2 a line, a blank line between sentences.

`-DOCSTART- -X- O O` begins a document, as `spacy convert` wants it; there are no comments. Where
spans of different labels overlap, the longest stays, and a file for each label beside it
(`NAME.LABEL.ner`) holds all of that label. Id, text, metadata and attributes of the document stand
in `NAME.documents`, for the way back. Of spans with one label that overlap the longest stays (then
the first); fragments become spans of their own; attributes, links and scores are left out. A span
off token edges is treated as `--misaligned` says.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from corpus.core.escapes import escaped
from corpus.core.filenames import file_name
from corpus.core.problems import Problem
from corpus.core.span import Range, Span, size
from exports.core.loss import count_lost
from exports.core.record import Record, Report, span_id
from exports.core.tokens import covering, sentences, tokens
from exports.encoders import Options
from exports.encoders.files import text_file

HOLDS = frozenset({"metadata", "document-attributes"})
DOCUMENT = "-DOCSTART- -X- O O\n\n"
# A span on tokens: its label, its first token, and the one after its last.
Chunk = tuple[str, int, int]


def write(records: Iterable[Record], to: Path, options: Options) -> Report:
    """Write the documents one after the other, with all labels and with each by itself.

    The files for each label go again when no spans of different labels overlap.
    """
    labels = list(options.schema.labels)
    aside = {label: to.with_name(f"{to.stem}.{file_name(label)}.ner") for label in labels}
    documents = to.with_suffix(".documents")
    report = Report(files=[str(to), str(documents)])
    overlapping = False
    with ExitStack() as files:
        out = files.enter_context(text_file(to))
        rows = files.enter_context(text_file(documents))
        by_label = {label: files.enter_context(text_file(aside[label])) for label in labels}
        names = {label: path.name for label, path in aside.items()}
        rows.write(json.dumps({"labels": names}, ensure_ascii=False) + "\n")
        for record in records:
            head: dict[str, Any] = {"id": record.id, "text": record.text, "meta": dict(record.meta)}
            if record.layer.attributes:
                head["attributes"] = dict(sorted(record.layer.attributes.items()))
            rows.write(json.dumps(head, ensure_ascii=False) + "\n")
            places = tokens(record.text)
            chunks = _chunks(record, places, options.misaligned, report)
            breaks = sentences(record.text, places, [(first, end) for _, first, end in chunks])
            _count_cut(chunks, breaks, report)
            flat = _apart(chunks)
            overlapping = overlapping or len(flat) < len(chunks)
            out.writelines(_lines(record.text, places, breaks, flat))
            for label, file in by_label.items():
                own = [chunk for chunk in chunks if chunk[0] == label]
                file.writelines(_lines(record.text, places, breaks, own))
            report.count(record)
            count_lost(record, report, HOLDS)
    if overlapping:
        report.files += [str(path) for path in aside.values()]
    else:
        for path in aside.values():
            path.unlink()
    report.dropped = +report.dropped
    return report


def _lines(
    text: str, places: list[Range], breaks: list[Range], chunks: list[Chunk]
) -> Iterator[str]:
    """Yield the lines of a document: a token and its tag each, a blank one after a sentence."""
    tags = ["O"] * len(places)
    for label, first, end in chunks:
        name = escaped(label, _is_printed)
        tags[first:end] = [f"B-{name}", *([f"I-{name}"] * (end - first - 1))]
    yield DOCUMENT
    for first, end in breaks:
        for number in range(first, end):
            start, after = places[number]
            tag = tags[number]
            # A span that was cut begins anew.
            tag = f"B{tag[1:]}" if number == first and tag != "O" else tag
            yield f"{text[start:after]} {tag}\n"
        yield "\n"


def _is_printed(char: str) -> bool:
    return char.isprintable() and not char.isspace()


def _chunks(record: Record, places: list[Range], misaligned: str, report: Report) -> list[Chunk]:
    """Return the fragments of the spans on tokens; those of one label do not overlap."""
    chunks: list[Chunk] = []
    taken: dict[str, set[int]] = {}
    spans = sorted(record.layer.in_order(), key=lambda span: -size(span.ranges))
    for span in spans:
        own = taken.setdefault(span.label, set())
        parts = list(_on_tokens(record, span, places, misaligned, report))
        numbers: set[int] = set()
        for first, end in parts:
            numbers.update(range(first, end))
        if own & numbers:
            report.dropped["overlap"] += 1
            continue
        own |= numbers
        # Two fragments of a span may touch one token.
        chunks.extend((span.label, first, end) for first, end in dict.fromkeys(parts))
    return chunks


def _apart(chunks: list[Chunk]) -> list[Chunk]:
    """Return the chunks that one column can hold: those that come first, which are the longest."""
    taken: set[int] = set()
    kept = []
    for chunk in chunks:
        numbers = range(chunk[1], chunk[2])
        if taken.isdisjoint(numbers):
            taken.update(numbers)
            kept.append(chunk)
    return kept


def _count_cut(chunks: list[Chunk], breaks: list[Range], report: Report) -> None:
    """Count the spans in which a sentence had to end because it was too long."""
    ends = [end for _, end in breaks]
    for _, first, end in chunks:
        if any(first < cut < end for cut in ends):
            report.dropped["spans-cut"] += 1


def _on_tokens(
    record: Record, span: Span, places: list[Range], misaligned: str, report: Report
) -> Iterator[tuple[int, int]]:
    """Yield first token and the one after the last of each fragment that may stay.

    Fragments off token edges are counted.
    """
    for start, end in span.ranges:
        first, last = covering(places, start, end)
        if (places[first][0], places[last][1]) == (start, end):
            yield first, last + 1
        elif misaligned == "refuse":
            raise Problem("misaligned", count=1).at(f"{record.id} {span_id(span)}")
        elif misaligned == "drop":
            report.dropped["off-token-edges"] += 1
        else:
            report.dropped["edges-widened"] += 1
            yield first, last + 1
