"""Files uploaded on a page."""

from __future__ import annotations

from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from corpus.models import Corpus, Job
from tests.acts import (
    SLUG,
    page,
)


def test_a_script_that_sends_files_gets_json_back(corpus: Corpus, alice: Any, as_user: Any) -> None:
    client, address = as_user(alice), reverse("uploads", kwargs=SLUG)
    sent = SimpleUploadedFile("a.txt", b"Two words.")
    answer = client.post(address, {"files": [sent]}, headers={"Accept": "application/json"})
    assert answer.json() == {"next": address}
    html = page(client, "uploads")
    assert "Looked through" in html and "Queued" in html and "No worker is running" in html
    refused = client.post(address, {}, headers={"Accept": "application/json"})
    assert refused.status_code == 400 and "code" in refused.json()


def test_an_import_that_failed_goes_on_from_its_row(
    corpus: Corpus, alice: Any, as_user: Any
) -> None:
    for kind in ("look", "import"):
        Job.objects.create(corpus=corpus, kind=kind, state="failed", error="[x] gone")
    html = page(as_user(alice), "uploads")
    # A check is made anew by uploading, an import where it stopped.
    assert html.count("Go on") == 1 and html.count("[x] gone") == 2 and "Try again" not in html
