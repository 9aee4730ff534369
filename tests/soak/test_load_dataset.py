"""What `datasets` loads from the folder of a release, offline, is what was released."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from annotator.services.runs import file_run, store
from exports.core.dataset_features import CONFIGS
from tests.acts import TEXT, add_document, shorter, submit_as, suggested
from tests.exports.services.acts import command


@pytest.fixture
def datasets(monkeypatch: Any, tmp_path: Path) -> Any:
    """The library, without the network, and with what it keeps in a folder of the test."""
    for name in ("HF_HUB_OFFLINE", "HF_DATASETS_OFFLINE"):
        monkeypatch.setenv(name, "1")
    monkeypatch.setenv("HF_HOME", str(tmp_path / "home"))
    import datasets

    datasets.disable_progress_bars()
    return datasets


@pytest.fixture
def corpus_with_gold(corpus: Any, bob: Any, carol: Any, tmp_path: Path) -> Any:
    for number in range(12):
        made = add_document(corpus, tmp_path, f"d{number}", text_of(number))
        store(file_run(corpus.schema, "suggested.jsonl"), made, suggested())
        submit_as(made, bob)
        submit_as(made, carol, change=shorter if number % 2 else None)
    return corpus


def text_of(number: int) -> str:
    """A text that begins as the others and is no near-duplicate of theirs."""
    return TEXT + " ".join(f"word{number}x{place}" for place in range(200)) + "\n"


def loaded(datasets: Any, folder: Path, config: str, cache: Path) -> dict[str, list[Any]]:
    dataset = datasets.load_dataset(str(folder), config, cache_dir=str(cache))
    return {split: list(dataset[split]) for split in dataset}


@pytest.mark.parametrize("form", ["parquet", "jsonl"])
def test_every_configuration_loads(
    corpus_with_gold: Any, datasets: Any, tmp_path: Path, monkeypatch: Any, form: str
) -> None:
    with monkeypatch.context() as patch:
        if form == "jsonl":
            patch.setitem(sys.modules, "pyarrow", None)
        command("release", "harbour", "1", "--to", tmp_path / "r1")
    folder = tmp_path / "r1"
    assert {path.suffix for path in (folder / "data").rglob("*.*")} == {f".{form}"}
    gold = datasets.load_dataset(str(folder), cache_dir=str(tmp_path / "cache"))
    assert set(gold) == {"train", "validation", "test"}
    names = gold["train"].features["spans"].feature["label"].names
    lossless = {}
    for line in (folder / "gold.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        lossless[row["id"]] = row
    seen = []
    for split in gold:
        for row in gold[split]:
            seen.append(row["id"])
            spans = lossless[row["id"]]["spans"]
            assert row["text"] == lossless[row["id"]]["text"]
            assert [names[span["label"]] for span in row["spans"]] == [s["label"] for s in spans]
            for span in row["spans"]:
                assert row["text"][span["start"] : span["end"]] == span["text"]
    assert sorted(seen) == sorted(lossless)
    layers = loaded(datasets, folder, "all_annotators", tmp_path / "cache")
    assert {len(row["annotations"]) for rows in layers.values() for row in rows} == {2}
    provenance = loaded(datasets, folder, "provenance", tmp_path / "cache")
    in_gold = [row for rows in provenance.values() for row in rows if row["in_gold"]]
    assert len(in_gold) == sum(len(row["spans"]) for row in lossless.values())
    assert any(not row["in_gold"] for rows in provenance.values() for row in rows)


def test_both_forms_load_as_the_same(
    corpus_with_gold: Any, datasets: Any, tmp_path: Path, monkeypatch: Any
) -> None:
    command("release", "harbour", "1", "--to", tmp_path / "parquet")
    with monkeypatch.context() as patch:
        patch.setitem(sys.modules, "pyarrow", None)
        command("release", "harbour", "1", "--again", "--to", tmp_path / "jsonl")
    for config in CONFIGS:
        one = loaded(datasets, tmp_path / "parquet", config, tmp_path / "one")
        other = loaded(datasets, tmp_path / "jsonl", config, tmp_path / "other")
        assert one == other
        features = [
            datasets.load_dataset(str(tmp_path / form), config, cache_dir=str(tmp_path / cache))
            for form, cache in (("parquet", "one"), ("jsonl", "other"))
        ]
        assert features[0]["train"].features == features[1]["train"].features
