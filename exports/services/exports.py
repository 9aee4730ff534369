"""Exports: one layer of a corpus through an encoder, at once or as a job; releases as jobs."""

from __future__ import annotations

import shutil
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model

from annotator.services import uploads
from corpus import permissions
from corpus.core.callbacks import Cancelled, Progress, never_cancelled, unreported
from corpus.core.problems import Problem
from corpus.jobs import claim
from corpus.models import Corpus, Document, Job, JobState
from corpus.selectors import schema_rows
from exports import selectors
from exports.core import split
from exports.core.record import Record, Report
from exports.encoders import ENDINGS, MISALIGNED, Options, encoder
from exports.models import Release
from exports.services import origin as origins
from exports.services import releases, splits

# Documents between two reports of progress.
STEP = 100
# After so long the files of a job go: they can be written again.
KEPT_SECONDS = 30 * 24 * 3600
# Where the files of a release are looked for: in the newest jobs that wrote it.
KEPT_JOBS = 5
LAYERS = {"gold": "gold", "suggestions": "suggestion"}


def export(
    corpus: Corpus,
    *,
    format: str,
    to: Path,
    layer: str = "gold",
    shares: str = "80/10/10",
    misaligned: str = "expand",
    progress: Progress = unreported,
    cancelled: Cancelled = never_cancelled,
) -> Report:
    """Write one layer of every document that has it; documents without it are counted as dropped.

    `layer` is gold, suggestions or a user name. Raises `Problem` for an unknown format, layer or
    split.
    """
    write = encoder(format)
    if misaligned not in MISALIGNED:
        raise Problem("request-invalid", reason=f"--misaligned is one of {', '.join(MISALIGNED)}")
    layers = _layers(corpus, layer)
    kind = LAYERS.get(layer, "review")
    records = selectors.records(layers, kind=kind, author=layer if kind == "review" else "")
    report_progress = _now_and_then(progress, cancelled)
    if corpus.schema is None:
        raise Problem("nothing-to-do", act="export", reason="the corpus has no schema")
    remembered = splits.RememberedSplit(corpus, split.parse(shares))
    options = Options(
        schema_rows(corpus.schema).view,
        corpus.name,
        remembered.split,
        misaligned,
        report_progress,
    )
    try:
        report = write(_counted(records, len(layers), report_progress), to, options)
    except OSError as error:
        problem = Problem("file-unreadable", reason=f"cannot write: {error.strerror}")
        raise problem.at(str(to)) from None
    remembered.hold(report)
    without = selectors.document_count(corpus) - len(layers)
    if without:
        report.dropped[f"document-without-{kind}"] += without
    in_dispute = selectors.open_dispute_count(corpus) if kind == "gold" else 0
    if in_dispute:
        report.dropped["frame-in-dispute"] += in_dispute
    return report


def _layers(corpus: Corpus, layer: str) -> dict[int, int]:
    """Return the layers to export by document, or raise `Problem` when there is none."""
    people = get_user_model().objects
    if layer not in LAYERS and not people.filter(username=layer).exists():
        raise Problem("not-found", what="layer gold, suggestions or of a person called", name=layer)
    layers = selectors.layers_of(corpus, layer)
    if not layers:
        reason = f"no document of {corpus.slug!r} has the layer {layer!r}"
        raise Problem("nothing-to-do", act="export", reason=reason)
    return layers


def _now_and_then(progress: Progress, cancelled: Cancelled) -> Progress:
    """Return what reports every so many documents how far an export is.

    It raises `Problem` when the export was cancelled.
    """

    def report(done: int, total: int) -> None:
        if done % STEP == 0 or done == total:
            progress(done, total)
            if done < total and cancelled():
                raise Problem("job-cancelled")

    return report


def _counted(records: Iterator[Record], total: int, progress: Progress) -> Iterator[Record]:
    for done, record in enumerate(records):
        progress(done, total)
        yield record
    progress(total, total)


def start_export(corpus: Corpus, arguments: dict[str, str], *, by: permissions.User) -> Job:
    """Have an export written in the background.

    Raises `Problem` for what could not be written, and when another export is being written.
    """
    permissions.require(by, "export", corpus)
    encoder(arguments["format"])
    if arguments["split"].startswith("lists:"):
        reason = "lists of ids are read on the server: use manage.py export --split"
        raise Problem("request-invalid", reason=reason)
    split.parse(arguments["split"])
    if arguments["misaligned"] not in MISALIGNED:
        raise Problem("request-invalid", reason=f"misaligned is one of {', '.join(MISALIGNED)}")
    return claim.start_this(corpus, "export", arguments, by=by)


def start_release(corpus: Corpus, name: str, *, by: permissions.User, origin: str = "all") -> Job:
    """Have a release made in the background."""
    permissions.require(by, "release", corpus)
    releases.check_name(corpus, name)
    origins.check(origin)
    return claim.start_this(corpus, "release", {"name": name, "origin": origin}, by=by)


def start_files(corpus: Corpus, name: str, *, by: permissions.User) -> Job:
    """Have the files of a release written anew in the background."""
    permissions.require(by, "release", corpus)
    made = selectors.release_called(corpus, name)
    return claim.start_this(corpus, "release", {"name": made.name, "origin": made.origin}, by=by)


def run_export_job(job: Job, *, progress: Progress, cancelled: Cancelled) -> dict[str, Any]:
    """Write an export into the data folder, packed into one zip file for download."""
    arguments = job.arguments
    slug = job.corpus.slug
    title = f"{slug}-{arguments['format']}"
    ending = ENDINGS.get(arguments["format"], "")
    with _archive(job, title) as folder:
        report = export(
            job.corpus,
            format=arguments["format"],
            to=folder / f"{slug}{ending}",
            layer=arguments["layer"],
            shares=arguments["split"],
            misaligned=arguments["misaligned"],
            progress=progress,
            cancelled=cancelled,
        )
    return {**report.as_json(), "files": [f"{title}.zip"]}


def run_release_job(job: Job, *, progress: Progress, cancelled: Cancelled) -> dict[str, Any]:
    """Make a release, or write the files of one that is there; pack them for download."""
    name = job.arguments["name"]
    title = f"{job.corpus.slug}-{name}"
    report_progress = _now_and_then(progress, cancelled)
    with _archive(job, title) as folder:
        made = job.corpus.releases.filter(name=name).first()
        if made is None:
            made = releases.release(
                job.corpus,
                name,
                to=folder / title,
                origin=job.arguments["origin"],
                by=job.created_by,
                progress=report_progress,
            )
        else:
            releases.write_again(made, to=folder / title, progress=report_progress)
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
    _remove_old()
    folder = _folder(job)
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


def _folder(job: Job) -> Path:
    """Return where the files of a job are kept."""
    return Path(settings.DATA_DIR) / "exports" / str(job.pk)


def _remove_old() -> None:
    """Remove what was written `KEPT_SECONDS` ago."""
    kept = Path(settings.DATA_DIR) / "exports"
    if not kept.is_dir():
        return
    for folder in kept.iterdir():
        if time.time() - folder.stat().st_mtime > KEPT_SECONDS:
            shutil.rmtree(folder, ignore_errors=True)


def archive(job: Job) -> Path:
    """Return the finished file of an export or release job, or raise `Problem`."""
    names = job.result.get("files", [])
    path = _folder(job) / names[0] if names else Path()
    if job.kind not in ("export", "release") or job.state != "done" or not path.is_file():
        raise Problem("not-found", what="finished export of job", name=job.pk)
    return path


def withdraw(document: Document, *, by: permissions.User | None = None) -> int:
    """Erase the text of a document for good, with the kept files that may hold it.

    Returns how many releases hold it.
    """
    holding = releases.withdraw(document, by=by)
    for job in document.corpus.jobs.filter(kind__in=("export", "release")):
        shutil.rmtree(_folder(job), ignore_errors=True)
    uploads.forget(document)
    return holding


def kept_files(release: Release) -> tuple[Job | None, list[tuple[str, int]]]:
    """Return the job that holds the files of a release, and their names with their sizes.

    None and no files when they are not kept any more: `start_files` writes them again.
    """
    jobs = Job.objects.filter(
        corpus=release.corpus_id,
        kind="release",
        state=JobState.DONE,
        arguments__name=release.name,
    )
    for job in jobs.order_by("-pk")[:KEPT_JOBS]:
        try:
            with zipfile.ZipFile(archive(job)) as packed:
                return job, [(info.filename, info.file_size) for info in packed.infolist()]
        except (Problem, OSError):
            continue
    return None, []
