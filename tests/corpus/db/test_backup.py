"""A site goes into one file and comes back whole, also from SQLite to PostgreSQL."""

from __future__ import annotations

import json
import threading
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client

from annotator.services import review
from corpus.core.problems import Problem
from corpus.db import backup
from corpus.models import Corpus
from tests.acts import accept_all

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgresql]


def everything() -> dict[str, list[Any]]:
    return {m._meta.label: list(m._base_manager.order_by("pk").values()) for m in backup.tables()}


def empty() -> None:
    call_command("flush", verbosity=0, interactive=False)


def test_a_site_comes_back_as_it_was_and_goes_on(document: Any, bob: Any, tmp_path: Path) -> None:
    layer = review.open_layer(document, by=bob)
    layer = review.decide(layer, accept_all(layer), by=bob, at=layer.version)
    review.submit(layer, by=bob, at=layer.version)
    before = everything()
    answer = backup.backup(tmp_path / "site.zip")
    assert answer["rows"]["annotator.decision"] > 0
    empty()
    backup.restore(tmp_path / "site.zip")
    assert everything() == before
    call_command("check_layers")
    # The next row takes a number that is free.
    assert Corpus.objects.create(slug="another", name="Another").pk > 1


def test_people_go_on_working_during_a_backup_which_shows_one_moment(
    corpus: Corpus, tmp_path: Path
) -> None:
    saved: list[str] = []

    def save() -> None:
        saved.append(Corpus.objects.create(slug="meanwhile", name="Meanwhile").slug)
        connection.close()

    def meanwhile(done: int, total: int) -> None:
        if done == 1:
            thread = threading.Thread(target=save)
            thread.start()
            thread.join(10)

    answer = backup.backup(tmp_path / "site.zip", progress=meanwhile)
    assert saved == ["meanwhile"]
    assert answer["rows"]["corpus.corpus"] == 1
    assert Corpus.objects.count() == 2
    Corpus.objects.create(slug="afterwards", name="Afterwards")


def test_a_backup_is_for_its_owner_alone(corpus: Corpus, tmp_path: Path) -> None:
    (tmp_path / "site.zip.part").touch(mode=0o644)
    backup.backup(tmp_path / "site.zip")
    assert (tmp_path / "site.zip").stat().st_mode & 0o777 == 0o600
    assert not (tmp_path / "site.zip.part").exists()


def test_a_sqlite_site_moves_to_the_database_of_this_site(
    manage: Callable[..., Any], tmp_path: Path
) -> None:
    (tmp_path / "a1.txt").write_text(
        "Harbour\n\n“We stay,” said Ada Lund 😀. Critics denied it.\n", encoding="utf-8"
    )
    manage("create_corpus", "port")
    manage("import_documents", "port", str(tmp_path / "a1.txt"))
    manage("suggest", "port")
    answer = json.loads(manage("backup", str(tmp_path / "site.zip"), "--json"))
    empty()
    backup.restore(tmp_path / "site.zip")
    counts = {m._meta.label_lower: m._base_manager.count() for m in backup.tables()}
    assert counts == answer["rows"]
    assert counts["annotator.span"] > 0
    client = Client()
    assert client.get("/login/").status_code == 200


def test_a_database_that_holds_something_is_not_overwritten(corpus: Corpus, tmp_path: Path) -> None:
    backup.backup(tmp_path / "site.zip")
    with pytest.raises(Problem) as caught:
        backup.restore(tmp_path / "site.zip")
    assert caught.value.code == "restore-not-empty"
    with pytest.raises(Problem) as caught:
        backup.backup(tmp_path / "site.zip")
    assert caught.value.code == "exists"


@pytest.mark.parametrize("harm", ["cut", "changed", "no zip", "other version"])
def test_a_damaged_backup_writes_nothing(harm: str, corpus: Corpus, tmp_path: Path) -> None:
    path = tmp_path / "site.zip"
    backup.backup(path)
    with zipfile.ZipFile(path) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    if harm == "changed":
        files["corpus.corpus.jsonl"] = files["corpus.corpus.jsonl"].replace(b"Harbour", b"Arbour")
    if harm == "cut":
        files["corpus.label.jsonl"] = files["corpus.label.jsonl"].splitlines(keepends=True)[0]
    if harm == "other version":
        files["manifest.json"] = files["manifest.json"].replace(b'"corpus": "0', b'"corpus": "9')
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    if harm == "no zip":
        path.write_bytes(b"PK nothing")
    empty()
    with pytest.raises(Problem) as caught:
        backup.restore(path)
    assert caught.value.code == (
        "restore-version" if harm == "other version" else "restore-damaged"
    )
    assert not Corpus.objects.exists()
