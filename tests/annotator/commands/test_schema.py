"""`schema`: shown, written, previewed, changed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from annotator.models import Layer
from corpus.core.schema import ATTRIBUTION
from corpus.models import Corpus, Schema
from tests.acts import submit_as


def written(folder: Path, name: str, data: Any) -> Path:
    path = folder / name
    path.write_text(json.dumps(data), encoding="utf-8")
    return path


@pytest.fixture
def renamed(tmp_path: Path) -> Path:
    text = json.dumps(ATTRIBUTION.as_json()).replace('"SPEAKER"', '"SOURCE"')
    return written(tmp_path, "new.json", json.loads(text))


def test_it_is_shown_and_written(corpus: Corpus, tmp_path: Path, capsys: Any) -> None:
    call_command("schema", "harbour")
    shown = capsys.readouterr().out
    assert "said_by: CLAIM -> SPEAKER, required, owned" in shown
    assert "stance: choice of support, oppose, neutral, mixed, unclear, required" in shown
    path = tmp_path / "schema.json"
    call_command("schema", "harbour", export=path)
    assert json.loads(path.read_text(encoding="utf-8")) == ATTRIBUTION.as_json()
    call_command("create_corpus", "copy", schema=path)
    assert Schema.objects.get(corpus__slug="copy").definition == ATTRIBUTION.as_json()


def test_a_change_is_previewed_then_made(
    document: Any, bob: Any, renamed: Path, tmp_path: Path, capsys: Any
) -> None:
    submit_as(document, bob)
    names = written(tmp_path, "map.json", {"labels": {"SPEAKER": "SOURCE"}})
    with pytest.raises(SystemExit):
        call_command("schema", "harbour", change=renamed)
    assert "[schema-lacks]" in capsys.readouterr().err
    call_command("schema", "harbour", change=renamed, map=names, preview=True)
    shown = capsys.readouterr().out
    assert "It would be version 2; 1 documents move." in shown
    assert "label SPEAKER: renamed to SOURCE, 3 and 3 suggested spans in 1 documents" in shown
    assert Schema.objects.count() == 1
    call_command("schema", "harbour", change=renamed, map=names, json=True)
    answer = json.loads(capsys.readouterr().out)
    assert answer == {"corpus": "harbour", "documents": 1, "version": 2}
    kinds = Layer.objects.filter(schema__version=2).values_list("kind", flat=True)
    assert sorted(kinds) == ["review", "suggestion"]
    # The same command again finds nothing to do.
    call_command("schema", "harbour", change=renamed, map=names, json=True)
    assert json.loads(capsys.readouterr().out)["documents"] == 0


def test_a_map_without_a_change_is_refused(corpus: Corpus, tmp_path: Path, capsys: Any) -> None:
    with pytest.raises(SystemExit):
        call_command("schema", "harbour", map=tmp_path / "map.json")
    assert "go with --change" in capsys.readouterr().err
