"""JSONL, lossless: what `import_documents` and `import_layer` read back."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from pathlib import Path

from exports.core.record import Record, Report, as_row
from exports.encoders import Options


def write(records: Iterable[Record], to: Path, options: Options) -> Report:
    """Write one document a line; the file appears under its name only when it is whole."""
    report = Report(files=[str(to)])
    to.parent.mkdir(parents=True, exist_ok=True)
    part = to.with_name(to.name + ".part")
    with part.open("w", encoding="utf-8", newline="\n") as out:
        for record in records:
            out.write(json.dumps(as_row(record), ensure_ascii=False) + "\n")
            report.count(record)
    os.replace(part, to)
    return report
