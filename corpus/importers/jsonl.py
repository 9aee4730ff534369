"""JSONL: one article a line, lossless, with or without spans and links. The export writes the same form."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from corpus.core.problems import Problem
from corpus.core.span import LayerView, Link, Span
from corpus.core.text import MAX_CHARACTERS, freeze
from corpus.importers import Article
from corpus.importers.plain import title

MAX_LINE = 16 * MAX_CHARACTERS


def read(path: Path) -> Iterator[Article | Problem]:
    """Yield an article or a problem for each line that is not blank."""
    with path.open("rb") as lines:
        for number in range(1, 2**62):
            raw = lines.readline(MAX_LINE)
            if not raw:
                return
            if len(raw) == MAX_LINE and not raw.endswith(b"\n"):
                yield Problem("file-too-large", size="a line", limit=f"{MAX_LINE} bytes").at(str(path), number)
                return
            if raw.strip():
                try:
                    yield article(raw, str(path), number)
                except Problem as problem:
                    yield problem.at(str(path), number)


def article(raw: bytes, file: str, line: int) -> Article:
    """Read one line; raise `Problem` when it is not an article or a span does not hold its words."""
    try:
        row = json.loads(raw.removeprefix(b"\xef\xbb\xbf").decode("utf-8"))
    except UnicodeDecodeError as error:
        raise Problem("text-encoding", encoding="UTF-8", byte=error.start) from None
    except (ValueError, RecursionError) as error:
        raise Problem("row-json", reason=str(error)) from None
    if not isinstance(row, dict):
        raise Problem("row-json", reason=f"it is a {type(row).__name__}")
    text = _get(row, "text", str)
    body = freeze(text)
    shifted = body.text != text
    ident = row.get("id")
    if isinstance(ident, bool) or not isinstance(ident, str | int) or not str(ident).strip():
        raise Problem("row-field", field="id", reason="must be a name or a number")
    if len(str(ident)) > 200:
        raise Problem("row-field", field="id", reason="is longer than 200 characters")
    meta = _get(row, "meta", dict, {})
    layer = None
    if row.get("spans"):
        if shifted:
            raise Problem("row-field", field="text", reason="has a BOM or CR line ends, so its offsets cannot be kept")
        layer = read_layer(row, body.text)
    return Article(str(ident), body, {"title": title(body.text), **meta}, layer, file, line)


def read_layer(row: dict[str, Any], text: str) -> LayerView:
    """Read spans and links, checking that each span holds the words it says."""
    numbers = _numbers(row)
    spans: dict[int, Span] = {}
    for data in _get(row, "spans", list):
        span = _span(data, numbers, text)
        if span.ident in spans:
            raise Problem("span-ident", id=data["id"])
        spans[span.ident] = span
    links: dict[int, Link] = {}
    for number, data in enumerate(_get(row, "links", list, []), start=1):
        if not isinstance(data, dict):
            raise Problem("row-field", field="links", reason="must hold objects")
        ends = [numbers.get(str(data.get(end))) for end in ("source", "target")]
        if None in ends:
            raise Problem("link-ends", id=number, source_label="a span of this row", target_label="another")
        links[number] = Link(number, str(data.get("kind", "said_by")), ends[0] or 0, ends[1] or 0)
    return LayerView(spans, links)


def _numbers(row: dict[str, Any]) -> dict[str, int]:
    """Give each span id its number: the one it ends in when these are all different, else its place."""
    names = [str(s.get("id", place)) for place, s in enumerate(row["spans"], start=1) if isinstance(s, dict)]
    found = [re.fullmatch(r"[A-Za-z]*([1-9]\d{0,8})", name) for name in names]
    numbers = [int(match[1]) for match in found if match]
    if len(set(numbers)) == len(names):
        return dict(zip(names, numbers, strict=True))
    return {name: place for place, name in enumerate(names, start=1)}


def _span(data: Any, numbers: dict[str, int], text: str) -> Span:
    if not isinstance(data, dict):
        raise Problem("row-field", field="spans", reason="must hold objects")
    name = str(data.get("id", ""))
    start, end = _get(data, "start", int), _get(data, "end", int)
    if not 0 <= start < end <= len(text):
        raise Problem("span-range", id=name, start=start, end=end, length=len(text))
    if (said := data.get("text")) is not None and said != text[start:end]:
        raise Problem("span-text", id=name, said=str(said)[:80], found=text[start:end][:80], start=start, end=end)
    pieces = data.get("fragments")
    try:
        fragments = tuple((int(a), int(b)) for a, b in pieces) if pieces else None
    except (TypeError, ValueError):
        raise Problem("span-fragments", id=name) from None
    score = data.get("score")
    if score is not None and not (isinstance(score, int | float) and 0 <= score <= 1):
        raise Problem("row-field", field="score", reason="must be a number from 0 to 1")
    attributes = {k: v for k, v in _get(data, "attributes", dict, {}).items() if v is not None}
    return Span(numbers[name], _get(data, "label", str), start, end, fragments, attributes, score)


def _get(row: dict[str, Any], field: str, kind: type, default: Any = None) -> Any:
    value = row.get(field)
    if value is None and default is not None:
        return default
    if isinstance(value, bool) or not isinstance(value, kind):
        raise Problem("row-field", field=field, reason=f"must be of the kind {kind.__name__}")
    return value
