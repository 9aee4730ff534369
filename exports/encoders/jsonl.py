"""JSONL, lossless: what `import_documents` and `import_layer` read back.

Suggestions keep their evidence; people's layers have none of their own.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from exports.core.loss import EVERYTHING
from exports.core.record import Record, Report, as_row
from exports.encoders import Options
from exports.encoders.files import text_file

HOLDS = EVERYTHING


def write(records: Iterable[Record], to: Path, options: Options) -> Report:
    """Write one document a line; the file appears under its name only when it is whole."""
    report = Report(files=[str(to)])
    with text_file(to) as out:
        for record in records:
            row = as_row(record, evidence=record.kind == "suggestion")
            out.write(json.dumps(row, ensure_ascii=False) + "\n")
            report.count(record)
    return report
