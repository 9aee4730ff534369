"""The suggesters of a corpus: chosen, run in order, shown, and changed again."""

from __future__ import annotations

import json
from collections import Counter
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from annotator.core import patterns
from annotator.models import Layer, Run, Span
from annotator.selectors.layers import shown_run
from annotator.services import chosen_suggesters, review, suggest
from annotator.services import patterns as pattern_sets
from annotator.services.chosen_suggesters import Choice
from annotator.suggesters import SUGGESTERS
from corpus.jobs import claim
from corpus.jobs.run import run_job
from corpus.models import Corpus, Job
from corpus.selectors import schema_rows
from exports.selectors import layers_of
from tests.acts import add_document, audit_log, code
from tests.annotator.scripted import LATER_NAME, scripted
from tests.annotator.suggesters.pipelines import SPEAKERS_AND_CLAIMS, ruled

SAID = "“The wall will not hold,” said Mayor Ilse Brandt.\n"


def command(*arguments: str) -> dict[str, Any]:
    out = StringIO()
    call_command("suggest", "harbour", "--json", *arguments, stdout=out, stderr=StringIO())
    return json.loads(out.getvalue())


def shown(document: Any) -> Run:
    return Run.objects.get(pk=shown_run(document))


def test_every_suggester_can_be_made() -> None:
    assert set(chosen_suggesters.MAKERS) == set(SUGGESTERS.names())


def test_several_are_joined_by_a_command_and_each_span_names_its_proposer(
    corpus: Corpus, tmp_path: Path
) -> None:
    document = add_document(corpus, tmp_path, "one", SAID)
    model = ruled(tmp_path / "model", SPEAKERS_AND_CLAIMS)
    trained = f"trained:{model}"
    answer = command("--suggester", "rules.v1", "--suggester", trained)
    assert answer["documents"] == 1
    run = shown(document)
    assert run.suggester == "joined"
    assert [part["suggester"] for part in run.config["parts"]] == ["rules.v1", "trained"]
    claim = Span.objects.get(label__name="CLAIM")
    assert claim.evidence["suggester"] == "rules.v1"
    assert claim.evidence["also"] == [run.config["parts"][1]["name"]]
    # A folder is no name that an import could suggest with.
    corpus.refresh_from_db()
    assert (corpus.chosen_suggesters, suggest.on_import(corpus)) == ([], [])
    overruled = command(
        "--suggester", "rules.v1", "--suggester", trained, "--overrules", trained, "--show"
    )
    assert overruled["documents"] == 1
    assert shown(document).config["parts"][1]["overrules"]


def test_the_bar_is_the_corpus_s_and_a_command_changes_it(corpus: Corpus, tmp_path: Path) -> None:
    document = add_document(corpus, tmp_path, "one", SAID)
    command()
    first = shown(document)
    assert first.config["threshold"] == 0.5
    assert command("--threshold", "0.99")["documents"] == 1
    corpus.refresh_from_db()
    assert (corpus.threshold, shown(document).config["threshold"]) == (0.99, 0.99)
    assert audit_log(corpus)[-1] == ("", "chose what suggests: rules.v1, from 0.99 on")
    # Without a number that of the corpus counts; back at the first, the first run is shown.
    assert command()["documents"] == 0
    command("--threshold", "0.5")
    assert shown(document) == first
    for wrong in ("1.5", "nan"):
        with pytest.raises(SystemExit):
            command("--threshold", wrong)


def test_a_job_runs_what_is_chosen_and_an_opened_document_stays_as_it_is(
    corpus: Corpus, alice: Any, bob: Any, tmp_path: Path
) -> None:
    opened, untouched = (add_document(corpus, tmp_path, name, SAID) for name in ("one", "two"))
    suggest.suggest_corpus(corpus)
    layer = review.open_layer(opened, by=bob)
    before = layer.shown_run
    choice = Choice()
    chosen_suggesters.choose(corpus, [choice], threshold=0.7, by=alice)
    job = suggest.start(corpus, by=alice)
    run_job.func(job.pk)
    layer.refresh_from_db()
    assert (layer.shown_run, shown(untouched).config["threshold"]) == (before, 0.7)
    newer = review.open_layer(untouched, by=bob)
    assert newer.shown_run == shown(untouched)
    assert Layer.objects.filter(document=opened, kind="suggestion").count() == 2


def test_only_who_manages_chooses_and_only_what_can_be_used(
    corpus: Corpus, alice: Any, bob: Any, dave: Any
) -> None:
    def chosen(*names: str, by: Any = alice) -> str:
        choices = [Choice(name) for name in names]
        return code(lambda: chosen_suggesters.choose(corpus, choices, threshold=0.5, by=by))

    assert chosen("rules.v1", by=bob) == "not-allowed"
    assert chosen("rules.v1", by=dave) == "not-found"
    assert chosen("magic") == "plugin-unknown"
    assert chosen("trained:/folder") == "suggesters-offered"
    assert chosen() == chosen("rules.v1", "rules.v1") == "suggesters-chosen"
    assert not Job.objects.exists()


def test_what_was_shown_stays_until_what_is_chosen_has_suggested(
    corpus: Corpus, alice: Any, tmp_path: Path
) -> None:
    documents = [add_document(corpus, tmp_path, f"d{number}", SAID) for number in range(6)]
    suggest.suggest_corpus(corpus)
    corpus.refresh_from_db()
    before = shown_run(documents[0])
    with scripted():
        # Made beside what is shown, and shown to nobody.
        suggest.suggest_corpus(corpus, suggesters=[Choice(LATER_NAME)])
        corpus.refresh_from_db()
        both = [Choice(), Choice(LATER_NAME)]
        chosen_suggesters.choose(corpus, both, threshold=0.5, by=alice)
        job = suggest.start(corpus, by=alice)
        ended = iter([False, True, True])
        suggest.run_suggest_job(job, progress=lambda *_: None, cancelled=lambda: next(ended, True))
    runs = [shown_run(document) for document in documents]
    assert Run.objects.get(pk=runs[0]).suggester == "joined"
    assert runs[-1] == before
    assert set(layers_of(corpus, "suggestions")) == {document.pk for document in documents}


def test_patterns_of_before_that_suggest_again_are_shown(
    corpus: Corpus, alice: Any, tmp_path: Path
) -> None:
    document = add_document(corpus, tmp_path, "one", SAID)
    by_patterns = [Choice("patterns")]

    def suggested_with(words: str) -> Run:
        found, _ = patterns.read(
            json.dumps({"label": "CLAIM", "pattern": words}), schema_rows(corpus.schema).view
        )
        pattern_sets.replace(corpus, found, by=alice)
        chosen_suggesters.choose(corpus, by_patterns, threshold=0.5, by=alice)
        run_job.func(suggest.start(corpus, by=alice).pk)
        corpus.refresh_from_db()
        return shown(document)

    first = suggested_with("wall")
    second = suggested_with("hold")
    assert first != second
    assert suggested_with("wall") == first
    layers = layers_of(corpus, "suggestions")
    assert Layer.objects.get(pk=layers[document.pk]).run == first


def test_an_old_job_that_is_tried_again_changes_nothing_that_is_shown(
    corpus: Corpus, alice: Any, tmp_path: Path
) -> None:
    document = add_document(corpus, tmp_path, "one", SAID)
    old = suggest.start(corpus, by=alice)
    claim.cancel(old, by=alice)
    old.refresh_from_db()
    chosen_suggesters.choose(corpus, [Choice()], threshold=0.7, by=alice)
    run_job.func(suggest.start(corpus, by=alice).pk)
    chosen = shown(document)
    run_job.func(claim.retry(old, by=alice).pk)
    assert shown(document) == chosen
    corpus.refresh_from_db()
    assert corpus.shown_suggester == chosen.shown_as


def test_what_is_saved_while_a_job_suggests_counts_from_the_next_one_on(
    corpus: Corpus, alice: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(3):
        add_document(corpus, tmp_path, f"d{number}", SAID)
    schema = schema_rows(corpus.schema).view

    def save(words: str) -> None:
        found, _ = patterns.read(json.dumps({"label": "CLAIM", "pattern": words}), schema)
        pattern_sets.replace(corpus, found, by=alice)

    save("wall")
    chosen_suggesters.choose(corpus, [Choice("patterns")], threshold=0.5, by=alice)
    job = suggest.start(corpus, by=alice)

    def distribute(job: Job, kind: str, arguments: Any, keys: Any, work: Any, **_: Any) -> Any:
        """Have all done by a subtask that begins after new patterns were saved."""
        save("hold")
        subtask = claim.start_subtask(job, kind, {**arguments, "keys": keys})
        run_job.func(subtask.pk)
        subtask.refresh_from_db()
        assert subtask.state == "done", subtask.error
        return Counter(subtask.result)

    monkeypatch.setattr("corpus.jobs.subtasks.distribute", distribute)
    run_job.func(job.pk)
    job.refresh_from_db()
    assert (job.state, job.result["documents"]) == ("done", 3)
    (run,) = Run.objects.all()
    assert run.layers.count() == 3
