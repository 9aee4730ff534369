"""Files that come in over the web: kept, checked in the background, then imported or thrown away.

An upload check is a job (stored with the kind "look") with a folder of its own under the data
folder. Its result says what an import would take and refuse; nothing is written into the corpus
before somebody who saw that says so.
"""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser
from django.core.files.uploadedfile import UploadedFile

from annotator.core.erasure import ERASED
from annotator.services import addresses, imported_reviews, imports, suggest, upload_checks
from annotator.services import upload_folders as folders
from corpus import permissions
from corpus.core import import_map
from corpus.core.callbacks import Cancelled, Progress
from corpus.core.import_map import ImportMap, Question
from corpus.core.problems import Problem
from corpus.importers import IMPORTERS, fields
from corpus.jobs import claim
from corpus.models import Corpus, Job, JobState, Role
from corpus.selectors import schema_rows

# A page asks after so many names; what is beyond is left out, and counted.
MOST_ASKED = 500
SPANS = ("suggest", "ignore", "layer")
# Under this a job keeps what its import has done, in case that it is begun again.
BEGUN = "begun"
# What arguments of a job stay when its upload is thrown away: none is words of a text.
KEPT = ("folder", "format", "encoding", "spans", "reviewer", "at_once", "author", "look", "total")


def receive(
    corpus: Corpus,
    files: Iterable[UploadedFile],
    *,
    by: AbstractBaseUser,
    format: str = "",
    spans: str = "suggest",
    reviewer: str = "",
    at_once: bool = False,
) -> Job:
    """Keep uploaded files and have them checked in the background.

    With `at_once` they are imported when the check raises no question. With `spans` "layer", what
    comes along becomes the review layers of the reviewer of this name. Raises `Problem` when there
    are no files, two have one name, they are too large together, others wait already, or nobody of
    this name reviews here.
    """
    permissions.require(by, "import", corpus)
    _check_options(corpus, format=format, spans=spans, reviewer=reviewer)
    uploaded = list(files)
    if not uploaded:
        raise Problem("request-invalid", reason="paste a text or choose a file")
    if sum(file.size or 0 for file in uploaded) > settings.UPLOAD_BYTES:
        raise Problem("upload-too-large", limit=settings.UPLOAD_BYTES // 1_000_000)
    arguments = {"format": format, "spans": spans, "reviewer": reviewer, "at_once": at_once}
    return folders.start_check(corpus, arguments, uploaded, by=by)


def _check_options(corpus: Corpus, *, format: str, spans: str, reviewer: str) -> None:
    """Raise `Problem` when the options of an upload do not fit together."""
    if format:
        IMPORTERS.check(format)
    if spans not in SPANS:
        raise Problem("request-invalid", reason=f"spans is one of {', '.join(SPANS)}")
    if (spans == "layer") != bool(reviewer):
        raise Problem(
            "request-invalid", reason="a reviewer is named when spans become a layer, and only then"
        )
    reviewers = corpus.memberships.filter(role=Role.REVIEWER)
    if reviewer and not reviewers.filter(user__username=reviewer).exists():
        raise Problem("not-found", what="reviewer", name=reviewer)


def begin(
    corpus: Corpus,
    pk: int,
    *,
    by: AbstractBaseUser,
    author: str = "",
    names: Mapping[str, Any] | None = None,
    update: bool = False,
) -> Job:
    """Import what was checked, in the background, with a map of `names` as `import_map` reads it.

    Documents that are there with another text are replaced to `update`, and stay as they are else.
    Of files with the work of several that become one person's layers, `author` is the one whose
    work is taken; raises `Problem` when it names nobody in them.
    """
    permissions.require(by, "import", corpus)
    check = waiting(corpus, pk)
    folders.files_of(check)
    authors = check.result["authors"] if check.arguments["spans"] == "layer" else []
    if (author or len(authors) > 1) and author not in authors:
        raise Problem("authors-many", found=", ".join(authors) or "nobody")
    if names and corpus.schema is not None:
        import_map.parse(names, schema_rows(corpus.schema).view)
    job = upload_checks.start_import(check, by=by, author=author, names=names, update=update)
    if job is None:
        raise Problem("upload-waits")
    _end(check, "imported")
    return job


def look_again(corpus: Corpus, pk: int, read_as: Mapping[str, Any], *, by: AbstractBaseUser) -> Job:
    """Have an upload that waits checked anew, read as somebody says.

    `upload_folders.READ_AS` names what may be said; the rest stays as it was. It is imported when
    that answers all that was asked.
    """
    permissions.require(by, "import", corpus)
    check = waiting(corpus, pk)
    folders.files_of(check)
    said = {key: read_as[key] for key in folders.READ_AS if key in read_as}
    if said.get("format"):
        IMPORTERS.check(said["format"])
    fields.check(said.get("fields", {}))
    job = claim.start(corpus, folders.CHECK, {**check.arguments, **said}, by=by)
    if job.arguments["folder"] != check.arguments["folder"]:
        raise Problem("upload-waits")
    _end(check, "read otherwise")
    return job


def throw_away(corpus: Corpus, pk: int, *, by: AbstractBaseUser) -> None:
    """Forget an upload that was checked."""
    permissions.require(by, "import", corpus)
    check = waiting(corpus, pk)
    _end(check, "thrown away")
    shutil.rmtree(folders.folder_called(check.arguments["folder"]), ignore_errors=True)


def waiting(corpus: Corpus, pk: int) -> Job:
    """Return the check of an upload that waits for somebody's word, or raise `Problem`."""
    check = Job.objects.filter(
        corpus=corpus, pk=pk, kind=folders.CHECK, state=JobState.DONE
    ).first()
    if check is None or check.result.get("state") != "waits":
        raise Problem("not-found", what="upload that waits, number", name=pk)
    return check


def _end(check: Job, state: str) -> None:
    Job.objects.filter(pk=check.pk).update(result={**check.result, "state": state})


def run_import_job(job: Job, *, progress: Progress, cancelled: Cancelled) -> dict[str, Any]:
    """Import an upload; begun again, it goes on where it stopped: what is there is skipped."""
    arguments = job.arguments
    if (
        "imported" in job.result
        and not (folders.folder_called(arguments["folder"]) / "files").is_dir()
    ):
        # The worker died between throwing the files away and saying so.
        suggest.follow_import(job)
        return dict(job.result)
    total = arguments["total"]
    record = addresses.fetched(job)
    as_layers = arguments["spans"] == "layer"
    report = imports.Report.gone_on(job.result.get(BEGUN, {}))

    def progress_kept(done: int) -> None:
        progress(done, max(done, total))
        Job.objects.filter(pk=job.pk).update(result={BEGUN: report.begun})

    imports.import_documents(
        job.corpus,
        folders.paths_of(job),
        reading=folders.reading_of(job),
        spans="ignore" if as_layers else arguments["spans"],
        update=arguments.get("update", False),
        by=job.created_by,
        names=_names(job),
        described=record.described,
        report=report,
        progress=progress_kept,
        cancelled=cancelled,
    )
    result = {**_parts(job, report), **folders.listed(job, [*record.problems, *report.problems])}
    if as_layers and not cancelled():
        result |= _import_layers(job, report)
    if not cancelled():
        Job.objects.filter(pk=job.pk).update(result=result)
        files = folders.files_of(job)
        shutil.rmtree(files.rename(files.with_name("imported")))
        # An import that was begun anew may have brought in all that is new before.
        if report.imported or report.replaced or job.attempts > 1:
            suggest.follow_import(job)
    return result


def _names(job: Job) -> ImportMap:
    """Return the map that an import was begun with."""
    names = job.arguments.get("map")
    if not names or job.corpus.schema is None:
        return imports.NO_MAP
    return import_map.parse(names, schema_rows(job.corpus.schema).view)


def questions(check: Job) -> list[Question]:
    """Return what names of a checked upload are not in the schema, with the names here."""
    unknown = check.result.get("unknown") or {}
    if check.corpus.schema is None:
        return []
    asked = import_map.questions(unknown, schema_rows(check.corpus.schema).view)
    return asked[:MOST_ASKED]


def _parts(job: Job, report: imports.Report) -> dict[str, Any]:
    """Return the answer of an import, its files named as they were uploaded."""
    answer = report.as_json()
    if "carried" in answer:
        # Who manages may review too: where others found something is told by document alone.
        left = Counter(row["id"] for row in report.carried.left)
        rows = [{"id": ident, "count": count} for ident, count in sorted(left.items())]
        answer["carried"] = {**answer["carried"], "left": rows}
    if "left_out" in answer:
        answer["left_out"] = folders.placed(job, answer["left_out"])
    return answer


def _import_layers(job: Job, documents: imports.Report) -> dict[str, Any]:
    """Make what came along the reviewer's layers, once the documents are in."""
    reviewer = job.arguments["reviewer"]
    # They may have left meanwhile.
    _check_options(job.corpus, format="", spans="layer", reviewer=reviewer)
    report = imported_reviews.import_layers(
        job.corpus,
        folders.paths_of(job),
        username=reviewer,
        reading=folders.reading_of(job),
        author=job.arguments["author"],
        names=_names(job),
    )
    # What could not be read the first time is listed already; here only what has no place in the
    # layer is new.
    parts = _parts(job, report)
    listed = [problem.as_json() for problem in documents.problems]
    fresh = [problem for problem in report.problems if problem.as_json() not in listed]
    return {
        "layers": report.imported,
        "layers_kept": report.skipped,
        **{key: parts[key] for key in ("left_out", "unknown") if key in parts},
        **folders.listed(job, [*documents.problems, *fresh]),
    }


def erase(corpus: Corpus) -> int:
    """Throw away every upload of a corpus that is kept; return how many waited to be imported.

    Any of them may hold the words of a text that is to be erased. What jobs say of uploads are
    counts from then on, with the files and lines that were refused.
    """
    waited = 0
    for job in Job.objects.filter(corpus=corpus, kind__in=(folders.CHECK, "import")):
        shutil.rmtree(folders.folder_called(job.arguments["folder"]), ignore_errors=True)
        result = {key: _without_words(key, value) for key, value in job.result.items()}
        if job.result.get("state") == "waits":
            waited += 1
            result["state"] = "thrown away"
        arguments = {key: job.arguments[key] for key in KEPT if key in job.arguments}
        rows = Job.objects.filter(pk=job.pk)
        rows.update(result=result, arguments=arguments, error=ERASED if job.error else "")
    return waited


def _without_words(key: str, value: Any) -> Any:
    """Return what a job may still say under a key of its result."""
    if key == "state" or isinstance(value, int | float):
        return value
    if key in ("errors", "left_out"):
        return [{**row, "message": ERASED} for row in value]
    return type(value)()


def report_of(corpus: Corpus, pk: int) -> Path:
    """Return the list of rows that a check or an import refused, or raise `Problem`."""
    job = Job.objects.filter(corpus=corpus, pk=pk, kind__in=(folders.CHECK, "import")).first()
    path = folders.folder_called(job.arguments["folder"]) / folders.REPORT if job else None
    if path is None or not path.is_file():
        raise Problem("not-found", what="report of the job", name=pk)
    return path
