"""WebAnno TSV 3, as WebAnno and INCEpTION write it: a token a line, its annotations in columns.

https://inception-project.github.io/releases/36.0/docs/user-guide.html#sect_formats_webannotsv3:
offsets count UTF-16, values that stand at one token are parted by bars, and a number in brackets
says which belong together. Spans are custom layers, named entities and elements of chains; links
are relations, slots, and the next element of a chain, as in UIMA CAS.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

from corpus.core.filenames import ident_of
from corpus.core.problems import Problem
from corpus.core.text import MAX_CHARACTERS, Utf16, decode
from corpus.importers import Article
from corpus.importers.notes import Notes
from corpus.importers.plain import MAX_BYTES
from corpus.importers.reading import Reading
from corpus.importers.rows import Row, RowWithNotes, articles

FORMAT = "WebAnno TSV"
# The kinds of layers, by the mark that their line begins with: spans, relations, chains.
KINDS = ("#T_SP=", "#T_RL=", "#T_CH=")
NUMBER = re.compile(r"(\d+-\d+)(\.\d+)?")
PLACE = re.compile(r"(\d{1,9})-(\d{1,9})")
# So far from the last token the next one is looked for.
FARTHEST = 10_000
# A sign of a value, behind a backslash where it would part values.
SIGN = re.compile(r"\\.|.", re.DOTALL)
# A value with the number that says which annotation it belongs to.
AMONG = re.compile(r"((?:\\.|[^\\])*?)\[(\d+)\]", re.DOTALL)
# The unit where a relation comes from, and the numbers of the annotations at both ends.
FROM = re.compile(r"([\d.-]+)(?:\[(\d+)_(\d+)\])?")
# A value with the place of its element in a chain.
ELEMENT = re.compile(r"((?:\\.|[^\\])*?)->(\d+)-(\d+)", re.DOTALL)
ESCAPED = re.compile(r"\\(.)", re.DOTALL)
SIGNS = {"n": "\n", "r": "\r", "t": "\t", "f": "\f"}
BUILT_IN = "de.tudarmstadt.ukp."
SPANS_OF_THEIRS = ("NamedEntity", "CoreferenceLink")
NAMES_OF_LABELS = ("label", "value")


@dataclass(frozen=True, slots=True)
class Column:
    """A kind of annotation: its mark, its type and the names of its columns, from `first` on."""

    mark: str
    type: str
    names: tuple[str, ...]
    first: int

    @property
    def name(self) -> str:
        """Return the type without its package."""
        return self.type.rpartition(".")[2]

    @property
    def is_kept(self) -> bool:
        """Tell a layer of annotations from those of words, such as lemmas."""
        return not self.type.startswith(BUILT_IN) or self.name in SPANS_OF_THEIRS


@dataclass(frozen=True, slots=True)
class Unit:
    """A token or a part of one: its line, its place in the text, and its cells."""

    line: int
    number: str
    start: int
    end: int
    cells: tuple[str, ...]


@dataclass(slots=True)
class Found:
    """An annotation: where it begins and ends, and its values, None where there is none."""

    column: Column
    unit: Unit
    among: int
    end: int
    values: list[str | None]
    ident: str = ""


@dataclass(slots=True)
class File:
    """What a file holds."""

    columns: list[Column] = field(default_factory=list)
    units: list[Unit] = field(default_factory=list)
    # The text in pieces, and its length in code points and in UTF-16.
    pieces: list[str] = field(default_factory=list)
    points: int = 0
    length: int = 0

    def add(self, text: str, begin: int, units: Utf16) -> None:
        """Add a sentence that begins at an offset in UTF-16, behind line ends up to there.

        Raises `Problem` when the text gets too large.
        """
        gap = begin - self.length
        if gap + self.points > MAX_CHARACTERS:
            raise Problem("text-too-large", limit=MAX_CHARACTERS)
        self.pieces += ("\n" * gap, text)
        self.points += gap + len(text)
        self.length = begin + units.to_units(len(text))


def read(path: Path, reading: Reading) -> Iterator[Article | Problem]:
    """Yield the one article of a file."""

    def convert(path: Path) -> Iterator[RowWithNotes]:
        yield _row(path, spans=reading.spans)

    yield from articles(path, FORMAT, [(0, path)], convert)


def _row(path: Path, *, spans: bool) -> RowWithNotes:
    size = path.stat().st_size
    if size > MAX_BYTES:
        raise Problem("file-too-large", size=size, limit=f"{MAX_BYTES} bytes")
    notes = Notes()
    file = _read(decode(path.read_bytes()).removeprefix("\ufeff"), notes)
    text = "".join(file.pieces)
    row: Row = {"id": ident_of(path.stem), "text": text}
    if spans:
        row |= _layer(file, text, notes)
    return {**row, **notes.row()}, notes.counts


def _read(raw: str, notes: Notes) -> File:
    """Read lines; one that is none of the format is left out by itself."""
    file = File()
    sentence: list[str] = []
    lines: list[tuple[int, list[str]]] = []
    for number, line in enumerate([*raw.split("\n"), ""], start=1):
        line = line.removesuffix("\r")
        if line.startswith("#Text="):
            if lines:
                _add_sentence(file, sentence, lines, notes)
                sentence, lines = [], []
            sentence.append(_plain(line.removeprefix("#Text=")))
        elif line.startswith(KINDS) and not file.units:
            file.columns.append(_column(line, file.columns))
        elif line and not line.startswith("#"):
            lines.append((number, line.split("\t")))
        elif not line and (lines or sentence):
            # A sentence without tokens is text all the same.
            _add_sentence(file, sentence, lines, notes)
            sentence, lines = [], []
    return file


def _column(line: str, before: list[Column]) -> Column:
    mark, _, rest = line.partition("=")
    name, *names = rest.split("|")
    first = before[-1].first + len(before[-1].names) if before else 0
    # An annotation that says nothing more has a column all the same.
    return Column(f"{mark}=", name, tuple(names) or ("",), first)


def _add_sentence(
    file: File, texts: list[str], lines: list[tuple[int, list[str]]], notes: Notes
) -> None:
    """Add a sentence; its tokens are found by their words, and say how far it is from the last."""
    text = "\n".join(texts)
    units = Utf16(text)
    begin: int | None = None
    at = 0
    last = (0, 0)
    for number, cells in lines:
        try:
            name, place, word = NUMBER.fullmatch(cells[0]), PLACE.fullmatch(cells[1]), cells[2]
        except IndexError:
            name, place, word = None, None, ""
        word = _plain(word)
        within = name is not None and name[2] is not None
        near = last[0] if within else at
        found = text.find(word, near, near + len(word) + FARTHEST)
        if name is None or place is None or found < 0:
            reason = repr("\t".join(cells)[:80])
            notes.left.append(Problem("row-shape", format=FORMAT, reason=reason).at("", number))
            continue
        said = int(place[1])
        if begin is None:
            begin = said - units.to_units(found)
            if begin < file.length:
                begin = file.length + 1
        if within:
            # A part of a token may stand there twice, or be of no width; its offset tells where.
            wanted = said - begin
            if text.startswith(word, _point(units, wanted)) and wanted >= 0:
                found = _point(units, wanted)
        else:
            at = found + len(word)
            last = (found, at)
        unit = Unit(number, cells[0], found, found + len(word), tuple(cells[3:]))
        file.units.append(_moved(unit, file.points + begin - file.length))
    file.add(text, file.length + bool(file.points) if begin is None else begin, units)


def _point(units: Utf16, unit: int) -> int:
    """Return a code point; one that lies within a sign is the first."""
    try:
        return units.to_points(unit)
    except ValueError:
        return units.to_points(unit - 1)


def _split(value: str, sign: str) -> list[str]:
    """Return what a sign parts; behind a backslash it belongs to the value."""
    parts: list[list[str]] = [[]]
    for piece in SIGN.findall(value):
        if piece == sign:
            parts.append([])
        else:
            parts[-1].append(piece)
    return ["".join(part) for part in parts]


def _moved(unit: Unit, by: int) -> Unit:
    return Unit(unit.line, unit.number, unit.start + by, unit.end + by, unit.cells)


def _plain(value: str) -> str:
    """Return a value without its escapes."""
    return ESCAPED.sub(lambda match: SIGNS.get(match[1], match[1]), value)


def _layer(file: File, text: str, notes: Notes) -> Row:
    found: dict[tuple[Any, ...], Found] = {}
    for unit in file.units:
        for column in file.columns:
            for place, (among, values) in enumerate(_values(unit, column)):
                first = found.setdefault(
                    (column.first, *_whose(unit, column, place, among, values)),
                    Found(column, unit, among, unit.end, values),
                )
                first.end = max(first.end, unit.end)
    spans: list[Row] = []
    relations: list[Found] = []
    kept: list[Found] = []
    for made in found.values():
        if not made.column.is_kept:
            reason = f"WebAnno annotations of the type {made.column.name}"
            notes.add(reason, text[made.unit.start : made.end])
        elif made.column.mark == "#T_RL=":
            relations.append(made)
        else:
            made.ident = f"w{len(kept) + 1}"
            kept.append(made)
            spans.append(_span(made))
    ends = _Ends(kept)
    links: list[Row] = []
    for made in relations:
        links.append(_relation(made, ends))
    for made in kept:
        links += _slots(made, ends)
    links += _chains(kept)
    return {"spans": spans, "links": links}


def _whose(
    unit: Unit, column: Column, place: int, among: int, values: list[str | None]
) -> tuple[Any, ...]:
    """Return what the parts of one annotation have in common: their number, or their place."""
    if column.mark == "#T_CH=":
        # There the number is that of the chain; the element says its own.
        elements = [match for match in map(ELEMENT.fullmatch, filter(None, values)) if match]
        return elements[0].groups()[1:] if elements else (unit.number, place)
    return (among,) if among else (unit.number, place)


def _values(unit: Unit, column: Column) -> Iterator[tuple[int, list[str | None]]]:
    """Yield the annotations of a layer at a unit: the number of each, 0 for none, and values."""
    cells = unit.cells[column.first : column.first + len(column.names)]
    if all(cell in ("_", "") for cell in cells):
        return
    split = [_split(cell, "|") for cell in cells]
    for place in range(max(map(len, split))):
        among = 0
        values: list[str | None] = []
        for name, parts in zip(column.names, split, strict=False):
            value = parts[place] if place < len(parts) else "_"
            match = AMONG.fullmatch(value)
            if match and not _is_of_ends(name, column):
                value = match[1]
                among = int(match[2])
            values.append(None if value in ("_", "*", "") else value)
        yield among, values


def _is_of_ends(name: str, column: Column) -> bool:
    """Tell a column whose numbers in brackets belong to what it points at."""
    at = column.names.index(name)
    after_role = at > 0 and column.names[at - 1].startswith("ROLE_")
    return name.startswith("BT_") or after_role


def _features(made: Found) -> dict[str, str]:
    """Return the values by the names of their features, without those that point elsewhere."""
    features: dict[str, str] = {}
    for name, value in zip(made.column.names, made.values, strict=False):
        points = name.startswith("ROLE_") or _is_of_ends(name, made.column)
        element = ELEMENT.fullmatch(value or "")
        said = element[1] if element else value
        if name and said not in (None, "", "*") and not points:
            features[name] = _plain(said)
    return features


def _named(made: Found, features: dict[str, str], names: tuple[str, ...]) -> str:
    """Take out of the features what an annotation is called, else name it by its type."""
    found = [features.pop(name) for name in names if name in features]
    return found[0] if found else made.column.name


def _span(made: Found) -> Row:
    features = _features(made)
    return {
        "id": made.ident,
        "line": made.unit.line,
        "label": _named(made, features, NAMES_OF_LABELS),
        "start": made.unit.start,
        "end": made.end,
        "attributes": features,
    }


class _Ends:
    """The spans of a file by where they begin and by their numbers."""

    def __init__(self, spans: list[Found]) -> None:
        self._at: dict[str, list[Found]] = {}
        self._among: dict[int, list[Found]] = {}
        for span in spans:
            self._at.setdefault(span.unit.number, []).append(span)
            self._among.setdefault(span.among, []).append(span)

    def find(self, unit: str, among: int, type: str) -> str | None:
        """Return the id of the span of a type that a unit and a number name; None for none."""
        around = self._among.get(among, []) if among else self._at.get(unit, [])
        fitting = [span for span in around if span.column.type == type]
        if not fitting and type == "uima.tcas.Annotation":
            fitting = around
        return fitting[0].ident if fitting else None


def _relation(made: Found, ends: _Ends) -> Row:
    """Return a link from the unit that a relation names to the one where it stands."""
    source = target = None
    for name, value in zip(made.column.names, made.values, strict=False):
        match = FROM.fullmatch(value or "") if name.startswith("BT_") else None
        if match is not None:
            base = name.removeprefix("BT_")
            source = ends.find(match[1], int(match[2] or 0), base)
            target = ends.find(made.unit.number, int(match[3] or 0), base)
    features = _features(made)
    kind = _named(made, features, ("kind", *NAMES_OF_LABELS))
    line = made.unit.line
    return {"kind": kind, "source": source, "target": target, "attributes": features, "line": line}


def _slots(made: Found, ends: _Ends) -> Iterator[Row]:
    """Yield the links of the slots of a span, of the kind of their role or else of the feature."""
    names = made.column.names
    for at, name in enumerate(names[:-1]):
        if not name.startswith("ROLE_") or at + 1 >= len(made.values):
            continue
        roles = _split(made.values[at] or "", ";")
        feature = name.rpartition(":")[2].partition("_")[0]
        for number, target in enumerate(_split(made.values[at + 1] or "", ";")):
            if not target:
                continue
            match = AMONG.fullmatch(target)
            unit = match[1] if match else target
            role = roles[number] if number < len(roles) else ""
            numbered = AMONG.fullmatch(role)
            role = numbered[1] if numbered else role
            yield {
                "line": made.unit.line,
                "kind": _plain(role) if role not in ("", "*", "_") else feature,
                "source": made.ident,
                "target": ends.find(unit, int(match[2]) if match else 0, names[at + 1]),
            }


def _chains(spans: list[Found]) -> Iterator[Row]:
    """Yield a link from each element of a chain to the next."""
    chains: dict[tuple[str, int], list[tuple[int, str]]] = {}
    for made in spans:
        for value in made.values if made.column.mark == "#T_CH=" else ():
            match = ELEMENT.fullmatch(value or "")
            if match is not None:
                chain = chains.setdefault((made.column.type, int(match[2])), [])
                chain.append((int(match[3]), made.ident))
    for chain in chains.values():
        chain.sort()
        for (_, one), (_, other) in pairwise(chain):
            yield {"kind": "next", "source": one, "target": other}
