"""Where uploaded files lie until they are imported, thrown away or forgotten, and their report."""

from __future__ import annotations

import csv
import shutil
import time
import uuid
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser
from django.core.files.uploadedfile import UploadedFile

from corpus.core.problems import Problem
from corpus.core.values import no_formula
from corpus.importers import ENDINGS
from corpus.importers.reading import Reading
from corpus.jobs import claim
from corpus.models import Corpus, Job

# The kind of the job that checks an upload.
CHECK = "look"
LONGEST_NAME = 150
KEPT_SECONDS = 7 * 24 * 3600
REPORT = "report.csv"
# So many refused rows are shown.
LISTED = 50
# What of `Reading` somebody may say of an upload.
READ_AS = ("format", "fields", "encoding")


def start_check(
    corpus: Corpus,
    arguments: Mapping[str, Any],
    files: Iterable[UploadedFile] = (),
    *,
    by: AbstractBaseUser,
) -> Job:
    """Keep files in a folder of their own and have it checked in the background.

    Raises `Problem` when two have one name, they cannot be kept, or another upload waits: then
    nothing stays.
    """
    forget_old()
    name = uuid.uuid4().hex
    folder = folder_called(name) / "files"
    folder.mkdir(parents=True)
    try:
        for file in files:
            keep(file, folder)
        job = claim.start(corpus, CHECK, {"folder": name, **arguments}, by=by)
        if job.arguments["folder"] != name:
            raise Problem("upload-waits")
    except OSError as error:
        shutil.rmtree(folder.parent, ignore_errors=True)
        raise Problem("file-unreadable", reason=f"cannot be kept: {error.strerror}") from None
    except Problem:
        shutil.rmtree(folder.parent, ignore_errors=True)
        raise
    return job


def keep(file: UploadedFile, folder: Path) -> None:
    """Keep an uploaded file in a folder; raise `Problem` when its name is none, or taken."""
    path = folder / _plain(file.name or "")
    if path.exists():
        raise Problem("exists", what="file", name=path.name)
    with path.open("wb") as out:
        for chunk in file.chunks():
            out.write(chunk)


def _plain(name: str) -> str:
    """Return a file's name without any folder.

    Its stem may become a document's id, so it is not changed further.
    """
    plain = Path(name.replace("\\", "/")).name
    if not plain or plain.startswith(".") or len(plain.encode("utf-8", "replace")) > LONGEST_NAME:
        raise Problem("request-invalid", reason=f"{name[:80]!r} is no name for a file here")
    return plain


def folder_called(name: str) -> Path:
    """Return the folder of the upload of this name."""
    return Path(settings.DATA_DIR) / "uploads" / name


def forget_old() -> None:
    """Throw away what nobody imported within a week."""
    uploads = Path(settings.DATA_DIR) / "uploads"
    if not uploads.is_dir():
        return
    for folder in uploads.iterdir():
        if time.time() - folder.stat().st_mtime > KEPT_SECONDS:
            shutil.rmtree(folder, ignore_errors=True)


def files_of(job: Job) -> Path:
    """Return the folder with the files of an upload's job; raise `Problem` when they are gone."""
    files = folder_called(job.arguments["folder"]) / "files"
    if not files.is_dir():
        raise Problem("upload-gone")
    return files


def reading_of(job: Job) -> Reading:
    """Return how an upload is read; files chosen one by one lie in no folder of a name."""
    said = {key: job.arguments[key] for key in READ_AS if key in job.arguments}
    return Reading(**said, spans=job.arguments["spans"] != "ignore", folder="")


def paths_of(job: Job) -> list[Path]:
    """Return what to read: with a format every file, else the folder.

    In a folder a text and its annotations are one. A folder passes over what it does not know;
    files that were chosen one by one do not go silently.
    """
    folder = files_of(job)
    files = sorted(folder.iterdir())
    if job.arguments["format"]:
        return files
    known = {ending for endings in ENDINGS.values() for ending in endings}
    return [folder, *(path for path in files if path.suffix.lower() not in known)]


def listed(job: Job, problems: list[Problem]) -> dict[str, Any]:
    """Write every refused row into the report that can be downloaded.

    Returns their number and the first ones.
    """
    rows = placed(job, [problem.as_json() for problem in problems])
    folder = folder_called(job.arguments["folder"])
    with (folder / REPORT).open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, ["file", "line", "code", "message"])
        writer.writeheader()
        for row in rows:
            writer.writerow({key: no_formula(str(value)) for key, value in row.items()})
    return {"refused": len(rows), "errors": rows[:LISTED]}


def placed(job: Job, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return rows with the names of files as they were uploaded."""
    folder = folder_called(job.arguments["folder"]) / "files"
    return [{**row, "file": row["file"].removeprefix(f"{folder}/")} for row in rows]
