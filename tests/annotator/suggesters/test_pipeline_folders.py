"""What the files of pipelines tell, without loading them."""

from __future__ import annotations

from pathlib import Path

import pytest
import spacy

from annotator.suggesters import pipeline_folders
from corpus.core.problems import Problem
from tests.annotator.suggesters.pipelines import described, ruled


def test_each_component_is_told_by_what_it_gives(tmp_path: Path) -> None:
    described(
        tmp_path / "news",
        tagger=("tagger", ["NN", "VB"]),
        ner=("ner", ["PER", "ORG"]),
        spans=("spancat", ["ORG", "TEAM"]),
        textcat=("textcat", ["yes", "no"]),
        rel=("link_extractor", ["works_for"]),
        own=("their_own", ["THING"]),
        empty=("ner", []),
    )
    told = pipeline_folders.read(tmp_path, "news")
    assert (told.language, told.version, told.why) == ("en", "1.2.0", "")
    assert told.names("spans") == ("PER", "ORG", "TEAM")
    assert told.names("links") == ("works_for",)
    assert told.names("any") == ("THING",)
    assert [(c.name, c.labels) for c in told.classifiers] == [("textcat", ("yes", "no"))]


def test_the_output_of_a_training_is_read_as_it_is_loaded(tmp_path: Path) -> None:
    described(tmp_path / "a" / "model" / "model-best", ner=("ner", ["BEST"]))
    described(tmp_path / "a" / "model" / "model-last", ner=("ner", ["LAST"]))
    described(tmp_path / "a" / "stance" / "model-best", textcat=("textcat", ["x"]))
    told = pipeline_folders.read(tmp_path, "a")
    assert told.names("spans") == ("BEST",)
    assert [component.name for component in told.classifiers] == ["textcat"]


def test_what_spacy_writes_is_read(tmp_path: Path) -> None:
    ruled(tmp_path / "ruled", [{"label": "PERSON", "pattern": "Ann"}])
    nlp = spacy.blank("de")
    nlp.add_pipe("entity_ruler").add_patterns([{"label": "ORT", "pattern": "Bay"}])
    nlp.to_disk(tmp_path / "orte")
    assert pipeline_folders.read(tmp_path, "ruled").names("spans") == ("PERSON",)
    told = pipeline_folders.read(tmp_path, "orte")
    assert (told.language, told.names("spans")) == ("de", ("ORT",))


def test_only_folders_by_their_names_are_offered(tmp_path: Path) -> None:
    root = tmp_path / "models"
    described(root / "news", ner=("ner", ["A"]))
    described(root / ".hidden", ner=("ner", ["A"]))
    described(root / "with space", ner=("ner", ["A"]))
    described(tmp_path / "outside", ner=("ner", ["A"]))
    (root / "empty").mkdir()
    (root / "file").write_text("", encoding="utf-8")
    assert pipeline_folders.folders_of(root) == ["news"]
    assert pipeline_folders.folders_of(tmp_path / "nowhere") == []
    for name in ("../outside", "news/..", str(tmp_path / "outside"), "", ".", "empty", "NEWS"):
        with pytest.raises(Problem, match="not-found"):
            pipeline_folders.read(root, name)


@pytest.mark.parametrize(
    ("file", "content"),
    [
        ("meta.json", "{"),
        ("meta.json", "[]"),
        ("meta.json", b"\xff"),
        ("meta.json", "[" * 100_000),
        ("config.cfg", "no section"),
        ("config.cfg", "[nlp]\npipeline = {"),
        ("config.cfg", "[nlp]\npipeline = 3"),
        ("config.cfg", "x" * (pipeline_folders.LARGEST + 1)),
    ],
)
def test_files_that_cannot_be_read_are_told(
    tmp_path: Path, file: str, content: str | bytes
) -> None:
    place = described(tmp_path / "news", ner=("ner", ["A"]))
    data = content if isinstance(content, bytes) else content.encode()
    (place / file).write_bytes(data)
    told = pipeline_folders.read(tmp_path, "news")
    assert told.components == () and "news cannot be read" in told.why


def test_labels_that_are_none_are_left_out(tmp_path: Path) -> None:
    place = described(tmp_path / "news", ner=("ner", ["A"]))
    (place / "meta.json").write_text('{"labels": {"ner": [1, "B", null]}}', encoding="utf-8")
    assert pipeline_folders.read(tmp_path, "news").names("spans") == ("B",)
    (place / "meta.json").write_text('{"labels": 3}', encoding="utf-8")
    assert pipeline_folders.read(tmp_path, "news").components == ()
