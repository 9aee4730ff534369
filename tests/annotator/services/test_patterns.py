"""Patterns of a corpus: saved in versions, counted before, and suggested with."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from annotator.core import patterns as core
from annotator.models import PatternSet
from annotator.selectors import patterns as selectors
from annotator.services import patterns
from corpus.jobs.run import run_job
from corpus.models import Corpus, Job, JobState
from tests.acts import TEXT, add_document, audit_log, code

BRANDT = {"label": "SPEAKER", "pattern": "Ilse Brandt", "attributes": {"name": "Ilse Brandt"}}
SAID = {"label": "CUE", "pattern": [{"LOWER": {"IN": ["said", "denied"]}}], "id": "saying"}


def lines(*rows: dict[str, Any]) -> str:
    return "".join(f"{json.dumps(row)}\n" for row in rows)


def save(corpus: Corpus, *rows: dict[str, Any], **more: Any) -> PatternSet:
    found, problems = core.read(lines(*rows), selectors.schema_of(corpus))
    assert problems == []
    return patterns.replace(corpus, found, **{"by": None, **more})


def counted(corpus: Corpus, text: str, by: Any) -> Job:
    job = patterns.start_count(corpus, text, by=by)
    run_job.call(job.pk)
    job.refresh_from_db()
    return job


def test_each_save_is_a_version_with_who_and_when(corpus: Corpus, alice: Any) -> None:
    first = save(corpus, BRANDT, by=alice)
    assert (first.version, first.count, first.saved_by) == (1, 1, alice)
    assert save(corpus, BRANDT, by=alice) == first
    second = save(corpus, BRANDT, SAID, by=alice, at=1)
    assert (second.version, second.lines) == (2, lines(BRANDT, SAID))
    assert first.digest != second.digest
    assert selectors.newest(corpus) == second
    assert audit_log(corpus)[-1] == ("alice", "saved version 2 of the patterns: 2")


def test_nobody_saves_over_what_somebody_else_saved(corpus: Corpus, alice: Any) -> None:
    save(corpus, BRANDT, by=alice, at=0)
    assert code(lambda: save(corpus, SAID, by=alice, at=0)) == "patterns-changed"


def test_words_are_added_once_and_lines_of_a_lost_label_stay(corpus: Corpus, alice: Any) -> None:
    PatternSet.objects.create(
        corpus=corpus, version=1, lines=lines({**BRANDT, "label": "LOST"}), count=1, digest="x"
    )
    added = patterns.add(corpus, "SPEAKER", "Tomas  Okafor", by=alice)
    assert added.lines == lines(
        {**BRANDT, "label": "LOST"}, {"label": "SPEAKER", "pattern": "Tomas Okafor"}
    )
    assert patterns.add(corpus, "SPEAKER", "Tomas Okafor", by=alice) == added
    assert code(lambda: patterns.add(corpus, "FERRY", "x", by=alice)) == "pattern-label"


def test_only_managers_save_add_and_count(corpus: Corpus, bob: Any, dave: Any) -> None:
    for person, refused in ((bob, "not-allowed"), (dave, "not-found")):
        assert code(lambda: save(corpus, BRANDT, by=person)) == refused  # noqa: B023
        assert code(lambda: patterns.add(corpus, "CUE", "x", by=person)) == refused  # noqa: B023
        assert code(lambda: patterns.start_count(corpus, "", by=person)) == refused  # noqa: B023


def test_a_count_says_how_often_each_is_found_and_where(document: Any, alice: Any) -> None:
    corpus = document.corpus
    job = counted(corpus, "{\n" + lines(BRANDT, SAID), alice)
    assert job.state == JobState.DONE, job.error
    assert (job.result["documents"], job.result["spans"]) == (1, 3)
    found, _ = core.read("{\n" + lines(BRANDT, SAID), selectors.schema_of(corpus))
    first, second = selectors.counted(job, found, size=10)
    assert (first.hits, first.documents, second.hits) == (1, 1, 2)
    assert [match.words for match in second.matches] == ["said", "denied"]
    assert first.matches[0].before.endswith("said Mayor ")
    # An article's words stand in one place.
    assert "Mayor" not in json.dumps(job.result)
    assert PatternSet.objects.count() == 0


def test_a_count_ends_in_time_and_when_it_is_cancelled(
    corpus: Corpus, alice: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(25):
        add_document(corpus, tmp_path, f"d{number}", f"{TEXT} {number}")
    monkeypatch.setattr(patterns, "LONGEST_COUNT", -1)
    assert counted(corpus, lines(BRANDT), alice).result["documents"] == 0
    monkeypatch.setattr(patterns, "LONGEST_COUNT", 60)
    job = counted(corpus, lines(BRANDT), alice)
    assert (job.result["documents"], job.done, job.total) == (25, 25, 25)
    stopped = patterns.run_count_job(job, progress=lambda *_: None, cancelled=lambda: True)
    assert stopped["documents"] == 0


def test_a_sample_is_spread_over_the_corpus(corpus: Corpus, tmp_path: Path) -> None:
    keys = [add_document(corpus, tmp_path, f"d{n}", f"{TEXT} {n}").pk for n in range(12)]
    assert selectors.sample(corpus, 12) == keys
    few = selectors.sample(corpus, 4)
    assert len(few) == 4 and few[0] == keys[0] and few[-1] > keys[7]


def test_lines_without_a_pattern_are_not_counted(corpus: Corpus, alice: Any) -> None:
    assert code(lambda: patterns.start_count(corpus, "", by=alice)) == "nothing-to-do"
    assert code(lambda: patterns.start_count(corpus, "{", by=alice)) == "row-json"


def test_phrases_that_quote_an_erased_text_are_erased(document: Any, alice: Any) -> None:
    corpus = document.corpus
    quote = {"label": "CLAIM", "pattern": "Opposition leader Tomas Okafor denied that"}
    save(corpus, BRANDT, quote)
    save(corpus, quote, SAID)
    job = counted(corpus, "{\n" + lines(quote), alice)
    patterns.erase_quotes(corpus, [TEXT])
    kept = list(PatternSet.objects.order_by("version").values_list("lines", "count"))
    assert kept == [(lines(BRANDT), 1), (lines(SAID), 1)]
    job.refresh_from_db()
    assert job.arguments == {"lines": "{\n"}
