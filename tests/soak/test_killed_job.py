"""A worker is killed in an import, a policy, a change of the schema, an export and a release: the
job goes on, and nothing is half or there twice.
"""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import time
import zipfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

TEXT = (
    "Harbour {n}\n\n“We will not close the harbour,” said Mayor Ada Lund."
    " Critics denied that it was safe."
)
BEGIN = (
    "from corpus.models import *; from django.contrib.auth.models import User;"
    "u, _ = User.objects.get_or_create(username='root', is_superuser=True);"
    "c = Corpus.objects.get();"
)
UPLOAD = (
    "from annotator.services import uploads;"
    "from django.core.files.uploadedfile import SimpleUploadedFile as F;"
    "uploads.receive(c, [F('documents.jsonl', open({path!r}, 'rb').read())], by=u, spans='ignore')"
)
IMPORT = (
    "from annotator.services import uploads;uploads.begin(c, Job.objects.get(kind='look').pk, by=u)"
)
MERGE = "from annotator.services import policies; policies.start_merge(c, 'majority+longest', by=u)"
EXPORT = (
    "from exports.services import exports;"
    "asked = {'format': 'jsonl', 'layer': 'suggestions', 'split': '80/10/10'};"
    "exports.start_export(c, {**asked, 'misaligned': 'expand'}, by=u)"
)
RELEASE = "from exports.services import exports; exports.start_release(c, '1.0', by=u)"
SCHEMA = (
    "from dataclasses import replace; from annotator.services import schema_versions;"
    "from corpus.core.schema import ATTRIBUTION as a, Label;"
    "more = replace(a, labels={**a.labels, 'PLACE': Label('PLACE', 'Place')});"
    "schema_versions.start(c, more, None, by=u)"
)
LATE = "from datetime import *; Job.objects.update(heartbeat=datetime(2020, 1, 1, tzinfo=UTC))"
STATE = "select state, done, attempts from corpus_job where kind = ? order by id desc"


def documents(folder: Path, count: int, *, width: int = 0) -> Path:
    """Articles with a claim and its speaker each, the claim shorter by `width` characters."""
    rows = []
    for n in range(count):
        text = TEXT.format(n=n)
        start, end, ada = text.index("“"), text.index("”") + 1 - width, text.index("Mayor")
        claim = {
            "id": "s2",
            "label": "CLAIM",
            "start": start,
            "end": end,
            "text": text[start:end],
            "attributes": {"stance": "unclear", "speaker_state": "linked"},
        }
        speaker = {
            "id": "s1",
            "label": "SPEAKER",
            "start": ada,
            "end": ada + 14,
            "text": text[ada : ada + 14],
        }
        links = [{"kind": "said_by", "source": "s2", "target": "s1"}]
        rows.append({"id": f"d{n}", "text": text, "spans": [speaker, claim], "links": links})
    path = folder / f"documents-{width}.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def asked(folder: Path, query: str, *values: str) -> Any:
    with closing(sqlite3.connect(folder / "site.sqlite3", timeout=20)) as connection:
        return connection.execute(query, values).fetchone()


def kill_in_the_middle(manage: Callable[..., Any], folder: Path, kind: str) -> None:
    """Kill the worker once the job is under way; then its lease ends and another worker comes."""
    worker = manage("run_jobs", wait=False)
    deadline = time.monotonic() + 90
    while not (asked(folder, STATE, kind) or (0, 0))[1]:
        assert time.monotonic() < deadline, "the worker did nothing"
        time.sleep(0.005)
    os.kill(worker.pid, signal.SIGKILL)
    worker.wait()
    state, done, attempts = asked(folder, STATE, kind)
    assert (state, attempts) == ("running", 1), f"it had ended before it was killed, at {done}"
    manage(code=BEGIN + LATE)
    manage("run_jobs", "--once")
    assert asked(folder, STATE, kind)[::2] == ("done", 2)


def reviewed(manage: Callable[..., Any], folder: Path, count: int) -> None:
    """A corpus where two reviewers differ in the boundary of each claim."""
    manage("create_corpus", "port")
    manage("import_documents", "port", str(documents(folder, count)), "--spans", "ignore")
    manage("import_layer", "port", str(documents(folder, count)), "--as", "ann", "--submit")
    manage(
        "import_layer", "port", str(documents(folder, count, width=2)), "--as", "ben", "--submit"
    )


def check_import(asked: Callable[[str], Any], count: int) -> None:
    """Every document is there once, with its two places."""
    assert asked("select count(*), count(distinct external_id) from corpus_document") == (
        count,
        count,
    )
    places = "select count(*), count(distinct document_id) from annotator_assignment"
    assert asked(places) == (2 * count, count)


def check_policy(asked: Callable[[str], Any], count: int) -> None:
    """Every dispute is settled, and every document has its claim in gold once."""
    disputes = "select count(*), count(*) filter (where state = 'settled') from annotator_dispute"
    assert asked(disputes) == (count, count)
    frames = (
        "select count(*), count(distinct l.document_id) from annotator_span s"
        " join annotator_layer l on l.id = s.layer_id"
        " join corpus_label b on b.id = s.label_id where l.kind = 'gold' and b.name = 'CLAIM'"
    )
    assert asked(frames) == (count, count)


def check_export(manage: Callable[..., Any], folder: Path) -> None:
    """The one file that is kept holds what an export that nobody disturbs writes."""
    undisturbed = folder / "port.jsonl"
    manage(
        "export", "port", "--format", "jsonl", "--layer", "suggestions", "--to", str(undisturbed)
    )
    (kept,) = (path for path in (folder / "data" / "exports").rglob("*") if path.is_file())
    assert kept.name == "port-jsonl.zip"
    with zipfile.ZipFile(kept) as archive:
        assert archive.read("port.jsonl") == undisturbed.read_bytes()


def check_release(manage: Callable[..., Any], folder: Path) -> None:
    """The one release that is kept is what the corpus says."""
    (kept,) = (path for path in (folder / "data" / "exports").rglob("*") if path.is_file())
    with zipfile.ZipFile(kept) as archive:
        archive.extractall(folder)
    manage("verify_release", str(folder / "port-1.0"))


def test_an_import_goes_on_where_it_was_killed(manage: Callable[..., Any], tmp_path: Path) -> None:
    count = 4000
    manage("create_corpus", "port")
    # Suggestions for thousands take minutes; test_killed_worker kills them.
    manage(code="from corpus.models import Corpus; Corpus.objects.update(suggest_on_import=False)")
    manage(code=BEGIN + UPLOAD.format(path=str(documents(tmp_path, count))))
    manage("run_jobs", "--once")
    manage(code=BEGIN + IMPORT)
    kill_in_the_middle(manage, tmp_path, "import")
    check_import(lambda query: asked(tmp_path, query), count)
    manage("check_layers")


def test_a_policy_goes_on_where_it_was_killed(manage: Callable[..., Any], tmp_path: Path) -> None:
    count = 80
    reviewed(manage, tmp_path, count)
    manage(code=BEGIN + MERGE)
    kill_in_the_middle(manage, tmp_path, "merge")
    check_policy(lambda query: asked(tmp_path, query), count)
    manage("check_layers")


def test_a_change_of_the_schema_goes_on_where_it_was_killed(
    manage: Callable[..., Any], tmp_path: Path
) -> None:
    """Both reviews and gold of each document stand in the new version once, with all they held."""
    count = 80
    reviewed(manage, tmp_path, count)
    manage("adjudicate", "port", "--policy", "majority+longest")
    manage(code=BEGIN + SCHEMA)
    kill_in_the_middle(manage, tmp_path, "schema")
    layers = (
        "select count(distinct l.id), count(s.id) from annotator_layer l"
        " join corpus_schema v on v.id = l.schema_id"
        " left join annotator_span s on s.layer_id = l.id where v.version = ?"
    )
    after = asked(tmp_path, layers, "2")
    assert after == asked(tmp_path, layers, "1")
    assert after[0] == 3 * count
    check_policy_of_version(lambda query: asked(tmp_path, query), count)
    manage("check_layers")


def check_policy_of_version(asked: Callable[[str], Any], count: int) -> None:
    """Every dispute stays settled, and every adjudication is of the new version."""
    disputes = "select count(*), count(*) filter (where state = 'settled') from annotator_dispute"
    assert asked(disputes) == (count, count)
    moved = (
        "select count(*) from annotator_adjudication a"
        " join corpus_schema v on v.id = a.schema_id where v.version = 2 and a.state = 'done'"
    )
    assert asked(moved) == (count,)


def corrected(folder: Path, count: int) -> Path:
    """The same articles, each with a line before and the end of its claim put otherwise."""
    path = folder / "corrected.jsonl"
    rows = []
    for n in range(count):
        text = "Corrected.\n\n" + TEXT.format(n=n)
        # Of each second one no claim stands as it was.
        rows.append({"id": f"d{n}", "text": text.replace("close", "shut") if n % 2 else text})
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def test_corrected_texts_go_on_where_the_worker_was_killed(
    manage: Callable[..., Any], tmp_path: Path
) -> None:
    """Each document has its new text once, with the two reviews and gold of the one before."""
    count = 80
    reviewed(manage, tmp_path, count)
    manage("adjudicate", "port", "--policy", "majority+longest")
    manage(code="from corpus.models import Corpus; Corpus.objects.update(suggest_on_import=False)")
    manage(code=BEGIN + UPLOAD.format(path=str(corrected(tmp_path, count))))
    manage("run_jobs", "--once")
    manage(code=BEGIN + IMPORT.replace("by=u)", "by=u, update=True)"))
    kill_in_the_middle(manage, tmp_path, "import")
    versions = (
        "select count(*), count(distinct external_id), count(retired_at) from corpus_document"
    )
    assert asked(tmp_path, versions) == (2 * count, count, count)
    layers = (
        "select count(*), count(distinct l.document_id), count(*) filter (where l.state = 'open')"
        " from annotator_layer l join corpus_document d on d.id = l.document_id"
        " where d.retired_at is null and l.kind = 'review'"
    )
    assert asked(tmp_path, layers) == (2 * count, count, count)
    # What was made on the texts before stands as it was.
    before = layers.replace("is null", "is not null")
    assert asked(tmp_path, before) == (2 * count, count, 0)
    rows = (
        "select count(*), count(distinct a.document_id) from annotator_adjudication a"
        " join corpus_document d on d.id = a.document_id where d.retired_at is null"
    )
    assert asked(tmp_path, rows) == (count, count)
    places = rows.replace("annotator_adjudication", "annotator_assignment")
    assert asked(tmp_path, places) == (2 * count, count)
    manage("check_layers")


def test_an_export_is_whole_or_not_there(manage: Callable[..., Any], tmp_path: Path) -> None:
    manage("create_corpus", "port")
    manage("import_documents", "port", str(documents(tmp_path, 2500)))
    manage(code=BEGIN + EXPORT)
    kill_in_the_middle(manage, tmp_path, "export")
    check_export(manage, tmp_path)


def test_a_release_is_whole_and_verifies(manage: Callable[..., Any], tmp_path: Path) -> None:
    count = 60
    manage("create_corpus", "port")
    manage("import_documents", "port", str(documents(tmp_path, count)), "--spans", "ignore")
    for name in ("ann", "ben"):
        manage("import_layer", "port", str(documents(tmp_path, count)), "--as", name, "--submit")
    manage(code=BEGIN + RELEASE)
    kill_in_the_middle(manage, tmp_path, "release")
    assert asked(tmp_path, "select count(*) from exports_release") == (1,)
    check_release(manage, tmp_path)
