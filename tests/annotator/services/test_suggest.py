"""Suggesting for a corpus: the suggester is handed what its documents' stances may be toward."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command

from annotator.models import Layer, Run, Span
from annotator.selectors import suggested
from annotator.selectors.layers import shown_run, shown_suggestions
from annotator.services import suggest, uploads
from annotator.services.runs import file_run, store
from annotator.services.suggest import Choice, suggest_corpus
from annotator.suggesters.label_map import read_map
from corpus.core.schema_file import parse
from corpus.jobs import claim
from corpus.jobs.run import run_job
from corpus.models import Corpus, Document, Job, JobState
from corpus.services.corpora import create_corpus
from tests.acts import TEXT, add_document, code, person
from tests.acts import suggested as as_suggested
from tests.annotator.scripted import LATER_NAME, scripted
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


def test_what_is_not_in_english_is_left_and_named(corpus: Corpus, tmp_path: Path) -> None:
    add_document(corpus, tmp_path, "english", "The mayor said that the bridge was safe.")
    german = "Der Bürgermeister sagte am Montag, dass die Brücke geschlossen bleibt. " * 6
    add_document(corpus, tmp_path, "german", german)
    answer = suggest_corpus(corpus)
    (note,) = answer["notes"]
    assert note["count"] == 1
    assert note["documents"] == ["german"]
    assert "not in English" in note["reason"]
    assert not Span.objects.filter(layer__document__external_id="german").exists()


def test_a_corpus_in_another_language_is_left_and_named(corpus: Corpus, tmp_path: Path) -> None:
    corpus.language = "de"
    corpus.save()
    add_document(corpus, tmp_path, "one", "The mayor said that the bridge was safe.")
    answer = suggest_corpus(corpus)
    assert (answer["spans"], [note["documents"] for note in answer["notes"]]) == (0, [["one"]])


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
    counts = suggest_corpus(corpus, suggesters=[choice])
    assert (counts["documents"], counts["spans"]) == (7, 14)
    assert suggest_corpus(corpus, suggesters=[choice])["documents"] == 0
    # Another map is another run.
    assert suggest_corpus(corpus, suggesters=[Choice(f"trained:{model}")])["spans"] == 7


def test_options_of_trained_pipelines_are_for_them_alone(corpus: Corpus) -> None:
    for choice in (Choice("rules.v1", {"A": "CLAIM"}), Choice("rules.v1", fill="rules")):
        assert code(partial(suggest_corpus, corpus, suggesters=[choice])) == "suggester-option"


def test_a_map_comes_from_a_file(corpus: Corpus, tmp_path: Path) -> None:
    path = tmp_path / "map.json"
    path.write_text('{"PERSON": "SPEAKER", "DATE": null}', encoding="utf-8")
    assert read_map(path) == {"PERSON": "SPEAKER", "DATE": ""}
    for text in ("[]", "{", '{"A": 1}'):
        path.write_text(text, encoding="utf-8")
        assert code(partial(read_map, path)) == "label-map"
    assert code(partial(read_map, tmp_path / "none.json")) == "file-unreadable"


def brought_in(corpus: Corpus, by: Any, *rows: dict[str, Any]) -> list[str]:
    """Upload rows as one file, import them, and return the kinds of the jobs that ran."""
    data = "\n".join(json.dumps(row) for row in rows).encode()
    job = uploads.receive(corpus, [SimpleUploadedFile("in.jsonl", data)], by=by)
    call_command("run_jobs", "--once", verbosity=0)
    uploads.begin(corpus, job.pk, by=by)
    call_command("run_jobs", "--once", verbosity=0)
    assert not Job.objects.exclude(state="done").exists()
    return sorted(Job.objects.filter(pk__gt=job.pk).values_list("kind", flat=True))


SAID = "“The wall will not hold,” said Mayor Ilse Brandt.\n"
SPAN = {"id": "s1", "label": "CLAIM", "start": 0, "end": 25, "text": SAID[:25]}


@pytest.mark.django_db(transaction=True)
def test_what_is_imported_gets_suggestions_without_being_asked(corpus: Corpus, alice: Any) -> None:
    kinds = brought_in(
        corpus, alice, {"id": "plain", "text": SAID}, {"id": "own", "text": SAID, "spans": [SPAN]}
    )
    assert kinds == ["import", "suggest"]
    plain, own = (Document.objects.get(external_id=name) for name in ("plain", "own"))
    run, view = shown_suggestions(plain)
    assert run is not None and run.suggester == "rules.v1"
    assert [span.text(SAID) for span in view.in_order() if span.label == "CLAIM"] == [SAID[:25]]
    # What came along stays what is shown, and the rules did not even try.
    run, _ = shown_suggestions(own)
    assert run is not None and run.suggester == "file:in.jsonl"
    assert not Layer.objects.filter(document=own, run__suggester="rules.v1").exists()
    # The second import finds nothing that is new.
    assert brought_in(corpus, alice, {"id": "plain", "text": SAID}) == ["import"]


@pytest.mark.django_db(transaction=True)
def test_an_import_suggests_nothing_anew_for_what_was_there(corpus: Corpus, alice: Any) -> None:
    with scripted():
        suggest_corpus(corpus, suggesters=[Choice(LATER_NAME)], show=True)
        brought_in(corpus, alice, {"id": "old", "text": SAID})
    # What it is asked with has changed since, as by a word in the guideline.
    with scripted({"script": 2}):
        brought_in(corpus, alice, {"id": "new", "text": SAID})
        layers = Layer.objects.filter(run__suggester=LATER_NAME).order_by("pk")
        found = [(layer.document.external_id, layer.run.config["script"]) for layer in layers]
        assert found == [("old", 1), ("new", 2)]
        # Asked to, it suggests for all.
        corpus.refresh_from_db()
        run_job.func(suggest.start(corpus, by=alice).pk)
        assert Layer.objects.filter(run__config__script=2).count() == 2


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "change",
    [
        {"suggest_on_import": False},
        {"language": "de"},
        # A program or a trained pipeline is shown, so that nobody would see what the rules say.
        {"shown_suggester": "api:ours"},
    ],
)
def test_nothing_is_suggested_unasked_where_it_is_not_wanted_or_not_shown(
    corpus: Corpus, alice: Any, change: dict[str, Any]
) -> None:
    Corpus.objects.filter(pk=corpus.pk).update(**change)
    corpus.refresh_from_db()
    assert brought_in(corpus, alice, {"id": "plain", "text": SAID}) == ["import"]


@pytest.mark.django_db(transaction=True)
def test_a_schema_that_the_rules_do_not_know_is_imported_into_all_the_same(db: None) -> None:
    corpus = own_corpus()
    root = person("root", is_superuser=True)
    assert brought_in(corpus, root, {"id": "plain", "text": SAID}) == ["import"]


def test_a_job_takes_in_what_was_imported_while_it_ran(
    corpus: Corpus, alice: Any, tmp_path: Path
) -> None:
    first = add_document(corpus, tmp_path, "first", SAID)
    job = claim.start(corpus, "suggest", {"suggester": "rules.v1"}, by=alice)
    late: list[Document] = []

    def progress(done: int, total: int) -> None:
        if late:
            return
        late.append(add_document(corpus, tmp_path, "late", SAID))
        own = add_document(corpus, tmp_path, "own", TEXT)
        store(file_run(own.corpus.schema, "own.jsonl"), own, as_suggested())  # type: ignore[arg-type]
        suggest.follow_import(Job(corpus=corpus))

    result = suggest.run_suggest_job(job, progress=progress, cancelled=lambda: False)
    assert result["documents"] == 2
    assert Job.objects.filter(kind="suggest").count() == 1
    assert [shown_run(document) for document in (first, *late)] == [
        Run.objects.get(config__threshold=0.5).pk
    ] * 2
    own = Document.objects.get(external_id="own")
    run, _ = shown_suggestions(own)
    assert run is not None and run.suggester == "file:own.jsonl"


def test_a_job_tells_what_it_found_in_a_sentence_and_by_a_few_frames(
    corpus: Corpus, alice: Any, tmp_path: Path
) -> None:
    for name in ("one", "two"):
        add_document(corpus, tmp_path, name, SAID)
    job = claim.start(corpus, "suggest", {"suggester": "rules.v1"}, by=alice)
    run_job.func(job.pk)
    found = suggested.newest(corpus, alice)
    assert found is not None
    # One speaker by name, however often she speaks.
    assert found.sentence == "2 claims by 1 speaker in 2 documents"
    assert [(one.document.external_id, one.linked, one.words) for one in found.sample] == [
        ("one", "Ilse Brandt", SAID[:25]),
        ("two", "Ilse Brandt", SAID[:25]),
    ]
    job.refresh_from_db()
    assert "wall" not in json.dumps(job.result), "an article's words stand in one place"
