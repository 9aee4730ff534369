"""CoNLL columns in IOB2, one column of tags for each label of the schema.

Of spans with one label that overlap the longest stays (then the first); fragments become spans of
their own; attributes, links and scores are left out. A span off token edges is treated as
`--misaligned` says.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path

from corpus.core.problems import Problem
from corpus.core.span import Range, Span, size
from exports.core.loss import count_lost
from exports.core.record import Record, Report, span_id
from exports.core.tokens import covering, tokens
from exports.encoders import Options
from exports.encoders.files import text_file

HOLDS = frozenset({"metadata"})


def write(records: Iterable[Record], to: Path, options: Options) -> Report:
    """Write the documents one after the other.

    Id, text and metadata stand in a comment before the tokens.
    """
    report = Report(files=[str(to)])
    labels = list(options.schema.labels)
    with text_file(to) as out:
        out.write(f"# global.columns = FORM {' '.join(labels)}\n")
        for record in records:
            head = {"id": record.id, "text": record.text, "meta": dict(record.meta)}
            out.write(f"# newdoc\n# document = {json.dumps(head, ensure_ascii=False)}\n")
            out.writelines(_lines(record, labels, options.misaligned, report))
            out.write("\n")
            report.count(record)
            count_lost(record, report, HOLDS)
    return report


def _lines(record: Record, labels: list[str], misaligned: str, report: Report) -> Iterator[str]:
    """Yield a line for each token with its tags, and a blank one between sentences."""
    places = tokens(record.text)
    columns = [_tags(record, label, places, misaligned, report) for label in labels]
    at = 0
    for (start, end), *tags in zip(places, *columns, strict=True):
        # A line end parts sentences where no span goes on.
        goes_on = any(tag.startswith("I") for tag in tags)
        if at and "\n" in record.text[at:start] and not goes_on:
            yield "\n"
        at = end
        yield "\t".join([record.text[start:end], *tags]) + "\n"


def _tags(
    record: Record, label: str, places: list[Range], misaligned: str, report: Report
) -> list[str]:
    """Return the tags of one label, a tag for each token; the longest spans come first."""
    tags = ["O"] * len(places)
    spans = [span for span in record.layer.in_order() if span.label == label]
    for span in sorted(spans, key=lambda span: -size(span.ranges)):
        pieces = list(_on_tokens(record, span, places, misaligned, report))
        if any(set(tags[first : last + 1]) != {"O"} for first, last in pieces):
            report.dropped["overlap"] += 1
            continue
        for first, last in pieces:
            tags[first : last + 1] = [f"B-{label}", *([f"I-{label}"] * (last - first))]
    return tags


def _on_tokens(
    record: Record, span: Span, places: list[Range], misaligned: str, report: Report
) -> Iterator[tuple[int, int]]:
    """Yield first and last token of each fragment that may stay, counting those off token edges."""
    for start, end in span.ranges:
        first, last = covering(places, start, end)
        if (places[first][0], places[last][1]) == (start, end):
            yield first, last
        elif misaligned == "refuse":
            raise Problem("misaligned", count=1).at(f"{record.id} {span_id(span)}")
        elif misaligned == "drop":
            report.dropped["off-token-edges"] += 1
        else:
            report.dropped["edges-widened"] += 1
            yield first, last
