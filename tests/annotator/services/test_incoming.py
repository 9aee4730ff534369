"""Texts and files that are brought in on a page, into a corpus or a new one."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.urls import reverse

from annotator.services import incoming
from annotator.services.incoming import Incoming
from corpus.core.schema_templates import TEMPLATES
from corpus.models import Corpus, Document, DocumentText, Job, Membership
from exports.services.withdrawal import withdraw
from tests.acts import add_document, code, page

pytestmark = pytest.mark.django_db(transaction=True)
WALL = "Sea wall vote\n\n“The wall will not hold,” said Ilse Brandt.\n"


def work() -> None:
    """Let the worker do all that waits, and what comes of it."""
    call_command("run_jobs", "--once", verbosity=0)
    call_command("run_jobs", "--once", verbosity=0)


def bring(corpus: Corpus, by: Any, *texts: str, files: Any = ()) -> Job:
    job = incoming.receive(corpus, Incoming(texts=texts, files=files), by=by)
    work()
    job.refresh_from_db()
    return job


def ids() -> list[str]:
    return sorted(Document.objects.values_list("external_id", flat=True))


def test_a_pasted_text_is_titled_by_its_first_line_and_its_id_quotes_nothing(
    corpus: Corpus, alice: Any
) -> None:
    job = bring(corpus, alice, WALL, "Новости порта\r\nВсё хорошо.")
    assert job.result["state"] == "imported"
    titles = set(Document.objects.values_list("title", flat=True))
    assert titles == {"Новости порта", "Sea wall vote"}
    assert all(re.fullmatch("text-[0-9a-f]{12}", ident) for ident in ids())


def test_texts_with_one_title_are_told_apart_and_the_same_text_is_there_already(
    corpus: Corpus, alice: Any
) -> None:
    bring(corpus, alice, WALL, f"{WALL}More.")
    assert len(ids()) == 2
    again = bring(corpus, alice, f"{WALL}More.", f"{WALL}Still more.", f"{WALL}Still more.")
    assert (again.result["documents"], again.result["present"]) == (1, 1)
    assert len(ids()) == 3
    assert not Document.objects.filter(retired_at__isnull=False).exists()


def test_a_text_that_was_withdrawn_is_not_pasted_again(
    corpus: Corpus, alice: Any, tmp_path: Any
) -> None:
    withdraw(add_document(corpus, tmp_path, "sea-wall", text=WALL))
    assert code(lambda: bring(corpus, alice, "Another.", WALL)) == "text-withdrawn"
    assert not DocumentText.objects.exists()


def test_what_raises_a_question_waits_for_an_answer(corpus: Corpus, alice: Any) -> None:
    rows = json.dumps({"id": "a", "text": "One."}) + "\n{broken\n"
    refused = bring(corpus, alice, files=[SimpleUploadedFile("in.jsonl", rows.encode())])
    assert (refused.result["state"], refused.result["refused"]) == ("waits", 1)
    assert ids() == []


def test_what_would_replace_a_document_waits_for_an_answer(
    corpus: Corpus, alice: Any, as_user: Any, tmp_path: Any
) -> None:
    add_document(corpus, tmp_path, "sea-wall")
    job = bring(corpus, alice, files=[SimpleUploadedFile("sea-wall.txt", b"Another text.")])
    assert (job.result["state"], job.result["replaced"]) == ("waits", 1)
    assert Document.objects.count() == 1
    html = " ".join(page(as_user(alice), "uploads").split())
    assert "1 of them has the id of a document that is here, with another text" in html


def test_a_corpus_and_its_first_texts_are_made_together_or_not_at_all(admin: Any) -> None:
    template = TEMPLATES["entities"]
    values = {
        "slug": "bay",
        "name": "Bay",
        "language": "en",
        "reviewers_per_document": 1,
        "schema": template.schema,
        "guideline": template.guideline,
    }
    hidden = Incoming(texts=[WALL], files=[SimpleUploadedFile(".hidden", b"Text.")])
    assert code(lambda: incoming.start_corpus(values, hidden, by=admin)) == "request-invalid"
    assert not Corpus.objects.exists() and not Job.objects.exists()
    made = incoming.start_corpus(values, Incoming(texts=[WALL]), reviews_too=True, by=admin)
    work()
    assert Document.objects.get().title == "Sea wall vote"
    roles = Membership.objects.filter(corpus=made, user=admin).values_list("role", flat=True)
    assert sorted(roles) == ["manager", "reviewer"]


def test_addresses_are_fetched_by_the_worker_and_by_themselves(corpus: Corpus, alice: Any) -> None:
    sent = Incoming(addresses=["https://example.org/a", "https://example.org/b"])
    mixed = Incoming(texts=[WALL], addresses=["https://example.org/a"])
    assert code(lambda: incoming.receive(corpus, mixed, by=alice)) == "request-invalid"
    job = incoming.receive(corpus, sent, by=alice)
    assert (job.kind, job.arguments["at_once"]) == ("look", True)
    assert job.arguments["addresses"] == list(sent.addresses)


def test_an_encoding_that_was_guessed_is_shown_and_can_be_changed(
    corpus: Corpus, alice: Any, as_user: Any
) -> None:
    words = "Die Brücke hält, sagte Frau Jäger. „Größer als zuvor“, schrieb Müller.\n" * 3
    job = bring(corpus, alice, files=[SimpleUploadedFile("b.txt", words.encode("cp1252"))])
    assert job.result["state"] == "waits"
    html = " ".join(page(as_user(alice), "uploads").split())
    assert "read as Windows-1252" in html and "<option>KOI8-R</option>" in html
    address = reverse("begin-import", kwargs={"slug": "harbour", "pk": job.pk})
    as_user(alice).post(address, {"act": "again", "encoding": "Windows-1252"})
    work()
    assert DocumentText.objects.get().text == words


def test_a_folder_comes_in_with_its_folders(corpus: Corpus, alice: Any) -> None:
    names = ["one.txt", "two.txt", "three.txt"]
    files = [SimpleUploadedFile(name, f"The text of {name}".encode()) for name in names]
    paths = ["harbour/one.txt", "harbour/old/two.txt", "three.txt"]
    job = incoming.receive(corpus, Incoming(files=files, paths=paths), by=alice)
    work()
    job.refresh_from_db()
    assert (job.result["state"], job.result["documents"]) == ("imported", 3)


@pytest.mark.parametrize("path", ["harbour/../../out.txt", "harbour//etc/passwd.txt"])
def test_no_path_leads_out_of_the_folder(corpus: Corpus, alice: Any, path: str) -> None:
    sent = Incoming(files=[SimpleUploadedFile("out.txt", b"Out.")], paths=[path])
    job = incoming.receive(corpus, sent, by=alice)
    work()
    job.refresh_from_db()
    assert [error["code"] for error in job.result["errors"]] == ["zip-invalid"]
    assert ids() == []


def test_only_a_manager_brings_texts_in(corpus: Corpus, bob: Any, dave: Any) -> None:
    texts = Incoming(texts=[WALL])
    assert code(lambda: incoming.receive(corpus, texts, by=bob)) == "not-allowed"
    assert code(lambda: incoming.receive(corpus, texts, by=dave)) == "not-found"
    assert not Job.objects.exists()
