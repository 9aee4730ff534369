"""Files of other tools, small and our own, and what an article out of one holds."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from corpus import importers
from corpus.core.problems import Problem
from corpus.importers import Article
from corpus.importers.reading import Reading

TEXT = "Ann 😀 said that it rained."
OWN = {
    "id": "a",
    "text": TEXT,
    "spans": [{"id": "s1", "label": "SPEAKER", "start": 0, "end": 3, "text": "Ann"}],
}


def one(path: Path, format: str = "") -> Article:
    (found,) = importers.read(path, Reading(format=format))
    assert isinstance(found, Article), found
    return found


def problems(path: Path, format: str = "") -> list[tuple[int, str]]:
    return [
        (p.line, p.code)
        for p in importers.read(path, Reading(format=format))
        if isinstance(p, Problem)
    ]


def left(article: Article) -> list[tuple[int, str]]:
    """Return the line and code of each annotation that could not be read."""
    return [(problem.line, problem.code) for problem in article.left]


def words(article: Article) -> list[tuple[str, str]]:
    assert article.layer is not None
    return [(span.label, span.covered(article.body.text)) for span in article.layer.in_order()]


def links(article: Article) -> list[tuple[str, str, str]]:
    assert article.layer is not None
    spans, text = article.layer.spans, article.body.text
    return [
        (x.kind, spans[x.source].text(text), spans[x.target].text(text))
        for x in article.layer.links.values()
    ]


def write(path: Path, data: Any) -> Path:
    path.write_text(
        data if isinstance(data, str) else json.dumps(data), encoding="utf-8", newline=""
    )
    return path
