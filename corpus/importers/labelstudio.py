"""Label Studio JSON: tasks with annotations and predictions, one article for each of these.

https://labelstud.io/guide/task_format: regions of text have character offsets, answers about a
region share its id, those about the whole text are attributes of the document, relations run
between region ids. Text and metadata stand in `data`. JSON-MIN has a column for each control.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

from corpus.core.escapes import unescaped
from corpus.core.problems import Problem
from corpus.importers import Article, fields
from corpus.importers import labelstudio_text as texts
from corpus.importers.labelstudio_text import Shown
from corpus.importers.notes import Notes
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
    "taxonomy": "taxonomy",
    "pairwise": "selected",
}
REGIONS = ("labels", "hypertextlabels", "paragraphlabels")
# Fields of JSON-MIN that are neither data nor answers.
ABOUT_WORK = (
    *("id", "annotation_id", "annotator", "created_at", "updated_at", "lead_time", "sentiment_id"),
    *("annotation_history", "prediction_id"),
)
MARKUP = re.compile(
    r"<(html|body|p|div|span|br|b|i|h[1-6]|table|ul|ol|li|a|strong|em)\b[^>]*>", re.I
)
# Where a text, a picture or a sound lies, in place of it.
ADDRESS = re.compile(
    r"(https?|s3|gs|azure-blob)://\S+|/data/\S+|"
    r"\S+\.(png|jpe?g|gif|webp|wav|mp3|mp4|txt|html?|pdf)",
    re.I,
)
RESULT = "results with their id, type and value"


def read(path: Path, reading: Reading) -> Iterator[Article | Problem]:
    """Yield an article for each annotation and prediction of each task.

    A task that has none gives one without spans.
    """
    said = reading.fields.get("text", "")
    convert = partial(task_rows, said=said, spans=reading.spans)
    yield from articles(path, "Label Studio", values(path), convert, spans=reading.spans)


def task_rows(task: Any, *, said: str = "", spans: bool = True) -> Iterator[RowWithNotes]:
    """Yield a row for each annotation and prediction of a task; `said` names the text's field.

    Without `spans` the text alone, as it was shown to those who answered.
    """
    if isinstance(task, dict) and "data" not in task and "annotation_id" in task:
        task = _whole_task(task)
    notes = Notes()
    data = get(task, "data", dict)
    answers = _answers(task, notes)
    name = _dialogue_field(data) or _text_field(data, said)
    if isinstance(data[name], str) and ADDRESS.fullmatch(data[name].strip()):
        reason = f"{name} says where the text lies, and does not hold it; import the text itself"
        raise Problem("row-field", field="data", reason=reason)
    shown = _shown(data[name], answers)
    ident = data["id"] if isinstance(data.get("id"), str | int) else task.get("id")
    meta = {key: value for key, value in data.items() if key not in (name, "id", "meta")}
    row = {"id": ident, "text": shown.text, "meta": meta | get(data, "meta", dict, {})}
    if not spans:
        yield row, Counter()
        return
    for author, made in answers:
        layer = _result(get(made, "result", list), shown, notes)
        yield {**row, **layer, "layer": {"author": author}, **notes.row()}, notes.counts
        notes = Notes()
    if not answers:
        yield {**row, **notes.row()}, notes.counts


def _answers(task: Row, notes: Notes) -> list[tuple[str, Row]]:
    """Return the annotations and predictions of a task with their authors."""
    answers: list[tuple[str, Row]] = []
    for made in get(task, "annotations", list, get(task, "completions", list, [])):
        if not isinstance(made, dict):
            notes.add("Label Studio annotations that the file only names", made)
        elif made.get("was_cancelled"):
            notes.add("Label Studio annotations that were cancelled", made.get("id"))
        else:
            answers.append((_person(made.get("completed_by")), made))
    for made in get(task, "predictions", list, []):
        # A plain export names predictions by number alone; a snapshot holds them whole.
        if isinstance(made, dict):
            answers.append((f"model:{made.get('model_version') or 'unnamed'}", made))
        else:
            notes.add("Label Studio predictions that the file only names", made)
    drafts = task.get("drafts")
    for draft in drafts if isinstance(drafts, list) else []:
        whose = draft.get("user") if isinstance(draft, dict) else draft
        notes.add("Label Studio drafts, which are unfinished", f"of {whose}")
    return answers


def _person(completed_by: Any) -> str:
    """Return who made an annotation: a number, or an object in newer exports."""
    if isinstance(completed_by, dict):
        completed_by = completed_by.get("email", completed_by.get("id"))
    return str(completed_by or "")


def _whole_task(row: Row) -> Row:
    """Return a row of JSON-MIN as a task: its lists of regions, its choices, and its data."""
    result: list[Row] = []
    data: Row = {}
    for name, value in row.items():
        regions = value if isinstance(value, list) and _are_regions(value) else []
        for number, region in enumerate(regions):
            kind = next(kind for kind in REGIONS if kind in region)
            ident = region.get("id") or f"{name}-{number}"
            result.append({"id": ident, "type": kind, "from_name": name, "value": region})
        if isinstance(value, dict) and isinstance(value.get("choices"), list):
            result.append({"type": "choices", "from_name": name, "value": value})
        elif not regions and name not in ABOUT_WORK:
            data[name] = value
    made = {"completed_by": row.get("annotator"), "result": result}
    return {"id": row.get("id"), "data": data, "annotations": [made]}


def _are_regions(values: list[Any]) -> bool:
    return bool(values) and all(
        isinstance(value, dict) and "start" in value and any(kind in value for kind in REGIONS)
        for value in values
    )


def _dialogue_field(data: Row) -> str:
    """Return the field of a task that holds a dialogue, "" when it holds a text."""
    if isinstance(data.get("text"), str):
        return ""
    for name, value in data.items():
        lines = isinstance(value, list) and value and all(isinstance(x, dict) for x in value)
        if lines and all(any(isinstance(x, str) for x in line.values()) for line in value):
            return name
    return ""


def _shown(held: Any, answers: list[tuple[str, Row]]) -> Shown:
    """Return the text of a task as it was shown to those who answered."""
    if isinstance(held, list):
        return texts.dialogue(held)
    results: list[Any] = []
    for _, made in answers:
        results += made["result"] if isinstance(made.get("result"), list) else ()
    is_page = any(isinstance(x, dict) and x.get("type") == "hypertextlabels" for x in results)
    if is_page and MARKUP.search(held):
        return texts.rendered(held) or texts.plain(held)
    return texts.plain(held)


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


def _result(result: list[Any], shown: Shown, notes: Notes) -> Row:
    spans: dict[str, Row] = {}
    answers: list[Row] = []
    links: list[Row] = []
    for item in result:
        with notes.leaving("result", item, RESULT):
            kind = item.get("type")
            value = item.get("value", {})
            if kind == "relation":
                links += _links(item)
            elif kind in REGIONS and value.get(kind):
                spans.update(_regions(item, value, value[kind], shown))
                _note_more(item, notes)
            elif kind in ANSWERS:
                answers.append(item)
            else:
                notes.add(f"Label Studio results of type {kind}", value)
    of_document: Row = {}
    for item in answers:
        with notes.leaving("result", item, RESULT):
            about = spans.get(item.get("id") or "")
            name, value = _named_answer(item)
            if about is None and "start" in item["value"]:
                notes.add("Label Studio answers about regions without a label", {name: value})
            else:
                (of_document if about is None else about["attributes"])[name] = value
    row = join_parts({"spans": list(spans.values()), "links": links})
    return {**row, "attributes": of_document}


def _note_more(item: Row, notes: Notes) -> None:
    """Count what a region has and a span has not."""
    if item.get("parentID"):
        notes.add("Label Studio regions within a group", item["parentID"])
    remark = item.get("meta")
    if isinstance(remark, dict) and remark.get("text"):
        notes.add("Label Studio notes about regions", remark["text"])


def _regions(item: Row, value: Row, labels: list[str], shown: Shown) -> Iterator[tuple[str, Row]]:
    """Yield a span for each label of a region; the first has the region's id."""
    pieces = shown.pieces(value)
    for number, label in enumerate(labels):
        name = item["id"] if number == 0 else f"{item['id']}+{number}"
        span: Row = {
            "id": name,
            "label": label,
            "start": pieces[0][0],
            "end": pieces[-1][1],
            "attributes": {},
        }
        if len(pieces) > 1:
            span["fragments"] = [list(piece) for piece in pieces]
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
    if item["type"] == "taxonomy":
        return plain, [" / ".join(map(str, path)) for path in chosen]
    if item["type"] != "choices":
        return plain, chosen
    if name.endswith(FLAG) and chosen in (["true"], ["false"]):
        return plain, chosen == ["true"]
    return plain, chosen[0] if len(chosen) == 1 and not name.endswith(SEVERAL) else chosen
