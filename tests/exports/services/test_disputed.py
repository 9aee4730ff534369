"""What reviewers still differ on: hidden from training, left out with its document, or counted."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from annotator.models import Adjudication
from corpus.models import Corpus
from exports import selectors
from exports.encoders import spacy_project
from tests.acts import TEXT, find, shorter, submit_as
from tests.exports.services.acts import command, refused

pytestmark = pytest.mark.postgresql


@pytest.fixture
def disputed(document: Any, bob: Any, carol: Any) -> Adjudication:
    """A document on which two of three frames are in dispute."""
    submit_as(document, bob)
    submit_as(document, carol, change=shorter)
    return Adjudication.objects.get()


def export(to: Path, *options: str) -> tuple[dict[str, int], dict[str, Any]]:
    """Export gold for spaCy and return what was left out, and the manifest."""
    arguments = ("export", "harbour", "--format", "spacy", "--to", to, "--split", "100/0/0")
    answer = json.loads(command(*arguments, *options, "--json"))
    dropped = {row["reason"]: row["count"] for row in answer["dropped"]}
    return dropped, json.loads((to / "manifest.json").read_text(encoding="utf-8"))


def test_the_words_of_a_dispute_and_its_speaker_are_hidden_from_training(
    disputed: Adjudication, tmp_path: Path
) -> None:
    dropped, manifest = export(tmp_path / "out")
    assert dropped == {"frame-in-dispute": 2} == manifest["dropped"]
    assert manifest["masked"]["documents"] == 1
    assert manifest["masked"]["frames"] == 2
    [doc] = spacy_project.read_back(tmp_path / "out")
    hidden = {token.text for token in doc if token.ent_iob_ == ""}
    assert {"town", "broke", "Okafor"} <= hidden
    assert [(entity.label_, entity.text) for entity in doc.ents] == [
        ("SPEAKER", "She"),
        ("CLAIM", "that it would cost more"),
    ]
    readme = (tmp_path / "out" / "README.md").read_text(encoding="utf-8")
    assert "2 frames in 1 documents are still in dispute" in readme


def test_a_speaker_that_gold_has_by_another_frame_is_not_hidden(
    disputed: Adjudication, document: Any
) -> None:
    [place] = selectors.disputed([disputed.gold_id]).values()
    layers = selectors.layers_of(document.corpus, "gold")
    [record] = selectors.records(layers, kind="gold", with_disputes=True)
    assert find("Opposition leader Tomas Okafor") in place.linked
    assert find("She") not in record.disputed
    assert record.disputes == 2
    assert all(TEXT[start:end].strip() for start, end in record.disputed)


def test_disputes_are_counted_and_kept_when_somebody_says_so(
    disputed: Adjudication, tmp_path: Path
) -> None:
    dropped, manifest = export(tmp_path / "out", "--disputed", "keep")
    assert dropped == {"frame-in-dispute": 2}
    assert manifest["masked"]["documents"] == 0
    [doc] = spacy_project.read_back(tmp_path / "out")
    assert all(token.ent_iob_ for token in doc)


def test_a_document_in_dispute_is_left_out_when_somebody_says_so(
    disputed: Adjudication, tmp_path: Path
) -> None:
    arguments = ("--format", "spacy", "--disputed", "leave-out", "--to", tmp_path / "out")
    assert "[nothing-to-do]" in refused("export", "harbour", *arguments)
    assert not (tmp_path / "out").exists()


def test_an_export_is_in_the_language_of_its_corpus(
    disputed: Adjudication, corpus: Corpus, tmp_path: Path
) -> None:
    Corpus.objects.filter(pk=corpus.pk).update(language="de")
    _, manifest = export(tmp_path / "out")
    assert manifest["language"] == "de"
    assert manifest["starts_from"] == ""


def test_a_corpus_is_created_in_a_language_that_spacy_knows(db: None) -> None:
    command("create_corpus", "zeitung", "--language", "de")
    assert Corpus.objects.get(slug="zeitung").language == "de"
    said = refused("create_corpus", "other", "--language", "klingon")
    assert said.startswith("[request-invalid]")
    assert "klingon" in said
    assert not Corpus.objects.filter(slug="other").exists()
