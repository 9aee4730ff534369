"""doccano JSONL of sequence labelling with relations.

It has no attributes and no scores. A fragment is an entity of its own, related to the first by
`part_of`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from exports.core.fragments import in_parts
from exports.core.loss import count_lost
from exports.core.record import Record, Report
from exports.encoders import Options
from exports.encoders.files import text_file

HOLDS = frozenset({"overlap", "fragments", "links", "metadata"})


def write(records: Iterable[Record], to: Path, options: Options) -> Report:
    """Write one document a line; the numbers of entities and relations are unique in the file."""
    report = Report(files=[str(to)])
    number = 0
    with text_file(to) as out:
        for record in records:
            row = in_parts(record)
            numbers = {}
            entities = []
            for span in row["spans"]:
                number += 1
                numbers[span["id"]] = number
                entities.append(
                    {
                        "id": number,
                        "label": span["label"],
                        "start_offset": span["start"],
                        "end_offset": span["end"],
                    }
                )
            relations = []
            for link in row["links"]:
                number += 1
                relations.append(
                    {
                        "id": number,
                        "from_id": numbers[link["source"]],
                        "to_id": numbers[link["target"]],
                        "type": link["kind"],
                    }
                )
            line = {"id": record.id, "text": record.text, "meta": row["meta"], "entities": entities}
            out.write(json.dumps({**line, "relations": relations}, ensure_ascii=False) + "\n")
            report.count(record)
            count_lost(record, report, HOLDS)
    return report
