"""spaCy DocBin: spans of the group `sc`, else of every group, else the entities.

A file of our own holds the exact layer in the group's attributes; it counts as long as nobody has
changed the spans.
"""

from __future__ import annotations

import zlib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from spacy.attrs import ENT_IOB, ENT_TYPE, ORTH
from spacy.tokens import Doc, DocBin
from spacy.vocab import Vocab

from corpus.core.problems import Problem
from corpus.importers import Article
from corpus.importers.rows import Found, Row, articles
from corpus.importers.stream import loads

KEY = "sc"
MAX_BYTES = 1 << 30
CHUNK = 1 << 20


def read(path: Path) -> Iterator[Article | Problem]:
    """Yield an article for each document; the number of the document stands for its line."""
    yield from articles(path, "spaCy DocBin", _docs(path), lambda item: _rows(item, path.stem))


def _docs(path: Path) -> Iterator[tuple[int, Any]]:
    try:
        raw = path.read_bytes()
        _check_size(raw)
        found = DocBin().from_bytes(raw)
        # Words and entities are all that is read: other columns may hold what spaCy does not check.
        columns = [
            found.attrs.index(attr) for attr in (ORTH, ENT_IOB, ENT_TYPE) if attr in found.attrs
        ]
        found.attrs = [found.attrs[column] for column in columns]
        found.tokens = [tokens[:, columns] for tokens in found.tokens]
        found.cats = [{} for _ in found.tokens]
        found.user_data = [None for _ in found.tokens]
        for number, doc in enumerate(found.get_docs(Vocab()), start=1):
            yield number, (number, doc)
    except (
        zlib.error,
        ValueError,
        TypeError,
        KeyError,
        IndexError,
        AttributeError,
        AssertionError,
    ) as error:
        yield (
            0,
            Problem("row-shape", format="spaCy DocBin", reason=" ".join(str(error).split())[:200]),
        )


def _check_size(raw: bytes) -> None:
    """Refuse what unpacks to more than `MAX_BYTES`, without unpacking it as a whole."""
    unpacker, size, rest = zlib.decompressobj(), 0, raw
    while rest and not unpacker.eof:
        size += len(unpacker.decompress(rest, CHUNK))
        rest = unpacker.unconsumed_tail
        if size > MAX_BYTES:
            raise ValueError(f"it unpacks to more than {MAX_BYTES} bytes")


def _rows(item: tuple[int, Doc], stem: str) -> Iterator[Found]:
    number, doc = item
    notes: Counter[str] = Counter()
    groups = {KEY: doc.spans[KEY]} if KEY in doc.spans else dict(doc.spans)
    attributes: Row = {}
    for group in groups.values():
        attributes.update(group.attrs)
    spans = [span for group in groups.values() for span in group] or list(doc.ents)
    row = attributes.get("row", {})
    if isinstance(row, str):
        row = loads(row.encode())
    ident = attributes.get("id", f"{stem}-{number}")
    pieces = [[span.id_, span.label_, span.start_char, span.end_char] for span in spans]
    if row.get("pieces") == pieces:
        yield (
            {
                "id": ident,
                "text": doc.text,
                **{key: row[key] for key in ("meta", "spans", "links")},
            },
            notes,
        )
        return
    known = attributes.get("spans", {})
    found: dict[str, Row] = {}
    for place, (name, label, start, end) in enumerate(pieces, start=1):
        name = name or f"p{place}"
        if name in found:
            found[name]["fragments"].append([start, end])
        else:
            values = {key: value for key, value in known.get(name, {}).items() if key != "label"}
            found[name] = {
                "id": name,
                "label": label,
                "attributes": values,
                "fragments": [[start, end]],
            }
    for span in found.values():
        ranges = sorted(span["fragments"])
        span.update(
            start=ranges[0][0], end=ranges[-1][1], fragments=ranges if len(ranges) > 1 else None
        )
    links = [
        x for x in attributes.get("links", []) if x["source"] in found and x["target"] in found
    ]
    notes["spaCy links to spans that are gone"] += len(attributes.get("links", [])) - len(links)
    meta = row.get("meta", {})
    yield (
        {
            "id": ident,
            "text": doc.text,
            "meta": meta,
            "spans": list(found.values()),
            "links": links,
        },
        +notes,
    )
