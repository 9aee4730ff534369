"""Where uploaded files lie until they are imported, thrown away or forgotten."""

from __future__ import annotations

import shutil
import time
from pathlib import Path

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile

from corpus.core.problems import Problem
from corpus.models import Job

# The kind of the job that checks an upload.
CHECK = "look"
LONGEST_NAME = 150
KEPT_SECONDS = 7 * 24 * 3600


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
