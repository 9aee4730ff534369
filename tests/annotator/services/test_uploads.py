"""Files over the web: looked through, then imported or thrown away."""

from __future__ import annotations

import io
import json
import os
import shutil
import time
import zipfile
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.contrib.auth import get_user_model
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.urls import reverse

from annotator.models import Layer, Span
from annotator.services import (
    imported_reviews,
    imports,
    removal,
    upload_checks,
    upload_folders,
)
from annotator.services import uploads as upload
from corpus.core.problems import Problem
from corpus.jobs import run
from corpus.models import Corpus, Document, Job
from exports.services.withdrawal import withdraw
from tests.corpus.importers.test_labelstudio import TASK

pytestmark = pytest.mark.django_db(transaction=True)
SLUG = {"slug": "harbour"}


def rows(*texts: str) -> bytes:
    return b"".join(
        json.dumps({"id": f"d{n}", "text": text}).encode() + b"\n" for n, text in enumerate(texts)
    )


def file(name: str = "in.jsonl", data: bytes = b"") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, data or rows("One.", "Two words."))


def looked(corpus: Corpus, alice: Any, *files: SimpleUploadedFile, **more: Any) -> Job:
    job = upload.receive(corpus, files or [file()], by=alice, **more)
    call_command("run_jobs", "--once", verbosity=0)
    job.refresh_from_db()
    return job


def kept() -> list[Path]:
    folder = Path(django_settings.DATA_DIR) / "uploads"
    return list(folder.iterdir()) if folder.is_dir() else []


def code(act: Any) -> str:
    with pytest.raises(Problem) as caught:
        act()
    return caught.value.code


def test_an_upload_is_looked_through_before_anything_is_written(
    corpus: Corpus, alice: Any, as_user: Any
) -> None:
    client = as_user(alice)
    address = reverse("uploads", kwargs=SLUG)
    data = rows("One.", "Two words.", "") + b"{broken\n"
    assert client.post(address, {"files": [file(data=data)]}).status_code == 302
    call_command("run_jobs", "--once", verbosity=0)
    assert not Document.objects.exists()
    page = client.get(address).content.decode()
    assert "2 documents can come in" in page and "Two words." in page
    job = Job.objects.get(kind="look")
    assert [(e["file"], e["line"], e["code"]) for e in job.result["errors"]] == [
        ("in.jsonl", 3, "text-empty"),
        ("in.jsonl", 4, "row-json"),
    ]
    report = client.get(reverse("refused", kwargs={**SLUG, "pk": job.pk}))
    lines = b"".join(report.streaming_content).decode().splitlines()
    assert lines[0] == "file,line,code,message" and len(lines) == 3
    assert str(django_settings.DATA_DIR) not in page + "".join(lines)

    client.post(reverse("begin-import", kwargs={**SLUG, "pk": job.pk}))
    call_command("run_jobs", "--once", verbosity=0)
    done = Job.objects.get(kind="import")
    assert (done.state, done.done, done.total) == ("done", 4, 4)
    assert (done.result["imported"], done.result["refused"]) == (2, 2)
    assert sorted(Document.objects.values_list("external_id", flat=True)) == ["d0", "d1"]
    assert "2 came in" in client.get(address).content.decode()
    # The texts are gone from the disk, the report is there.
    assert [p.name for folder in kept() for p in folder.iterdir()] == ["report.csv"]
    assert client.post(reverse("begin-import", kwargs={**SLUG, "pk": job.pk})).status_code == 404


def test_the_same_file_again_is_here_already(corpus: Corpus, alice: Any) -> None:
    upload.begin(corpus, looked(corpus, alice).pk, by=alice)
    call_command("run_jobs", "--once", verbosity=0)
    again = looked(corpus, alice, file(data=rows("One.", "Other words.", "Three.")))
    assert (again.result["documents"], again.result["present"]) == (2, 1)
    assert [d["new_version"] for d in again.result["first"]] == [True, False]


def test_a_text_under_the_id_of_a_removed_document_is_named_and_revives_nothing(
    corpus: Corpus, alice: Any, as_user: Any
) -> None:
    upload.begin(corpus, looked(corpus, alice).pk, by=alice)
    call_command("run_jobs", "--once", verbosity=0)
    for document in Document.objects.select_related("corpus"):
        removal.remove(document, because="wrong", by=alice)
    check = looked(corpus, alice, file(data=rows("One.", "Two other words.")), at_once=True)
    assert (check.result["documents"], check.result["beside_removed"]) == (1, ["d1"])
    assert [error["code"] for error in check.result["errors"]] == ["document-removed"]
    client = as_user(alice)
    address = reverse("uploads", kwargs=SLUG)
    assert 'id="beside-removed"' in client.get(address).content.decode()
    upload.begin(corpus, check.pk, by=alice)
    call_command("run_jobs", "--once", verbosity=0)
    done = client.get(address).content.decode()
    assert "1 has the id of a removed document" in " ".join(done.split())
    assert Job.objects.filter(kind="import").latest("pk").result["beside_removed"] == ["d1"]
    assert Document.objects.exclude(removed_because="").count() == 2


def test_an_upload_can_be_thrown_away(corpus: Corpus, alice: Any) -> None:
    job = looked(corpus, alice)
    upload.throw_away(corpus, job.pk, by=alice)
    assert kept() == []
    assert code(lambda: upload.begin(corpus, job.pk, by=alice)) == "not-found"


def test_an_upload_that_waits_is_read_otherwise(
    corpus: Corpus, alice: Any, bob: Any, as_user: Any
) -> None:
    sent = file("lines.txt", rows("One.", "Two words."))
    job = looked(corpus, alice, sent)
    assert job.result["documents"] == 1
    assert (
        code(lambda: upload.look_again(corpus, job.pk, {"format": "x"}, by=alice))
        == "plugin-unknown"
    )
    address = reverse("begin-import", kwargs={**SLUG, "pk": job.pk})
    asked = {"act": "again", "format": "jsonl"}
    assert as_user(bob).post(address, asked).status_code == 403
    as_user(alice).post(address, asked)
    call_command("run_jobs", "--once", verbosity=0)
    again = Job.objects.filter(kind="look").latest("pk")
    assert (again.result["state"], again.result["documents"]) == ("waits", 2)
    # There is one upload, and its first check cannot be imported any more.
    assert code(lambda: upload.begin(corpus, job.pk, by=alice)) == "not-found"
    upload.begin(corpus, again.pk, by=alice)
    call_command("run_jobs", "--once", verbosity=0)
    assert sorted(Document.objects.values_list("external_id", flat=True)) == ["d0", "d1"]


def test_an_import_that_stopped_goes_on(corpus: Corpus, alice: Any) -> None:
    size = imports.BATCH
    texts = [f"Text number {n}." for n in range(size + 150)]
    look = looked(corpus, alice, file(data=rows(*texts)))
    job = upload.begin(corpus, look.pk, by=alice)
    told: list[tuple[int, int]] = []
    # It is cancelled after the first batch, as a worker that is told to stop does.
    upload.run_import_job(job, progress=lambda *now: told.append(now), cancelled=lambda: bool(told))
    assert (Document.objects.count(), told) == (size, [(size, size + 150)])
    job.refresh_from_db()
    again = upload.run_import_job(
        job, progress=lambda *now: told.append(now), cancelled=lambda: False
    )
    # It tells of the whole import, whenever it did what.
    assert (again["imported"], again["skipped"]) == (size + 150, 0)
    assert Document.objects.count() == size + 150
    assert told[1:] == [(size, size + 150), (size + 150, size + 150)]


def test_zip_files_come_in_and_do_not_lead_out(corpus: Corpus, alice: Any) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("in/one.txt", "One.")
        archive.writestr("in/two.txt", "Two.")
    job = looked(corpus, alice, file("texts.zip", packed.getvalue()))
    assert [d["id"] for d in job.result["first"]] == ["one", "two"]
    evil = io.BytesIO()
    with zipfile.ZipFile(evil, "w") as archive:
        archive.writestr("../../evil.txt", "Out.")
    job = looked(corpus, alice, file("evil.zip", evil.getvalue()))
    assert (job.result["documents"], [e["code"] for e in job.result["errors"]]) == (
        0,
        ["zip-invalid"],
    )


def test_a_file_that_no_importer_knows_is_named(corpus: Corpus, alice: Any) -> None:
    job = looked(corpus, alice, file("note.docx", b"PK"), file("one.txt", b"One."))
    assert [d["id"] for d in job.result["first"]] == ["one"]
    assert [(e["file"], e["code"]) for e in job.result["errors"]] == [
        ("note.docx", "file-unreadable")
    ]


def test_a_text_and_its_annotations_are_one_document(corpus: Corpus, alice: Any) -> None:
    job = looked(
        corpus, alice, file("a.txt", b"Ann spoke."), file("a.ann", b"T1\tSPEAKER 0 3\tAnn\n")
    )
    assert [(d["id"], d["spans"]) for d in job.result["first"]] == [("a", 1)]


@pytest.mark.parametrize(
    "name", ["../../etc/passwd.txt", "C:\\fakepath\\note.txt", "/root/note.txt"]
)
def test_a_name_leads_nowhere(corpus: Corpus, alice: Any, name: str) -> None:
    given = file("x", b"Text.")
    given._name = name
    upload.receive(corpus, [given], by=alice)
    (folder,) = kept()
    assert [p.parent for p in folder.rglob("*.txt")] == [folder / "files"]


def test_what_cannot_be_taken_is_refused_and_leaves_nothing(
    corpus: Corpus, alice: Any, bob: Any, dave: Any, settings: Any, as_user: Any
) -> None:
    receive = upload.receive
    assert code(lambda: receive(corpus, [], by=alice)) == "request-invalid"
    assert code(lambda: receive(corpus, [file(), file()], by=alice)) == "exists"
    assert code(lambda: receive(corpus, [file(".hidden")], by=alice)) == "request-invalid"
    assert code(lambda: receive(corpus, [file()], by=alice, format="stone")) == "plugin-unknown"
    assert code(lambda: receive(corpus, [file()], by=alice, spans="keep")) == "request-invalid"
    assert code(lambda: receive(corpus, [file()], by=bob)) == "not-allowed"
    assert code(lambda: receive(corpus, [file()], by=dave)) == "not-found"
    settings.UPLOAD_BYTES = 10
    assert code(lambda: receive(corpus, [file()], by=alice)) == "upload-too-large"
    address = reverse("uploads", kwargs=SLUG)
    large = file(data=rows("x" * 2_000_000))
    answer = as_user(alice).post(
        address, {"files": [large]}, headers={"accept": "application/json"}
    )
    assert (answer.status_code, answer.json()["code"]) == (413, "upload-too-large")
    assert kept() == []
    assert not Job.objects.exists()


def test_a_second_upload_waits_for_the_first(corpus: Corpus, alice: Any) -> None:
    upload.receive(corpus, [file()], by=alice)
    assert code(lambda: upload.receive(corpus, [file()], by=alice)) == "upload-waits"
    assert len(kept()) == 1


def test_an_upload_that_nobody_imports_is_forgotten(corpus: Corpus, alice: Any) -> None:
    job = looked(corpus, alice)
    (folder,) = kept()
    old = time.time() - upload_folders.KEPT_SECONDS - 60
    os.utime(folder, (old, old))
    looked(corpus, alice)
    assert folder not in kept()
    assert code(lambda: upload.begin(corpus, job.pk, by=alice)) == "upload-gone"


def test_a_script_uploads_and_imports_over_the_api(
    corpus: Corpus, alice: Any, as_user: Any
) -> None:
    client = as_user(alice)
    answer = client.post(
        reverse("api-uploads", kwargs=SLUG), {"files": [file()], "spans": "ignore"}
    )
    assert answer.status_code == 202
    pk = answer.json()["job"]
    run.run_job.call(pk)
    assert (
        client.get(reverse("api-job", kwargs={**SLUG, "pk": pk})).json()["result"]["documents"] == 2
    )
    assert client.post(reverse("api-upload", kwargs={**SLUG, "pk": pk})).status_code == 202
    call_command("run_jobs", "--once", verbosity=0)
    assert Document.objects.count() == 2
    other = client.post(reverse("api-uploads", kwargs=SLUG), {"files": [file()]}).json()["job"]
    run.run_job.call(other)
    assert client.delete(reverse("api-upload", kwargs={**SLUG, "pk": other})).status_code == 204
    assert client.post(reverse("api-uploads", kwargs=SLUG), {}).status_code == 400


def test_hostile_text_stays_text_in_the_preview(corpus: Corpus, alice: Any, as_user: Any) -> None:
    hostile = "<script>alert(1)</script>"
    looked(
        corpus,
        alice,
        file("<b>.jsonl", json.dumps({"id": hostile, "text": hostile}).encode() + b"\n{" + b"<i>"),
    )
    page = as_user(alice).get(reverse("uploads", kwargs=SLUG)).content.decode()
    assert hostile not in page and "&lt;script&gt;" in page


def test_spans_that_come_along_become_the_named_reviewers_work(
    corpus: Corpus, alice: Any, bob: Any, carol: Any, as_user: Any
) -> None:
    span = {
        "id": "s1",
        "label": "SPEAKER",
        "start": 0,
        "end": 3,
        "text": "Ann",
        "attributes": {"name": "Ann"},
    }
    data = b"".join(
        json.dumps({"id": i, "text": f"Ann said {i}.", "spans": [span]}).encode() + b"\n"
        for i in ("a", "b")
    )
    client = as_user(alice)
    address = reverse("uploads", kwargs=SLUG)
    assert "become the review of bob" in client.get(address).content.decode()
    client.post(address, {"files": [file(data=data)], "spans": "layer:bob"})
    call_command("run_jobs", "--once", verbosity=0)
    job = Job.objects.get(kind="look")
    client.post(reverse("begin-import", kwargs={**SLUG, "pk": job.pk}))
    call_command("run_jobs", "--once", verbosity=0)
    done = Job.objects.get(kind="import")
    assert (done.state, done.result["imported"], done.result["layers"]) == ("done", 2, 2)
    layers = Layer.objects.filter(kind="review")
    assert {layer.owner.username for layer in layers} == {"bob"}
    # Nothing of the file is suggested; what the rules suggest is for other reviewers.
    assert not Layer.objects.filter(run__suggester__startswith="file:").exists()
    assert all(d.user == bob for layer in layers for d in layer.decisions.all())
    assert "2 reviews of bob" in client.get(address).content.decode()
    # What the reviewer has begun is never written over.
    again = looked(corpus, alice, file(data=data), spans="layer", reviewer="bob")
    upload.begin(corpus, again.pk, by=alice)
    call_command("run_jobs", "--once", verbosity=0)
    result = Job.objects.filter(kind="import").latest("pk").result
    assert (result["imported"], result["layers"], result["layers_kept"]) == (0, 0, 2)


def test_a_layer_needs_a_reviewer_of_the_corpus_and_one_author(
    corpus: Corpus, alice: Any, bob: Any, dave: Any
) -> None:
    assert (
        code(lambda: upload.receive(corpus, [file()], by=alice, spans="layer")) == "request-invalid"
    )
    assert (
        code(lambda: upload.receive(corpus, [file()], by=alice, reviewer="bob"))
        == "request-invalid"
    )
    assert (
        code(lambda: upload.receive(corpus, [file()], by=alice, spans="layer", reviewer="dave"))
        == "not-found"
    )
    assert (
        code(lambda: upload.receive(corpus, [file()], by=alice, spans="layer", reviewer="alice"))
        == "not-found"
    )
    source = json.dumps([TASK]).encode()
    job = looked(corpus, alice, file("tasks.json", source), spans="layer", reviewer="bob")
    assert (job.result["documents"], len(job.result["authors"])) == (1, 3)
    assert code(lambda: upload.begin(corpus, job.pk, by=alice)) == "authors-many"
    assert code(lambda: upload.begin(corpus, job.pk, by=alice, author="nobody")) == "authors-many"
    upload.begin(corpus, job.pk, by=alice, author="2")
    call_command("run_jobs", "--once", verbosity=0)
    (layer,) = Layer.objects.filter(kind="review")
    assert (layer.owner, layer.spans.count()) == (bob, 1)


def test_two_texts_of_one_id_are_told_before_the_import(corpus: Corpus, alice: Any) -> None:
    job = looked(corpus, alice, file("a.jsonl", rows("One.") + rows("Another.")))
    assert job.result["documents"] == 1
    assert [(e["line"], e["code"]) for e in job.result["errors"]] == [(2, "duplicate-id")]


def test_an_id_of_two_texts_in_two_files_carries_their_names(corpus: Corpus, alice: Any) -> None:
    job = looked(corpus, alice, file("a.jsonl", rows("One.")), file("b.jsonl", rows("Another.")))
    assert [row["id"] for row in job.result["first"]] == ["a-d0", "b-d0"]
    assert job.result["errors"] == []
    assert [note["count"] for note in job.result["notes"]] == [2]


def test_an_import_killed_before_it_said_so_is_done(corpus: Corpus, alice: Any) -> None:
    job = upload.begin(corpus, looked(corpus, alice).pk, by=alice)
    told = upload.run_import_job(job, progress=lambda done, total: None, cancelled=lambda: False)
    call_command("run_jobs", "--once", verbosity=0)
    job.refresh_from_db()
    assert (job.state, job.result) == ("done", told)


def test_an_upload_whose_files_are_gone_can_still_be_thrown_away(
    corpus: Corpus, alice: Any
) -> None:
    job = looked(corpus, alice)
    for folder in kept():
        shutil.rmtree(folder)
    assert code(lambda: upload.begin(corpus, job.pk, by=alice)) == "upload-gone"
    upload.throw_away(corpus, job.pk, by=alice)
    job.refresh_from_db()
    assert job.result["state"] == "thrown away"


def test_only_who_may_upload_may_send_much(
    corpus: Corpus, bob: Any, client: Any, as_user: Any
) -> None:
    large = {"CONTENT_LENGTH": "400000000"}
    for path in ("/login/", "/api/token/", reverse("uploads", kwargs=SLUG)):
        assert (
            client.post(
                path, b"", content_type="multipart/form-data; boundary=x", **large
            ).status_code
            == 413
        )
    assert as_user(bob).post(reverse("profile"), {}, **large).status_code == 413


def spans(label: str) -> bytes:
    span = {"id": "s1", "label": label, "start": 0, "end": 3, "text": "Ann"}
    return json.dumps({"id": "a", "text": "Ann said no.", "spans": [span]}).encode() + b"\n"


def test_a_look_that_is_cancelled_waits_for_nothing(
    corpus: Corpus, alice: Any, as_user: Any
) -> None:
    many = rows(*(f"Text {n}." for n in range(600)))
    job = upload.receive(corpus, [file(data=many)], by=alice)
    result = upload_checks.run_check_job(
        job, progress=lambda done, total: None, cancelled=lambda: True
    )
    Job.objects.filter(pk=job.pk).update(state="cancelled", result=result)
    page = as_user(alice).get(reverse("uploads", kwargs=SLUG)).content.decode()
    assert "can come in" not in page and "Cancelled" in page
    assert kept() == []


def test_the_look_leaves_out_what_the_import_would(corpus: Corpus, alice: Any) -> None:
    data = rows("One.") + spans("PERSON")
    job = looked(corpus, alice, file(data=data))
    assert (job.result["documents"], job.result["refused"], job.result["spans"]) == (2, 0, 0)
    upload.begin(corpus, job.pk, by=alice)
    call_command("run_jobs", "--once", verbosity=0)
    done = Job.objects.get(kind="import")
    assert (done.result["imported"], done.result["refused"]) == (2, 0)
    assert done.result["left_out"] == job.result["left_out"]
    assert done.result["unknown"] == job.result["unknown"]


def test_spans_of_documents_that_are_here_come_in(corpus: Corpus, alice: Any, as_user: Any) -> None:
    address = reverse("uploads", kwargs=SLUG)
    job = looked(corpus, alice, file("text.jsonl", spans("SPEAKER")), spans="ignore")
    upload.begin(corpus, job.pk, by=alice)
    call_command("run_jobs", "--once", verbosity=0)
    job = looked(corpus, alice, file("model.jsonl", spans("SPEAKER")))
    assert (job.result["documents"], job.result["spans"]) == (0, 1)
    assert "Import 1 span<" in as_user(alice).get(address).content.decode()
    upload.begin(corpus, job.pk, by=alice)
    call_command("run_jobs", "--once", verbosity=0)
    assert Span.objects.filter(layer__run__suggester="file:model.jsonl").count() == 1
    job = looked(corpus, alice, file("model.jsonl", spans("SPEAKER")))
    assert job.result["spans"] == 0
    assert "Import 1 span<" not in as_user(alice).get(address).content.decode()


def test_a_withdrawn_text_is_in_no_preview(corpus: Corpus, alice: Any) -> None:
    job = looked(corpus, alice, file("wall.txt", b"The secret harbour\n\nNobody may read this."))
    upload.begin(corpus, job.pk, by=alice)
    call_command("run_jobs", "--once", verbosity=0)
    withdraw(Document.objects.get(external_id="wall"))
    kept_rows = json.dumps(list(Job.objects.values_list("result", flat=True)))
    assert "secret" not in kept_rows and "Nobody" not in kept_rows


def test_nobody_is_made_a_reviewer_by_a_file_that_is_not_there(
    corpus: Corpus, tmp_path: Path
) -> None:
    report = imported_reviews.import_layers(
        corpus, [tmp_path / "missing.jsonl"], username="newperson"
    )
    assert [problem.code for problem in report.problems] == ["file-missing"]
    assert not get_user_model().objects.filter(username="newperson").exists()


def test_texts_alone_are_nobodys_review(corpus: Corpus, alice: Any, bob: Any) -> None:
    job = looked(corpus, alice, file("a.txt", b"One text."), spans="layer", reviewer="bob")
    upload.begin(corpus, job.pk, by=alice)
    call_command("run_jobs", "--once", verbosity=0)
    assert Document.objects.filter(external_id="a").exists()
    assert not Layer.objects.filter(owner=bob).exists()


def test_a_table_whose_text_has_another_name_asks_which_it_is(corpus: Corpus, alice: Any) -> None:
    table = b"n,body,teaser\nx,It rained all day long.,Rain came on Monday.\n"
    job = looked(corpus, alice, file("news.csv", table), at_once=True)
    assert (job.result["state"], job.result["refused"]) == ("waits", 0)
    assert [(c["name"], c["samples"], c["guess"]) for c in job.result["columns"]] == [
        ("n", ["x"], ""),
        ("body", ["It rained all day long."], "text"),
        ("teaser", ["Rain came on Monday."], ""),
    ]
    wrong = {"fields": {"text": ""}}
    assert code(lambda: upload.look_again(corpus, job.pk, wrong, by=alice)) == "field-option"
    upload.look_again(corpus, job.pk, {"fields": {"text": "teaser"}}, by=alice)
    call_command("run_jobs", "--once", verbosity=0)
    assert Document.objects.get().body.text == "Rain came on Monday."
