"""CSV: one document a row, what is nested as JSON in a cell; `import_documents` reads it back."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from exports.core.loss import EVERYTHING
from exports.core.record import Record, Report, as_row
from exports.encoders import Options
from exports.encoders.files import text_file

HOLDS = EVERYTHING
COLUMNS = ("id", "text", "meta", "attributes", "spans", "links", "layer")
FORMULA = re.compile(r"'*[=+\-@\t\r]")


def write(records: Iterable[Record], to: Path, options: Options) -> Report:
    """Write the rows; a path that ends in .tsv is separated by tabs.

    A cell that a spreadsheet would take for a formula gets an apostrophe before it, which the
    import takes off.
    """
    report = Report(files=[str(to)])
    with text_file(to) as out:
        separator = "\t" if to.suffix.lower() == ".tsv" else ","
        rows = csv.writer(out, delimiter=separator, lineterminator="\n", quoting=csv.QUOTE_ALL)
        rows.writerow(COLUMNS)
        for record in records:
            row = as_row(record)
            rows.writerow([_safe(row.get(column, "")) for column in COLUMNS])
            report.count(record)
    return report


def _safe(value: Any) -> str:
    cell = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return f"'{cell}" if FORMULA.match(cell) else cell
