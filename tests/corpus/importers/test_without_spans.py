"""Without spans no annotation is read, so that none of any format can refuse its document."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from cassis import Cas, TypeSystem

from corpus import importers
from corpus.importers import Article
from corpus.importers.reading import Reading

TEXT = "Ann said it."
BAD = {"text": TEXT, "annotations": 7, "label": 7, "relations": "none", "cats": 7, "Comments": 7}


def cas_beyond_its_text() -> str:
    types = TypeSystem()
    types.create_type("custom.Span", "uima.tcas.Annotation")
    made = Cas(types)
    made.sofa_string = TEXT
    made.sofa_mime = "text/plain"
    made.add(types.get_type("custom.Span")(begin=0, end=3))
    return str(made.to_json()).replace('"end" : 3', '"end" : 300').replace('"end": 3', '"end": 300')


@pytest.mark.parametrize(
    ("format", "name", "written"),
    [
        ("doccano", "a.jsonl", json.dumps(BAD)),
        ("prodigy", "a.jsonl", json.dumps({"text": TEXT, "spans": 7, "relations": 7, "label": 7})),
        (
            "labelstudio",
            "a.json",
            json.dumps([{"data": {"text": TEXT}, "predictions": [{"result": 7}]}]),
        ),
        ("csv", "a.csv", 'text,spans,links\nAnn said it.,"[{""a"": ","[{"""\n'),
        ("conll", "a.conll", "Ann\tX-?\nsaid\tB-\nit.\t?\n"),
        ("cas", "a.json", cas_beyond_its_text()),
        ("webannotation", "a.jsonld", '{"items": 7}'),
        ("brat", "a.ann", "?"),
        (
            "spacyjson",
            "a.json",
            json.dumps(
                [{"paragraphs": [{"raw": TEXT, "sentences": [{"tokens": [{"orth": "Zed"}]}]}]}]
            ),
        ),
    ],
)
def test_annotations_that_cannot_be_read_cost_nothing(
    tmp_path: Path, format: str, name: str, written: str
) -> None:
    path = tmp_path / name
    path.write_text(written, encoding="utf-8")
    if format in ("brat", "webannotation"):
        path.with_suffix(".txt").write_text(TEXT, encoding="utf-8")
    (article,) = importers.read(path, Reading(format=format, spans=False))
    assert isinstance(article, Article), article
    assert " ".join(article.body.text.split()) == TEXT
    assert article.layer is None and article.left == ()
