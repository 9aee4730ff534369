"""brat standoff: a text and beside it an .ann file of annotations, relations and attributes.

BioNLP's shared tasks have the same in two files, .a1 and .a2.

https://brat.nlplab.org/standoff.html: offsets are code points. Spans over line ends come as
fragments, as brat splits them, and are joined again. Attributes that are not one word stand in
notes, and names of which brat takes but letters, digits, _ and - are escaped, as our export writes
them. The arguments of an event are links of its trigger, of the kind of their role; an argument
that is an event is its trigger. A line that cannot be read is left out by itself.

Some corpora keep texts and annotations in folders side by side, and those of each person apart:
PolNeAR has `text/NAME.txt` and `attributions/NAME_PERSON.ann`.
"""

from __future__ import annotations

import os
import re
from codecs import BOM_UTF8
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from typing import Any

from corpus.core.encodings import UTF8, decoded, encoding_of
from corpus.core.escapes import unescaped
from corpus.core.filenames import ident_of
from corpus.core.problems import Problem
from corpus.core.span import Range
from corpus.core.text import decode
from corpus.importers import Article
from corpus.importers.notes import STUMBLES, Notes
from corpus.importers.plain import MAX_BYTES
from corpus.importers.reading import Reading
from corpus.importers.rows import Row, RowWithNotes, articles
from corpus.importers.stream import loads

BOUND = re.compile(r"(\S+) (\d{1,9} \d{1,9}(?:;\d{1,9} \d{1,9})*)")
# Several arguments of one role are numbered: `Content2`.
ROLE = re.compile(r"(\S*[^\s\d])\d*")
BREAKS = "\n\v\f\x1c\x1d\x1e\x85\u2028\u2029"
# Of the folder around theirs so many entries are looked through for a text.
MOST_BESIDE = 1000
LINE_ENDS = re.compile(f"[{BREAKS}]+")
# What our export writes into a note on a span.
KEPT = {"attributes", "score", "fragments"}
# Annotations that a layer cannot hold, by the letter that their names begin with.
UNKEPT = {
    "N": "normalizations",
    "*": "equivalences",
    "R": "relations of several",
}


@dataclass(slots=True)
class Annotations:
    """What the lines of an .ann file say."""

    spans: dict[str, Row] = field(default_factory=dict)
    links: dict[str, Row] = field(default_factory=dict)
    # The trigger of each event, and its arguments as links.
    triggers: dict[str, str] = field(default_factory=dict)
    arguments: list[Row] = field(default_factory=list)
    # Of each attribute the annotation that it is about, its name and its value.
    values: list[tuple[str, str, str | bool]] = field(default_factory=list)
    remarks: list[tuple[str, str]] = field(default_factory=list)
    # What a layer cannot hold, and the lines that were left out.
    notes: Notes = field(default_factory=Notes)


def read(path: Path, reading: Reading) -> Iterator[Article | Problem]:
    """Yield the one article of a text and its .ann file; `path` may name either."""
    text, author = _text_of(path, reading)
    items = _files(path, text, reading)
    for row in articles(path, "brat", items, _row, spans=reading.spans):
        if isinstance(row, Article) and text.parent != path.parent:
            row = replace(row, source=str(text.parent))
        yield replace(row, author=author) if isinstance(row, Article) and author else row


def _text_of(path: Path, reading: Reading) -> tuple[Path, str]:
    """Return the text of an .ann file, and whose work that is where its name says so.

    The text stands beside it or, if just one fits, in a folder beside its own; its name may lack
    the person. Where none fits it is what should stand beside the file.
    """
    beside = path.with_suffix(".txt")
    if beside.is_file() or path.suffix.lower() != ".ann":
        return beside, ""
    folders = _folders_beside(path.parent, reading)
    name, _, person = path.stem.rpartition("_")
    for stem, author in ((path.stem, ""), (name, person)):
        texts = [folder / f"{stem}.txt" for folder in folders] if stem else []
        found = [text for text in texts if text.is_file()]
        if len(found) == 1:
            return found[0], author
        if found:
            break
    return beside, ""


def _folders_beside(folder: Path, reading: Reading) -> list[Path]:
    """Return a folder and those beside it, as far as they came with it."""
    folder = folder.absolute()
    # Files chosen one by one lie in no folder, and around an archive lies what is another's.
    if reading.folder == "" or (reading.root and folder == Path(reading.root).absolute()):
        return [folder]
    with os.scandir(folder.parent) as entries:
        beside = list(islice(entries, MOST_BESIDE + 1))
    if len(beside) > MOST_BESIDE:
        return [folder]
    return [Path(entry.path) for entry in beside if entry.is_dir()]


def _files(path: Path, text_path: Path, reading: Reading) -> Iterator[tuple[int, Any]]:
    annotations = Annotations()
    raw = b""
    try:
        raw_text = _bytes(text_path)
        encoding = encoding_of(raw_text, said=reading.encoding)
        if encoding in UTF8:
            text = decode(raw_text)
        else:
            found = decoded(raw_text, said=reading.encoding)
            text = found.text
            annotations.notes.counts.update(found.notes)
        if reading.spans:
            raw = _annotations(path)
        if encoding not in UTF8:
            raw = decoded(raw, said=encoding).text.encode()
    except Problem as problem:
        yield 0, problem
        return
    lines = raw.removeprefix(BOM_UTF8).split(b"\n")
    for number, line in enumerate(lines, start=1):
        try:
            _take(decode(line).rstrip("\r"), number, annotations)
        except Problem as problem:
            annotations.notes.left.append(problem.at("", number))
    yield 0, (text_path, text, annotations)


def _annotations(path: Path) -> bytes:
    """Return the lines of an .ann file, or those of an .a1 file and the .a2 file that goes on."""
    first, second = path.with_suffix(".a1"), path.with_suffix(".a2")
    if path.with_suffix(".ann").is_file() or not first.is_file():
        return _bytes(path.with_suffix(".ann"))
    return _bytes(first) + (b"\n" + _bytes(second) if second.is_file() else b"")


def _bytes(path: Path) -> bytes:
    if not path.is_file():
        raise Problem("file-missing").at(str(path))
    size = path.stat().st_size
    if size > MAX_BYTES:
        raise Problem("file-too-large", size=size, limit=f"{MAX_BYTES} bytes")
    return path.read_bytes()


def _take(line: str, number: int, annotations: Annotations) -> None:
    """Take one line; raise `Problem` when it is none of brat's."""
    if not line.strip():
        return
    name, _, rest = line.partition("\t")
    body, _, tail = rest.partition("\t")
    words = body.split()
    if name.startswith("T"):
        annotations.spans[name] = _bound(line, name, body, tail, annotations) | {"line": number}
    elif name.startswith("R") and len(words) == 3:
        if name in annotations.links:
            raise Problem("link-twice", id=name)
        source, target = (word.partition(":")[2] for word in words[1:])
        annotations.links[name] = {
            "id": name,
            "line": number,
            "kind": unescaped(words[0]),
            "source": source,
            "target": target,
            "attributes": {},
        }
    elif name.startswith("E") and all(":" in word for word in words):
        _take_event(name, words, number, annotations)
    elif name.startswith(("A", "M")) and len(words) in (2, 3):
        value = unescaped(words[2]) if len(words) == 3 else True
        annotations.values.append((words[1], unescaped(words[0]), value))
    elif name.startswith("#") and len(words) == 2:
        annotations.remarks.append((words[1], tail))
    elif name.startswith(tuple(UNKEPT)):
        annotations.notes.add(f"brat {UNKEPT[name[0]]}", rest)
    else:
        raise Problem("row-shape", format="brat", reason=f"{line[:80]!r}")


def _take_event(name: str, words: list[str], number: int, annotations: Annotations) -> None:
    """Take an event: its trigger, and a link of it for each argument."""
    if not words:
        raise Problem("row-shape", format="brat", reason=f"the event {name} has no trigger")
    if name in annotations.triggers:
        raise Problem("span-ident", id=name)
    trigger, *arguments = (word.partition(":") for word in words)
    annotations.triggers[name] = trigger[2]
    for role, _, target in arguments:
        match = ROLE.fullmatch(role)
        annotations.arguments.append(
            {
                "id": name,
                "line": number,
                "kind": unescaped(match[1] if match else role),
                "source": name,
                "target": target,
            }
        )


def _bound(line: str, name: str, body: str, tail: str, annotations: Annotations) -> Row:
    """Return a span: its label, its pieces, and its words."""
    match = BOUND.fullmatch(body)
    if match is None:
        raise Problem("row-shape", format="brat", reason=f"{line[:80]!r}")
    if name in annotations.spans:
        raise Problem("span-ident", id=name)
    return {
        "id": name,
        "label": unescaped(match[1]),
        "attributes": {},
        "pieces": [list(map(int, piece.split())) for piece in match[2].split(";")],
        "text": tail,
    }


def _row(item: tuple[Path, str, Annotations]) -> Iterator[RowWithNotes]:
    path, text, annotations = item
    for about, name, value in annotations.values:
        holder = _holder(about, annotations)
        if holder is not None:
            holder["attributes"][name] = value
        else:
            annotations.notes.add("brat attributes of nothing that is there", f"{name} {about}")
    fragments = _read_notes(annotations)
    spans = []
    for name, span in annotations.spans.items():
        spans.append(_span(span, text, fragments.get(name)))
    links = []
    for link in (*annotations.links.values(), *annotations.arguments):
        ends = {end: _span_named(link[end], annotations) for end in ("source", "target")}
        links.append({**link, **ends})
    row = {
        "id": ident_of(path.stem),
        "text": text,
        "spans": spans,
        "links": links,
        **annotations.notes.row(),
    }
    yield row, annotations.notes.counts


def _span_named(name: str, annotations: Annotations) -> str:
    """Return the span of a name; of an event that is its trigger."""
    return annotations.triggers.get(name, name)


def _holder(name: str, annotations: Annotations) -> Row | None:
    """Return the span or link that something is said of."""
    return annotations.spans.get(_span_named(name, annotations)) or annotations.links.get(name)


def _read_notes(annotations: Annotations) -> dict[str, Any]:
    """Take what our export noted on spans and links; return the fragments noted, by span."""
    fragments: dict[str, Any] = {}
    for target, note in annotations.remarks:
        holder = annotations.spans.get(target) or annotations.links.get(target)
        data = _noted(note) if holder is not None else None
        if holder is None or data is None:
            annotations.notes.add("brat notes", note)
            continue
        holder["attributes"].update(data.get("attributes", {}))
        if target in annotations.spans:
            holder["score"] = data.get("score")
            fragments[target] = data.get("fragments")
    return fragments


def _noted(note: str) -> Row | None:
    """Return what our export wrote into a note; None for what a person wrote."""
    if not note.startswith("{"):
        return None
    try:
        data = loads(note.encode())
    except Problem:
        return None
    ours = isinstance(data, dict) and set(data) <= KEPT
    return data if ours and isinstance(data.get("attributes", {}), dict) else None


def unbroken(text: str, start: int, end: int) -> Iterator[Range]:
    """Yield the pieces of a range between its line ends, as brat wants them.

    Pieces of white space alone are left out.
    """
    at = start
    for match in [*LINE_ENDS.finditer(text, start, end), None]:
        stop = match.start() if match else end
        if text[at:stop].strip():
            yield at, stop
        at = match.end() if match else end


def _span(span: Row, text: str, apart: Any) -> Row:
    """Return the span with the pieces joined that brat split at a line end.

    `apart` is what our export notes where that would join too much: the fragments, unless they were
    changed in brat.
    """
    given = span.pop("pieces")
    pieces = sorted(given)
    if sum(end - start for start, end in pieces) > len(text):
        # They overlap, so it is left out later; their words would be far more than the text.
        return {**span, "start": pieces[0][0], "end": pieces[-1][1], "fragments": pieces}
    # brat writes the words in the order of its pieces, which may be any.
    covered = " ".join(text[start:end] for start, end in given)
    if span["text"].split() == covered.split():
        span["text"] = text[pieces[0][0] : pieces[-1][1]]
    if isinstance(apart, list) and pieces == _split(text, apart):
        return {**span, "start": pieces[0][0], "end": pieces[-1][1], "fragments": apart}
    joined = pieces[:1]
    for start, end in pieces[1:]:
        gap = text[joined[-1][1] : start]
        touches = joined[-1][1] == start
        broken = not gap.strip() and any(char in BREAKS for char in gap)
        if touches or (broken and not apart):
            joined[-1][1] = end
        else:
            joined.append([start, end])
    whole = {**span, "start": joined[0][0], "end": joined[-1][1]}
    if len(joined) > 1:
        whole["fragments"] = joined
    return whole


def _split(text: str, noted: list[Any]) -> list[list[int]]:
    """Return the pieces that a note's fragments would be written as; none for anything else."""
    pieces: list[list[int]] = []
    try:
        for start, end in noted:
            pieces.extend(list(piece) for piece in unbroken(text, int(start), int(end)))
    except STUMBLES:
        return []
    return pieces
