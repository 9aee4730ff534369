"""Exports: one layer of a corpus through an encoder, at once or as a job; releases as jobs."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractBaseUser

from annotator.services import uploads
from corpus import permissions
from corpus.core.problems import Problem
from corpus.jobs import claim
from corpus.models import Corpus, Document, Job
from corpus.selectors import schema_rows
from exports import selectors
from exports.core import split
from exports.core.record import Record, Report
from exports.encoders import ENDINGS, MISALIGNED, Options, encoder
from exports.services import origin as origins
from exports.services import releases

Progress = Callable[[int, int], None]
STEP = 100
KEPT_SECONDS = 30 * 24 * 3600


def export(
    corpus: Corpus,
    *,
    format: str,
    to: Path,
    layer: str = "gold",
    shares: str = "80/10/10",
    misaligned: str = "expand",
    progress: Progress = lambda done, total: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> Report:
    """Write one layer of every document that has it; documents without it are counted as dropped.

    `layer` is gold, suggestions or a user name. Raises `Problem` for an unknown format, layer or
    split.
    """
    write = encoder(format)
    if misaligned not in MISALIGNED:
        raise Problem("request-invalid", reason=f"--misaligned is one of {', '.join(MISALIGNED)}")
    people = get_user_model().objects
    if layer not in ("gold", "suggestions") and not people.filter(username=layer).exists():
        raise Problem("not-found", what="layer gold, suggestions or of a person called", name=layer)
    found = selectors.layers_of(corpus, layer)
    if not found:
        raise Problem(
            "nothing-to-do",
            act="export",
            reason=f"no document of {corpus.slug!r} has the layer {layer!r}",
        )
    kinds = {"gold": "gold", "suggestions": "suggestion"}
    kind = kinds.get(layer, "review")
    records = selectors.records(found, kind=kind, author=layer if kind == "review" else "")
    tell = _watching(progress, cancelled)
    if corpus.schema is None:
        raise Problem("nothing-to-do", act="export", reason="the corpus has no schema")
    options = Options(
        schema_rows(corpus.schema).view, corpus.name, split.parse(shares), misaligned, tell
    )
    try:
        report = write(_watched(records, len(found), tell), to, options)
    except OSError as error:
        raise Problem("file-unreadable", reason=f"cannot write: {error.strerror}").at(
            str(to)
        ) from None
    without = selectors.documents(corpus) - len(found)
    if without:
        report.dropped[f"document-without-{kind}"] += without
    if kind == "gold" and (open_ones := selectors.open_disputes(corpus)):
        report.dropped["frame-in-dispute"] += open_ones
    return report


def _watching(progress: Progress, cancelled: Callable[[], bool]) -> Progress:
    """Return what tells now and then how far an export is; it raises `Problem` when the export was
    cancelled.
    """

    def tell(done: int, total: int) -> None:
        if done % STEP == 0 or done == total:
            progress(done, total)
            if done < total and cancelled():
                raise Problem("job-cancelled")

    return tell


def _watched(records: Iterator[Record], total: int, tell: Progress) -> Iterator[Record]:
    for done, record in enumerate(records):
        tell(done, total)
        yield record
    tell(total, total)


def start_export(corpus: Corpus, asked: dict[str, str], *, by: AbstractBaseUser) -> Job:
    """Have an export written in the background; `asked` are the arguments of `export`.

    Raises `Problem` for what could not be written, and when another export is being written.
    """
    permissions.require(by, "export", corpus)
    encoder(asked["format"])
    if asked["split"].startswith("lists:"):
        raise Problem(
            "request-invalid",
            reason="lists of ids are read on the server: use manage.py export --split",
        )
    split.parse(asked["split"])
    if asked["misaligned"] not in MISALIGNED:
        raise Problem("request-invalid", reason=f"misaligned is one of {', '.join(MISALIGNED)}")
    return claim.start_this(corpus, "export", asked, by=by)


def start_release(corpus: Corpus, name: str, *, by: AbstractBaseUser, origin: str = "all") -> Job:
    """Have a release made in the background."""
    permissions.require(by, "release", corpus)
    releases.check_name(corpus, name)
    origins.check(origin)
    return claim.start_this(corpus, "release", {"name": name, "origin": origin}, by=by)


def start_files(corpus: Corpus, name: str, *, by: AbstractBaseUser) -> Job:
    """Have the files of a release written anew in the background."""
    permissions.require(by, "release", corpus)
    made = selectors.release_called(corpus, name)
    return claim.start_this(corpus, "release", {"name": made.name, "origin": made.origin}, by=by)


def run_export_job(
    job: Job, *, progress: Progress, cancelled: Callable[[], bool]
) -> dict[str, Any]:
    """Write an export into the data folder, packed into one zip file for download."""
    asked, name = job.arguments, job.corpus.slug
    with _archive(job, f"{name}-{asked['format']}") as files:
        to = files / f"{name}{ENDINGS.get(asked['format'], '')}"
        report = export(
            job.corpus,
            format=asked["format"],
            to=to,
            layer=asked["layer"],
            shares=asked["split"],
            misaligned=asked["misaligned"],
            progress=progress,
            cancelled=cancelled,
        )
    return {**report.as_json(), "files": [f"{name}-{asked['format']}.zip"]}


def run_release_job(
    job: Job, *, progress: Progress, cancelled: Callable[[], bool]
) -> dict[str, Any]:
    """Make a release, or write the files of one that is there, packed into one zip file for
    download.
    """
    name = job.arguments["name"]
    title = f"{job.corpus.slug}-{name}"
    tell = _watching(progress, cancelled)
    with _archive(job, title) as files:
        made = job.corpus.releases.filter(name=name).first()
        if made is None:
            to, origin = files / title, job.arguments["origin"]
            made = releases.release(
                job.corpus, name, to=to, origin=origin, by=job.created_by, progress=tell
            )
        else:
            releases.write_again(made, to=files / title, progress=tell)
    documents = made.datasheet["documents"]
    progress(documents, documents)
    return {
        "release": name,
        "digest": made.digest,
        "documents": documents,
        "files": [f"{title}.zip"],
    }


@contextmanager
def _archive(job: Job, title: str) -> Iterator[Path]:
    """Yield a folder that becomes the one zip file of a job."""
    _forget_old()
    folder = _kept(job)
    shutil.rmtree(folder, ignore_errors=True)
    files = folder / "files"
    files.mkdir(parents=True)
    try:
        yield files
        shutil.make_archive(str(folder / title), "zip", files)
    except OSError as error:
        raise Problem("file-unreadable", reason=f"cannot write: {error.strerror}") from None
    finally:
        shutil.rmtree(files, ignore_errors=True)


def _kept(job: Job) -> Path:
    return Path(settings.DATA_DIR) / "exports" / str(job.pk)


def _forget_old() -> None:
    """Throw away what was written a month ago: it can be written again."""
    kept = Path(settings.DATA_DIR) / "exports"
    for folder in kept.iterdir() if kept.is_dir() else ():
        if time.time() - folder.stat().st_mtime > KEPT_SECONDS:
            shutil.rmtree(folder, ignore_errors=True)


def archive(job: Job) -> Path:
    """Return the finished file of an export or release job, or raise `Problem`."""
    names = job.result.get("files", [])
    path = _kept(job) / names[0] if names else Path()
    if job.kind not in ("export", "release") or job.state != "done" or not path.is_file():
        raise Problem("not-found", what="finished export of job", name=job.pk)
    return path


def withdraw(document: Document, *, by: AbstractBaseUser | None = None) -> int:
    """Erase the text of a document for good, with the kept files that may hold it; return how many
    releases do.
    """
    held = releases.withdraw(document, by=by)
    for job in document.corpus.jobs.filter(kind__in=("export", "release")):
        shutil.rmtree(_kept(job), ignore_errors=True)
    uploads.forget(document)
    return held
