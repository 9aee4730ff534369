"""JSONL, lossless: what `import_documents` and `import_layer` read back."""

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
            out.write(json.dumps(as_row(record), ensure_ascii=False) + "\n")
            report.count(record)
    return report
