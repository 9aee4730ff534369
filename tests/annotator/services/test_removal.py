"""A document that should not be here is removed, and put back as it was."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from annotator.models import Assignment, Dispute, DisputeCount, DisputeTag, Layer
from annotator.selectors import assignments as places
from annotator.selectors import overview, own_work
from annotator.services import assignments as services
from annotator.services import disputes, imports, removal
from corpus.core.problems import Problem
from corpus.models import Corpus, Document
from corpus.selectors import document_called, documents_page, removed_called, removed_page
from exports.selectors import layers_of
from tests.acts import TEXT, audit_log, begin, code, later, state, submit_as, support


def everything(document: Document) -> list[Any]:
    """Return what people did on a document, and what lists find of it."""
    tables = (
        Layer.objects.filter(document=document),
        Assignment.objects.filter(document=document),
        Dispute.objects.filter(adjudication__document=document),
    )
    rows: list[Any] = [list(table.order_by("pk").values()) for table in tables]
    tags = DisputeTag.objects.filter(dispute__adjudication__document=document)
    rows.append(sorted(tags.values_list("dispute", "state", "tag", "turn")))
    counts = DisputeCount.objects.exclude(count=0)
    rows.append(sorted(counts.values_list("state", "tag", "count")))
    return rows


def drift() -> str:
    out = StringIO()
    call_command("check_layers", stdout=out)
    return out.getvalue()


def test_a_removed_document_leaves_every_list_and_comes_back_as_it_was(
    document: Any, alice: Any, bob: Any, carol: Any
) -> None:
    corpus = document.corpus
    submit_as(document, bob)
    submit_as(document, carol, change=support)
    disputes.assign(Dispute.objects.all(), to=alice, by=alice)
    before = everything(document)
    removal.remove(document, because="the  wrong paper", by=alice)
    assert documents_page(corpus) == ([], 0)
    assert [d.removed_because for d in removed_page(corpus)[0]] == ["the wrong paper"]
    assert layers_of(corpus, "gold") == {}
    assert overview.totals(corpus).progress.documents == 0
    assert own_work.my_reviews(corpus, bob) == []
    assert not DisputeTag.objects.exists()
    assert not DisputeCount.objects.exclude(count=0).exists()
    assert code(lambda: document_called(corpus, "sea-wall")) == "not-found"
    assert "0 differences" in drift()
    removal.put_back(removed_called(corpus, "sea-wall"), by=alice)
    assert everything(document) == before
    assert "0 differences" in drift()
    assert len(state(alice, document)["disputes"]) == 1
    assert audit_log(corpus)[-2:] == [
        ("alice", "removed sea-wall: the wrong paper"),
        ("alice", "put sea-wall back"),
    ]


def test_places_wait_for_a_removed_document(document: Any, alice: Any, bob: Any) -> None:
    corpus = document.corpus
    begin(document, bob)
    removal.remove(document, because="twice", by=alice)
    assert places.held(corpus) == ([], 0)
    assert places.load(corpus) == []
    assert own_work.my_documents(corpus, bob) == []
    assert own_work.my_progress(corpus, bob)["taken"] == 0
    assert services.claim_next(corpus, by=bob) is None
    later(hours=1000)
    assert services.release_abandoned(corpus) == 0
    removal.put_back(removed_called(corpus, "sea-wall"), by=alice)
    assert [held.document for held in own_work.my_documents(corpus, bob)] == [document]


def test_twice_is_once_and_a_reason_is_needed(document: Any, alice: Any) -> None:
    assert code(lambda: removal.remove(document, because=" ", by=alice)) == "request-invalid"
    removal.remove(document, because="first", by=alice)
    removal.remove(document, because="second", by=alice)
    assert removed_called(document.corpus, "sea-wall").removed_because == "first"
    removal.put_back(document, by=alice)
    removal.put_back(document, by=alice)
    assert document_called(document.corpus, "sea-wall") == document
    acts = [words.split()[0] for _, words in audit_log(document.corpus)]
    assert (acts.count("removed"), acts.count("put")) == (1, 1)


def test_only_who_manages_a_corpus_removes(document: Any, bob: Any, dave: Any) -> None:
    for person, refusal in ((bob, "not-allowed"), (dave, "not-found")):
        for act in (
            lambda by: removal.remove(document, because="x", by=by),
            lambda by: removal.put_back(document, by=by),
        ):
            with pytest.raises(Problem) as caught:
                act(person)
            assert caught.value.code == refusal
    assert document_called(document.corpus, "sea-wall") == document


def put_in(corpus: Corpus, folder: Path, text: str) -> None:
    path = folder / "in.jsonl"
    path.write_text(json.dumps({"id": "sea-wall", "text": text}), encoding="utf-8")
    assert imports.import_documents(corpus, [path], update=True).problems == []


def test_what_came_in_under_the_id_meanwhile_stays(
    document: Any, alice: Any, tmp_path: Path
) -> None:
    corpus = document.corpus
    removal.remove(document, because="the wrong one", by=alice)
    put_in(corpus, tmp_path, "The right one.")
    assert code(lambda: removal.put_back(document, by=alice)) == "exists"
    assert document_called(corpus, "sea-wall").pk != document.pk


def test_a_text_under_the_id_of_a_removed_document_is_counted_and_named(
    document: Any, alice: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    removal.remove(document, because="the wrong one", by=alice)
    rows = [{"id": "sea-wall", "text": "The right one."}, {"id": "b", "text": "Another."}]
    path = tmp_path / "in.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    call_command("import_documents", document.corpus.slug, str(path))
    said = capsys.readouterr().out
    assert "1 have the id of a removed document, which stays removed: sea-wall." in said
    report = imports.import_documents(document.corpus, [path])
    assert "beside_removed" not in report.as_json()
    assert removed_called(document.corpus, "sea-wall") == document


def test_disputes_of_a_superseded_text_are_not_counted(
    document: Any, bob: Any, carol: Any, tmp_path: Path
) -> None:
    submit_as(document, bob)
    submit_as(document, carol, change=support)
    assert DisputeCount.objects.exclude(count=0).exists()
    put_in(document.corpus, tmp_path, "Corrected.")
    assert not DisputeCount.objects.exclude(count=0).exists()
    assert "0 differences" in drift()
    text = Path(tmp_path / "sea-wall.txt").read_text(encoding="utf-8")
    put_in(document.corpus, tmp_path, text)
    assert DisputeCount.objects.exclude(count=0).exists()
    assert "0 differences" in drift()


def test_a_removed_document_is_not_put_back_by_importing_its_file_again(
    document: Any, alice: Any, tmp_path: Path
) -> None:
    removal.remove(document, because="twice", by=alice)
    path = tmp_path / "again.jsonl"
    path.write_text(json.dumps({"id": "sea-wall", "text": TEXT}), encoding="utf-8")
    report = imports.import_documents(document.corpus, [path])
    assert [(p.code, p.line) for p in report.problems] == [("document-removed", 1)]
    assert (report.imported, report.skipped) == (0, 0)
    assert not Document.objects.filter(retired_at=None).exists()
