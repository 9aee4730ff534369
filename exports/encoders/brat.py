"""brat standoff: a folder with a .txt and an .ann file for each document, and its configuration.

`annotation.conf` has the labels, link kinds and attributes, `visual.conf` their titles and colours.
brat's names are letters, digits, _ and -: any other sign is escaped, and read back.
Discontinuous spans, links and attributes are brat's own; an attribute value that is not one word,
a score, and the attributes of a link, stand in a note. brat cannot span line ends, so spans are
split there; a note tells real fragments apart. brat has no place for attributes of the document
and for metadata. An id that is too long for a file name is replaced by a digest.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import count, pairwise
from pathlib import Path
from typing import Any

from corpus.core import colour
from corpus.core.escapes import escaped
from corpus.core.filenames import file_name, ident_of
from corpus.core.schema import Attribute, SchemaView
from corpus.core.span import Range
from corpus.importers.brat import unbroken
from exports.core.loss import EVERYTHING, count_lost
from exports.core.record import Record, Report, as_row, span_id
from exports.encoders import Options
from exports.encoders.files import whole_folder

ONE_WORD = re.compile(r"\S+")
HOLDS = EVERYTHING - {"document-attributes", "metadata"}
# What brat takes for something else in its configuration.
RESERVED = frozenset(
    {"SEPARATOR", "Equiv", "ENTITY-NESTING", "SPAN_DEFAULT", "ARC_DEFAULT", "ATTRIBUTE_DEFAULT"}
)
# Signs that brat's configuration reads, which a title and a value can do without.
READ_BY_BRAT = re.compile(r"[|<>,\s]+")
ANY_TWO = "Arg1:<ENTITY>, Arg2:<ENTITY>, <OVL-TYPE>:<ANY>"


def write(records: Iterable[Record], to: Path, options: Options) -> Report:
    """Write both files of each document, named after its id."""
    report = Report()
    configuration = {
        "annotation.conf": "".join(_annotation_conf(options.schema)),
        "visual.conf": "".join(_visual_conf(options.schema)),
    }
    choices: set[str] = set()
    for attribute in _by_name(options.schema).values():
        choices.update(filter(None, attribute.choices))
    with whole_folder(to) as folder:
        for name, content in configuration.items():
            (folder / name).write_text(content, encoding="utf-8", newline="")
            report.files.append(str(to / name))
        for record in records:
            name = file_name(record.id)
            annotations = "".join(_lines(record, choices))
            for ending, content in ((".txt", record.text), (".ann", annotations)):
                (folder / (name + ending)).write_text(content, encoding="utf-8", newline="")
                report.files.append(str(to / (name + ending)))
            report.count(record)
            count_lost(record, report, HOLDS)
            report.dropped["ids"] += ident_of(name) != record.id
    report.dropped = +report.dropped
    return report


def _name(name: str) -> str:
    """Return a label, link kind or attribute as brat may call it."""
    # A line of hyphens alone separates.
    reserved = {name} if not name.strip("-") else RESERVED
    return escaped(name, lambda char: char.isascii() and (char.isalnum() or char in "_-"), reserved)


def _value(value: str) -> str:
    """Return the value of an attribute as one word without signs that brat reads."""
    return escaped(value, lambda char: char not in "|<>," and not char.isspace())


def _by_name(schema: SchemaView) -> dict[str, Attribute]:
    """Return the attributes by name; the choices of those that share one are joined."""
    attributes: dict[str, Attribute] = {}
    for label in schema.labels.values():
        for attribute in label.attributes:
            before = attributes.get(attribute.name, attribute)
            # With a text of that name any value may come.
            both = before.choices and attribute.choices
            choices = tuple(dict.fromkeys([*before.choices, *attribute.choices])) if both else ()
            attributes[attribute.name] = replace(attribute, choices=choices)
    return attributes


def _annotation_conf(schema: SchemaView) -> Iterator[str]:
    """Yield the lines that tell brat what may be annotated."""
    yield "[entities]\n"
    for label in schema.labels:
        yield f"{_name(label)}\n"
    yield "\n[relations]\n"
    for kind in schema.links.values():
        sources, targets = ("|".join(map(_name, ends)) for ends in (kind.sources, kind.targets))
        yield f"{_name(kind.name)}\tArg1:{sources}, Arg2:{targets}\n"
    # Spans may overlap and be nested.
    yield f"<OVERLAP>\t{ANY_TWO}\n"
    yield "\n[events]\n\n[attributes]\n"
    for name, attribute in _by_name(schema).items():
        labels = []
        for owner in schema.labels.values():
            if any(own.name == name for own in owner.attributes):
                labels.append(_name(owner.name))
        values = "|".join(map(_value, attribute.choices))
        more = f", Value:{values}" if values else ""
        yield f"{_name(name)}\tArg:{'|'.join(labels)}{more}\n"


def _visual_conf(schema: SchemaView) -> Iterator[str]:
    """Yield the lines that tell brat what names are shown, and in which colours."""
    titles = {label.name: label.title for label in schema.labels.values()}
    for name in (*schema.links, *_by_name(schema)):
        titles.setdefault(name, name)
    yield "[labels]\n"
    for name, title in titles.items():
        shown = READ_BY_BRAT.sub(" ", title).strip()
        if shown:
            yield f"{_name(name)} | {shown}\n"
    yield "\n[drawing]\n"
    yield "SPAN_DEFAULT\tfgColor:black, bgColor:lightgreen, borderColor:darken\n"
    yield "ARC_DEFAULT\tcolor:black, arrowHead:triangle-5\n"
    yield "ATTRIBUTE_DEFAULT\tglyph:*\n"
    for label in schema.labels.values():
        read = colour.read(label.colour)
        if read is not None:
            day = colour.by_day(read)
            colours = f"fgColor:{day.ink.css}, bgColor:{day.fill.css}, borderColor:{day.ink.css}"
            yield f"{_name(label.name)}\t{colours}\n"


def _lines(record: Record, choices: set[str]) -> Iterator[str]:
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
        yield f"{name}\t{_name(span['label'])} {places}\t{words}\n"
        noted: dict[str, Any] = {}
        for attribute, value in span["attributes"].items():
            if value is True:
                yield f"A{next(values)}\t{_name(attribute)} {name}\n"
            elif isinstance(value, str) and (ONE_WORD.fullmatch(value) or value in choices):
                yield f"A{next(values)}\t{_name(attribute)} {name} {_value(value)}\n"
            else:
                noted[attribute] = value
        span_note = _note(span, noted, ranges, record.text)
        if span_note:
            yield f"#{next(notes)}\tAnnotatorNotes {name}\t{json.dumps(span_note)}\n"
    for number, link in enumerate(row["links"], start=1):
        source, target = names[link["source"]], names[link["target"]]
        yield f"R{number}\t{_name(link['kind'])} Arg1:{source} Arg2:{target}\n"
        if link.get("attributes"):
            note = json.dumps({"attributes": link["attributes"]})
            yield f"#{next(notes)}\tAnnotatorNotes R{number}\t{note}\n"


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
