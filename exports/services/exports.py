"""Exports: one layer of a corpus through an encoder, at once or as a job; releases as jobs."""

from __future__ import annotations

import shutil
import time
import zipfile
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model

from corpus import permissions
from corpus.core.callbacks import Cancelled, Progress, never_cancelled, unreported
from corpus.core.problems import Problem
from corpus.jobs import claim
from corpus.models import Corpus, Job, JobState
from corpus.selectors import schema_rows
from exports import selectors
from exports.core import dataset_about, split
from exports.core.record import Record, Report
from exports.encoders import DISPUTED, ENDINGS, MISALIGNED, Options, encoder
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
    misaligned: str = "",
    disputed: str = "mask",
    debug_data: bool = False,
    by: permissions.User | None = None,
    progress: Progress = unreported,
    cancelled: Cancelled = never_cancelled,
) -> Report:
    """Write one layer of every document that has it; documents without it are counted as dropped.

    `layer` is gold, suggestions or a user name. `disputed` is for gold: documents in dispute are
    left out, or training data hide the words in dispute, or nothing is done. What is withheld from
    the person `by` whom it is asked for is left out and counted. Raises `Problem` for an unknown
    format, layer or split.
    """
    write = encoder(format)
    _check_choices(misaligned, disputed)
    layers = _layers(corpus, layer)
    kind = LAYERS.get(layer, "review")
    withheld = set() if by is None else selectors.withheld_documents(layers, by)
    left_out: Counter[str] = Counter()
    without = selectors.document_count(corpus) - len(layers)
    if without:
        left_out[f"document-without-{kind}"] = without
    if withheld:
        left_out["document-withheld"] = len(withheld)
        layers = {key: pk for key, pk in layers.items() if key not in withheld}
    if kind == "gold":
        layers = _settled(corpus, layers, left_out, disputed)
    records = selectors.records(
        layers,
        kind=kind,
        author=layer if kind == "review" else "",
        with_disputes=kind == "gold" and disputed == "mask",
    )
    report_progress = _now_and_then(progress, cancelled)
    if corpus.schema is None:
        raise Problem("nothing-to-do", act="export", reason="the corpus has no schema")
    remembered = splits.RememberedSplit(corpus, split.parse(shares))
    options = Options(
        schema_rows(corpus.schema).view,
        corpus.name,
        remembered.split,
        misaligned=misaligned,
        disputed=disputed,
        language=corpus.language,
        model=settings.SPACY_MODEL,
        debug_data=debug_data,
        left_out=left_out,
        progress=report_progress,
    )
    try:
        report = write(_counted(records, len(layers), report_progress), to, options)
    except OSError as error:
        problem = Problem("file-unreadable", reason=f"cannot write: {error.strerror}")
        raise problem.at(str(to)) from None
    report.dropped.update(remembered.hold())
    report.dropped.update(left_out)
    return report


def _check_choices(misaligned: str, disputed: str) -> None:
    """Raise `Problem` unless these are choices of an export."""
    if misaligned not in ("", *MISALIGNED):
        raise Problem("request-invalid", reason=f"--misaligned is one of {', '.join(MISALIGNED)}")
    if disputed not in DISPUTED:
        raise Problem("request-invalid", reason=f"--disputed is one of {', '.join(DISPUTED)}")


def _settled(
    corpus: Corpus, layers: dict[int, int], left_out: Counter[str], disputed: str
) -> dict[int, int]:
    """Count what gold lacks because it is in dispute, and return the layers to export.

    Raises `Problem` when everything is left out.
    """
    counts = selectors.open_dispute_counts(corpus, layers)
    waiting = selectors.waiting_documents(corpus, layers)
    if counts:
        left_out["frame-in-dispute"] = sum(counts.values())
    if waiting:
        left_out["document-not-settled"] = len(waiting)
    if disputed != "leave-out":
        return layers
    if counts:
        left_out["document-in-dispute"] = len(counts)
    kept = {key: pk for key, pk in layers.items() if key not in counts and key not in waiting}
    if not kept:
        reason = "every document has frames in dispute or waits for reviews"
        raise Problem("nothing-to-do", act="export", reason=reason)
    return kept


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
    _check_choices(arguments["misaligned"], arguments.get("disputed", "mask"))
    return claim.start_this(corpus, "export", arguments, by=by)


def start_release(
    corpus: Corpus,
    name: str,
    *,
    by: permissions.User,
    origin: str = "all",
    about: Mapping[str, str] | None = None,
) -> Job:
    """Have a release made in the background; `about` is what people say of it, by section."""
    permissions.require(by, "release", corpus)
    releases.check_name(corpus, name)
    origins.check(origin)
    arguments: dict[str, Any] = {"name": name, "origin": origin}
    if about:
        arguments["about"] = dataset_about.checked(about)
    return claim.start_this(corpus, "release", arguments, by=by)


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
            # A job of before this choice has none.
            disputed=arguments.get("disputed", "mask"),
            by=job.created_by,
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
                about=job.arguments.get("about"),
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


def archive_for(job: Job, *, by: permissions.User) -> Path:
    """Return the finished file of a job as `archive` does, to who may have it.

    From an export is left out what is withheld from who asked for it; to who reviews, another
    person's export could show more.
    """
    is_others = job.kind == "export" and job.created_by_id != by.pk
    if is_others and permissions.allows(by, "review", job.corpus):
        raise Problem("not-found", what="finished export of your own, job", name=job.pk)
    return archive(job)


def erase_kept(corpus: Corpus) -> None:
    """Throw away every kept file of a corpus: each may hold the words of any of its texts."""
    for job in corpus.jobs.filter(kind__in=("export", "release")):
        shutil.rmtree(_folder(job), ignore_errors=True)


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
