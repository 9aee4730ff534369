"""A release pins gold and verifies against the log; a changed file or a changed name does not."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse

from annotator.core.decisions import Decision
from annotator.models import Layer
from annotator.services.decision_log import Entry, write
from annotator.services.runs import file_run, store
from corpus.models import DocumentText
from exports.core import dataset_card, datasheet
from exports.models import Release, ReleaseItem
from exports.services import releases
from tests.acts import add_document, submit_as, suggested
from tests.exports.services.acts import command, refused

pytestmark = pytest.mark.postgresql


def test_a_release_verifies_until_a_file_changes(
    document: Any, bob: Any, carol: Any, tmp_path: Path
) -> None:
    assert "nothing-to-do" in refused("release", "harbour", "1", "--to", tmp_path / "r1")
    submit_as(document, bob)
    submit_as(document, carol)
    command("release", "harbour", "1", "--to", tmp_path / "r1")
    assert "1 documents" in command("verify_release", tmp_path / "r1")
    assert "exists" in refused("release", "harbour", "1", "--to", tmp_path / "r2")
    path = tmp_path / "r1" / "gold.jsonl"
    path.write_text(path.read_text().replace("oppose", "support"))
    assert "release-invalid" in refused("verify_release", tmp_path / "r1")
    assert "file-unreadable" in refused("verify_release", tmp_path / "nowhere")


def test_later_gold_does_not_change_a_release(
    document: Any, bob: Any, carol: Any, tmp_path: Path
) -> None:
    submit_as(document, bob)
    submit_as(document, carol)
    command("release", "harbour", "1", "--to", tmp_path / "r1")
    gold = Layer.objects.get(kind="gold")
    ident = next(iter(gold.spans.values_list("ident", flat=True)))
    entries = [Entry(Decision("remove", "span", ident, None))]
    write(gold, entries, at=gold.version, policy="test")
    assert "verifies" in command("verify_release", tmp_path / "r1")


@pytest.mark.django_db(transaction=True)
def test_a_withdrawn_text_is_gone_and_its_releases_are_marked(
    document: Any, bob: Any, carol: Any, alice: Any, as_user: Any, tmp_path: Path
) -> None:
    submit_as(document, bob)
    submit_as(document, carol)
    command("release", "harbour", "1", "--to", tmp_path / "r1")
    assert "1 releases hold it" in command("withdraw_text", "harbour", "sea-wall")
    assert ReleaseItem.objects.get().withdrawn_at is not None
    assert not DocumentText.objects.exists()
    assert "was withdrawn" in refused("verify_release", tmp_path / "r1")
    assert "1 releases hold it" in command("withdraw_text", "harbour", "sea-wall")
    page = as_user(alice).get(
        reverse("review", kwargs={"slug": "harbour", "external_id": "sea-wall"})
    )
    assert page.status_code == 404


def test_a_file_added_to_or_taken_from_a_release_is_noticed(
    document: Any, bob: Any, carol: Any, tmp_path: Path
) -> None:
    submit_as(document, bob)
    submit_as(document, carol)
    command("release", "harbour", "1", "--to", tmp_path / "r1")
    sheet = tmp_path / "r1" / "DATASHEET.md"
    sheet.write_text(sheet.read_text(encoding="utf-8") + "More.", encoding="utf-8")
    assert "DATASHEET.md is not the file" in refused("verify_release", tmp_path / "r1")
    sheet.unlink()
    assert "DATASHEET.md is missing" in refused("verify_release", tmp_path / "r1")


def test_a_release_verifies_when_words_for_people_are_put_anew(
    document: Any, bob: Any, carol: Any, tmp_path: Path, monkeypatch: Any
) -> None:
    submit_as(document, bob)
    submit_as(document, carol)
    command("release", "harbour", "1", "--to", tmp_path / "r1")
    monkeypatch.setattr(datasheet, "page", lambda *facts: "Said otherwise.")
    monkeypatch.setattr(dataset_card, "page", lambda **facts: "Said otherwise.")
    assert "verifies" in command("verify_release", tmp_path / "r1")
    card = tmp_path / "r1" / "README.md"
    card.write_text("Said otherwise.", encoding="utf-8")
    assert "README.md is not the file" in refused("verify_release", tmp_path / "r1")


def test_a_release_of_the_first_format_is_written_anew_in_it(
    document: Any, bob: Any, carol: Any, tmp_path: Path
) -> None:
    submit_as(document, bob)
    submit_as(document, carol)
    command("release", "harbour", "1", "--to", tmp_path / "r1")
    made = Release.objects.select_related("corpus").get()
    known = ("documents", "spans", "schema", "schema_version")
    made.datasheet = {key: made.datasheet[key] for key in known}
    made.card = {}
    made.save(update_fields=["datasheet", "card"])
    assert "was not released" in refused("verify_release", tmp_path / "r1")
    releases.write_again(made, to=tmp_path / "again")
    files = sorted(path.name for path in (tmp_path / "again").iterdir())
    assert files == ["gold.jsonl", "release.json"]
    assert "verifies" in command("verify_release", tmp_path / "again")


def test_a_forged_or_damaged_release_does_not_verify(
    document: Any, bob: Any, carol: Any, tmp_path: Path
) -> None:
    submit_as(document, bob)
    submit_as(document, carol)
    command("release", "harbour", "1", "--to", tmp_path / "r1")
    about = tmp_path / "r1" / "release.json"
    content = json.loads(about.read_text(encoding="utf-8"))
    (tmp_path / "r1" / "DATASHEET.md").write_text("All is well.", encoding="utf-8")
    del content["files"]["DATASHEET.md"]
    about.write_text(json.dumps({**content, "datasheet": {}}), encoding="utf-8")
    assert "release-invalid" in refused("verify_release", tmp_path / "r1")
    for damaged in ("[]", "{}", '{"corpus": 1, "name": []}', "null"):
        about.write_text(damaged, encoding="utf-8")
        assert refused("verify_release", tmp_path / "r1").startswith("[")
    (tmp_path / "r1" / "more.txt").write_text("?", encoding="utf-8")
    about.write_text(json.dumps(content), encoding="utf-8")
    assert "more.txt was not released" in refused("verify_release", tmp_path / "r1")


def test_the_order_of_a_release_does_not_depend_on_the_database(
    corpus: Any, bob: Any, carol: Any, tmp_path: Path, monkeypatch: Any
) -> None:
    monkeypatch.setattr(releases, "BATCH", 2)
    for name in ("b", "A", "a", "B", "é"):
        made = add_document(corpus, tmp_path, name)
        store(file_run(corpus.schema, "suggested.jsonl"), made, suggested())
        submit_as(made, bob)
        submit_as(made, carol)
    command("release", "harbour", "1", "--to", tmp_path / "r1")
    lines = (tmp_path / "r1" / "gold.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["id"] for line in lines] == ["A", "B", "a", "b", "é"]
    assert "verifies" in command("verify_release", tmp_path / "r1")
