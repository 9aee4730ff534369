"""Label Studio JSON: suggestions as predictions, reviews and gold as annotations.

A labelling configuration comes with it. Attributes are answers about a region, links relations.
Offsets are code points, as the tool counts them. A fragment is a region of its own, related to the
first by `part_of`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from xml.sax.saxutils import quoteattr

from corpus.core.schema import SchemaView
from corpus.importers.rows import PART
from exports.core.fragments import in_parts
from exports.core.loss import EVERYTHING
from exports.core.record import Record, Report
from exports.encoders import Options
from exports.encoders.files import text_file

HOLDS = EVERYTHING


def write(records: Iterable[Record], to: Path, options: Options) -> Report:
    """Write the tasks as one JSON array, and beside it the configuration of a project for them."""
    config = to.with_name(f"{to.stem}.config.xml")
    report = Report(files=[str(to), str(config)])
    choices = set()
    for label in options.schema.labels.values():
        for attribute in label.attributes:
            if attribute.kind == "choice":
                choices.add(attribute.name)
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
    result: list[dict[str, Any]] = []
    for span in row["spans"]:
        result.extend(_items(span, choices))
    for link in row["links"]:
        result.append(
            {
                "type": "relation",
                "from_id": link["source"],
                "to_id": link["target"],
                "direction": "right",
                "labels": [link["kind"]],
            }
        )
    data = {"text": record.text, "id": record.id, "meta": dict(record.meta)}
    if record.kind == "suggestion":
        return {"data": data, "predictions": [{"model_version": "saidby", "result": result}]}
    return {
        "data": data,
        "annotations": [{"result": result, "ground_truth": record.kind == "gold"}],
    }


def _items(span: dict[str, Any], choices: set[str]) -> Iterable[dict[str, Any]]:
    """Yield a region of the text, and an answer about it for each attribute."""
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
    attributes = {}
    for label in schema.labels.values():
        for attribute in label.attributes:
            attributes[attribute.name] = attribute
    lines = [f"<Relations>{_values('Relation', [*schema.links, PART])}</Relations>"]
    lines.append(f'<Labels name="label" toName="text">{_values("Label", schema.labels)}</Labels>')
    lines.append('<Text name="text" value="$text"/>')
    for name, attribute in attributes.items():
        head = f'name={quoteattr(name)} toName="text" perRegion="true"'
        if attribute.kind == "choice":
            lines.append(f"<Choices {head}>{_values('Choice', attribute.choices)}</Choices>")
        elif attribute.kind == "flag":
            lines.append(f"<Number {head}/>")
        else:
            lines.append(f"<TextArea {head}/>")
    return "\n".join(["<View>", *lines, "</View>"]) + "\n"


def _values(tag: str, names: Iterable[str]) -> str:
    return "".join(f"<{tag} value={quoteattr(name)}/>" for name in names)
