"""spaCy DocBin: one file, spans in `doc.spans["sc"]` as in the training folder.

The exact layer stands beside them. A span that does not fall on token edges is treated as
`--misaligned` says; its own characters, attributes, links and the metadata stand in
`SpanGroup.attrs["row"]`, which the import reads.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from spacy.tokens import DocBin

from exports.core.loss import EVERYTHING
from exports.core.record import Record, Report, as_row
from exports.encoders import Options
from exports.encoders.files import whole_file
from exports.encoders.spacy_documents import KEY, Measured, blank, document

HOLDS = EVERYTHING
ROW = ("meta", "attributes", "spans", "links")


def _fits(value: Any) -> bool:
    """Tell whether a DocBin can hold a value: it packs whole numbers in 64 bits."""
    if isinstance(value, dict):
        return all(_fits(item) for item in value.values())
    if isinstance(value, list | tuple):
        return all(_fits(item) for item in value)
    return not isinstance(value, int) or -(2**63) <= value < 2**64


def write(records: Iterable[Record], to: Path, options: Options) -> Report:
    """Write the documents into one file; for many thousands the training folder has shards."""
    nlp = blank(options.language)
    report = Report(files=[str(to)])
    docs = DocBin(attrs=["ORTH", "SPACY"])
    for record in records:
        doc = document(nlp, record, options, report, Measured())
        row = as_row(record)
        group = doc.spans[KEY]
        kept = {key: row[key] for key in ROW if key in row}
        kept["pieces"] = [[s.id_, s.label_, s.start_char, s.end_char] for s in group]
        group.attrs["row"] = kept if _fits(kept) else json.dumps(kept)
        docs.add(doc)
        report.count(record)
    with whole_file(to) as part:
        docs.to_disk(part)
    return report
