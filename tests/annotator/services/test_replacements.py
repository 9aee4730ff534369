"""Nothing that is there is replaced unasked, and what changed beside a text is taken over."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.urls import reverse

from annotator.models import Adjudication
from annotator.services import disputes, imported_reviews, imports, uploads
from corpus.models import Corpus, Document, Event
from tests.acts import SLUG, TEXT, code, submit_as, support
from tests.annotator.disputed import in_queue
from tests.annotator.services.test_uploads import file, looked, rows


def write(path: Path, *rows: dict[str, Any]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def texts(corpus: Corpus) -> dict[str, str]:
    rows = Document.objects.filter(corpus=corpus, retired_at__isnull=True)
    return dict(rows.values_list("external_id", "body__text"))


def test_another_text_is_refused_unless_somebody_asks(corpus: Corpus, tmp_path: Path) -> None:
    path = write(tmp_path / "rows.jsonl", {"id": "a", "text": "One."}, {"id": "b", "text": "Two."})
    assert imports.import_documents(corpus, [path]).imported == 2
    write(path, {"id": "a", "text": "One, more."}, {"id": "b", "text": "Two."})
    report = imports.import_documents(corpus, [path])
    (problem,) = report.problems
    assert (problem.code, problem.line) == ("would-replace", 1)
    assert "'a'" in str(problem)
    assert (report.imported, report.replaced, report.skipped) == (0, 0, 1)
    assert texts(corpus) == {"a": "One.", "b": "Two."}
    answer = imports.import_documents(corpus, [path], update=True).as_json()
    assert (answer["imported"], answer["replaced"], answer["skipped"]) == (0, 1, 1)
    assert answer["replacing"]["first"] == [{"id": "a", "reviews": 0, "gold": False}]
    assert texts(corpus) == {"a": "One, more.", "b": "Two."}
    assert Event.objects.filter(corpus=corpus, act="replaced").count() == 1


def test_the_work_on_what_would_be_replaced_is_counted(corpus: Corpus, tmp_path: Path) -> None:
    path = write(tmp_path / "rows.jsonl", {"id": "a", "text": "One."})
    imports.import_documents(corpus, [path])
    span = {"label": "SPEAKER", "start": 0, "end": 3, "text": "One"}
    layer = write(tmp_path / "layer.jsonl", {"id": "a", "text": "One.", "spans": [span]})
    imported_reviews.import_layers(corpus, [layer], username="ann", submit=True)
    write(path, {"id": "a", "text": "One, more."})
    report = imports.import_documents(corpus, [path])
    assert "with a review" in str(report.problems[0])
    assert report.as_json()["replacing"]["with_reviews"] == 1


def test_a_text_from_before_ids_carried_a_source_is_there(corpus: Corpus, tmp_path: Path) -> None:
    path = write(tmp_path / "old.jsonl", {"id": "7", "text": "Rain."})
    imports.import_documents(corpus, [path])
    again = write(tmp_path / "proj.jsonl", {"id": 7, "text": "Rain."}, {"id": 8, "text": "Snow."})
    report = imports.import_documents(corpus, [again])
    assert (report.imported, report.skipped) == (1, 1)
    assert texts(corpus) == {"7": "Rain.", "proj-8": "Snow."}


def test_changed_metadata_is_taken_over_and_silence_is_not(corpus: Corpus, tmp_path: Path) -> None:
    said = {"title": "Wall", "outlet": "The Post", "desk": "city"}
    path = write(tmp_path / "rows.jsonl", {"id": "a", "text": "One.", "meta": said})
    imports.import_documents(corpus, [path])
    write(path, {"id": "a", "text": "One.", "meta": {"outlet": "The Sun", "desk": ""}})
    report = imports.import_documents(corpus, [path])
    assert (report.skipped, report.updated) == (1, 1)
    document = Document.objects.get(corpus=corpus)
    assert (document.title, document.outlet) == ("Wall", "The Sun")
    assert document.metadata == {"desk": "city"}
    assert Event.objects.filter(corpus=corpus, act="described").count() == 1
    assert imports.import_documents(corpus, [path]).updated == 0


def test_disputes_are_found_by_what_is_said_of_their_document_now(
    document: Document, alice: Any, bob: Any, carol: Any, tmp_path: Path
) -> None:
    submit_as(document, bob)
    submit_as(document, carol, change=support)
    row = Adjudication.objects.get()
    meta = {"outlet": "The Sun", "published": "2026-03-01"}
    path = write(tmp_path / "rows.jsonl", {"id": "sea-wall", "text": TEXT, "meta": meta})
    assert imports.import_documents(document.corpus, [path]).updated == 1
    row.refresh_from_db()
    assert disputes.drift(row) == ""
    assert disputes.counts_drift(document.corpus) == ""
    found = in_queue(document.corpus, alice, outlet="The Sun")
    assert found == [("sea-wall", "stance")]


def test_the_command_refuses_all_of_a_file_or_takes_it(
    corpus: Corpus, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write(tmp_path / "rows.jsonl", {"id": "a", "text": "One."})
    imports.import_documents(corpus, [path])
    write(path, {"id": "a", "text": "One, more."})
    arguments = ["import_documents", corpus.slug, str(path), "--json"]
    with pytest.raises(SystemExit) as ended:
        call_command(*arguments)
    out, err = capsys.readouterr()
    assert ended.value.code == 1
    assert "would-replace" in err
    assert json.loads(out)["replaced"] == 0
    call_command(*arguments, "--update")
    assert json.loads(capsys.readouterr().out)["replaced"] == 1


def test_where_nobody_worked_no_texts_are_compared_and_nothing_is_said(
    corpus: Corpus,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    path = write(tmp_path / "rows.jsonl", {"id": "a", "text": "One."})
    imports.import_documents(corpus, [path])
    write(path, {"id": "a", "text": "One, more."})

    def compare(old: str, new: str) -> None:
        raise AssertionError("compared")

    monkeypatch.setattr("annotator.services.text_copies.moves_between", compare)
    call_command("import_documents", corpus.slug, str(path), "--update")
    said = capsys.readouterr().out
    assert "1 replaced documents that were there" in said and "came along" not in said
    assert texts(corpus) == {"a": "One, more."}


@pytest.mark.django_db(transaction=True)
def test_only_who_may_import_replaces_what_is_there(
    corpus: Corpus, alice: Any, bob: Any, as_user: Any
) -> None:
    uploads.begin(corpus, looked(corpus, alice).pk, by=alice)
    call_command("run_jobs", "--once", verbosity=0)
    look = looked(corpus, alice, file("new.jsonl", rows("One, corrected.")))
    assert look.result["replaced"] == 1
    assert code(lambda: uploads.begin(corpus, look.pk, by=bob, update=True)) == "not-allowed"
    outsider = get_user_model().objects.create_user("olga", password="x")
    address = reverse("api-upload", kwargs={**SLUG, "pk": look.pk})
    for user, status in ((bob, 403), (outsider, 404)):
        answer = as_user(user).post(address, {"update": True}, content_type="application/json")
        assert answer.status_code == status
    assert not Document.objects.filter(retired_at__isnull=False).exists()
    uploads.begin(corpus, look.pk, by=alice, update=True)
    call_command("run_jobs", "--once", verbosity=0)
    assert Document.objects.filter(retired_at__isnull=False).count() == 1
