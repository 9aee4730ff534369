"""A text that is withdrawn is gone from wherever the site held words of it."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db import connection, models

from annotator.core.decisions import Decision
from annotator.models import Assignment, DisputeCount, Layer, Precedent, Span
from annotator.services import (
    agreement,
    decision_log,
    dispute_bulk,
    imports,
    notes,
    overview,
    precedents,
    removal,
    review,
    runs,
    uploads,
)
from annotator.services.decision_log import Entry
from corpus.core.problems import Problem
from corpus.core.span import Span as SpanValue
from corpus.core.span import layer_view
from corpus.db.backup import backup
from corpus.jobs import claim
from corpus.models import Corpus, Document, DocumentText, Event, Job, JobState
from corpus.selectors import versions_called
from exports.models import ReleaseItem
from exports.services.exports import start_export
from exports.services.withdrawal import withdraw
from tests.acts import TEXT, find, settle, state
from tests.exports.services.acts import command, refused

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgresql]

RARE = "zqxerase"
ARTICLE = TEXT.replace("more.", f"{RARE} much more.")
CLAIM = find(f"that it would cost {RARE} much more", ARTICLE)
SPEAKER = find("She", ARTICLE)

# Every column of ours that holds texts, and holds no word of a document, with the reason.
NO_WORDS = {
    "ids, digests, states and other names that the site itself makes": {
        "corpus.document": {"external_id", "digest"},
        "corpus.job": {"kind", "state"},
        "corpus.event": {"act", "name"},
        "corpus.schema": {"digest"},
        "corpus.token": {"digest", "hint", "name", "password_digest"},
        "corpus.invitation": {"digest", "note", "role"},
        "corpus.membership": {"role"},
        "corpus.worker": {"name"},
        "corpus.webhook": {"url", "secret", "acts"},
        "corpus.delivery": {"state", "answer"},
        "annotator.run": {"digest", "suggester", "shown_as", "config", "environment"},
        "annotator.layer": {"kind", "state"},
        "annotator.decision": {"policy", "verb", "subject"},
        "annotator.adjudication": {"state", "kinds"},
        "annotator.assignment": {"state"},
        "annotator.sample": {"kind"},
        "annotator.answer": {"text_digest", "request_digest"},
        "annotator.patternset": {"digest"},
        "annotator.pipelinemap": {"pipeline"},
        "exports.release": {"name", "origin", "digest"},
        "exports.releaseitem": {"digest", "left_out", "part", "reviews"},
        "exports.splitmember": {"name", "external_id"},
        "exports.pseudonymkey": {"secret"},
    },
    "what its managers say of a corpus and its schema": {
        "corpus.corpus": {
            "slug",
            "name",
            "language",
            "targets",
            "reasons",
            "shown_suggester",
            "chosen_suggesters",
        },
        "annotator.pipelinemap": {"names"},
        "corpus.schema": {"definition", "map"},
        "corpus.label": {"name"},
        "corpus.linkkind": {"name"},
    },
    "offsets": {"annotator.span": {"fragments"}},
}
# Every column that may hold words: a row of it is erased or written anew.
WORDS = {
    "corpus.corpus": {"guideline"},
    "corpus.document": {
        "title",
        "outlet",
        "url",
        "published",
        "targets",
        "metadata",
        "removed_because",
        "said_before",
    },
    "corpus.documenttext": {"text"},
    "corpus.job": {"arguments", "result", "error"},
    "corpus.event": {"details"},
    "annotator.answer": {"content"},
    "annotator.layer": {"attributes"},
    "annotator.span": {"attributes", "evidence"},
    "annotator.link": {"attributes"},
    "annotator.decision": {"before", "after"},
    "annotator.comment": {"body"},
    "annotator.flag": {"section", "note"},
    "annotator.assignment": {"reason"},
    "annotator.patternset": {"lines"},
    "annotator.precedent": {"facet", "label", "value", "others", "words", "cue", "reason"},
    "annotator.dispute": {
        "facet",
        "facets",
        "labels",
        "outlet",
        "month",
        "pairs",
        "sides",
        "state",
    },
    "annotator.disputetag": {"state", "tag"},
    "annotator.disputecount": {"state", "tag", "kind", "pair", "facet", "a", "b"},
    "annotator.overview": {"numbers"},
    "annotator.report": {"numbers"},
    "exports.release": {"datasheet", "card"},
}


def text_columns() -> dict[str, set[str]]:
    """Return the columns of ours that can hold a text, by table."""
    found: dict[str, set[str]] = {}
    for app in ("corpus", "annotator", "exports"):
        for model in apps.get_app_config(app).get_models():
            for field in model._meta.concrete_fields:
                if isinstance(field, models.CharField | models.TextField | models.JSONField):
                    found.setdefault(model._meta.label_lower, set()).add(field.name)
    return found


def test_of_every_column_it_is_known_whether_it_may_hold_words() -> None:
    known: dict[str, set[str]] = {}
    for tables in (*NO_WORDS.values(), WORDS):
        for table, columns in tables.items():
            known.setdefault(table, set()).update(columns)
    assert {t: c for t, c in known.items() if c} == text_columns()


def words_in_rows(word: str) -> list[str]:
    """Return the columns of the whole database that hold a word, as `table.column`."""
    held = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            names = [column[0] for column in cursor.description]
            for row in cursor.fetchall():
                held += [
                    f"{table}.{name}: {value}"
                    for name, value in zip(names, row, strict=True)
                    if word in _as_text(value)
                ]
    return held


def _as_text(value: Any) -> str:
    if isinstance(value, bytes | memoryview):
        return bytes(value).decode("utf-8", "replace")
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else str(value)


def files_with(word: str, folder: Path) -> list[str]:
    """Return the files in a folder that hold a word, unpacked where they are zip files."""
    held = []
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        data = path.read_bytes()
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                data = b"".join(archive.read(name) for name in archive.namelist())
        if word.encode() in data:
            held.append(path.name)
    return held


@pytest.fixture
def told(corpus: Corpus, alice: Any, bob: Any, carol: Any, tmp_path: Path) -> Document:
    """An article with the rare word, worked on until each table holds it; then a new version."""
    meta = {
        "title": f"Vote {RARE}",
        "outlet": f"The {RARE}",
        "url": f"https://example.org/{RARE}",
        "published": "2026-01-01",
        "targets": [f"the {RARE}"],
        "desk": {"notes": [RARE]},
    }
    path = tmp_path / "first.jsonl"
    path.write_text(json.dumps({"id": "sea-wall", "text": ARTICLE, "meta": meta}), encoding="utf-8")
    imports.import_documents(corpus, [path])
    document = Document.objects.select_related("corpus").get()
    _suggest(corpus, document)
    return document


def _suggest(corpus: Corpus, document: Document) -> None:
    assert corpus.schema is not None
    shown = [
        SpanValue(
            1,
            "CLAIM",
            *CLAIM,
            attributes={"stance": "oppose", "target": f"the {RARE}"},
            evidence={"cue": RARE, "why": f"beside {RARE}"},
        ),
        SpanValue(2, "SPEAKER", *SPEAKER, attributes={"name": f"Ilse {RARE}"}),
    ]
    runs.store(runs.file_run(corpus.schema, "told.jsonl"), document, layer_view(shown, []))


def _review(document: Document, by: Any, stance: str) -> Layer:
    layer = review.open_layer(document, by=by)
    text = DocumentText.objects.get(document=document).text
    entries = []
    for ident, start, end, label, attributes in (
        (11, *CLAIM, "CLAIM", {"stance": stance, "target": f"the {RARE} by {by}"}),
        (12, *SPEAKER, "SPEAKER", {"name": f"Ilse {RARE}"}),
    ):
        value = {
            "label": label,
            "start": start,
            "end": end,
            "fragments": None,
            "attributes": attributes,
        }
        entries.append(Entry(Decision("add", "span", ident, value), exact=text[start:end]))
    link = {"kind": "said_by", "source": 11, "target": 12}
    entries.append(Entry(Decision("link", "link", 1, link)))
    layer = decision_log.write(layer, entries, at=0, user=by)
    notes.comment(document, by=by, subject=11, body=f"Is {RARE} a claim?")
    notes.flag(document, by=by, subject=11, note=f"What of {RARE}?")
    return review.submit(layer, by=by, at=layer.version)


def _work_on(document: Document, alice: Any, bob: Any, carol: Any, tmp_path: Path) -> None:
    """Review and settle a document, and have its words noted, uploaded, exported and released."""
    corpus = document.corpus
    _review(document, bob, "oppose")
    _review(document, carol, "support")
    (dispute,) = state(alice, document)["disputes"]
    reason = f"“the {RARE} much more” says so"
    settle(document, alice, dispute, choice="version", number=1, reason=reason)
    facet = Precedent.objects.filter(reason__contains=RARE).values_list("facet", flat=True)[0]
    precedents.put_into_guideline(document, dispute=dispute["ident"], facet=facet, by=alice)
    Assignment.objects.filter(user=bob).update(reason=f"knows {RARE}")
    agreement.measure(corpus)
    overview.refresh(corpus)
    order = dispute_bulk.Order("side", "value", "target", f"the {RARE} by bob")
    arguments = {"act": "side", "to": "value", "facet": "target", "value": order.value, "keys": []}
    done = {"state": JobState.DONE, "created_by": alice}
    Job.objects.create(corpus=corpus, kind="bulk", arguments=arguments, **done)
    Event.objects.create(
        corpus=corpus, act="settled-many", details={"count": 1, "how": order.words}
    )
    text = DocumentText.objects.get(document=document).text
    bad = {"id": "b", "text": text, "spans": [{"id": "s", "label": RARE, "start": 0, "end": 3}]}
    lines = json.dumps({"id": "c", "text": text}) + "\n" + json.dumps(bad) + f"\n{{{RARE}"
    uploads.receive(corpus, [SimpleUploadedFile("c.jsonl", lines.encode())], by=alice)
    start_export(
        corpus,
        {"format": "jsonl", "layer": "gold", "split": "80/10/10", "misaligned": ""},
        by=alice,
    )
    call_command("run_jobs", "--once", verbosity=0)
    command("release", "harbour", "v1", "--to", tmp_path / "v1")


def test_no_word_is_left_in_the_database_its_file_a_backup_or_the_data_folder(
    told: Document, alice: Any, bob: Any, carol: Any, tmp_path: Path
) -> None:
    _work_on(told, alice, bob, carol, tmp_path)
    corpus = told.corpus
    second = tmp_path / "second.jsonl"
    row = {"id": "sea-wall", "text": f"Corrected: {RARE}.", "meta": {"outlet": RARE}}
    second.write_text(json.dumps(row), encoding="utf-8")
    imports.import_documents(corpus, [second], update=True)
    current = Document.objects.select_related("corpus").get(retired_at=None)
    removal.remove(current, because=f"it says {RARE}", by=alice)
    assert f"it says {RARE}" in json.dumps(Event.objects.get(act="removed").details)
    kept = {line.split(":")[0] for line in words_in_rows(RARE)}
    # The test looks for the word where it was.
    assert {
        "annotator_assignment.reason",
        "annotator_comment.body",
        "annotator_decision.after",
        "annotator_disputecount.a",
        "annotator_dispute.sides",
        "annotator_flag.note",
        "annotator_overview.numbers",
        "annotator_precedent.words",
        "annotator_span.attributes",
        "annotator_span.evidence",
        "corpus_corpus.guideline",
        "corpus_document.title",
        "corpus_document.metadata",
        "corpus_documenttext.text",
        "corpus_event.details",
        "corpus_job.arguments",
        "corpus_job.result",
        "exports_release.card",
    } - kept == set()
    data = Path(settings.DATA_DIR)
    assert len(files_with(RARE, data)) >= 2

    answer = json.loads(command("withdraw_text", "harbour", "sea-wall", "--json"))

    assert answer["versions"] == 2
    assert (answer["releases"], answer["release_names"]) == (1, ["v1"])
    assert words_in_rows(RARE) == []
    assert files_with(RARE, data) == []
    if connection.vendor == "sqlite":
        assert answer["compacted"] is True
        name = Path(connection.settings_dict["NAME"])
        for path in name.parent.glob(f"{name.name}*"):
            assert RARE.encode() not in path.read_bytes()
    backup(tmp_path / "fresh.zip")
    assert files_with(RARE, tmp_path / "fresh.zip") == []
    with zipfile.ZipFile(tmp_path / "fresh.zip") as archive:
        assert not any(RARE.encode() in archive.read(name) for name in archive.namelist())


def test_what_people_did_stays_and_checks_and_a_second_call_says_the_same(
    told: Document, alice: Any, bob: Any, carol: Any, tmp_path: Path
) -> None:
    _work_on(told, alice, bob, carol, tmp_path)
    first = json.loads(command("withdraw_text", "harbour", "sea-wall", "--json"))
    again = json.loads(command("withdraw_text", "harbour", "sea-wall", "--json"))
    assert again == {**first, "uploads": 0}
    assert "0 differences" in command("check_layers")
    assert "the text of sea-wall was withdrawn" in refused("verify_release", tmp_path / "v1")
    span = Span.objects.get(layer__owner=bob, ident=11)
    assert (span.start, span.end, span.attributes) == (*CLAIM, {"stance": "oppose"})
    assert ReleaseItem.objects.get().withdrawn_at is not None
    assert DisputeCount.objects.count() == 0
    document = Document.objects.get()
    assert (document.title, document.length) == ("sea-wall", told.length)


def test_no_version_that_was_withdrawn_comes_in_again(corpus: Corpus, tmp_path: Path) -> None:
    path = tmp_path / "in.jsonl"
    for text in ("First words.", "Second words."):
        path.write_text(json.dumps({"id": "a", "text": text}), encoding="utf-8")
        imports.import_documents(corpus, [path], update=True)
    withdraw(versions_called(corpus, "a")[0])
    assert not DocumentText.objects.exists()
    for text in ("First words.", "Second words."):
        path.write_text(json.dumps({"id": "a", "text": text}), encoding="utf-8")
        report = imports.import_documents(corpus, [path])
        assert [problem.code for problem in report.problems] == ["text-withdrawn"]
    assert not DocumentText.objects.exists()


def test_versions_under_other_ids_go_too(corpus: Corpus, tmp_path: Path) -> None:
    path = tmp_path / "in.jsonl"
    rows = [{"id": name, "text": f"Words of {name}."} for name in ("a", "b", "other")]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    imports.import_documents(corpus, [path])
    first, second = (Document.objects.get(external_id=name) for name in "ab")
    Document.objects.filter(pk=second.pk).update(supersedes=first)
    assert withdraw(first).versions == 2
    assert [t.document.external_id for t in DocumentText.objects.all()] == ["other"]


def test_a_backup_of_before_is_named_and_does_not_bring_the_text_back(
    told: Document, tmp_path: Path
) -> None:
    backup(tmp_path / "before.zip")
    said = command("withdraw_text", "harbour", "sea-wall")
    assert f"These backups hold it: {(tmp_path / 'before.zip').resolve()}" in said
    call_command("flush", verbosity=0, interactive=False)
    assert "Withdrawn again, since the backup is older: sea-wall." in command(
        "restore", tmp_path / "before.zip"
    )
    assert words_in_rows(RARE) == []


def test_a_text_is_not_withdrawn_beside_a_job_that_may_hold_it(told: Document, alice: Any) -> None:
    claim.start(told.corpus, "measure", {}, by=alice)
    with pytest.raises(Problem) as caught:
        withdraw(told, by=alice)
    assert caught.value.code == "withdraw-waits"
    assert DocumentText.objects.exists()


def test_only_who_manages_a_corpus_withdraws(told: Document, bob: Any, dave: Any) -> None:
    for person, code in ((bob, "not-allowed"), (dave, "not-found")):
        with pytest.raises(Problem) as caught:
            withdraw(told, by=person)
        assert caught.value.code == code
    assert DocumentText.objects.exists()
