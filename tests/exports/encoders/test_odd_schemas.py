"""Any schema → file → import: the same layer, or a count of what is lost.

`EXAMPLES=1000` draws more than the suite does; `tests/soak/test_formats.py` does so.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from pyarrow import parquet

from corpus import importers
from corpus.core.problems import Problem
from corpus.core.span import LayerView, layer_view
from corpus.importers import Article
from corpus.importers.reading import Reading
from exports.core.record import Record, Report, as_row
from exports.encoders import Options, encoder
from tests.exports.encoders.odd_schemas import Corpus, corpora
from tests.exports.encoders.test_round_trips import EXAMPLES, FOLDERS, LOSSLESS, SUFFIX, said, shape

pytestmark = pytest.mark.usefixtures("one_tokenizer")

# Of a CoNLL file the spans come back unless one of these is counted.
CHANGED_BY_CONLL = ("overlap", "edges-widened", "spans-cut", "fragments")


def there_and_back(corpus: Corpus, name: str) -> tuple[dict[str, Article], Report]:
    with TemporaryDirectory() as folder:
        to = Path(folder) / (name if name in FOLDERS else f"out.{SUFFIX.get(name, 'jsonl')}")
        report = encoder(name)(corpus.records, to, Options(corpus.schema, "Odd"))
        back = list(importers.articles([to], Reading(format=name)))
    assert not [str(problem) for problem in back if isinstance(problem, Problem)]
    return {article.id: article for article in back if isinstance(article, Article)}, report


def bare(record: Record) -> LayerView:
    """A layer without attributes and scores."""
    spans = [replace(span, attributes={}, score=None) for span in record.layer.spans.values()]
    return layer_view(spans, [replace(link, attributes={}) for link in record.layer.links.values()])


def said_of_documents(corpus: Corpus) -> int:
    return sum(len(record.layer.attributes) for record in corpus.records)


def said_of_links(corpus: Corpus) -> int:
    links = [link for record in corpus.records for link in record.layer.links.values()]
    return sum(len(link.attributes) for link in links)


def keep_the_layer(name: str, corpus: Corpus) -> None:
    back, report = there_and_back(corpus, name)
    lost = {"document-attributes": said_of_documents(corpus)} if name == "brat" else {}
    assert report.dropped == +Counter(lost)
    for record in corpus.records:
        wanted = replace(record.layer, attributes={}) if lost else record.layer
        assert back[record.id].body.text == record.text
        assert shape(back[record.id].layer) == shape(wanted)


def keep_places_and_links(corpus: Corpus) -> None:
    back, report = there_and_back(corpus, "doccano")
    spans = [span for record in corpus.records for span in record.layer.spans.values()]
    assert report.dropped["attributes"] == sum(len(span.attributes) for span in spans)
    assert report.dropped["link-attributes"] == said_of_links(corpus)
    assert report.dropped["document-attributes"] == said_of_documents(corpus)
    for record in corpus.records:
        assert shape(back[record.id].layer) == shape(bare(record))


def keep_spans_or_count(corpus: Corpus) -> None:
    back, report = there_and_back(corpus, "conll")
    assert report.dropped["links"] == sum(len(record.layer.links) for record in corpus.records)
    assert report.dropped["link-attributes"] == said_of_links(corpus)
    for record in corpus.records:
        assert shape(back[record.id].layer)[2] == shape(record.layer)[2]
    if any(report.dropped[reason] for reason in CHANGED_BY_CONLL):
        return
    for record in corpus.records:
        assert shape(back[record.id].layer)[0] == shape(bare(record))[0]


@pytest.mark.parametrize("name", LOSSLESS)
@given(corpus=corpora())
@settings(max_examples=EXAMPLES)
def test_any_schema_comes_back_the_same(name: str, corpus: Corpus) -> None:
    keep_the_layer(name, corpus)


@given(corpus=corpora())
@settings(max_examples=EXAMPLES)
def test_any_schema_keeps_places_and_links_in_doccano(corpus: Corpus) -> None:
    keep_places_and_links(corpus)


@given(corpus=corpora())
@settings(max_examples=EXAMPLES)
def test_any_schema_keeps_spans_in_conll_or_counts_them(corpus: Corpus) -> None:
    keep_spans_or_count(corpus)


def keep_every_value(corpus: Corpus) -> None:
    """Parquet has each value in its column, or as JSON where labels differ in its kind."""
    with TemporaryDirectory() as folder:
        to = Path(folder) / "out.parquet"
        report = encoder("parquet")(corpus.records, to, Options(corpus.schema, "Odd"))
        rows = parquet.read_table(to).to_pylist()
    assert report.dropped == Counter()
    for row, record in zip(rows, corpus.records, strict=True):
        wanted = as_row(record)
        assert values_of(row) == values_of(wanted)
        for name in ("spans", "links"):
            ends = zip(row[name], wanted[name], strict=True)
            assert all(values_of(ours) == values_of(theirs) for ours, theirs in ends)


def values_of(holder: dict[str, Any]) -> dict[str, Any]:
    """Attributes as Parquet may hold them: what is no text may also be JSON of itself."""
    given = holder.get("attributes") or {}
    return {name: plain(value) for name, value in given.items() if value is not None}


def plain(value: Any) -> str:
    """A value as JSON, whether it is a value or JSON of one."""
    if not isinstance(value, str):
        return said({"value": value})
    try:
        return plain(json.loads(value))
    except ValueError:
        return json.dumps(value)


def goes_out(name: str, corpus: Corpus) -> None:
    """It is written, or refused in words where no span can train anything."""
    with TemporaryDirectory() as folder:
        to = Path(folder) / "out"
        options = Options(corpus.schema, "Odd", misaligned="drop")
        try:
            report = encoder(name)(corpus.records, to, options)
        except Problem as problem:
            assert (name, problem.code) == ("spacy", "nothing-to-do")
            return
        assert all(Path(file).is_file() for file in report.files)
    assert report.documents == len(corpus.records)


@given(corpus=corpora())
@settings(max_examples=EXAMPLES)
def test_any_schema_has_every_value_in_parquet(corpus: Corpus) -> None:
    keep_every_value(corpus)


@given(corpus=corpora())
@settings(max_examples=EXAMPLES)
def test_any_schema_has_a_reading_copy(corpus: Corpus) -> None:
    goes_out("html", corpus)


@given(corpus=corpora())
@settings(max_examples=max(2, EXAMPLES // 5))
def test_any_schema_has_a_training_folder(corpus: Corpus) -> None:
    goes_out("spacy", corpus)
