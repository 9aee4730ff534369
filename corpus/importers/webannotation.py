"""W3C Web Annotation in JSON-LD, and beside it the text that the annotations are about.

https://www.w3.org/TR/annotation-model/: a text position selector counts code points, a text quote
selector says the words; either will do. The text is the file of the same name that ends in .txt;
nothing is fetched from anywhere.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

from corpus.core.filenames import ident_of
from corpus.core.problems import Problem
from corpus.core.text import decode
from corpus.importers import Article
from corpus.importers.notes import STUMBLES
from corpus.importers.plain import MAX_BYTES
from corpus.importers.reading import Reading
from corpus.importers.rows import Row, RowWithNotes, articles, get
from corpus.importers.stream import values

LABELS = ("classifying", "tagging", "identifying", None)


def read(path: Path, reading: Reading) -> Iterator[Article | Problem]:
    """Yield the one article of a text and its annotations."""
    yield from articles(path, "Web Annotation", _page(path), partial(_row, annotated=reading.spans))


def _page(path: Path) -> Iterator[tuple[int, Any]]:
    beside = path.with_suffix(".txt")
    if not beside.is_file():
        yield 0, Problem("file-missing").at(str(beside))
        return
    if beside.stat().st_size > MAX_BYTES:
        yield 0, Problem("file-too-large", size=beside.stat().st_size, limit=f"{MAX_BYTES} bytes")
        return
    items: list[Any] = []
    pages: list[Row] = []
    for line, value in values(path):
        if isinstance(value, Problem):
            yield line, value
            return
        if isinstance(value, dict) and "items" not in value and "first" not in value:
            items.append(value)
        else:
            pages.append(value)
    try:
        yield 0, (path, decode(beside.read_bytes()), pages, items)
    except Problem as problem:
        yield 0, problem


def _row(
    item: tuple[Path, str, list[Row], list[Any]], *, annotated: bool
) -> Iterator[RowWithNotes]:
    path, text, documents, items = item
    notes: Counter[str] = Counter()
    spans: list[Row] = []
    links: list[Row] = []
    pages = [get(page, "first", dict, page) for page in documents]
    for page in pages:
        notes["Web Annotation pages that are elsewhere"] += bool(page.get("next"))
    annotations = list(items) if annotated else []
    for page in pages if annotated else ():
        annotations += get(page, "items", list, [])
    left: list[Problem] = []
    for number, annotation in enumerate(annotations, start=1):
        try:
            if annotation.get("motivation") == "linking":
                links += _link(annotation, notes)
            else:
                spans += _span(annotation, number, text, notes)
        except Problem as problem:
            left.append(problem)
        except (KeyError, *STUMBLES) as error:
            reason = f"annotation {number}: {error}"[:200]
            left.append(Problem("row-shape", format="Web Annotation", reason=reason))
    first = pages[0] if pages else {}
    row = {
        "id": first.get("document") or ident_of(path.stem),
        "text": text,
        "meta": get(first, "meta", dict, {}),
        "attributes": get(first, "attributes", dict, {}) if annotated else {},
    }
    yield {**row, "spans": spans, "links": links, "left": left}, +notes


def _listed(value: Any) -> list[Any]:
    """Return a value of JSON-LD as a list: one value may stand alone, and none be left out."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _bodies(annotation: Row) -> list[Row]:
    """Return the bodies as objects; a plain value is a text."""
    bodies = _listed(annotation.get("body")) + _listed(annotation.get("bodyValue"))
    return [body if isinstance(body, dict) else {"value": body} for body in bodies]


def _span(annotation: Row, number: int, text: str, notes: Counter[str]) -> Iterator[Row]:
    bodies = _bodies(annotation)
    attributes = {body["attribute"]: body["value"] for body in bodies if "attribute" in body}
    label = _label(bodies)
    if label is None:
        notes["Web Annotations without a label"] += 1
        return
    beside = len(bodies) - len(attributes) - 1
    if beside:
        notes["Web Annotation bodies beside the label"] += beside
    places = [_place(target, text) for target in _listed(annotation["target"])]
    places.sort(key=lambda place: (place["start"], place["end"]))
    said = [place["text"] for place in places if "text" in place]
    span = {
        "id": str(annotation.get("id", f"w{number}")),
        "label": label,
        "start": places[0]["start"],
        "end": places[-1]["end"],
        "attributes": attributes,
        "score": annotation.get("score"),
    }
    if len(places) > 1:
        span["fragments"] = [[place["start"], place["end"]] for place in places]
    if len(said) == len(places):
        span["text"] = " ".join(said)
    yield span


def _label(bodies: list[Row]) -> str | None:
    """Return the text of the body that is most likely the label, None when no body is a text."""
    for purpose in LABELS:
        for body in bodies:
            text = body.get("value")
            if "attribute" not in body and isinstance(text, str) and body.get("purpose") == purpose:
                return text
    return None


def _place(target: Any, text: str) -> Row:
    """Return where a target stands: by its position, or by its words when they stand once."""
    place: Row = {}
    quote: Row = {}
    for selector in _listed(get(target, "selector", object)):
        kind = selector.get("type")
        if kind == "TextPositionSelector":
            place |= {"start": get(selector, "start", int), "end": get(selector, "end", int)}
        elif kind == "TextQuoteSelector":
            place["text"] = get(selector, "exact", str)
            quote = selector
    if "start" not in place:
        before = quote.get("prefix", "")
        after = quote.get("suffix", "")
        if "exact" not in quote or text.count(before + quote["exact"] + after) != 1:
            reason = "must hold a position, or words that stand once"
            raise Problem("row-field", field="selector", reason=reason)
        start = text.index(before + quote["exact"] + after) + len(before)
        place |= {"start": start, "end": start + len(quote["exact"])}
    return place


def _link(annotation: Row, notes: Counter[str]) -> Iterator[Row]:
    """Yield the link of an annotation whose target and body are annotations."""
    bodies = _bodies(annotation)
    kinds = [body["value"] for body in bodies if body.get("purpose") in ("classifying", "tagging")]
    ends = []
    for body in bodies:
        if body.get("purpose") in (None, "linking"):
            ends.append(str(body.get("source", body.get("value"))))
    targets = []
    for target in _listed(annotation["target"]):
        if isinstance(target, dict):
            target = target.get("source", target.get("id"))
        targets.append(target)
    if len(ends) != 1 or len(targets) != 1:
        notes["Web Annotation links with several ends"] += 1
        return
    yield {
        "kind": kinds[0] if kinds else "said_by",
        "source": str(targets[0]),
        "target": ends[0],
        "attributes": {body["attribute"]: body["value"] for body in bodies if "attribute" in body},
    }
