"""Layer → file → import: the same layer in every format that holds it, and an exact count of what
is lost elsewhere.

`EXAMPLES=1000 python -m pytest tests/exports/test_round_trips.py` draws more documents than the
suite does.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from corpus import importers
from corpus.core.layer_check import check
from corpus.core.problems import Problem
from corpus.core.schema import ATTRIBUTION
from corpus.core.span import LayerView, Span, intersection, layer_view
from corpus.importers import ENDINGS, Article
from corpus.importers.reading import Reading
from exports.core.loss import FEATURES
from exports.core.record import Record, Report
from exports.encoders import ENCODERS, Options, encoder
from tools.texts import AWKWARD, annotated

pytestmark = pytest.mark.usefixtures("one_tokenizer")

EXAMPLES = int(os.environ.get("EXAMPLES", "15"))
FOLDERS = ("brat", "cas", "webannotation")
LOSSLESS = ("jsonl", "csv", "docbin", "prodigy", "labelstudio", "brat", "cas", "webannotation")
SUFFIX = {
    "csv": "csv",
    "docbin": "spacy",
    "conll": "conll",
    "labelstudio": "json",
    "html": "html",
    "parquet": "parquet",
}

names = st.lists(st.sampled_from(AWKWARD) | st.text(max_size=4), min_size=1, max_size=6).map(
    lambda parts: "".join(parts).replace("\0", "").encode("utf-8", "ignore").decode()
)


@st.composite
def records(draw: st.DrawFn) -> list[Record]:
    """A few documents: overlap, fragments, nesting, emoji, right-to-left, names and scores of every
    kind.
    """
    found = []
    for number in range(draw(st.integers(1, 3))):
        text, layer = draw(annotated())
        assume(text.strip() and not text.startswith("\ufeff"))
        spans = []
        for span in layer.spans.values():
            attributes = dict(span.attributes)
            if span.label == "SPEAKER" and draw(st.booleans()):
                attributes["name"] = draw(names)
            score = draw(st.none() | st.floats(0, 1).map(lambda x: round(x, 3)))
            spans.append(replace(span, attributes=attributes, score=score))
        ident = draw(st.sampled_from(["a", "ä/b", "..", "x y%20", "=1+1", "long" * 30])) + str(
            number
        )
        meta = draw(st.sampled_from([{}, {"outlet": "The Post"}, {"title": "=T", "year": 7}]))
        found.append(Record(ident, text, meta, layer_view(spans, layer.links.values()), "gold"))
    return found


def export(found: list[Record], name: str, folder: Path, **options: Any) -> tuple[Path, Report]:
    to = folder / (name if name in FOLDERS else f"out.{SUFFIX.get(name, 'jsonl')}")
    return to, encoder(name)(found, to, Options(ATTRIBUTION, "Round", **options))


def there_and_back(found: list[Record], name: str) -> tuple[dict[str, Article], Report]:
    with tempfile.TemporaryDirectory() as folder:
        to, report = export(found, name, Path(folder))
        assert all(Path(file).is_file() for file in report.files)
        assert not list(Path(folder).rglob("*.part"))
        back = list(importers.articles([to], Reading(format=name)))
    assert not [str(problem) for problem in back if isinstance(problem, Problem)]
    return {article.id: article for article in back if isinstance(article, Article)}, report


def shape(view: LayerView | None) -> tuple[Counter, Counter, str]:
    """A layer without its numbers: what stands where, what is linked, what is said of the whole."""
    view = view or layer_view([])

    def place(span: Span) -> tuple:
        return span.label, span.ranges, said(span.attributes), span.score

    spans = {ident: place(span) for ident, span in view.spans.items()}
    links = Counter(
        (x.kind, spans[x.source], spans[x.target], said(x.attributes)) for x in view.links.values()
    )
    return Counter(spans.values()), links, said(view.attributes)


def said(attributes: Mapping[str, Any]) -> str:
    """Attributes with the types of their values; a whole number is one, however it is written."""
    same = {
        name: int(value) if isinstance(value, float) and value.is_integer() else value
        for name, value in attributes.items()
    }
    return json.dumps(same, sort_keys=True)


@pytest.mark.parametrize("name", [name for name in LOSSLESS if name in ENCODERS.names()])
@given(found=records())
@settings(max_examples=EXAMPLES)
def test_what_goes_out_comes_back_the_same(name: str, found: list[Record]) -> None:
    back, report = there_and_back(found, name)
    assert (report.documents, report.spans) == (len(found), sum(len(r.layer.spans) for r in found))
    assert "spans" not in report.dropped
    for record in found:
        article = back[record.id]
        assert article.body.text == record.text
        assert shape(article.layer) == shape(record.layer)
        assert not (article.layer and list(check(article.layer, ATTRIBUTION, record.text)))
        if not report.dropped["metadata"]:
            assert {**article.meta, **record.meta} == article.meta


@given(found=records())
@settings(max_examples=EXAMPLES)
def test_doccano_keeps_places_and_links_and_counts_the_rest(found: list[Record]) -> None:
    back, report = there_and_back(found, "doccano")
    spans = [span for record in found for span in record.layer.spans.values()]
    wanted = {
        "attributes": sum(len(span.attributes) for span in spans),
        "scores": sum(span.score is not None for span in spans),
    }
    assert report.dropped == Counter({reason: count for reason, count in wanted.items() if count})
    for record in found:
        bare = [replace(span, attributes={}, score=None) for span in record.layer.spans.values()]
        assert shape(back[record.id].layer) == shape(layer_view(bare, record.layer.links.values()))


@given(found=records())
@settings(max_examples=EXAMPLES)
def test_conll_keeps_what_does_not_overlap_and_counts_the_rest(found: list[Record]) -> None:
    back, report = there_and_back(found, "conll")
    assert report.dropped["links"] == sum(len(record.layer.links) for record in found)
    for record in found:
        kept = back[record.id].layer or layer_view([])
        assert back[record.id].body.text == record.text
        for label in ATTRIBUTION.labels:
            spans = [span for span in kept.spans.values() if span.label == label]
            assert not any(
                intersection(a.ranges, b.ranges) for a in spans for b in spans if a is not b
            )
    pieces = sum(len(article.layer.spans) for article in back.values() if article.layer)
    if not any(report.dropped[reason] for reason in ("overlap", "edges-widened")):
        assert pieces == sum(
            len(span.ranges) for record in found for span in record.layer.spans.values()
        )


def test_conll_drops_the_shorter_of_two_and_counts_it() -> None:
    text = "Ann said that Bo said that it rained."
    spans = [
        Span(1, "CLAIM", 9, 36),
        Span(2, "CLAIM", 22, 36),
        Span(3, "SPEAKER", 14, 16),
        Span(4, "CUE", 0, 2),
    ]
    back, report = there_and_back([Record("a", text, {}, layer_view(spans), "gold")], "conll")
    layer = back["a"].layer
    assert layer is not None
    assert [s.text(text) for s in layer.in_order()] == ["Ann", "that Bo said that it rained", "Bo"]
    assert report.dropped == {"overlap": 1, "edges-widened": 1}


@pytest.mark.parametrize("name", ENCODERS.names())
def test_each_encoder_says_what_it_holds_and_writes_the_same_bytes_twice(
    name: str, tmp_path: Path
) -> None:
    import sys

    text = "Ann said “it 😀 rained,” and left. “It did.”"
    spans = [
        Span(1, "SPEAKER", 0, 3, attributes={"name": "Ann"}),
        Span(2, "CLAIM", 9, 22, score=0.5),
    ]
    found = [Record(f"d{n}", text, {"title": "T"}, layer_view(spans), "gold") for n in range(3)]
    for folder in ("one", "two"):
        export(found, name, tmp_path / folder)
    one, two = (sorted(p for p in (tmp_path / f).rglob("*") if p.is_file()) for f in ("one", "two"))
    assert [p.relative_to(tmp_path / "one") for p in one] == [
        p.relative_to(tmp_path / "two") for p in two
    ]
    assert [p.read_bytes() for p in one] == [p.read_bytes() for p in two]
    if name != "spacy":
        assert set(FEATURES) >= sys.modules[encoder(name).__module__].HOLDS


def test_every_importer_has_an_ending() -> None:
    assert set(ENDINGS) == set(importers.IMPORTERS.names())
