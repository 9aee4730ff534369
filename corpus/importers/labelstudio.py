"""Label Studio JSON: tasks with annotations and predictions, one article for each of these.

https://labelstud.io/guide/task_format: regions of text have character offsets, answers about a
region share its id, those about the whole text are attributes of the document, relations run
between region ids. Text and metadata stand in `data`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from corpus.core.escapes import unescaped
from corpus.core.problems import Problem
from corpus.importers import Article, fields
from corpus.importers.reading import Reading
from corpus.importers.rows import Row, RowWithNotes, articles, get, join_parts
from corpus.importers.stream import values

# What the name of a control ends in, in our own configurations, when its attribute is a flag,
# holds several choices or a number, or belongs to the document.
FLAG = " (flag)"
SEVERAL = " (several)"
NUMBER = " (number)"
DOCUMENT = " (document)"
# What people answer beside labels, and where the value stands.
ANSWERS = {
    "choices": "choices",
    "textarea": "text",
    "number": "number",
    "rating": "rating",
    "datetime": "datetime",
}


def read(path: Path, reading: Reading) -> Iterator[Article | Problem]:
    """Yield an article for each annotation and prediction of each task.

    A task that has none gives one without spans.
    """
    said = reading.fields.get("text", "")
    yield from articles(path, "Label Studio", values(path), lambda task: _task(task, said))


def _task(task: Any, said: str) -> Iterator[RowWithNotes]:
    if isinstance(task, dict) and "data" not in task and "annotation_id" in task:
        # It names neither the types of answers nor the regions that they are about.
        reason = "it is JSON-MIN; export it as JSON instead"
        raise Problem("row-shape", format="Label Studio", reason=reason)
    data = get(task, "data", dict)
    name = _text_field(data, said)
    ident = data["id"] if isinstance(data.get("id"), str | int) else task.get("id")
    meta = {key: value for key, value in data.items() if key not in (name, "id", "meta")}
    row = {"id": ident, "text": data[name], "meta": meta | get(data, "meta", dict, {})}
    answers = []
    for made in get(task, "annotations", list, get(task, "completions", list, [])):
        if not made.get("was_cancelled"):
            answers.append((_person(made.get("completed_by")), made))
    left: Counter[str] = Counter()
    for made in get(task, "predictions", list, []):
        # A plain export names predictions by number alone; a snapshot holds them whole.
        if isinstance(made, int):
            left["Label Studio predictions that the file only names"] += 1
        else:
            answers.append((f"model:{made.get('model_version') or 'unnamed'}", made))
    for author, made in answers:
        layer = _result(get(made, "result", list), left)
        yield {**row, **layer, "layer": {"author": author}}, left
        left = Counter()
    if not answers:
        yield row, left


def _person(completed_by: Any) -> str:
    """Return who made an annotation: a number, or an object in newer exports."""
    if isinstance(completed_by, dict):
        completed_by = completed_by.get("email", completed_by.get("id"))
    return str(completed_by or "")


def _text_field(data: Row, said: str) -> str:
    """Return the field of a task that holds the text, as somebody says or else as it looks."""
    said = said.removeprefix("data.")
    if isinstance(data.get(said or "text"), str):
        return said or "text"
    texts = {name: value for name, value in data.items() if isinstance(value, str)}
    try:
        return fields.located([texts], {"text": said} if said else {})["text"]
    except Problem:
        reason = f"must hold the text, in a field called {said or 'text'}"
        raise Problem("row-field", field="data", reason=reason) from None


def _result(result: list[Any], notes: Counter[str]) -> Row:
    spans: dict[str, Row] = {}
    answers: list[Row] = []
    links: list[Row] = []
    for item in result:
        kind = item.get("type")
        value = item.get("value", {})
        if kind == "relation":
            links += _links(item)
        elif kind in ("labels", "hypertextlabels") and value.get(kind):
            spans.update(_regions(item, value, value[kind]))
        elif kind in ANSWERS:
            answers.append(item)
        else:
            notes[f"Label Studio results of type {kind}"] += 1
    of_document: Row = {}
    for item in answers:
        about = spans.get(item.get("id") or "")
        name, value = _named_answer(item)
        (of_document if about is None else about["attributes"])[name] = value
    row = join_parts({"spans": list(spans.values()), "links": links})
    return {**row, "attributes": of_document}


def _regions(item: Row, value: Row, labels: list[str]) -> Iterator[tuple[str, Row]]:
    """Yield a span for each label of a region; the first has the region's id."""
    place = value.get("globalOffsets") or value
    for number, label in enumerate(labels):
        name = item["id"] if number == 0 else f"{item['id']}+{number}"
        span = {
            "id": name,
            "label": label,
            "start": place["start"],
            "end": place["end"],
            "attributes": {},
        }
        if isinstance(value.get("text"), str):
            span["text"] = value["text"]
        if item.get("score") is not None:
            span["score"] = item["score"]
        yield name, span


def _links(item: Row) -> Iterator[Row]:
    """Yield the links of a relation, one for each label and direction."""
    first, second = item["from_id"], item["to_id"]
    ends = [(first, second)]
    if item.get("direction") == "left":
        ends = [(second, first)]
    elif item.get("direction") == "bi":
        ends.append((second, first))
    for kind in item.get("labels") or ["said_by"]:
        for source, target in ends:
            attributes = item.get("attributes")
            yield {"kind": kind, "source": source, "target": target, "attributes": attributes}


def _named_answer(item: Row) -> tuple[str, Any]:
    """Return the attribute that an answer is about, and its value.

    Several choices are a list, one is a text; the name of the control says when our export meant
    otherwise. Flags were numbers once.
    """
    name = item["from_name"].removesuffix(DOCUMENT)
    plain = unescaped(name.removesuffix(FLAG).removesuffix(SEVERAL).removesuffix(NUMBER))
    chosen = item["value"][ANSWERS[item["type"]]]
    if item["type"] == "number":
        return plain, bool(chosen) if name.endswith(FLAG) and chosen in (0, 1) else chosen
    if item["type"] == "textarea":
        return plain, chosen if isinstance(chosen, str) else "; ".join(chosen)
    if item["type"] != "choices":
        return plain, chosen
    if name.endswith(FLAG) and chosen in (["true"], ["false"]):
        return plain, chosen == ["true"]
    return plain, chosen[0] if len(chosen) == 1 and not name.endswith(SEVERAL) else chosen
