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
from itertools import pairwise
from pathlib import Path
from typing import Any

from corpus.core.filenames import file_name, ident_of
from corpus.importers.brat import unbroken
from exports.core.loss import count_lost
from exports.core.record import Record, Report, as_row, span_id
from exports.encoders import Options
from exports.encoders.files import whole_folder

HOLDS = frozenset({"overlap", "fragments", "attributes", "links", "scores"})


def write(records: Iterable[Record], to: Path, options: Options) -> Report:
    """Write both files of each document, named after its id."""
    report = Report()
    with whole_folder(to) as folder:
        for record in records:
            name = file_name(record.id)
            for ending, content in ((".txt", record.text), (".ann", "".join(_lines(record)))):
                (folder / (name + ending)).write_text(content, encoding="utf-8", newline="")
                report.files.append(str(to / (name + ending)))
            report.count(record)
            count_lost(record, report, HOLDS)
            report.dropped["ids"] += ident_of(name) != record.id
    report.dropped = +report.dropped
    return report


def _lines(record: Record) -> Iterator[str]:
    row = as_row(record)
    names = {span_id(span): f"T{span.ident}" for span in record.layer.spans.values()}
    values = notes = 0
    for span in row["spans"]:
        name = names[span["id"]]
        ranges = [(a, b) for a, b in span.get("fragments", [[span["start"], span["end"]]])]
        pieces = [piece for start, end in ranges for piece in unbroken(record.text, start, end)]
        places = ";".join(f"{a} {b}" for a, b in pieces)
        yield f"{name}\t{span['label']} {places}\t{' '.join(record.text[a:b] for a, b in pieces)}\n"
        note: dict[str, Any] = {}
        for attribute, value in span["attributes"].items():
            if value is True or (isinstance(value, str) and re.fullmatch(r"\S+", value)):
                values += 1
                yield f"A{values}\t{attribute} {name}{'' if value is True else f' {value}'}\n"
            else:
                note.setdefault("attributes", {})[attribute] = value
        if "score" in span:
            note["score"] = span["score"]
        if any(not record.text[a[1] : b[0]].strip() for a, b in pairwise(ranges)):
            note["fragments"] = [list(piece) for piece in ranges]
        if note:
            notes += 1
            yield f"#{notes}\tAnnotatorNotes {name}\t{json.dumps(note)}\n"
    for number, link in enumerate(row["links"], start=1):
        yield f"R{number}\t{link['kind']} Arg1:{names[link['source']]} Arg2:{names[link['target']]}\n"
