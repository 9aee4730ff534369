"""Files that come in over the web: kept, checked in the background, then imported or thrown away.

An upload check is a job (stored with the kind "look") with a folder of its own under the data
folder. Its result says what an import would take and refuse; nothing is written into the corpus
before somebody who saw that says so.
"""

from __future__ import annotations

import csv
import shutil
import uuid
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractBaseUser
from django.core.files.uploadedfile import UploadedFile

from annotator.models import Layer
from annotator.services import addresses, imports
from annotator.services import upload_folders as folders
from annotator.services.runs import file_suggester
from corpus import importers, permissions
from corpus.core import import_map
from corpus.core.callbacks import Cancelled, Progress
from corpus.core.import_map import ImportMap, Question
from corpus.core.problems import Problem
from corpus.core.text import words
from corpus.core.values import no_formula
from corpus.importers import ENDINGS, IMPORTERS, Article
from corpus.importers.reading import Reading
from corpus.jobs import claim
from corpus.models import Corpus, Document, Job, JobState, Role
from corpus.selectors import schema_rows

# What a check shows: so many documents, refused rows, and characters of a document.
FIRST = 10
LISTED = 50
BEGINS = 160
# A page asks after so many names; what is beyond is left out, and counted.
MOST_ASKED = 500
CHECK = folders.CHECK
REPORT = "report.csv"
SPANS = ("suggest", "ignore", "layer")


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
    folders.forget_old()
    name = uuid.uuid4().hex
    folder = folders.folder_called(name) / "files"
    folder.mkdir(parents=True)
    arguments = {
        "folder": name,
        "format": format,
        "spans": spans,
        "reviewer": reviewer,
        "at_once": at_once,
    }
    try:
        for file in uploaded:
            folders.keep(file, folder)
        job = claim.start(corpus, CHECK, arguments, by=by)
        if job.arguments["folder"] != name:
            raise Problem("upload-waits")
    except OSError as error:
        shutil.rmtree(folders.folder_called(name), ignore_errors=True)
        raise Problem("file-unreadable", reason=f"cannot be kept: {error.strerror}") from None
    except Problem:
        shutil.rmtree(folders.folder_called(name), ignore_errors=True)
        raise
    return job


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


def run_check_job(job: Job, *, progress: Progress, cancelled: Cancelled) -> dict[str, Any]:
    """Check an upload: what would come in, what is refused and where, what would be converted."""
    addresses.fetch_all(job, progress=progress, cancelled=cancelled)
    if cancelled():
        return _cancelled(job)
    check = _Check(job.corpus, spans=job.arguments["spans"])
    batch: list[Article] = []
    for number, row in enumerate(_rows(job), start=1):
        if isinstance(row, Problem):
            check.problems.append(row)
        else:
            batch.append(row)
        if number % imports.BATCH == 0:
            check.add(batch)
            batch = []
            progress(number, number)
            if cancelled():
                return _cancelled(job)
    check.add(batch)
    progress(check.rows, check.rows)
    result = {
        **check.as_json(),
        "left_out": _placed(job, check.parts.as_json().get("left_out", [])),
        **_listed(job, check.problems),
        "authors": sorted(check.authors),
        "state": "waits",
    }
    if job.arguments.get("at_once") and not _asks(job, result) and job.created_by is not None:
        job.done = check.rows
        if _start_import(job, by=job.created_by):
            result["state"] = "imported"
    return result


def _cancelled(check: Job) -> dict[str, Any]:
    """Throw the files of a check away."""
    shutil.rmtree(folders.folder_called(check.arguments["folder"]), ignore_errors=True)
    return {"state": "cancelled"}


def _asks(check: Job, result: Mapping[str, Any]) -> bool:
    """Tell whether somebody has to look at a check before anything of it is imported."""
    whose = check.arguments["spans"] == "layer" and len(result["authors"]) > 1
    return whose or any(result[part] for part in ("refused", "left_out", "replaced"))


@dataclass(slots=True)
class _Check:
    """What a check has counted so far."""

    corpus: Corpus
    spans: str
    documents: int = 0
    present: int = 0
    replaced: int = 0
    words: int = 0
    span_count: int = 0
    first: list[dict[str, Any]] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    notes: Counter[str] = field(default_factory=Counter)
    authors: set[str] = field(default_factory=set)
    parts: imports.Report = field(default_factory=imports.Report)
    digests: dict[str, str] = field(default_factory=dict)
    repeated: int = 0

    @property
    def rows(self) -> int:
        return self.documents + self.present + self.repeated + len(self.problems)

    def add(self, batch: list[Article]) -> None:
        """Count some articles in."""
        current = Document.objects.filter(
            corpus=self.corpus, retired_at__isnull=True, external_id__in=[a.id for a in batch]
        )
        digests = dict(current.values_list("external_id", "digest"))
        layers = Layer.objects.filter(
            document__corpus=self.corpus,
            document__external_id__in=list(digests),
            run__suggester__startswith="file:",
        )
        stored = set(layers.values_list("document__external_id", "run__suggester"))
        for article in batch:
            self._add(article, digests, stored)

    def _add(self, article: Article, digests: dict[str, str], stored: set[tuple[str, str]]) -> None:
        if article.layer is not None:
            self.authors.add(article.author)
        match = imports.Matched(article)
        if self.spans != "ignore":
            match = imports.matched(self.corpus, article)
            self.parts.take(match)
        spans = 0
        suggester = file_suggester(imports.run_name(article))
        if (article.id, suggester) not in stored:
            spans = self._spans_of(match.article)
        self.span_count += spans
        # A file may hold a document once for each person who worked on it.
        if article.id in self.digests:
            if self.digests[article.id] == article.body.digest:
                self.repeated += 1
            else:
                twice = Problem("duplicate-id", id=article.id)
                self.problems.append(twice.at(article.file, article.line))
            return
        self.digests[article.id] = article.body.digest
        if digests.get(article.id) == article.body.digest:
            self.present += 1
            return
        self._add_document(article, spans=spans, new_version=article.id in digests)

    def _spans_of(self, article: Article) -> int:
        if article.layer is None or self.spans == "ignore":
            return 0
        return len(article.layer.spans)

    def _add_document(self, article: Article, *, spans: int, new_version: bool) -> None:
        text = article.body.text
        self.documents += 1
        self.replaced += new_version
        self.words += words(text)
        self.notes.update(article.notes)
        if len(self.first) < FIRST:
            self.first.append(
                {
                    "id": article.id,
                    "title": str(article.meta.get("title") or "")[:200],
                    "begins": text[:BEGINS],
                    "words": words(text),
                    "spans": spans,
                    "new_version": new_version,
                }
            )

    def as_json(self) -> dict[str, Any]:
        counted = self.notes + self.parts.notes
        notes = [{"reason": reason, "count": n} for reason, n in sorted(counted.items())]
        parts = self.parts.as_json()
        return {
            "unknown": parts.get("unknown", {}),
            "documents": self.documents,
            "present": self.present,
            "replaced": self.replaced,
            "words": self.words,
            "spans": self.span_count,
            "first": self.first,
            "notes": notes,
        }


def _rows(job: Job) -> Iterator[Article | Problem]:
    """Yield what an upload holds, after the addresses that gave nothing."""
    record = addresses.fetched(job)
    yield from record.problems
    if record.files or not record.asked:
        yield from importers.articles(_paths(job), _reading(job))


def _reading(job: Job) -> Reading:
    """Return how an upload is read; files chosen one by one lie in no folder of a name."""
    return Reading(format=job.arguments["format"], folder="")


def _paths(job: Job) -> list[Path]:
    """Return what to read: with a format every file, else the folder.

    In a folder a text and its annotations are one. A folder passes over what it does not know;
    files that were chosen one by one do not go silently.
    """
    folder = folders.files_of(job)
    files = sorted(folder.iterdir())
    if job.arguments["format"]:
        return files
    known = {ending for endings in ENDINGS.values() for ending in endings}
    return [folder, *(path for path in files if path.suffix.lower() not in known)]


def _listed(job: Job, problems: list[Problem]) -> dict[str, Any]:
    """Write every refused row into the report that can be downloaded.

    Returns their number and the first ones.
    """
    rows = _placed(job, [problem.as_json() for problem in problems])
    folder = folders.folder_called(job.arguments["folder"])
    with (folder / REPORT).open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, ["file", "line", "code", "message"])
        writer.writeheader()
        for row in rows:
            writer.writerow({key: no_formula(str(value)) for key, value in row.items()})
    return {"refused": len(rows), "errors": rows[:LISTED]}


def _placed(job: Job, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return rows with the names of files as they were uploaded."""
    folder = folders.folder_called(job.arguments["folder"]) / "files"
    return [{**row, "file": row["file"].removeprefix(f"{folder}/")} for row in rows]


def begin(
    corpus: Corpus,
    pk: int,
    *,
    by: AbstractBaseUser,
    author: str = "",
    names: Mapping[str, Any] | None = None,
) -> Job:
    """Import what was checked, in the background, with a map of `names` as `import_map` reads it.

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
    job = _start_import(check, by=by, author=author, names=names)
    if job is None:
        raise Problem("upload-waits")
    _end(check, "imported")
    return job


def _start_import(
    check: Job,
    *,
    by: AbstractBaseUser,
    author: str = "",
    names: Mapping[str, Any] | None = None,
) -> Job | None:
    """Queue the import of what was checked; return None while another upload is imported."""
    arguments = {
        **check.arguments,
        "author": author,
        "map": names or {},
        "look": check.pk,
        "total": check.done,
    }
    job = claim.start(check.corpus, "import", arguments, by=by)
    return job if job.arguments["folder"] == check.arguments["folder"] else None


def throw_away(corpus: Corpus, pk: int, *, by: AbstractBaseUser) -> None:
    """Forget an upload that was checked."""
    permissions.require(by, "import", corpus)
    check = waiting(corpus, pk)
    _end(check, "thrown away")
    shutil.rmtree(folders.folder_called(check.arguments["folder"]), ignore_errors=True)


def waiting(corpus: Corpus, pk: int) -> Job:
    """Return the check of an upload that waits for somebody's word, or raise `Problem`."""
    check = Job.objects.filter(corpus=corpus, pk=pk, kind=CHECK, state=JobState.DONE).first()
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
        return dict(job.result)
    total = arguments["total"]
    record = addresses.fetched(job)
    as_layers = arguments["spans"] == "layer"
    report = imports.import_documents(
        job.corpus,
        _paths(job),
        reading=_reading(job),
        spans="ignore" if as_layers else arguments["spans"],
        names=_names(job),
        described=record.described,
        progress=lambda done: progress(done, max(done, total)),
        cancelled=cancelled,
    )
    result = {**_parts(job, report), **_listed(job, [*record.problems, *report.problems])}
    if as_layers and not cancelled():
        result |= _import_layers(job, report)
    if not cancelled():
        Job.objects.filter(pk=job.pk).update(result=result)
        files = folders.files_of(job)
        shutil.rmtree(files.rename(files.with_name("imported")))
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
    if "left_out" in answer:
        answer["left_out"] = _placed(job, answer["left_out"])
    return answer


def _import_layers(job: Job, documents: imports.Report) -> dict[str, Any]:
    """Make what came along the reviewer's layers, once the documents are in."""
    user = get_user_model().objects.get(username=job.arguments["reviewer"])
    report = imports.import_layers(
        job.corpus,
        _paths(job),
        user=user,
        reading=_reading(job),
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
        **_listed(job, [*documents.problems, *fresh]),
    }


def forget(document: Document) -> None:
    """Take a document out of what checks show of it, since they show its first words."""
    for check in Job.objects.filter(corpus=document.corpus, kind=CHECK):
        first = check.result.get("first", [])
        kept = [row for row in first if row["id"] != document.external_id]
        if kept != first:
            Job.objects.filter(pk=check.pk).update(result={**check.result, "first": kept})


def report_of(corpus: Corpus, pk: int) -> Path:
    """Return the list of rows that a check or an import refused, or raise `Problem`."""
    job = Job.objects.filter(corpus=corpus, pk=pk, kind__in=(CHECK, "import")).first()
    path = folders.folder_called(job.arguments["folder"]) / REPORT if job else None
    if path is None or not path.is_file():
        raise Problem("not-found", what="report of the job", name=pk)
    return path
