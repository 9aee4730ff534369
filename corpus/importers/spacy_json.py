"""spaCy's JSON of before version 3: paragraphs with their raw text, sentences of tokens with tags.

https://v2.spacy.io/api/annotation#json-input. A document is one text: its paragraphs, with an empty
line between them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from corpus.core.problems import Problem
from corpus.core.span import Range
from corpus.importers import Article
from corpus.importers.reading import Reading
from corpus.importers.rows import Row, RowWithNotes, articles, get
from corpus.importers.stream import values
from corpus.importers.tags import TAG, chunks, no_tag, places_of

BETWEEN = "\n\n"
# What a token or a paragraph says that no layer holds, by what it is counted as.
UNKEPT = {"tag": "parts of speech", "dep": "dependencies", "lemma": "lemmas"}


@dataclass(slots=True)
class Tokens:
    """The tokens of a paragraph: words, tags, and which of them begin a sentence."""

    words: list[str] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)
    starts: set[int] = field(default_factory=set)


def read(path: Path, reading: Reading) -> Iterator[Article | Problem]:
    """Yield an article for each document; it is named by its file and its number there."""

    def convert(item: Any) -> Iterator[RowWithNotes]:
        number, data = item
        yield from _row(data, f"{path.stem}-{number}", annotated=reading.spans)

    yield from articles(path, "spaCy JSON", _numbered(path), convert, spans=reading.spans)


def _numbered(path: Path) -> Iterator[tuple[int, Any]]:
    for number, (line, data) in enumerate(values(path), start=1):
        yield line, data if isinstance(data, Problem) else (number, data)


def _row(data: Any, ident: str, *, annotated: bool) -> Iterator[RowWithNotes]:
    notes: Counter[str] = Counter()
    left: list[Problem] = []
    texts: list[str] = []
    at = 0
    spans: list[Row] = []
    attributes: Row = {}
    for paragraph in get(data, "paragraphs", list):
        tokens = _tokens(paragraph, notes, left)
        raw = get(paragraph, "raw", str, "") or " ".join(tokens.words)
        texts.append(raw)
        if not annotated:
            continue
        places = _places(tokens, raw, left)
        for label, first, last in chunks(tokens.tags, tokens.starts, notes) if places else ():
            start, end = at + places[first][0], at + places[last][1]
            spans.append({"id": f"t{len(spans) + 1}", "label": label, "start": start, "end": end})
        at += len(raw) + len(BETWEEN)
        attributes |= _categories(paragraph)
    row = {"id": ident, "text": BETWEEN.join(texts), "spans": spans, "left": left}
    yield {**row, "attributes": attributes}, +notes


def _tokens(paragraph: Row, notes: Counter[str], left: list[Problem]) -> Tokens:
    """Return the tokens of a paragraph, in order; a tag that is none is left out."""
    tokens = Tokens()
    for sentence in get(paragraph, "sentences", list, []):
        tokens.starts.add(len(tokens.words))
        for token in get(sentence, "tokens", list, []):
            tokens.words.append(get(token, "orth", str))
            tag = str(token.get("ner") or "O")
            if not TAG.fullmatch(tag):
                left.append(no_tag(tag, "spaCy JSON"))
                tag = "O"
            tokens.tags.append(tag)
            for key, name in UNKEPT.items():
                notes[f"spaCy {name}"] += key in token
    return tokens


def _places(tokens: Tokens, raw: str, left: list[Problem]) -> list[Range]:
    """Return where the tokens stand, nowhere when they are not those of the text."""
    try:
        return places_of(tokens.words, raw)
    except Problem as problem:
        left.append(problem)
        return []


def _categories(paragraph: Row) -> Row:
    """Return the categories of a paragraph that hold: those of more than one half."""
    held = []
    for category in get(paragraph, "cats", list, []):
        if isinstance(category, dict) and float(category.get("value") or 0) >= 0.5:
            held.append(str(category.get("label")))
    return {"cats": held} if held else {}
