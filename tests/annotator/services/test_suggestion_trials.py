"""Suggesters tried before they are used: what would change is counted, and nothing is written."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse

from annotator.models import Layer, Run, Span
from annotator.selectors import suggestion_trials as trials
from annotator.selectors.layers import shown_run
from annotator.services import chosen_suggesters, review, suggest, suggestion_trials
from annotator.services.chosen_suggesters import Choice
from corpus.jobs.run import run_job
from corpus.models import Corpus, Job
from tests.acts import add_document, audit_log, code
from tests.annotator.scripted import LATER, LATER_NAME, scripted

SAID = "“The wall will not hold,” said Mayor Ilse Brandt.\n"
BOTH = [Choice(), Choice(LATER_NAME)]


@pytest.fixture
def suggested(corpus: Corpus, tmp_path: Path) -> list[Any]:
    """Documents for which the rules have suggested."""
    documents = [add_document(corpus, tmp_path, f"d{number}", SAID) for number in range(3)]
    suggest.suggest_corpus(corpus)
    corpus.refresh_from_db()
    return documents


def tried(corpus: Corpus, by: Any, choices: list[Choice], threshold: float = 0.5) -> Job:
    job = suggestion_trials.start(corpus, choices, threshold=threshold, by=by)
    run_job.func(job.pk)
    job.refresh_from_db()
    assert job.state == "done", job.error
    return job


def test_a_trial_counts_what_would_change_and_writes_nothing(
    corpus: Corpus, alice: Any, suggested: list[Any]
) -> None:
    tables = (Run, Layer, Span)
    before = [table.objects.count() for table in tables]
    with scripted():
        job = tried(corpus, alice, BOTH)
    assert [table.objects.count() for table in tables] == before
    result = job.result
    assert (result["documents"], result["changed"]) == (3, 3)
    claims = next(row for row in result["labels"] if row["label"] == "CLAIM")
    assert claims == {
        "label": "CLAIM",
        "before": 3,
        "after": 3,
        "added": 0,
        "removed": 0,
        "changed": 3,
    }
    assert result["agreed"] == 3
    assert result["proposed"]["rules.v1"] >= 6
    assert "wall" not in json.dumps(result), "an article's words stand in one place"
    first = trials.examples(corpus, result, alice)[0]
    (change,) = (c for c in first.changes if c.label == "Claim")
    assert (change.kind, change.words, change.facets) == ("changed", SAID[:25], LATER)


def test_what_was_tried_is_used_and_what_was_before_is_used_again(
    corpus: Corpus, alice: Any, bob: Any, suggested: list[Any]
) -> None:
    opened, untouched, _ = suggested
    layer = review.open_layer(opened, by=bob)
    pinned = layer.shown_run_id
    with scripted():
        job = tried(corpus, alice, BOTH, 0.4)
        run_job.func(suggestion_trials.use(corpus, job.pk, by=alice).pk)
        corpus.refresh_from_db()
        assert [row["suggester"] for row in corpus.chosen_suggesters] == ["rules.v1", LATER_NAME]
        assert Run.objects.get(pk=shown_run(untouched)).suggester == "joined"
        layer.refresh_from_db()
        assert layer.shown_run_id == pinned
        names = f"rules.v1 + {LATER_NAME}, from 0.4 on"
        assert ("alice", f"chose what suggests: {names}") in audit_log(corpus)
        (former,) = chosen_suggesters.former(corpus)
        assert (former.names, former.threshold) == ("rules.v1", 0.5)
        run_job.func(suggestion_trials.use_again(corpus, former.event, by=alice).pk)
        corpus.refresh_from_db()
        assert (chosen_suggesters.chosen(corpus), corpus.threshold) == ([Choice()], 0.5)
        assert shown_run(untouched) == pinned


def test_a_trial_is_discarded_and_only_one_that_ended_is_used(
    corpus: Corpus, alice: Any, suggested: list[Any]
) -> None:
    waiting = suggestion_trials.start(corpus, [Choice()], threshold=0.7, by=alice)
    other = lambda: suggestion_trials.start(corpus, [Choice()], threshold=0.8, by=alice)  # noqa: E731
    assert code(other) == "job-waits"
    assert code(lambda: suggestion_trials.use(corpus, waiting.pk, by=alice)) == "trial-unfinished"
    suggestion_trials.discard(corpus, waiting.pk, by=alice)
    assert not Job.objects.filter(kind="trial").exists()
    for threshold in (-1, 2, float("nan")):
        start = lambda t=threshold: suggestion_trials.start(  # noqa: E731
            corpus, [Choice()], threshold=t, by=alice
        )
        assert code(start) == "threshold"


def test_who_reviews_blind_is_shown_no_examples_of_those_documents(
    corpus: Corpus, alice: Any, bob: Any, suggested: list[Any]
) -> None:
    from corpus.models import Role
    from corpus.services.members import add_member

    add_member(corpus, alice, Role.REVIEWER)
    Corpus.objects.filter(pk=corpus.pk).update(blind_percent=100)
    corpus.refresh_from_db()
    with scripted():
        job = tried(corpus, alice, BOTH)
    assert trials.examples(corpus, job.result, alice) == []


def test_who_reviews_blind_learns_no_names_and_words_of_those_documents(
    corpus: Corpus, alice: Any, as_user: Any, suggested: list[Any]
) -> None:
    from annotator.models import Assignment
    from corpus.models import Role
    from corpus.services.members import add_member

    add_member(corpus, alice, Role.REVIEWER)
    blind, seen, _ = suggested
    Assignment.objects.filter(document=blind).update(blind=True)
    examples = [{"document": d.external_id, "words": f"words of {d}"} for d in (blind, seen)]
    names = [blind.external_id, seen.external_id]
    notes = [{"reason": "odd", "count": 2, "documents": names, "examples": examples}]
    with scripted():
        trial = tried(corpus, alice, BOTH)
    run_job.func(suggest.start(corpus, by=alice).pk)
    for job in (trial, Job.objects.get(kind="suggest")):
        summary = {"documents": 1, "run": shown_run(seen), "labels": {}, "sample": []}
        result = {**job.result, "notes": notes, "summary": summary}
        Job.objects.filter(pk=job.pk).update(result=result)
    client = as_user(alice)
    for address in ("suggestions-page", "corpus", "api-jobs"):
        said = client.get(reverse(address, args=[corpus.slug])).content.decode()
        assert f"words of {seen}" in said
        assert f"words of {blind}" not in said, address
    told = client.get(reverse("api-job", args=[corpus.slug, trial.pk])).json()["result"]
    assert told["notes"] == [{**notes[0], "documents": names[1:], "examples": examples[1:]}]
    assert blind.pk not in [row["document"] for row in told["examples"]]
    assert seen.pk in [row["document"] for row in told["examples"]]


def test_who_may_start_no_more_jobs_changes_nothing(
    corpus: Corpus, alice: Any, suggested: list[Any], settings: Any
) -> None:
    with scripted():
        trial = tried(corpus, alice, BOTH)
        settings.JOBS_AN_HOUR = 1
        assert code(lambda: suggestion_trials.use(corpus, trial.pk, by=alice)) == "too-often"
    corpus.refresh_from_db()
    assert chosen_suggesters.chosen(corpus) == [Choice()]
    assert trials.newest_trial(corpus) == trial


def test_what_suggested_before_is_listed_with_one_look_at_what_is_offered(
    corpus: Corpus, alice: Any, suggested: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    for threshold in (0.6, 0.7, 0.8):
        chosen_suggesters.choose(corpus, [Choice()], threshold=threshold, by=alice)
    looks = []
    offers = chosen_suggesters.offers
    monkeypatch.setattr(
        chosen_suggesters, "offers", lambda corpus: looks.append(1) or offers(corpus)
    )
    assert [one.threshold for one in chosen_suggesters.former(corpus)] == [0.7, 0.6, 0.5]
    assert len(looks) == 1


def test_a_number_of_many_digits_is_no_trial(
    corpus: Corpus, alice: Any, as_user: Any, suggested: list[Any]
) -> None:
    address = reverse("suggestions-page", args=[corpus.slug])
    for act in ("use", "again", "discard"):
        answer = as_user(alice).post(address, {"act": f"{act} {'9' * 5000}"})
        assert answer.status_code == 404


def test_only_managers_try_use_and_discard(
    corpus: Corpus, alice: Any, bob: Any, dave: Any, suggested: list[Any]
) -> None:
    job = tried(corpus, alice, [Choice()], 0.7)
    acts = [
        lambda by: suggestion_trials.start(corpus, [Choice()], threshold=0.7, by=by),
        lambda by: suggestion_trials.use(corpus, job.pk, by=by),
        lambda by: suggestion_trials.use_again(corpus, 1, by=by),
        lambda by: suggestion_trials.discard(corpus, job.pk, by=by),
    ]
    for act in acts:
        for by, wanted in ((bob, "not-allowed"), (dave, "not-found")):
            assert code(lambda act=act, by=by: act(by)) == wanted
