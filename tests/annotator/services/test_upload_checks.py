"""What the check of an upload says is what its import does."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command

from annotator.services import uploads as upload
from corpus.models import Corpus, Document, Job
from tests.annotator.services.test_uploads import file, looked

pytestmark = pytest.mark.django_db(transaction=True)


def zip_of(files: dict[str, str]) -> SimpleUploadedFile:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return file("all.zip", packed.getvalue())


def test_files_of_one_name_in_two_folders_come_in_once(corpus: Corpus, alice: Any) -> None:
    both = {"B/report.txt": "Snow.", "A/report.txt": "Rain."}
    job = looked(corpus, alice, zip_of(both))
    assert [entry["id"] for entry in job.result["first"]] == ["A-report", "B-report"]
    assert job.result["refused"] == 0
    upload.begin(corpus, job.pk, by=alice)
    call_command("run_jobs", "--once", verbosity=0)
    found = Document.objects.values_list("external_id", flat=True)
    assert sorted(found) == ["A-report", "B-report"]
    # The same again in another order, and one of them by itself.
    for again in (dict(reversed(both.items())), {"B/report.txt": "Snow."}):
        result = looked(corpus, alice, zip_of(again)).result
        assert (result["documents"], result["present"]) == (0, len(again))
        upload.throw_away(corpus, Job.objects.filter(kind="look").latest("pk").pk, by=alice)
