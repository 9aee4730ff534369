"""spaCy DocBin: spans of the group `sc`, else of every group, else the entities.

A file of our own holds the exact layer in the group's attributes; it counts as long as nobody has
changed the spans.
"""

from __future__ import annotations

import zlib
from collections import Counter
from collections.abc import Iterator
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any

from spacy.attrs import ENT_IOB, ENT_TYPE, ORTH
from spacy.tokens import Doc, DocBin
from spacy.vocab import Vocab

from corpus.core.problems import Problem
from corpus.importers import Article
from corpus.importers.reading import Reading
from corpus.importers.rows import Row, RowWithNotes, articles
from corpus.importers.stream import loads

KEY = "sc"
MAX_BYTES = 1 << 29
# What text and numbers are packed to is far less; below the smallest nothing is a bomb.
MAX_RATIO = 100
SMALL = 1 << 24
CHUNK = 1 << 20
DAMAGED = (
    zlib.error,
    ValueError,
    TypeError,
    KeyError,
    IndexError,
    AttributeError,
    AssertionError,
)


def read(path: Path, reading: Reading) -> Iterator[Article | Problem]:
    """Yield an article for each document; the number of the document stands for its line."""
    convert = partial(_rows, stem=path.stem, spans=reading.spans)
    yield from articles(path, "spaCy DocBin", _docs(path), convert)


def _docs(path: Path) -> Iterator[tuple[int, Any]]:
    try:
        raw = path.read_bytes()
        _check_size(raw)
        docs = DocBin().from_bytes(raw)
        _keep_words_and_entities(docs)
        for number, doc in enumerate(docs.get_docs(Vocab()), start=1):
            yield number, (number, doc)
    except DAMAGED as error:
        reason = " ".join(str(error).split())[:200]
        yield 0, Problem("row-shape", format="spaCy DocBin", reason=reason)


def _keep_words_and_entities(docs: DocBin) -> None:
    """Drop all other columns: they may hold what spaCy does not check."""
    columns = []
    for attribute in (ORTH, ENT_IOB, ENT_TYPE):
        if attribute in docs.attrs:
            columns.append(docs.attrs.index(attribute))
    docs.attrs = [docs.attrs[column] for column in columns]
    docs.tokens = [tokens[:, columns] for tokens in docs.tokens]
    docs.cats = [{} for _ in docs.tokens]
    docs.user_data = [None for _ in docs.tokens]


def _check_size(raw: bytes) -> None:
    """Refuse what unpacks to far more than it may, without unpacking it as a whole."""
    unpacker = zlib.decompressobj()
    allowed = min(MAX_BYTES, max(SMALL, MAX_RATIO * len(raw)))
    size = 0
    rest = raw
    while rest and not unpacker.eof:
        size += len(unpacker.decompress(rest, CHUNK))
        rest = unpacker.unconsumed_tail
        if size > allowed:
            raise ValueError(f"it unpacks to more than {allowed} bytes")


def _rows(item: tuple[int, Doc], *, stem: str, spans: bool) -> Iterator[RowWithNotes]:
    number, doc = item
    notes: Counter[str] = Counter()
    groups = {KEY: doc.spans[KEY]} if KEY in doc.spans else dict(doc.spans)
    attributes: Row = {}
    for group in groups.values():
        attributes.update(group.attrs)
    phrases = list(chain.from_iterable(groups.values())) or list(doc.ents)
    own = attributes.get("row", {})
    if isinstance(own, str):
        own = loads(own.encode())
    row = {"id": attributes.get("id", f"{stem}-{number}"), "text": doc.text}
    if not spans:
        yield row | {"meta": own.get("meta", {})}, notes
        return
    pieces = [[span.id_, span.label_, span.start_char, span.end_char] for span in phrases]
    if own.get("pieces") == pieces:
        row |= {key: own[key] for key in ("meta", "attributes", "spans", "links") if key in own}
        yield row, notes
        return
    found = _spans(pieces, attributes.get("spans", {}))
    links = []
    for link in attributes.get("links", []):
        if link["source"] in found and link["target"] in found:
            links.append(link)
        else:
            notes["spaCy links to spans that are gone"] += 1
    row |= {"meta": own.get("meta", {}), "attributes": own.get("attributes", {})}
    row |= {"spans": list(found.values()), "links": links}
    yield row, +notes


def _spans(pieces: list[list[Any]], known: Row) -> dict[str, Row]:
    """Return the spans by id; pieces with one id are the fragments of one span."""
    spans: dict[str, Row] = {}
    for place, (name, label, start, end) in enumerate(pieces, start=1):
        name = name or f"p{place}"
        if name in spans:
            spans[name]["fragments"].append([start, end])
            continue
        about = known.get(name, {})
        attributes = {key: value for key, value in about.items() if key != "label"}
        spans[name] = {
            "id": name,
            "label": label,
            "attributes": attributes,
            "fragments": [[start, end]],
        }
    for span in spans.values():
        ranges = sorted(span["fragments"])
        span["start"] = ranges[0][0]
        span["end"] = ranges[-1][1]
        span["fragments"] = ranges if len(ranges) > 1 else None
    return spans
