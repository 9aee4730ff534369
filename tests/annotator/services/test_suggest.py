"""Suggesting for a corpus: the suggester is handed what its documents' stances may be toward."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from annotator.models import Run, Span
from annotator.services.suggest import Choice, suggest_corpus
from annotator.suggesters.label_map import read_map
from corpus.core.schema_file import parse
from corpus.jobs import claim
from corpus.jobs.run import run_job
from corpus.models import Corpus, JobState
from corpus.services.corpora import create_corpus
from tests.acts import add_document, code, person
from tests.annotator.suggesters.pipelines import ruled


def test_claims_get_a_target_of_the_document_or_else_of_the_corpus(
    corpus: Corpus, tmp_path: Path
) -> None:
    corpus.targets = ["harbor bridge"]
    corpus.save()
    for name, text in (
        ("one", "The council backed the bridge."),
        ("two", "The council rejected the toll."),
    ):
        document = add_document(corpus, tmp_path, name, text)
        document.targets = ["road toll"] if name == "two" else []
        document.save()
    suggest_corpus(corpus)
    claims = Span.objects.filter(label__name="CLAIM").order_by("layer__document__external_id")
    found = [(c.attributes["stance"], c.attributes["target"]) for c in claims]
    assert found == [("support", "harbor bridge"), ("oppose", "road toll")]


def own_corpus(name: str = "places") -> Corpus:
    schema = parse({"labels": [{"name": "PLACE"}, {"name": "EVENT"}]})
    return create_corpus(name, schema=schema)


def test_rules_without_a_label_of_the_schema_say_so_and_make_no_run(
    tmp_path: Path, db: None
) -> None:
    corpus = own_corpus()
    add_document(corpus, tmp_path)
    assert code(lambda: suggest_corpus(corpus)) == "suggester-labels"
    root = person("root", is_superuser=True)
    job = claim.start(corpus, "suggest", {"suggester": "rules.v1"}, by=root)
    run_job.func(job.pk)
    job.refresh_from_db()
    assert job.state == JobState.FAILED
    assert "the schema of this corpus has PLACE, EVENT, and none in common" in job.error
    assert not Run.objects.exists()


def test_a_model_of_an_own_schema_suggests_by_a_map(tmp_path: Path, db: None) -> None:
    corpus = own_corpus()
    for number in range(7):
        add_document(corpus, tmp_path, f"d{number}", f"The vote {number} in town.\n")
    patterns = [{"label": "EVENT", "pattern": "vote"}, {"label": "GPE", "pattern": "town"}]
    model = ruled(tmp_path / "model", patterns)
    choice = Choice(f"trained:{model}", {"GPE": "PLACE"})
    counts = suggest_corpus(corpus, suggester=choice)
    assert (counts["documents"], counts["spans"]) == (7, 14)
    assert suggest_corpus(corpus, suggester=choice)["documents"] == 0
    # Another map is another run.
    assert suggest_corpus(corpus, suggester=f"trained:{model}")["spans"] == 7


def test_options_of_trained_pipelines_are_for_them_alone(corpus: Corpus) -> None:
    for choice in (Choice("rules.v1", {"A": "CLAIM"}), Choice("rules.v1", fill="rules")):
        assert code(partial(suggest_corpus, corpus, suggester=choice)) == "suggester-option"


def test_a_map_comes_from_a_file(corpus: Corpus, tmp_path: Path) -> None:
    path = tmp_path / "map.json"
    path.write_text('{"PERSON": "SPEAKER", "DATE": null}', encoding="utf-8")
    assert read_map(path) == {"PERSON": "SPEAKER", "DATE": ""}
    for text in ("[]", "{", '{"A": 1}'):
        path.write_text(text, encoding="utf-8")
        assert code(partial(read_map, path)) == "label-map"
    assert code(partial(read_map, tmp_path / "none.json")) == "file-unreadable"
