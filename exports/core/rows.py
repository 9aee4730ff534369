"""The lossless row of a record, reshaped for formats that lack a thing."""

from __future__ import annotations

from typing import Any

from corpus.importers.rows import PART
from exports.core.record import Record, as_row


def in_parts(record: Record) -> dict[str, Any]:
    """Return the row with each fragment as a span of its own, the further ones linked by `PART` to
    the first.

    The first keeps the id, the further ones are called `ID.2`, `ID.3`; `join_parts` of the
    importers undoes it.
    """
    row = as_row(record)
    spans, links = [], list(row["links"])
    for span in row["spans"]:
        pieces = span.pop("fragments", [[span["start"], span["end"]]])
        for number, (start, end) in enumerate(pieces, start=1):
            name = span["id"] if number == 1 else f"{span['id']}.{number}"
            own = span if number == 1 else {"label": span["label"], "attributes": {}}
            spans.append(
                {**own, "id": name, "start": start, "end": end, "text": record.text[start:end]}
            )
            if number > 1:
                links.append({"kind": PART, "source": name, "target": span["id"]})
    return {**row, "spans": spans, "links": links}
