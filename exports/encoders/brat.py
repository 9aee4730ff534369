"""brat standoff: a folder with a .txt and an .ann file for each document.

Discontinuous spans, links and attributes are brat's own; an attribute value that is not one word,
and a score, stand in a note on the span. brat cannot span line ends, so spans are split there; a
note tells real fragments apart. brat has no place for metadata. An id that is too long for a file
name is replaced by a digest.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from itertools import count, pairwise
from pathlib import Path
from typing import Any

from corpus.core.filenames import file_name, ident_of
from corpus.core.span import Range
from corpus.importers.brat import unbroken
from exports.core.loss import count_lost
from exports.core.record import Record, Report, as_row, span_id
from exports.encoders import Options
from exports.encoders.files import whole_folder

ONE_WORD = re.compile(r"\S+")
HOLDS = frozenset({"overlap", "fragments", "attributes", "links", "scores"})


def write(records: Iterable[Record], to: Path, options: Options) -> Report:
    """Write both files of each document, named after its id."""
    report = Report()
    with whole_folder(to) as folder:
        for record in records:
            name = file_name(record.id)
            annotations = "".join(_lines(record))
            for ending, content in ((".txt", record.text), (".ann", annotations)):
                (folder / (name + ending)).write_text(content, encoding="utf-8", newline="")
                report.files.append(str(to / (name + ending)))
            report.count(record)
            count_lost(record, report, HOLDS)
            report.dropped["ids"] += ident_of(name) != record.id
    report.dropped = +report.dropped
    return report


def _lines(record: Record) -> Iterator[str]:
    """Yield the lines of an .ann file: each span with its attributes and note, then the links."""
    row = as_row(record)
    names = {span_id(span): f"T{span.ident}" for span in record.layer.spans.values()}
    values = count(1)
    notes = count(1)
    for span in row["spans"]:
        name = names[span["id"]]
        ranges = span.get("fragments", [[span["start"], span["end"]]])
        pieces: list[Range] = []
        for start, end in ranges:
            pieces.extend(unbroken(record.text, start, end))
        places = ";".join(f"{start} {end}" for start, end in pieces)
        words = " ".join(record.text[start:end] for start, end in pieces)
        yield f"{name}\t{span['label']} {places}\t{words}\n"
        noted: dict[str, Any] = {}
        for attribute, value in span["attributes"].items():
            if value is True:
                yield f"A{next(values)}\t{attribute} {name}\n"
            elif isinstance(value, str) and ONE_WORD.fullmatch(value):
                yield f"A{next(values)}\t{attribute} {name} {value}\n"
            else:
                noted[attribute] = value
        note = _note(span, noted, ranges, record.text)
        if note:
            yield f"#{next(notes)}\tAnnotatorNotes {name}\t{json.dumps(note)}\n"
    for number, link in enumerate(row["links"], start=1):
        source, target = names[link["source"]], names[link["target"]]
        yield f"R{number}\t{link['kind']} Arg1:{source} Arg2:{target}\n"


def _note(
    span: dict[str, Any], attributes: dict[str, Any], ranges: list[list[int]], text: str
) -> dict[str, Any]:
    """Return what of a span only a note can hold."""
    note: dict[str, Any] = {}
    if attributes:
        note["attributes"] = attributes
    if "score" in span:
        note["score"] = span["score"]
    # brat's own split at a line end looks the same as such a gap.
    if any(not text[before[1] : after[0]].strip() for before, after in pairwise(ranges)):
        note["fragments"] = ranges
    return note
