"""The lossless row: what every importer turns its records into, and the one check of it.

A row is the object that one line of our JSONL holds. Offsets may come in code points, UTF-16 code
units, UTF-8 bytes or graphemes; the words that the spans say decide which.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator
from pathlib import Path
from typing import Any

from corpus.core.problems import Problem
from corpus.core.span import LayerView, Link, Span, trim, with_fragments
from corpus.core.text import digest, freeze
from corpus.core.values import check_storable
from corpus.importers import MAX_ID, Article, identity, offsets
from corpus.importers.notes import STUMBLES, Notes
from corpus.importers.offsets import Place
from corpus.importers.plain import title

# What a row says beside its text.
ANNOTATIONS = ("spans", "links", "attributes", "left")
PART = "part_of"
# A link kind of that name is written with an ending, one more than it has, and read without it.
PART_KIND = re.compile(rf"{PART}(_link)*")
LONGEST_ID = 80
# What evidence says in words.
EVIDENCE_WORDS = ("rule", "why", "cue")
NUMBERED = re.compile(r"[A-Za-z]*([1-9]\d{0,8})")
Row = dict[str, Any]
# With a row, how often what was converted or left out, by reason.
RowWithNotes = tuple[Row, Counter[str]]


def articles(
    path: Path,
    name: str,
    items: Iterable[tuple[int, Any]],
    convert: Callable[[Any], Iterator[RowWithNotes]],
    *,
    spans: bool = True,
) -> Iterator[Article | Problem]:
    """Yield the articles of a foreign format: `convert` makes rows and notes of each numbered item.

    Without `spans` no annotation of a row is looked at.

    What does not have the shape of the format is a problem at its line, whatever `convert` stumbled
    over.
    """
    for line, item in items:
        if isinstance(item, Problem):
            yield item if item.file else item.at(str(path), line)
            continue
        try:
            for row, notes in convert(item):
                if not spans:
                    row = without(row, ANNOTATIONS)
                yield article_of(row, str(path), line, loose=True, counts=notes)
        except Problem as problem:
            yield problem if problem.file else problem.at(str(path), line)
        except KeyError as error:
            yield Problem("row-shape", format=name, reason=f"it lacks {error}").at(str(path), line)
        except STUMBLES as error:
            yield Problem("row-shape", format=name, reason=str(error)[:200]).at(str(path), line)


def article_of(
    row: Row, file: str, line: int, *, loose: bool = False, counts: Counter[str] | None = None
) -> Article:
    """Check a row; raise `Problem` when it is not an article.

    A span or link that cannot be read, or that no database keeps, is left out by itself. `loose` is
    for what other tools write: spaces inside words may differ, and white space at the edges of
    spans is trimmed. Problems of annotations that the importer left out already stand in the row as
    `left`, the first values of what is counted as `examples`, and spans and links may say their
    `line`. `counts` gets what was converted.
    """
    notes = Notes(Counter() if counts is None else counts)
    if loose:
        notes.left.extend(row.pop("left", ()))
        notes.examples.update(row.pop("examples", {}))
    row = _storable(row, notes)
    text = get(row, "text", str)
    body = freeze(text)
    ident = row.get("id")
    if isinstance(ident, float) and ident.is_integer():
        # What tables with gaps make of whole numbers.
        ident = int(ident)
    ident = by_text(text) if ident is None or ident == "" else ident
    if isinstance(ident, bool) or not isinstance(ident, str | int) or not str(ident).strip():
        raise Problem("row-field", field="id", reason="must be a name or a number")
    if len(str(ident)) > MAX_ID:
        raise Problem("row-field", field="id", reason=f"is longer than {MAX_ID} characters")
    meta = get(row, "meta", dict, {})
    layer = None
    if row.get("spans") or row.get("links") or attributes_of(row):
        layer = read_layer(row, text, body.text, notes, loose=loose)
    layer_row = row.get("layer")
    author = str(layer_row.get("author") or "") if isinstance(layer_row, dict) else ""
    return Article(
        id=str(ident),
        body=body,
        meta={"title": title(body.text), **meta},
        layer=layer,
        file=file,
        line=line,
        author=author[:150],
        notes=dict(notes.counts),
        examples=notes.examples,
        left=tuple(problem.at(file, problem.line or line) for problem in notes.left),
        local=identity.scope(ident),
    )


def without(row: Row, names: Collection[str]) -> Row:
    """Return a row without some of its fields."""
    return {key: value for key, value in row.items() if key not in names}


def _storable(row: Row, notes: Notes) -> Row:
    """Return a row without the annotations that no database keeps.

    Raises `Problem` when anything else of it, but for the text, cannot be kept.
    """
    try:
        check_storable(without(row, ("text",)))
    except Problem:
        check_storable(without(row, ("text", *ANNOTATIONS)))
    else:
        return row
    kept = dict(row)
    for name in ("spans", "links"):
        if isinstance(row.get(name), list):
            kept[name] = [item for item in row[name] if _can_be_kept(item, name, notes)]
    if isinstance(row.get("attributes"), dict):
        values = row["attributes"].items()
        kept["attributes"] = {
            name: value for name, value in values if _can_be_kept({name: value}, name, notes)
        }
    return kept


def _can_be_kept(item: Any, field: str, notes: Notes) -> bool:
    """Tell whether a database can keep an annotation; name it as left out when not."""
    try:
        check_storable(item, field)
    except Problem as problem:
        notes.left.append(_of_item(problem, item, ""))
        return False
    return True


def read_layer(row: Row, text: str, frozen: str, notes: Notes, *, loose: bool = True) -> LayerView:
    """Read spans, links and the attributes of the document; each span holds the words it says.

    `text` is as the file has it, `frozen` what is kept of it. What cannot be read is named in the
    notes as left, and the rest comes in. For `loose`, see `article_of`.
    """
    rows = _listed(row, "spans", notes)
    place = _place(rows, text, frozen, loose, notes)
    names = []
    for number, data in enumerate(rows, start=1):
        names.append(str(data.get("id", number)) if isinstance(data, dict) else "")
    numbers = _numbers(names)
    spans: dict[int, Span] = {}
    for name, data in zip(names, rows, strict=True):
        try:
            span = _span(data, name, numbers[name], frozen, place, loose)
            span = _trimmed(span, frozen, notes) if loose else span
            if span.ident in spans:
                raise Problem("span-ident", id=name)
        except Problem as problem:
            notes.left.append(_of_item(problem, data, name))
            continue
        spans[span.ident] = span
    here = {name: number for name, number in numbers.items() if number in spans}
    links = _links(_listed(row, "links", notes), here, notes)
    return LayerView(spans, links, attributes=attributes_of(row))


def _listed(row: Row, field: str, notes: Notes) -> list[Any]:
    """Return a list of annotations; one that is no list is left out whole."""
    try:
        return list(get(row, field, list, []))
    except Problem as problem:
        notes.left.append(problem)
        return []


def attributes_of(row: Row) -> Row:
    """Return the attributes of a span, a link or a document; what is empty was never set."""
    given = row.get("attributes")
    if type(given) is not dict:
        given = get(row, "attributes", dict, {})
    return {key: value for key, value in given.items() if value is not None and value != []}


def _of_item(problem: Problem, data: Any, name: str) -> Problem:
    """Return the problem of a span or link with its id, and its line where that is known."""
    if not isinstance(data, dict):
        return problem
    name = name or str(data.get("id") or "")[:LONGEST_ID]
    if problem.code == "row-field" and name:
        field = f"{problem.details['field']} of {name}"
        problem = Problem("row-field", **{**problem.details, "field": field})
    line = data.get("line")
    return problem.at("", line) if type(line) is int else problem


def _links(rows: list[Any], numbers: dict[str, int], notes: Notes) -> dict[int, Link]:
    """Read the links; those that cannot be read are named in the notes."""
    links: dict[int, Link] = {}
    for ident, data in enumerate(rows, start=1):
        try:
            links[ident] = _link(data, ident, numbers)
        except Problem as problem:
            notes.left.append(_of_item(problem, data, f"link {ident}"))
    return links


def _link(data: Any, ident: int, numbers: dict[str, int]) -> Link:
    """Read a link; its ends are the ids of spans of the same row."""
    if not isinstance(data, dict):
        raise Problem("row-field", field="links", reason="must hold objects")
    source = numbers.get(str(data.get("source")))
    target = numbers.get(str(data.get("target")))
    if source is None or target is None:
        raise Problem(
            "link-ends",
            id=data.get("id", ident),
            source_label="a span of this row",
            target_label="another",
        )
    return Link(ident, str(data.get("kind", "said_by")), source, target, attributes_of(data))


def join_parts(row: Row) -> Row:
    """Return the row with spans that are linked as parts of another made fragments of that one.

    Formats without discontinuous spans hold each fragment as a span of its own, linked by `PART` to
    the first.
    """
    spans = {span["id"]: span for span in row["spans"]}
    first_of = {}
    links = []
    for link in row["links"]:
        if _is_part(link, spans):
            first_of[link["source"]] = link["target"]
        else:
            links.append({**link, "kind": _own_kind(link["kind"])})
    if not first_of:
        return {**row, "links": links}
    parts = {name: [span] for name, span in spans.items()}
    for part, first in first_of.items():
        if first in first_of or first not in spans or part not in spans:
            raise Problem(
                "link-ends",
                id=part,
                source_label="a part",
                target_label="the first part of its span",
            )
        parts[first].append(spans[part])
    joined = []
    for name, pieces in parts.items():
        if name not in first_of:
            joined.append(_whole_of(pieces))
    return {**row, "spans": joined, "links": links}


def _is_part(link: Row, spans: dict[Any, Row]) -> bool:
    """Tell whether a link ties a fragment to its span: both have one label then."""
    if link["kind"] != PART:
        return False
    source = spans.get(link["source"])
    target = spans.get(link["target"])
    return source is None or target is None or bool(source["label"] == target["label"])


def foreign_kind(kind: str) -> str:
    """Return a link kind as files name it whose fragments are linked by `PART`."""
    return f"{kind}_link" if PART_KIND.fullmatch(kind) else kind


def _own_kind(kind: Any) -> Any:
    """Return the link kind that `foreign_kind` was given."""
    if isinstance(kind, str) and kind != PART and PART_KIND.fullmatch(kind):
        return kind.removesuffix("_link")
    return kind


def _whole_of(parts: list[Row]) -> Row:
    """Return one span for several parts; what is known of it stands in the first."""
    if len(parts) == 1:
        return parts[0]
    ranges = sorted([part["start"], part["end"]] for part in parts)
    whole = {
        **parts[0],
        "start": ranges[0][0],
        "end": ranges[-1][1],
        "fragments": ranges,
    }
    if all("text" in part for part in parts):
        whole["text"] = " ".join(part["text"] for part in parts)
    return whole


def by_text(text: str) -> str:
    """Return an id for a document that has none: the same for the same text, and no word of it."""
    return f"text-{digest(text.encode('utf-8', 'replace').decode())[:12]}"


def get(row: Any, field: str, kind: type, default: Any = None) -> Any:
    """Return a field of a row; raise `Problem` unless it is of the kind.

    It may be missing where there is a default.
    """
    if not isinstance(row, dict):
        raise Problem("row-json", reason=f"it is a {type(row).__name__}")
    value = row.get(field)
    if type(value) is kind:
        return value
    if value is None and default is not None:
        return default
    if isinstance(value, bool) or not isinstance(value, kind):
        raise Problem("row-field", field=field, reason=f"must be of the kind {kind.__name__}")
    return value


def _place(spans: list[Any], text: str, frozen: str, loose: bool, notes: Notes) -> Place:
    """Return what turns offsets of the file into code points of the frozen text.

    That is the first way of counting in which most spans hold the words that they say.
    """
    if text.isascii() and "\r" not in text:
        # There is one way to count such a text.
        return next(offsets.ways(text))[1]
    saying = []
    for data in spans:
        # What is empty says no words, and is left out later.
        if isinstance(data, dict) and isinstance(data.get("text"), str) and data["text"]:
            saying.append(data)
    best, best_name, most = next(offsets.ways(text))[1], "", 0
    for name, place in offsets.ways(text):
        fitting = sum(_fits(data, frozen, place, loose) for data in saying)
        if fitting > most:
            best, best_name, most = place, name, fitting
        if fitting == len(saying):
            break
    if best_name:
        reason = f"offsets counted in {best_name}"
        first = next(data for data in saying if _fits(data, frozen, best, loose))
        notes.add(reason, f"{first['start']} to {first['end']} is {first['text']}", len(spans))
    return best


def _fits(data: Row, text: str, place: Place, loose: bool) -> bool:
    try:
        start = place(data["start"])
        end = place(data["end"])
        pieces = [(place(a), place(b)) for a, b in data.get("fragments") or ()]
        if not 0 <= start < end <= len(text):
            return False
        return _says(data["text"], text, start, end, pieces, loose)
    except (KeyError, TypeError, ValueError):
        return False


def _says(
    said: str, text: str, start: int, end: int, pieces: list[tuple[int, int]], loose: bool
) -> bool:
    """Tell whether a span holds the words that it says; other tools may have changed the spaces."""
    if said.replace("\r\n", "\n") == text[start:end]:
        return True
    # Pieces that overlap cover no words, and joined they may be far longer than the text.
    if not loose or sum(b - a for a, b in pieces) > len(text):
        return False
    covered = "".join(text[a:b] for a, b in pieces)
    return ink(said) in (ink(text[start:end]), ink(covered))


def ink(text: str) -> str:
    """Return a text without its white space."""
    return "".join(text.split())


def _numbers(names: list[str]) -> dict[str, int]:
    """Give each span id its number: the one it ends in, else its place.

    Its place counts where the numbers are not all different.
    """
    matches = [NUMBERED.fullmatch(name) for name in names]
    numbers = [int(match[1]) for match in matches if match]
    if len(set(numbers)) == len(names):
        return dict(zip(names, numbers, strict=True))
    return {name: place for place, name in enumerate(names, start=1)}


def _span(data: Any, name: str, number: int, text: str, place: Place, loose: bool) -> Span:
    if not isinstance(data, dict):
        raise Problem("row-field", field="spans", reason="must hold objects")
    start, end, label = data.get("start"), data.get("end"), data.get("label")
    # Every span of every import comes by here.
    if not (type(start) is int and type(end) is int and type(label) is str):
        start, end, label = get(data, "start", int), get(data, "end", int), get(data, "label", str)
    pieces = data.get("fragments")
    try:
        fragments = _ranges(pieces, place) if pieces else None
    except (TypeError, ValueError):
        raise Problem("span-fragments", id=name) from None
    try:
        start, end = place(start), place(end)
    except ValueError:
        raise Problem("span-range", id=name, start=start, end=end, length=len(text)) from None
    if not 0 <= start < end <= len(text):
        raise Problem("span-range", id=name, start=start, end=end, length=len(text))
    said = data.get("text")
    holds = said is None or said == text[start:end]
    if not holds and not _says(str(said), text, start, end, list(fragments or ()), loose):
        raise Problem(
            "span-text",
            id=name,
            said=str(said)[:80],
            found=text[start:end][:80],
            start=start,
            end=end,
        )
    score = data.get("score")
    if score is not None and not (type(score) in (int, float) and 0 <= score <= 1):
        raise Problem("row-field", field="score", reason="must be a number from 0 to 1")
    evidence = _evidence(data)
    return Span(number, label, start, end, fragments, attributes_of(data), score, evidence)


def _evidence(data: Row) -> Row | None:
    """Return why a span was suggested; its rule, cue and reason are words that pages show."""
    evidence = data.get("evidence")
    if evidence is None:
        return None
    if not isinstance(evidence, dict):
        raise Problem("row-field", field="evidence", reason="must be an object")
    for name in EVIDENCE_WORDS:
        if not isinstance(evidence.get(name, ""), str):
            raise Problem("row-field", field=f"evidence.{name}", reason="must be a text")
    return evidence or None


def _ranges(pieces: Any, place: Place) -> tuple[tuple[int, int], ...]:
    """Return fragments as ranges of code points; raise TypeError or ValueError for what is none."""
    return tuple((place(_whole(a)), place(_whole(b))) for a, b in pieces)


def _whole(value: Any) -> int:
    """Return a whole number; raise TypeError for what JSON has as a fraction, a word or true."""
    if type(value) is not int:
        raise TypeError(f"{value!r} is no whole number")
    return value


def _trimmed(span: Span, text: str, notes: Notes) -> Span:
    """Return the span without white space at the edges of its ranges, and count what had some."""
    ranges = [trim(text, start, end) for start, end in span.ranges]
    if ranges == list(span.ranges):
        return span
    ranges = [(start, end) for start, end in ranges if start < end]
    if not ranges:
        raise Problem("span-space", id=span.ident)
    notes.counts["spans trimmed of white space"] += 1
    return with_fragments(span, ranges)
