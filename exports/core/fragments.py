"""The lossless row of a record, reshaped for formats that lack a thing."""

from __future__ import annotations

from typing import Any

from corpus.importers.rows import PART, foreign_kind
from exports.core.record import Record, as_row


def in_parts(record: Record) -> dict[str, Any]:
    """Return the row with each fragment as a span of its own.

    The first keeps the id and what is known of the span; the further ones are called `ID.2`, `ID.3`
    and linked by `PART` to the first. A link kind of that name is written as `foreign_kind` says.
    `join_parts` of the importers undoes it.
    """
    row = as_row(record)
    for link in row["links"]:
        link["kind"] = foreign_kind(link["kind"])
    spans = []
    for span in row["spans"]:
        fragments = span.pop("fragments", [[span["start"], span["end"]]])
        for number, (start, end) in enumerate(fragments, start=1):
            piece = {**span}
            if number > 1:
                piece = {"label": span["label"], "attributes": {}}
                piece["id"] = f"{span['id']}.{number}"
                row["links"].append({"kind": PART, "source": piece["id"], "target": span["id"]})
            piece |= {"start": start, "end": end, "text": record.text[start:end]}
            spans.append(piece)
    return {**row, "spans": spans}
