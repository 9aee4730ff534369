"""Parquet and Arrow files, as Hugging Face `datasets` writes and shares them.

A row is a document: a text with spans (those of our exports and releases among them), or tokens
with tags, whose numbers the file's features name. Numbers of class labels become their names. It
needs pyarrow, which is larger than all the rest together and therefore not among the locked
requirements.
"""

from __future__ import annotations

import datetime
import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import chain
from pathlib import Path
from typing import Any

from corpus.core.problems import Problem
from corpus.importers import Article, fields
from corpus.importers.reading import Reading
from corpus.importers.rows import Row, RowWithNotes, articles
from corpus.importers.stream import loads
from corpus.importers.tags import TAG, chunks, no_tag, places_of

PYARROW = "pyarrow==26.0.1"
BATCH = 200
# What a file may unpack to: so many times its size, and what is no bomb.
MAX_RATIO = 300
SMALL = 1 << 26
TOKENS = ("tokens", "words")
TAGS = ("ner_tags", "ner", "tags", "labels", "iob_tags", "entity_tags")
SPANS = ("spans", "entities", "annotations")
# What a span says beside its attributes, by the names that files use.
PLACE = {
    "id": ("id",),
    "label": ("label", "type", "entity_group", "tag", "class"),
    "start": ("start", "start_char", "start_offset", "begin"),
    "end": ("end", "end_char", "end_offset"),
    "text": ("text", "word", "surface"),
    "fragments": ("fragments",),
    "score": ("score",),
}
# A file of several that hold the rows of one dataset.
SHARD = re.compile(r"(.+)-(\d+)-of-\d+")
SAID = ("title", "outlet", "published", "date", "url", "author", "language", "targets")
OURS = ("id", "text", "meta", "attributes", "links", "layer")


def read(path: Path, reading: Reading) -> Iterator[Article | Problem]:
    """Yield an article for each row; the number of the row stands for its line.

    Raises `Problem` when pyarrow is not installed.
    """

    def convert(item: tuple[int, Row, Mapping[str, Any]]) -> Iterator[RowWithNotes]:
        number, row, features = item
        kept = _as_json(row)
        renamed = fields.renamed(kept, reading.fields)
        yield from _row(renamed, features, f"{_name(path)}-{number}", annotated=reading.spans)

    yield from articles(path, "Parquet", _rows(path), convert, spans=reading.spans)


def _rows(path: Path) -> Iterator[tuple[int, Any]]:
    """Yield the rows with their numbers and the features of the file."""
    try:
        import pyarrow as pa
    except ImportError:
        raise Problem("extra-missing", format="parquet", package=PYARROW) from None
    number = 0
    try:
        allowed = MAX_RATIO * path.stat().st_size + SMALL
        for batch in _batches(path):
            rows = batch.to_pylist()
            # What is stored once for many rows is large only where they are made.
            texts = chain.from_iterable(row.values() for row in rows)
            allowed -= batch.nbytes + sum(len(text) for text in texts if isinstance(text, str))
            if allowed < 0:
                reason = "it unpacks to far more than its size allows"
                yield number + 1, Problem("zip-invalid", reason=reason)
                return
            features = _features(batch.schema.metadata)
            for row in rows:
                number += 1
                yield number, (number, row, features)
    except (pa.ArrowException, ValueError) as error:
        reason = " ".join(str(error).split())[:200]
        yield number + 1, Problem("row-shape", format="Parquet", reason=reason)


def _batches(path: Path) -> Iterator[Any]:
    """Yield some hundred rows at a time, of Parquet or of either form of Arrow."""
    import pyarrow as pa
    from pyarrow import parquet

    if path.suffix.lower() == ".parquet":
        with parquet.ParquetFile(path) as file:
            yield from file.iter_batches(BATCH)
        return
    with pa.OSFile(str(path)) as source:
        try:
            reader = pa.ipc.open_stream(source)
        except pa.ArrowInvalid:
            source.seek(0)
            file = pa.ipc.open_file(source)
            yield from (file.get_batch(number) for number in range(file.num_record_batches))
            return
        yield from reader


def _features(metadata: Mapping[bytes, bytes] | None) -> Mapping[str, Any]:
    """Return the features that `datasets` writes into the metadata of a file, by column."""
    try:
        said = json.loads((metadata or {}).get(b"huggingface", b"{}"))
        features = said["info"]["features"]
    except (ValueError, KeyError, TypeError):
        return {}
    return features if isinstance(features, dict) else {}


def _name(path: Path) -> str:
    """Return what the rows of a file are called by: of a shard, the name of its dataset."""
    shard = SHARD.fullmatch(path.stem)
    if shard is None:
        return path.stem
    folder = path.absolute().parent
    name = shard[1]
    if name == "data":
        # `save_to_disk` has a folder for each split, and the split's name nowhere else.
        name = folder.name
        if (folder.parent / "dataset_dict.json").is_file():
            name = f"{folder.parent.name}-{name}"
    return name if int(shard[2]) == 0 else f"{name}-{int(shard[2])}"


def _row(
    row: Row, features: Mapping[str, Any], name: str, *, annotated: bool
) -> Iterator[RowWithNotes]:
    notes: Counter[str] = Counter()
    made: Row = {"id": row.get("id") or name, "meta": _meta(row)}
    tokens = next((key for key in TOKENS if isinstance(row.get(key), list)), None)
    used = {tokens}
    if "text" in row or tokens is None:
        made["text"] = row.get("text")
        spans = next((key for key in SPANS if isinstance(row.get(key), list | dict)), None)
        used.add(spans)
        if annotated and spans is not None:
            made["spans"] = _spans(row[spans], _feature(features, spans))
    else:
        tags = next((key for key in TAGS if isinstance(row.get(key), list)), None)
        used.add(tags)
        words = [str(word) for word in row[tokens]]
        made["text"] = " ".join(words)
        if annotated and tags is not None:
            names = _class_names(_feature(features, tags))
            made |= _tagged(words, row[tags], names, made["text"], notes)
    links = row.get("links")
    made["links"] = [_link(link, features) for link in links] if isinstance(links, list) else []
    if isinstance(row.get("attributes"), dict):
        made["attributes"] = row["attributes"]
    if isinstance(row.get("layer"), dict):
        made["layer"] = row["layer"]
    for key in row:
        if key not in used and key not in OURS and key not in SAID:
            notes[f"fields that are not ours: {key[:80]}"] += 1
    yield made, +notes


def _as_json(value: Any) -> Any:
    """Return a value as JSON has it: days and hours in ISO 8601, of bytes how many there are."""
    if isinstance(value, dict):
        return {str(key): _as_json(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_as_json(inner) for inner in value]
    if value is None or isinstance(value, str | bool | int | float):
        return value
    if isinstance(value, datetime.date | datetime.time):
        return value.isoformat()
    return f"{len(value)} bytes" if isinstance(value, bytes) else str(value)


def _meta(row: Row) -> Row:
    """Return what a row says about its text; ours stands as JSON in a column of its own."""
    said = row.get("meta")
    meta = loads(said.encode()) if isinstance(said, str) and said else said
    named = {"published" if key == "date" else key: row.get(key) for key in SAID}
    told = {key: value for key, value in named.items() if value not in (None, "")}
    return {**told, **(meta if isinstance(meta, dict) else {})}


def _feature(features: Mapping[str, Any], key: str) -> Any:
    """Return the feature of the items of a column of lists."""
    feature = features.get(key)
    if isinstance(feature, list) and feature:
        return feature[0]
    if isinstance(feature, dict) and "feature" in feature:
        return feature["feature"]
    return feature


def _class_names(feature: Any) -> list[str]:
    """Return the names that the numbers of a class label stand for."""
    names = feature.get("names") if isinstance(feature, dict) else None
    return [str(name) for name in names] if isinstance(names, list) else []


def _called(value: Any, names: list[str]) -> Any:
    """Return the name of a class by its number, other values as they are."""
    known = isinstance(value, int) and not isinstance(value, bool) and 0 <= value < len(names)
    return names[value] if known else value


def _tagged(
    words: list[str], tags: list[Any], names: list[str], text: str, notes: Counter[str]
) -> Row:
    """Return the spans that tags of tokens give, and a problem for each that is none."""
    left: list[Problem] = []
    if len(tags) != len(words):
        left.append(Problem("row-cells", found=len(tags), wanted=len(words)))
        return {"left": left}
    places = places_of(words, text)
    said = []
    for tag in tags:
        name = str(_called(tag, names))
        if not TAG.fullmatch(name):
            left.append(no_tag(name, "Parquet"))
            name = "O"
        said.append(name)
    spans = []
    for number, (label, first, last) in enumerate(chunks(said, {0}, notes), start=1):
        start, end = places[first][0], places[last][1]
        spans.append({"id": f"t{number}", "label": label, "start": start, "end": end})
    return {"spans": spans, "left": left}


def _spans(given: Any, feature: Any) -> list[Any]:
    """Return the rows of spans, which some versions of `datasets` write as a struct of lists."""
    if isinstance(given, dict):
        columns = {key: value for key, value in given.items() if isinstance(value, list)}
        length = max((len(value) for value in columns.values()), default=0)
        given = [
            {key: value[number] for key, value in columns.items() if number < len(value)}
            for number in range(length)
        ]
    return [_span(span, number, feature) for number, span in enumerate(given, start=1)]


def _span(span: Any, number: int, feature: Any) -> Any:
    """Return a span in our names; what it says beside its place are its attributes."""
    if not isinstance(span, dict):
        return span
    made: Row = {"id": f"p{number}"}
    used = {"attributes"}
    for ours, names in PLACE.items():
        key = next((name for name in names if span.get(name) is not None), None)
        if key is not None:
            inner = feature.get(key) if isinstance(feature, dict) else None
            made[ours] = _called(span[key], _class_names(inner))
            used.add(key)
    own = span.get("attributes")
    more = {key: value for key, value in span.items() if key not in used}
    made["attributes"] = {**more, **(own if isinstance(own, dict) else {})}
    return made


def _link(link: Any, features: Mapping[str, Any]) -> Any:
    """Return a link; what it says beside its ends are its attributes."""
    if not isinstance(link, dict):
        return link
    feature = _feature(features, "links")
    names = _class_names(feature.get("kind") if isinstance(feature, dict) else None)
    own = link.get("attributes")
    ends = ("kind", "source", "target", "attributes")
    more = {key: value for key, value in link.items() if key not in ends}
    attributes = {**more, **(own if isinstance(own, dict) else {})}
    return {**link, "kind": _called(link.get("kind"), names), "attributes": attributes}
