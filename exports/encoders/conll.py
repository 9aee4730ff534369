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
    """Write the documents one after the other, id, text and metadata in a comment before the
    tokens.
    """
    report = Report(files=[str(to)])
    labels = list(options.schema.labels)
    with text_file(to) as out:
        out.write(f"# global.columns = FORM {' '.join(labels)}\n")
        for record in records:
            found = tokens(record.text)
            columns = [_tags(record, label, found, options.misaligned, report) for label in labels]
            head = {"id": record.id, "text": record.text, "meta": dict(record.meta)}
            out.write(f"# newdoc\n# document = {json.dumps(head, ensure_ascii=False)}\n")
            at = 0
            for (start, end), *tags in zip(found, *columns, strict=True):
                # A line end parts sentences where no span goes on.
                if (
                    "\n" in record.text[at:start]
                    and at
                    and not any(tag.startswith("I") for tag in tags)
                ):
                    out.write("\n")
                at = end
                out.write("\t".join([record.text[start:end], *tags]) + "\n")
            out.write("\n")
            report.count(record)
            count_lost(record, report, HOLDS)
    return report


def _tags(
    record: Record, label: str, found: list[Range], misaligned: str, report: Report
) -> list[str]:
    tags = ["O"] * len(found)
    spans = [span for span in record.layer.in_order() if span.label == label]
    for span in sorted(spans, key=lambda s: -size(s.ranges)):
        pieces = list(_on_tokens(record, span, found, misaligned, report))
        if any(tag != "O" for first, last in pieces for tag in tags[first : last + 1]):
            report.dropped["overlap"] += 1
            continue
        for first, last in pieces:
            tags[first : last + 1] = [f"B-{label}", *([f"I-{label}"] * (last - first))]
    return tags


def _on_tokens(
    record: Record, span: Span, found: list[Range], misaligned: str, report: Report
) -> Iterator[tuple[int, int]]:
    """Yield first and last token of each fragment that may stay, counting those off token edges."""
    for start, end in span.ranges:
        first, last = covering(found, start, end)
        if (found[first][0], found[last][1]) != (start, end):
            if misaligned == "refuse":
                raise Problem("misaligned", count=1).at(f"{record.id} {span_id(span)}")
            report.dropped["off-token-edges" if misaligned == "drop" else "edges-widened"] += 1
            if misaligned == "drop":
                continue
        yield first, last
