"""The page of patterns: lines are counted, saved, and added to by words and files."""

from __future__ import annotations

from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from annotator.models import PatternSet
from corpus.jobs.run import run_job
from corpus.models import Corpus, Job
from tests.acts import SLUG, page

BRANDT = '{"label": "SPEAKER", "pattern": "Ilse Brandt"}\n'
SAID = '{"label": "CUE", "pattern": [{"LOWER": "said"}]}\n'
ADDRESS = reverse("patterns", kwargs=SLUG)


def post(client: Any, **data: Any) -> Any:
    return client.post(ADDRESS, data)


def test_hits_are_counted_and_shown_in_context_before_anything_is_saved(
    document: Any, alice: Any, as_user: Any
) -> None:
    client = as_user(alice)
    assert "None are saved yet" in page(client, "patterns")
    assert post(client, act="count", lines=BRANDT + SAID).status_code == 302
    job = Job.objects.get(kind="patterns")
    assert 'data-job-state="queued"' in page(client, "patterns")
    run_job.call(job.pk)
    html = page(client, "patterns")
    assert "2 hits in 1\n        document" in html and "<mark>Ilse Brandt</mark>" in html
    assert "Not saved yet" in html and not PatternSet.objects.exists()
    assert post(client, act="save", lines=BRANDT + SAID, at=0).status_code == 302
    html = page(client, "patterns")
    assert "Version 1 holds 2 patterns" in html and "by alice" in html
    assert "Not saved yet" not in html and "<mark>Ilse Brandt</mark>" in html


def test_faulty_lines_are_named_and_the_good_are_saved_when_asked(
    corpus: Corpus, alice: Any, as_user: Any
) -> None:
    client = as_user(alice)
    lines = BRANDT + "{\n" + '{"label": "FERRY", "pattern": "x"}\n'
    answer = post(client, act="save", lines=lines, at=0)
    html = answer.content.decode()
    assert answer.status_code == 400
    assert "2 lines can’t be used" in html
    assert "Line 2: " in html and "<code>row-json</code>" in html
    assert "Line 3: There is no" not in html and "<code>pattern-label</code>" in html
    assert "Save the 1 good one, without the others" in html and "FERRY" in html
    assert not PatternSet.objects.exists()
    assert post(client, act="save good", lines=lines, at=0).status_code == 302
    assert PatternSet.objects.get().lines == BRANDT


def test_words_and_files_are_added_to_the_lines(corpus: Corpus, alice: Any, as_user: Any) -> None:
    client = as_user(alice)
    answer = post(client, act="words", lines=BRANDT, label="SPEAKER", words="Okafor\r\n\r\n<b>Lee")
    assert answer.context["lines"] == (
        BRANDT
        + '{"label": "SPEAKER", "pattern": "Okafor"}\n'
        + '{"label": "SPEAKER", "pattern": "<b>Lee"}\n'
    )
    assert "<b>Lee" not in answer.content.decode()
    file = SimpleUploadedFile("p.jsonl", SAID.replace("\n", "\r\n").encode())
    answer = post(client, act="file", lines=BRANDT.strip(), file=file)
    assert answer.context["lines"] == BRANDT + SAID
    bad = post(client, act="file", lines=BRANDT, file=SimpleUploadedFile("p", b"\xff\xfe"))
    assert bad.status_code == 400 and bad.context["lines"] == BRANDT
    assert post(client, act="file", lines=BRANDT).status_code == 400
    assert post(client, act="words", lines=BRANDT, label="X", words="a").status_code == 400
    assert post(client, act="save", lines="x" * 500_001).status_code == 400


def test_who_comes_late_is_told_and_keeps_what_was_typed(
    corpus: Corpus, alice: Any, as_user: Any
) -> None:
    client = as_user(alice)
    post(client, act="save", lines=BRANDT, at=0)
    late = post(client, act="save", lines=SAID, at=0)
    assert late.status_code == 409 and late.context["lines"] == SAID
    assert "changed the patterns meanwhile" in late.content.decode()


def test_the_saved_patterns_are_a_file(corpus: Corpus, alice: Any, as_user: Any) -> None:
    client, address = as_user(alice), reverse("patterns-jsonl", kwargs=SLUG)
    assert client.get(address).content == b""
    post(client, act="save", lines=BRANDT, at=0)
    answer = client.get(address)
    assert answer.content.decode() == BRANDT
    assert "harbour.patterns.jsonl" in answer["Content-Disposition"]
