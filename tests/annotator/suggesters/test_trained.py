"""Suggesting with a spaCy pipeline of one's own."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
import spacy
from django.core.management import call_command
from django.urls import reverse

from annotator.models import Layer, Run

PATTERNS = [
    {"label": "PERSON", "pattern": "Mayor Ilse Brandt"},
    {"label": "QUOTE", "pattern": "“The wall will not hold,”"},
    {"label": "DATE", "pattern": "town"},
]


@pytest.fixture
def model(tmp_path: Path) -> Path:
    nlp = spacy.blank("en")
    nlp.add_pipe("span_ruler", config={"spans_key": "sc"}).add_patterns(PATTERNS)
    nlp.to_disk(tmp_path / "model")
    (tmp_path / "model" / "saidby.json").write_text(
        json.dumps({"labels": {"PERSON": "SPEAKER", "QUOTE": "CLAIM"}}), encoding="utf-8"
    )
    return tmp_path / "model"


def suggest(*arguments: str) -> dict[str, Any]:
    out = StringIO()
    call_command("suggest", "harbour", "--json", *arguments, stdout=out)
    return json.loads(out.getvalue())


def refused(*arguments: str) -> str:
    err = StringIO()
    with pytest.raises(SystemExit):
        call_command("suggest", "harbour", *arguments, stderr=err)
    return err.getvalue()


def test_a_pipeline_suggests_under_our_labels_as_a_run_of_its_own(
    document: Any, model: Path
) -> None:
    runs = Run.objects.count()
    told = suggest("--suggester", f"trained:{model}")
    assert (told["documents"], told["spans"]) == (1, 2)
    assert Run.objects.count() == runs + 1
    layer = Layer.objects.get(run__suggester="trained")
    assert set(layer.spans.values_list("label__name", flat=True)) == {"SPEAKER", "CLAIM"}
    assert suggest("--suggester", f"trained:{model}")["documents"] == 0


def test_a_pipeline_trained_anew_is_another_run(document: Any, model: Path) -> None:
    suggest("--suggester", f"trained:{model}")
    (model / "saidby.json").write_text(
        json.dumps({"labels": {"PERSON": "SPEAKER"}}), encoding="utf-8"
    )
    assert suggest("--suggester", f"trained:{model}")["spans"] == 1


def test_entities_are_read_where_there_is_no_span_group(document: Any, tmp_path: Path) -> None:
    nlp = spacy.blank("en")
    nlp.add_pipe("entity_ruler").add_patterns([{"label": "SPEAKER", "pattern": "Tomas Okafor"}])
    nlp.to_disk(tmp_path / "entities")
    assert suggest("--suggester", f"trained:{tmp_path / 'entities'}")["spans"] == 1


def test_what_is_no_pipeline_is_refused_in_one_line(
    document: Any, model: Path, tmp_path: Path
) -> None:
    assert "[model-invalid]" in refused("--suggester", f"trained:{tmp_path / 'nowhere'}")
    assert "[model-invalid]" in refused("--suggester", "trained")
    (model / "saidby.json").write_text("[]", encoding="utf-8")
    assert "[model-invalid]" in refused("--suggester", f"trained:{model}")
    assert not Layer.objects.filter(run__suggester="trained").exists()


def test_a_folder_cannot_be_named_over_the_network(
    document: Any, alice: Any, as_user: Any, model: Path
) -> None:
    client = as_user(alice)
    for name in (f"trained:{model}", "trained"):
        answer = client.post(
            reverse("api-suggest", kwargs={"slug": "harbour"}),
            {"suggester": name},
            content_type="application/json",
        )
        assert answer.status_code == 400
