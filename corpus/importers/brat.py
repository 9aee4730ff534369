"""brat standoff: a text and beside it an .ann file of text-bound annotations, relations and
attributes.

https://brat.nlplab.org/standoff.html: offsets are code points. Spans over line ends come as
fragments, as brat splits them, and are joined again. Free text of attributes stands in notes, as
our export writes it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from corpus.core.filenames import ident_of
from corpus.core.problems import Problem
from corpus.core.span import Range
from corpus.core.text import decode
from corpus.importers import Article
from corpus.importers.plain import MAX_BYTES
from corpus.importers.rows import Found, Row, articles
from corpus.importers.stream import loads

BOUND = re.compile(r"(\S+) (\d{1,9} \d{1,9}(?:;\d{1,9} \d{1,9})*)")
BREAKS = "\n\v\f\x1c\x1d\x1e\x85\u2028\u2029"
LINE_ENDS = re.compile(f"[{BREAKS}]+")
KEPT = {"attributes", "score", "fragments"}


@dataclass(slots=True)
class Annotations:
    """What the lines of an .ann file say."""

    spans: dict[str, Row] = field(default_factory=dict)
    links: list[Row] = field(default_factory=list)
    values: list[tuple[str, str, str | bool]] = field(default_factory=list)
    notes: list[tuple[str, str]] = field(default_factory=list)
    left: Counter[str] = field(default_factory=Counter)


def read(path: Path) -> Iterator[Article | Problem]:
    """Yield the one article of a text and its .ann file; `path` may name either."""
    yield from articles(path, "brat", _files(path), _row)


def _files(path: Path) -> Iterator[tuple[int, Any]]:
    try:
        text = decode(_bytes(path.with_suffix(".txt")))
    except Problem as problem:
        yield 0, problem
        return
    found = Annotations()
    for number, line in enumerate(decode(_bytes(path.with_suffix(".ann"))).split("\n"), start=1):
        try:
            _take(line.rstrip("\r"), found)
        except Problem as problem:
            yield number, problem
            return
    yield 0, (path, text, found)


def _bytes(path: Path) -> bytes:
    if not path.is_file():
        raise Problem("file-missing").at(str(path))
    if (size := path.stat().st_size) > MAX_BYTES:
        raise Problem("file-too-large", size=size, limit=f"{MAX_BYTES} bytes")
    return path.read_bytes()


def _take(line: str, found: Annotations) -> None:
    """Take one line; raise `Problem` when it is none of brat's."""
    name, _, rest = line.partition("\t")
    body, _, tail = rest.partition("\t")
    words = body.split()
    if not line.strip():
        return
    if name.startswith("T"):
        match = BOUND.fullmatch(body)
        if match is None or name in found.spans:
            raise Problem("row-shape", format="brat", reason=f"{line[:80]!r}")
        pieces = [[int(n) for n in piece.split()] for piece in match[2].split(";")]
        found.spans[name] = {
            "id": name,
            "label": match[1],
            "attributes": {},
            "pieces": pieces,
            "text": tail,
        }
    elif name.startswith("R") and len(words) == 3:
        ends = [word.partition(":")[2] for word in words[1:]]
        found.links.append({"kind": words[0], "source": ends[0], "target": ends[1]})
    elif name.startswith(("A", "M")) and len(words) in (2, 3):
        found.values.append((words[1], words[0], words[2] if len(words) == 3 else True))
    elif name.startswith("#") and len(words) == 2:
        found.notes.append((words[1], tail))
    elif name.startswith(("E", "N", "*", "R")):
        kinds = {
            "E": "events",
            "N": "normalizations",
            "*": "equivalences",
            "R": "relations of several",
        }
        found.left[f"brat {kinds[name[0]]}"] += 1
    else:
        raise Problem("row-shape", format="brat", reason=f"{line[:80]!r}")


def _row(item: tuple[Path, str, Annotations]) -> Iterator[Found]:
    path, text, found = item
    apart: dict[str, Any] = {}
    for target, name, value in found.values:
        if target in found.spans:
            found.spans[target]["attributes"][name] = value
        else:
            found.left["brat attributes of events"] += 1
    for target, note in found.notes:
        data = loads(note.encode()) if target in found.spans and note.startswith("{") else None
        if isinstance(data, dict) and set(data) <= KEPT:
            found.spans[target]["attributes"].update(data.get("attributes", {}))
            found.spans[target]["score"] = data.get("score")
            apart[target] = data.get("fragments")
        else:
            found.left["brat notes"] += 1
    spans = [_span(span, text, apart.get(span["id"])) for span in found.spans.values()]
    links = [x for x in found.links if x["source"] in found.spans and x["target"] in found.spans]
    found.left["brat relations of events"] += len(found.links) - len(links)
    yield {"id": ident_of(path.stem), "text": text, "spans": spans, "links": links}, +found.left


def unbroken(text: str, start: int, end: int) -> Iterator[Range]:
    """Yield the pieces of a range between its line ends, without those of white space alone, as
    brat wants them.
    """
    at = start
    for match in [*LINE_ENDS.finditer(text, start, end), None]:
        stop = match.start() if match else end
        if text[at:stop].strip():
            yield at, stop
        at = match.end() if match else end


def _span(span: Row, text: str, apart: Any) -> Row:
    """Return the span with the fragments joined between which there is a line end and nothing but
    white space.

    `apart` is what our export notes where that would join too much: the fragments, unless they were
    changed in brat.
    """
    pieces = [list(piece) for piece in sorted(span.pop("pieces"))]
    if isinstance(apart, list) and pieces == _split(text, apart):
        return {**span, "start": pieces[0][0], "end": pieces[-1][1], "fragments": apart}
    joined = pieces[:1]
    for start, end in pieces[1:]:
        gap = text[joined[-1][1] : start]
        if not apart and any(char in BREAKS for char in gap) and not gap.strip():
            joined[-1][1] = end
        else:
            joined.append([start, end])
    more = {"fragments": joined} if len(joined) > 1 else {}
    return {**span, "start": joined[0][0], "end": joined[-1][1], **more}


def _split(text: str, noted: list[Any]) -> list[list[int]]:
    """Return the pieces that a note's fragments would be written as; none when it holds something
    else.
    """
    try:
        return [
            list(piece) for start, end in noted for piece in unbroken(text, int(start), int(end))
        ]
    except (TypeError, ValueError, OverflowError):
        return []
