"""Label Studio JSON: suggestions as predictions, reviews and gold as annotations, and a labelling
configuration.

Attributes are answers about a region, links relations. Offsets are code points, as the tool counts
them. A fragment is a region of its own, related to the first by `part_of`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from xml.sax.saxutils import quoteattr

from corpus.core.schema import SchemaView
from corpus.importers.rows import PART
from exports.core.loss import EVERYTHING
from exports.core.record import Record, Report
from exports.core.rows import in_parts
from exports.encoders import Options
from exports.encoders.files import text_file

HOLDS = EVERYTHING


def write(records: Iterable[Record], to: Path, options: Options) -> Report:
    """Write the tasks as one JSON array, and beside it the configuration that a project needs to
    show them.
    """
    config = to.with_name(f"{to.stem}.config.xml")
    report = Report(files=[str(to), str(config)])
    choices = {
        a.name
        for label in options.schema.labels.values()
        for a in label.attributes
        if a.kind == "choice"
    }
    with text_file(to) as out:
        for record in records:
            out.write(",\n" if report.documents else "[\n")
            out.write(json.dumps(_task(record, choices), ensure_ascii=False))
            report.count(record)
        out.write("\n]\n" if report.documents else "[]\n")
    with text_file(config) as out:
        out.write(_config(options.schema))
    return report


def _task(record: Record, choices: set[str]) -> dict[str, Any]:
    row = in_parts(record)
    result = [item for span in row["spans"] for item in _items(span, choices)]
    result += [
        {
            "type": "relation",
            "from_id": x["source"],
            "to_id": x["target"],
            "direction": "right",
            "labels": [x["kind"]],
        }
        for x in row["links"]
    ]
    data = {"text": record.text, "id": record.id, "meta": dict(record.meta)}
    if record.kind == "suggestion":
        return {"data": data, "predictions": [{"model_version": "saidby", "result": result}]}
    return {
        "data": data,
        "annotations": [{"result": result, "ground_truth": record.kind == "gold"}],
    }


def _items(span: dict[str, Any], choices: set[str]) -> Iterable[dict[str, Any]]:
    place = {"start": span["start"], "end": span["end"]}
    common = {"id": span["id"], "to_name": "text"}
    score = {"score": span["score"]} if "score" in span else {}
    value = {**place, "text": span["text"], "labels": [span["label"]]}
    yield {**common, "from_name": "label", "type": "labels", "value": value, **score}
    for name, answer in span["attributes"].items():
        if isinstance(answer, bool):
            said: dict[str, Any] = {"type": "number", "value": {**place, "number": int(answer)}}
        elif name in choices:
            said = {
                "type": "choices",
                "value": {**place, "text": span["text"], "choices": [answer]},
            }
        else:
            said = {"type": "textarea", "value": {**place, "text": [answer]}}
        yield {**common, "from_name": name, **said}


def _config(schema: SchemaView) -> str:
    """Return the labelling configuration of a schema."""
    attributes = {a.name: a for label in schema.labels.values() for a in label.attributes}
    controls = []
    for name, attribute in attributes.items():
        head = f'name={quoteattr(name)} toName="text" perRegion="true"'
        if attribute.kind == "choice":
            choices = "".join(
                f"<Choice value={quoteattr(choice)}/>" for choice in attribute.choices
            )
            controls.append(f"<Choices {head}>{choices}</Choices>")
        else:
            controls.append(
                f"<Number {head}/>" if attribute.kind == "flag" else f"<TextArea {head}/>"
            )
    labels = "".join(f"<Label value={quoteattr(name)}/>" for name in schema.labels)
    lines = "".join(control + "\n" for control in controls)
    relations = "".join(f"<Relation value={quoteattr(name)}/>" for name in [*schema.links, PART])
    return (
        f'<View>\n<Relations>{relations}</Relations>\n<Labels name="label" toName="text">{labels}</Labels>\n'
        f'<Text name="text" value="$text"/>\n{lines}</View>\n'
    )
