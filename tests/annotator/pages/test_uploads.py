"""Files uploaded on a page."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import override_settings
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
    now, _, lately = html.partition('id="lately"')
    assert "That did not come in" in now and "Go on where it stopped" in now
    # A check is made anew by uploading, an import where it stopped.
    assert lately.count("Go on") == 1 and lately.count("[x] gone") == 2
    assert "Try again" not in html


def test_the_head_tells_of_the_newest_upload_and_older_ones_wait_below(
    corpus: Corpus, alice: Any, as_user: Any
) -> None:
    client = as_user(alice)
    older = Job.objects.create(corpus=corpus, kind="look", state="done", result=waits(refused=3))
    html = page(client, "uploads")
    assert "All 3 as CSV" in html and "Earlier uploads" not in html
    result = {"imported": 1, "skipped": 0, "refused": 0}
    Job.objects.create(corpus=corpus, kind="import", state="done", result=result)
    html = page(client, "uploads")
    assert "1 document came in" in html and "All 3 as CSV" not in html
    assert "Earlier uploads" in html and f"?upload={older.pk}" in html
    address = reverse("uploads", kwargs=SLUG)
    assert "All 3 as CSV" in client.get(f"{address}?upload={older.pk}").content.decode()


def test_the_page_asks_for_its_head_again_while_something_runs(
    corpus: Corpus, alice: Any, as_user: Any
) -> None:
    client = as_user(alice)
    job = Job.objects.create(corpus=corpus, kind="look", state="running", done=3, total=9)
    assert "hx-trigger" in page(client, "uploads")
    address = reverse("uploads", kwargs=SLUG)
    part = client.get(address, headers={"HX-Request": "true"}).content.decode()
    assert "3 of 9" in part and "<html" not in part
    Job.objects.filter(pk=job.pk).update(state="done", result=waits())
    # Nothing moves under somebody who answers.
    assert "hx-trigger" not in page(client, "uploads")


def waits(**more: Any) -> dict[str, Any]:
    """The result of a check that waits."""
    return {
        "state": "waits",
        "documents": 1,
        "present": 0,
        "words": 2,
        "spans": 0,
        "refused": 0,
        "errors": [{"file": "a.jsonl", "line": 1, "code": "row-json", "message": "no"}],
        "authors": [],
        **more,
    }


def test_columns_of_other_names_are_asked_for_with_a_guess_and_an_example(
    corpus: Corpus, alice: Any, as_user: Any
) -> None:
    columns = [
        {"name": "Kopf", "samples": ["Sea wall"], "guess": "title"},
        {"name": "Inhalt", "samples": ["The wall holds."], "guess": "text"},
    ]
    folder = Path(settings.DATA_DIR) / "uploads" / "kept" / "files"
    folder.mkdir(parents=True)
    arguments = {"folder": "kept", "format": "", "spans": "suggest", "reviewer": ""}
    result = waits(columns=columns)
    check = Job.objects.create(
        corpus=corpus, kind="look", state="done", result=result, arguments=arguments
    )
    client = as_user(alice)
    html = " ".join(page(client, "uploads").split())
    assert '<option value="Inhalt" selected> Inhalt: The wall holds. </option>' in html
    assert '<option value="Kopf" selected> Kopf: Sea wall </option>' in html
    address = reverse("begin-import", kwargs={**SLUG, "pk": check.pk})
    client.post(address, {"act": "again", "field-text": "Kopf", "field-title": ""})
    again = Job.objects.latest("pk")
    assert (again.kind, again.arguments["fields"]) == ("look", {"text": "Kopf"})


def test_addresses_are_given_one_in_a_line(corpus: Corpus, alice: Any, as_user: Any) -> None:
    client, address = as_user(alice), reverse("uploads", kwargs=SLUG)
    assert 'name="addresses"' in page(client, "uploads")
    client.post(address, {"addresses": "https://example.org/a\r\n\r\nhttps://example.org/b"})
    arguments = Job.objects.get().arguments
    assert arguments["addresses"] == ["https://example.org/a", "https://example.org/b"]
    with override_settings(FETCH_ADDRESSES=False):
        assert 'name="addresses"' not in page(client, "uploads")


def test_what_asks_for_itself_again_keeps_the_focus_by_ids(
    corpus: Corpus, alice: Any, as_user: Any
) -> None:
    result = {"imported": 1, "skipped": 0, "refused": 2, "notes": [], "layers": 0}
    for state in ("failed", "done"):
        Job.objects.create(corpus=corpus, kind="import", state=state, result=result)
    Job.objects.create(corpus=corpus, kind="suggest", state="running")
    address = reverse("uploads", kwargs=SLUG)
    part = as_user(alice).get(address, headers={"HX-Request": "true"}).content.decode()
    pressed = re.findall(r"<(?:a|button) [^>]*>", part)
    assert len(pressed) >= 4 and all(" id=" in tag for tag in pressed)


def test_a_table_without_a_text_asks_which_column_it_is_and_blames_nobody(
    corpus: Corpus, alice: Any, as_user: Any
) -> None:
    columns = [{"name": "Kopf", "samples": ["Sea wall"], "guess": ""}]
    errors = [{"file": "a.csv", "line": 0, "code": "field-text", "message": "no"}]
    result = waits(columns=columns, documents=0, refused=1, errors=errors)
    Job.objects.create(corpus=corpus, kind="look", state="done", result=result)
    html = page(as_user(alice), "uploads")
    assert "Say which column is the text" in html and "Which column is what?" in html
    assert "field-text" not in html.replace('name="field-text"', "").replace(
        'id="field-text"', ""
    ).replace('for="field-text"', "")
