"""Any schema → file → import: the same layer, or a count of what is lost.

`EXAMPLES=1000` draws more than the suite does; `tests/soak/test_formats.py` does so.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings

from corpus import importers
from corpus.core.problems import Problem
from corpus.core.span import LayerView, layer_view
from corpus.importers import Article
from exports.core.record import Record, Report
from exports.encoders import Options, encoder
from tests.exports.encoders.odd_schemas import Corpus, corpora
from tests.exports.encoders.test_round_trips import EXAMPLES, FOLDERS, LOSSLESS, SUFFIX, shape

pytestmark = pytest.mark.usefixtures("one_tokenizer")

# Of a CoNLL file the spans come back unless one of these is counted.
CHANGED_BY_CONLL = ("overlap", "edges-widened", "spans-cut", "fragments")


def there_and_back(corpus: Corpus, name: str) -> tuple[dict[str, Article], Report]:
    with TemporaryDirectory() as folder:
        to = Path(folder) / (name if name in FOLDERS else f"out.{SUFFIX.get(name, 'jsonl')}")
        report = encoder(name)(corpus.records, to, Options(corpus.schema, "Odd"))
        back = list(importers.articles([to], format=name))
    assert not [str(problem) for problem in back if isinstance(problem, Problem)]
    return {article.id: article for article in back if isinstance(article, Article)}, report


def bare(record: Record) -> LayerView:
    """A layer without attributes and scores."""
    spans = [replace(span, attributes={}, score=None) for span in record.layer.spans.values()]
    return layer_view(spans, record.layer.links.values())


def keep_the_layer(name: str, corpus: Corpus) -> None:
    back, report = there_and_back(corpus, name)
    assert report.dropped == Counter()
    for record in corpus.records:
        assert back[record.id].body.text == record.text
        assert shape(back[record.id].layer) == shape(record.layer)


def keep_places_and_links(corpus: Corpus) -> None:
    back, report = there_and_back(corpus, "doccano")
    spans = [span for record in corpus.records for span in record.layer.spans.values()]
    assert report.dropped["attributes"] == sum(len(span.attributes) for span in spans)
    for record in corpus.records:
        assert shape(back[record.id].layer) == shape(bare(record))


def keep_spans_or_count(corpus: Corpus) -> None:
    back, report = there_and_back(corpus, "conll")
    assert report.dropped["links"] == sum(len(record.layer.links) for record in corpus.records)
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
