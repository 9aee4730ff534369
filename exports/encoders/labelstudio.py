"""Label Studio JSON: suggestions as predictions, reviews and gold as annotations.

A labelling configuration comes with it. Attributes are answers about a region, links relations.
Offsets are code points, as the tool counts them. A fragment is a region of its own, related to the
first by `part_of`. Tasks and annotations are numbered through the file, as its converter wants it.
An attribute whose name is taken, or that no control can have, is escaped.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from xml.sax.saxutils import quoteattr

from corpus.core.escapes import escaped
from corpus.core.schema import SchemaView
from corpus.importers.labelstudio import FLAG
from corpus.importers.rows import PART, foreign_kind
from exports.core.fragments import in_parts
from exports.core.loss import EVERYTHING
from exports.core.record import Record, Report
from exports.encoders import Options
from exports.encoders.files import text_file

HOLDS = EVERYTHING
# Names of our other controls, and what the converter writes beside the answers of a task.
RESERVED = frozenset(
    {
        *("label", "text", "id", "meta", "annotator", "annotation_id", "created_at"),
        *("updated_at", "lead_time", "agreement"),
    }
)

# The choices of each control of a text or a choice: none where any text may come.
Controls = dict[str, tuple[str, ...]]


def write(records: Iterable[Record], to: Path, options: Options) -> Report:
    """Write the tasks as one JSON array, and beside it the configuration of a project for them."""
    config = to.with_name(f"{to.stem}.config.xml")
    report = Report(files=[str(to), str(config)])
    controls = _controls(options.schema)
    with text_file(to) as out:
        for record in records:
            out.write(",\n" if report.documents else "[\n")
            out.write(json.dumps(_task(record, report.documents + 1, controls), ensure_ascii=False))
            report.count(record)
        out.write("\n]\n" if report.documents else "[]\n")
    with text_file(config) as out:
        out.write(_config(options.schema))
    return report


def _task(record: Record, number: int, controls: Controls) -> dict[str, Any]:
    row = in_parts(record)
    result: list[dict[str, Any]] = []
    for span in row["spans"]:
        result.extend(_items(span, controls))
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
    task: dict[str, Any] = {"id": number, "data": data, "annotations": [], "predictions": []}
    answer = {"id": number, "result": result}
    if record.kind == "suggestion":
        task["predictions"].append({**answer, "model_version": "saidby"})
    else:
        task["annotations"].append({**answer, "ground_truth": record.kind == "gold"})
    return task


def _items(span: dict[str, Any], controls: Controls) -> Iterable[dict[str, Any]]:
    """Yield a region of the text, and an answer about it for each attribute."""
    place = {"start": span["start"], "end": span["end"]}
    common = {"id": span["id"], "to_name": "text"}
    score = {"score": span["score"]} if "score" in span else {}
    value = {**place, "text": span["text"], "labels": [span["label"]]}
    yield {**common, "from_name": "label", "type": "labels", "value": value, **score}
    for name, answer in span["attributes"].items():
        control = _control(name)
        if isinstance(answer, bool):
            # A text may have the same name.
            control += FLAG if control in controls else ""
            said: dict[str, Any] = {"type": "number", "value": {**place, "number": int(answer)}}
        elif controls.get(control):
            said = {
                "type": "choices",
                "value": {**place, "text": span["text"], "choices": [answer]},
            }
        else:
            said = {"type": "textarea", "value": {**place, "text": [answer]}}
        yield {**common, "from_name": control, **said}


def _config(schema: SchemaView) -> str:
    """Return the labelling configuration of a schema."""
    kinds = [*map(foreign_kind, schema.links), PART]
    lines = [f"<Relations>{_values('Relation', kinds)}</Relations>"]
    lines.append(f'<Labels name="label" toName="text">{_values("Label", schema.labels)}</Labels>')
    lines.append('<Text name="text" value="$text"/>')
    controls = _controls(schema)
    for name, choices in controls.items():
        head = f'name={quoteattr(name)} toName="text" perRegion="true"'
        if choices:
            lines.append(f"<Choices {head}>{_values('Choice', choices)}</Choices>")
        else:
            lines.append(f"<TextArea {head}/>")
    for name in _flags(schema):
        own = _control(name)
        own += FLAG if own in controls else ""
        lines.append(f'<Number name={quoteattr(own)} toName="text" perRegion="true"/>')
    return "\n".join(["<View>", *lines, "</View>"]) + "\n"


def _control(attribute: str) -> str:
    """Return the name of the control of an attribute."""
    return escaped(attribute, lambda char: char.isalnum() or char in "_-. ", RESERVED)


def _controls(schema: SchemaView) -> Controls:
    """Return the controls of texts and choices by name, with the choices, if these are all."""
    controls: Controls = {}
    for label in schema.labels.values():
        for attribute in label.attributes:
            if attribute.kind != "flag":
                name = _control(attribute.name)
                before = controls.get(name, attribute.choices)
                both = before and attribute.choices
                joined = tuple(dict.fromkeys([*before, *attribute.choices]))
                controls[name] = joined if both else ()
    return controls


def _flags(schema: SchemaView) -> list[str]:
    """Return the names of the attributes that are flags."""
    names: dict[str, None] = {}
    for label in schema.labels.values():
        for attribute in label.attributes:
            if attribute.kind == "flag":
                names[attribute.name] = None
    return list(names)


def _values(tag: str, names: Iterable[str]) -> str:
    return "".join(f"<{tag} value={quoteattr(name)}/>" for name in names)
