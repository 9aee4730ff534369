"""Pages from the internet: their addresses are given, a worker fetches them into an upload.

From there they go the way of every upload: checked, shown, imported.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser

from annotator.services import upload_folders as folders
from corpus import permissions
from corpus.core.callbacks import Cancelled, Progress
from corpus.core.problems import Problem
from corpus.importers import fetch
from corpus.models import Corpus, Job

MOST = 200
RECORD = "fetched.json"


@dataclass(slots=True)
class Fetched:
    """What became of the addresses of an upload: where each file is from, what was refused."""

    files: dict[str, str] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    refused: list[dict[str, Any]] = field(default_factory=list)

    @property
    def problems(self) -> list[Problem]:
        """Return the addresses that gave nothing, each with the reason."""
        return [Problem(row["code"], file=row["url"], **row["details"]) for row in self.refused]

    @property
    def described(self) -> dict[str, dict[str, str]]:
        """Return the address of each document, by the id that its file gives it."""
        return {Path(name).stem: {"url": url} for name, url in self.files.items()}


def receive_addresses(
    corpus: Corpus,
    addresses: Iterable[str],
    *,
    by: AbstractBaseUser,
    at_once: bool = False,
) -> Job:
    """Have addresses fetched and checked in the background, as an upload.

    Empty ones and repetitions are passed over. Raises `Problem` when none is given or too many,
    one is none, this site fetches nothing, or another upload waits.
    """
    permissions.require(by, "import", corpus)
    if not settings.FETCH_ADDRESSES:
        raise Problem("addresses-off")
    wanted = list(dict.fromkeys(line.strip() for line in addresses if line.strip()))
    if not wanted:
        raise Problem("request-invalid", reason="give at least one address")
    if len(wanted) > MOST:
        reason = f"{len(wanted)} addresses at once are too many. Give {MOST} at most"
        raise Problem("request-invalid", reason=reason)
    for address in wanted:
        fetch.asked(address)
    arguments = {
        "format": "",
        "spans": "suggest",
        "reviewer": "",
        "at_once": at_once,
        "addresses": wanted,
    }
    return folders.start_check(corpus, arguments, by=by)


def fetch_all(job: Job, *, progress: Progress, cancelled: Cancelled) -> None:
    """Fetch what an upload's job names and has not asked for yet, each once."""
    wanted = job.arguments.get("addresses", [])
    if not wanted:
        return
    record = fetched(job)
    for address in wanted:
        if address in record.asked:
            continue
        if cancelled():
            return
        _fetch(job, address, record)
        progress(len(record.asked), len(wanted))


def _fetch(job: Job, address: str, record: Fetched) -> None:
    """Fetch one address into the folder of an upload, and write down what came of it."""
    files = folders.files_of(job)
    try:
        page = fetch.fetch(address, inside=settings.FETCH_INSIDE)
        if page.url not in record.files.values():
            name = _free(page.name, record)
            (files / name).write_bytes(page.data)
            record.files[name] = page.url
    except Problem as problem:
        row = {"url": address, "code": problem.code, "details": problem.details}
        record.refused.append(row)
    record.asked.append(address)
    rows = {"files": record.files, "asked": record.asked, "refused": record.refused}
    # A file beside, so that a worker that dies leaves the record whole.
    fresh = files.with_name(f"{RECORD}.new")
    fresh.write_text(json.dumps(rows), encoding="utf-8")
    fresh.replace(files.with_name(RECORD))


def _free(name: str, record: Fetched) -> str:
    """Return a name that makes a document of its own: the ending is no part of the id."""
    taken = {Path(other).stem for other in record.files}
    path = Path(name)
    stem = path.stem
    number = 2
    while stem in taken:
        stem = f"{path.stem}-{number}"
        number += 1
    return f"{stem}{path.suffix}"


def fetched(job: Job) -> Fetched:
    """Return what was fetched for an upload; nothing for one of files."""
    try:
        path = folders.folder_called(job.arguments["folder"]) / RECORD
        return Fetched(**json.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        return Fetched()
