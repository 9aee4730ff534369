"""What comes along in files is kept whole, and added to when more of it comes."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from annotator.models import Layer
from annotator.selectors.layers import layer_views
from annotator.services import imports
from corpus.core import import_map
from corpus.core.span import LayerView
from corpus.models import Corpus
from corpus.selectors import corpus_called, schema_rows

pytestmark = pytest.mark.django_db

SURE = {"name": "sure", "kind": "flag"}
SCHEMA = {
    "labels": [
        {
            "name": "PERSON",
            "attributes": [{"name": "tone", "kind": "choice", "choices": ["good", "bad"]}],
        },
        {"name": "ORG"},
    ],
    "links": [{"name": "part_of", "sources": ["PERSON"], "targets": ["ORG"], "attributes": [SURE]}],
    "attributes": [{"name": "topics", "kind": "choices", "choices": ["rain", "news"]}],
}
ROW = {
    "id": "d",
    "text": "Ann of Brandt left.",
    "meta": {"title": "Ann of Brandt left."},
    "attributes": {"topics": ["rain"]},
    "spans": [
        {
            "id": "p1",
            "label": "PERSON",
            "start": 0,
            "end": 3,
            "text": "Ann",
            "attributes": {"tone": "good"},
        },
        {
            "id": "o2",
            "label": "ORG",
            "start": 7,
            "end": 13,
            "text": "Brandt",
            "attributes": {},
        },
    ],
    "links": [{"kind": "part_of", "source": "p1", "target": "o2", "attributes": {"sure": True}}],
}


@pytest.fixture
def entities(tmp_path: Path) -> Corpus:
    (tmp_path / "schema.json").write_text(json.dumps(SCHEMA))
    out = StringIO()
    call_command("create_corpus", "entities", "--schema", str(tmp_path / "schema.json"), stdout=out)
    return corpus_called("entities")


def bring(corpus: Corpus, path: Path, row: dict[str, Any], **names: Any) -> imports.Report:
    path.write_text(json.dumps(row), encoding="utf-8")
    schema = schema_rows(corpus.schema).view if corpus.schema else None
    assert schema is not None
    return imports.import_documents(corpus, [path], names=import_map.parse(names, schema))


def suggested() -> LayerView:
    (view,) = layer_views(Layer.objects.filter(kind="suggestion")).values()
    return view


def test_links_and_documents_keep_what_is_said_of_them(entities: Corpus, tmp_path: Path) -> None:
    assert bring(entities, tmp_path / "in.jsonl", ROW).problems == []
    to = tmp_path / "out.jsonl"
    call_command(
        *("export", "entities", "--format", "jsonl", "--layer", "suggestions", "--to", str(to)),
        stdout=StringIO(),
    )
    exported = json.loads(to.read_text(encoding="utf-8"))
    assert exported.pop("layer")["kind"] == "suggestion"
    assert exported == ROW


def test_what_was_left_out_is_added_when_it_comes_under_our_names(
    entities: Corpus, tmp_path: Path
) -> None:
    theirs = json.loads(json.dumps(ROW).replace('"good"', '"GOOD"').replace('"sure"', '"Sure"'))
    theirs["attributes"] = {"Topics": ["rain"]}
    report = bring(entities, tmp_path / "in.jsonl", theirs)
    assert sorted(report.left) == ["document-attribute", "link-attribute", "span-attribute"]
    first = suggested()
    said = [*first.spans.values(), *first.links.values(), first]
    assert not any(part.attributes for part in said)
    names = {
        "attributes": {"part_of.Sure": "sure", "Topics": "topics"},
        "values": {"tone": {"GOOD": "good"}},
    }
    assert not bring(entities, tmp_path / "in.jsonl", theirs, **names).left
    second = suggested()
    assert second.attributes == {"topics": ["rain"]}
    assert [dict(span.attributes) for span in second.in_order()] == [{"tone": "good"}, {}]
    assert [dict(link.attributes) for link in second.links.values()] == [{"sure": True}]
