"""Label Studio JSON: suggestions as predictions, reviews and gold as annotations.

A labelling configuration comes with it. Attributes are answers about a region or the whole text,
links relations; what is said of a link stands in its relation.
Offsets are code points, as the tool counts them. A fragment is a region of its own, related to the
first by `part_of`. Tasks and annotations are numbered through the file, as its converter wants it.
An attribute whose name is taken, or that no control can have, is escaped.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.sax.saxutils import quoteattr

from corpus.core.escapes import escaped
from corpus.core.schema import Attribute, SchemaView
from corpus.importers.labelstudio import DOCUMENT, FLAG, NUMBER, SEVERAL
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

# What the name of a control ends in, by the kind of its attribute.
ENDINGS = {"flag": FLAG, "choices": SEVERAL, "number": NUMBER}
FLAGS = ("true", "false")


@dataclass(frozen=True, slots=True)
class Control:
    """A control of the configuration: its kind, and choices if any other answer is none."""

    kind: str
    choices: tuple[str, ...] = ()


# The controls of the spans and of the document by their names, which are all different.
Controls = dict[str, Control]


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
        relation = {
            "type": "relation",
            "from_id": link["source"],
            "to_id": link["target"],
            "direction": "right",
            "labels": [link["kind"]],
        }
        if link.get("attributes"):
            relation["attributes"] = link["attributes"]
        result.append(relation)
    for name, answer in row.get("attributes", {}).items():
        control = _control(name, answer) + DOCUMENT
        said = _answer(answer, controls[control], {})
        result.append({"id": f"document-{len(result)}", "to_name": "text"} | said)
        result[-1]["from_name"] = control
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
        control = _control(name, answer)
        said = _answer(answer, controls[control], {**place, "text": span["text"]})
        yield {**common, "from_name": control, **said}


def _answer(answer: Any, control: Control, place: dict[str, Any]) -> dict[str, Any]:
    """Return what is answered at a control, about a region at a place, or about the whole text."""
    if control.kind == "number":
        where = {key: value for key, value in place.items() if key != "text"}
        return {"type": "number", "value": {**where, "number": answer}}
    if control.choices:
        chosen = answer if isinstance(answer, list) else [_said(answer)]
        return {"type": "choices", "value": {**place, "choices": chosen}}
    return {"type": "textarea", "value": {**place, "text": [answer]}}


def _said(answer: Any) -> Any:
    if isinstance(answer, bool):
        return "true" if answer else "false"
    return answer


def _config(schema: SchemaView) -> str:
    """Return the labelling configuration of a schema."""
    kinds = [*map(foreign_kind, schema.links), PART]
    lines = [f"<Relations>{_values('Relation', kinds)}</Relations>"]
    lines.append(f'<Labels name="label" toName="text">{_values("Label", schema.labels)}</Labels>')
    lines.append('<Text name="text" value="$text"/>')
    for name, control in _controls(schema).items():
        about = "" if name.endswith(DOCUMENT) else ' perRegion="true"'
        head = f'name={quoteattr(name)} toName="text"{about}'
        if control.kind == "number":
            lines.append(f"<Number {head}/>")
        elif control.choices:
            several = ' choice="multiple"' if control.kind == "choices" else ""
            lines.append(f"<Choices {head}{several}>{_values('Choice', control.choices)}</Choices>")
        else:
            lines.append(f"<TextArea {head}/>")
    return "\n".join(["<View>", *lines, "</View>"]) + "\n"


def _control(attribute: str, answer: Any) -> str:
    """Return the name of the control of an attribute with an answer like this."""
    kind = ""
    if isinstance(answer, bool):
        kind = "flag"
    elif isinstance(answer, list):
        kind = "choices"
    elif isinstance(answer, int | float):
        kind = "number"
    return _control_name(attribute, kind)


def _control_name(attribute: str, kind: str) -> str:
    name = escaped(attribute, lambda char: char.isalnum() or char in "_-. ", RESERVED)
    return name + ENDINGS.get(kind, "")


def _controls(schema: SchemaView) -> Controls:
    """Return the controls of spans, then those of the document."""
    of_spans = [own for label in schema.labels.values() for own in label.attributes]
    controls = _controls_of(of_spans, "")
    return {**controls, **_controls_of(schema.attributes, DOCUMENT)}


def _controls_of(attributes: Iterable[Attribute], ending: str) -> Controls:
    """Return controls by name; attributes of one name share one, with the choices of them all."""
    controls: Controls = {}
    for attribute in attributes:
        kind = "text" if attribute.kind == "choice" else attribute.kind
        choices = FLAGS if kind == "flag" else attribute.choices
        name = _control_name(attribute.name, kind) + ending
        before = controls.get(name, Control(kind, choices))
        # Beside a text of the same name any value may come.
        both = before.choices and choices
        joined = tuple(dict.fromkeys([*before.choices, *choices])) if both else ()
        controls[name] = Control(kind, joined)
    return controls


def _values(tag: str, names: Iterable[str]) -> str:
    return "".join(f"<{tag} value={quoteattr(name)}/>" for name in names)
