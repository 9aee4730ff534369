"""Files that come in over the web: kept, looked through in the background, then imported or thrown
away.

An upload is a job of the kind "look" with a folder of its own under the data folder. Its result
says what an import would take and refuse; nothing is written into the corpus before somebody who
saw that says so.
"""

from __future__ import annotations

import csv
import shutil
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractBaseUser
from django.core.files.uploadedfile import UploadedFile

from annotator.models import Layer
from annotator.services import imports
from annotator.services.runs import file_suggester
from corpus import importers, permissions
from corpus.core.problems import Problem
from corpus.core.text import words
from corpus.core.values import no_formula
from corpus.importers import ENDINGS, IMPORTERS, Article
from corpus.jobs import run
from corpus.models import Corpus, Document, Job, JobState, Role

Progress = Callable[[int, int], None]
FIRST = 10
LISTED = 50
BEGINS = 160
LONGEST_NAME = 150
KEPT_SECONDS = 7 * 24 * 3600
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
) -> Job:
    """Keep uploaded files and have them looked through in the background.

    With `spans` "layer", what comes along becomes the review layers of the reviewer of this name.
    Raises `Problem` when there are no files, two have one name, they are too large together, others
    wait already, or nobody of this name reviews here.
    """
    permissions.require(by, "import", corpus)
    if format:
        IMPORTERS.check(format)
    if spans not in SPANS:
        raise Problem("request-invalid", reason=f"spans is one of {', '.join(SPANS)}")
    if (spans == "layer") != bool(reviewer):
        raise Problem(
            "request-invalid", reason="a reviewer is named when spans become a layer, and only then"
        )
    if (
        reviewer
        and not corpus.memberships.filter(role=Role.REVIEWER, user__username=reviewer).exists()
    ):
        raise Problem("not-found", what="reviewer", name=reviewer)
    found = list(files)
    if not found:
        raise Problem("request-invalid", reason="choose at least one file")
    if sum(file.size or 0 for file in found) > settings.UPLOAD_BYTES:
        raise Problem("upload-too-large", limit=settings.UPLOAD_BYTES // 1_000_000)
    _forget_old()
    name = uuid.uuid4().hex
    folder = _folder(name) / "files"
    folder.mkdir(parents=True)
    try:
        for file in found:
            to = folder / _plain(file.name or "")
            if to.exists():
                raise Problem("exists", what="file", name=to.name)
            with to.open("wb") as out:
                for chunk in file.chunks():
                    out.write(chunk)
        asked = {"folder": name, "format": format, "spans": spans, "reviewer": reviewer}
        job = run.start(corpus, "look", asked, by=by)
        if job.arguments["folder"] != name:
            raise Problem("upload-waits")
    except OSError as error:
        shutil.rmtree(_folder(name), ignore_errors=True)
        raise Problem("file-unreadable", reason=f"cannot be kept: {error.strerror}") from None
    except Problem:
        shutil.rmtree(_folder(name), ignore_errors=True)
        raise
    return job


def _plain(name: str) -> str:
    """Return a file's name without any folder; its stem may become a document's id, so it is not
    changed further.
    """
    plain = Path(name.replace("\\", "/")).name
    if not plain or plain.startswith(".") or len(plain.encode("utf-8", "replace")) > LONGEST_NAME:
        raise Problem("request-invalid", reason=f"{name[:80]!r} is no name for a file here")
    return plain


def _folder(name: str) -> Path:
    return Path(settings.DATA_DIR) / "uploads" / name


def _forget_old() -> None:
    """Throw away what nobody imported within a week."""
    kept = Path(settings.DATA_DIR) / "uploads"
    for folder in kept.iterdir() if kept.is_dir() else ():
        if time.time() - folder.stat().st_mtime > KEPT_SECONDS:
            shutil.rmtree(folder, ignore_errors=True)


def run_look_job(job: Job, *, progress: Progress, cancelled: Callable[[], bool]) -> dict[str, Any]:
    """Look through an upload: what would come in, what is refused and where, what would be
    converted.
    """
    seen = _Seen()
    batch: list[Article] = []
    for number, found in enumerate(_rows(job), start=1):
        if isinstance(found, Problem):
            seen.problems.append(found)
        else:
            batch.append(found)
        if number % imports.BATCH == 0:
            seen.add(job.corpus, batch, spans=job.arguments["spans"])
            batch = []
            progress(number, number)
            if cancelled():
                shutil.rmtree(_folder(job.arguments["folder"]), ignore_errors=True)
                return {"state": "cancelled"}
    seen.add(job.corpus, batch, spans=job.arguments["spans"])
    progress(seen.rows, seen.rows)
    return {
        **seen.as_json(),
        **_listed(job, seen.problems),
        "authors": sorted(seen.authors),
        "state": "waits",
    }


@dataclass(slots=True)
class _Seen:
    """What a look has seen so far."""

    documents: int = 0
    present: int = 0
    words: int = 0
    spans: int = 0
    first: list[dict[str, Any]] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    notes: Counter[str] = field(default_factory=Counter)
    authors: set[str] = field(default_factory=set)
    digests: dict[str, str] = field(default_factory=dict)
    more: int = 0

    @property
    def rows(self) -> int:
        return self.documents + self.present + self.more + len(self.problems)

    def add(self, corpus: Corpus, batch: list[Article], *, spans: str) -> None:
        there = dict(
            Document.objects.filter(
                corpus=corpus, retired_at__isnull=True, external_id__in=[a.id for a in batch]
            ).values_list("external_id", "digest")
        )
        stored = set(
            Layer.objects.filter(
                document__corpus=corpus,
                document__external_id__in=list(there),
                run__suggester__startswith="file:",
            ).values_list("document__external_id", "run__suggester")
        )
        for article in batch:
            if article.layer is not None:
                self.authors.add(article.author)
            wrong = imports.first_problem(corpus, article) if spans != "ignore" else None
            if wrong is not None:
                self.problems.append(wrong)
                if spans == "suggest":
                    continue
            held = (
                len(article.layer.spans)
                if article.layer and wrong is None and spans != "ignore"
                else 0
            )
            if (article.id, file_suggester(imports.run_name(article))) in stored:
                held = 0
            self.spans += held
            # A file may hold a document once for each person who worked on it.
            if article.id in self.digests:
                if self.digests[article.id] == article.body.digest:
                    self.more += 1
                else:
                    self.problems.append(
                        Problem("duplicate-id", id=article.id).at(article.file, article.line)
                    )
                continue
            self.digests[article.id] = article.body.digest
            if there.get(article.id) == article.body.digest:
                self.present += 1
                continue
            text = article.body.text
            self.documents += 1
            self.words += words(text)
            self.notes.update(article.notes)
            if len(self.first) < FIRST:
                self.first.append(
                    {
                        "id": article.id,
                        "title": str(article.meta.get("title") or "")[:200],
                        "begins": text[:BEGINS],
                        "words": words(text),
                        "spans": held,
                        "new_version": article.id in there,
                    }
                )

    def as_json(self) -> dict[str, Any]:
        return {
            "documents": self.documents,
            "present": self.present,
            "words": self.words,
            "spans": self.spans,
            "first": self.first,
            "notes": [{"reason": r, "count": n} for r, n in sorted(self.notes.items())],
        }


def _rows(job: Job) -> Iterator[Article | Problem]:
    return importers.articles(_paths(job), format=job.arguments["format"])


def _paths(job: Job) -> list[Path]:
    """Return what to read: with a format every file, else the folder, where a text and its
    annotations are one.

    A folder passes over what it does not know; files that were chosen one by one do not go
    silently.
    """
    folder = _files(job)
    files = sorted(folder.iterdir())
    if job.arguments["format"]:
        return files
    known = {ending for endings in ENDINGS.values() for ending in endings}
    return [folder, *(path for path in files if path.suffix.lower() not in known)]


def _files(job: Job) -> Path:
    files = _folder(job.arguments["folder"]) / "files"
    if not files.is_dir():
        raise Problem("upload-gone")
    return files


def _listed(job: Job, problems: list[Problem]) -> dict[str, Any]:
    """Write every refused row into the report that can be downloaded; return their number and the
    first ones.
    """
    rows = [problem.as_json() for problem in problems]
    folder = _folder(job.arguments["folder"])
    for row in rows:
        row["file"] = row["file"].removeprefix(f"{folder / 'files'}/")
    with (folder / REPORT).open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, ["file", "line", "code", "message"])
        writer.writeheader()
        writer.writerows(
            {key: no_formula(str(value)) for key, value in row.items()} for row in rows
        )
    return {"refused": len(rows), "errors": rows[:LISTED]}


def begin(corpus: Corpus, pk: int, *, by: AbstractBaseUser, author: str = "") -> Job:
    """Import what was looked through, in the background.

    Of files with the work of several that become one person's layers, `author` is the one whose
    work is taken; raises `Problem` when it names nobody in them.
    """
    permissions.require(by, "import", corpus)
    look = _waiting(corpus, pk)
    authors = look.result["authors"] if look.arguments["spans"] == "layer" else []
    if (author or len(authors) > 1) and author not in authors:
        raise Problem("authors-many", found=", ".join(authors) or "nobody")
    asked = {**look.arguments, "author": author, "look": look.pk, "total": _total(look)}
    job = run.start(corpus, "import", asked, by=by)
    if job.arguments["folder"] != look.arguments["folder"]:
        raise Problem("upload-waits")
    _settle(look, "imported")
    return job


def _total(look: Job) -> int:
    return int(look.done)


def throw_away(corpus: Corpus, pk: int, *, by: AbstractBaseUser) -> None:
    """Forget an upload that was looked through."""
    permissions.require(by, "import", corpus)
    look = _waiting(corpus, pk, needed=False)
    _settle(look, "thrown away")
    shutil.rmtree(_folder(look.arguments["folder"]), ignore_errors=True)


def _waiting(corpus: Corpus, pk: int, *, needed: bool = True) -> Job:
    look = Job.objects.filter(corpus=corpus, pk=pk, kind="look", state=JobState.DONE).first()
    if look is None or look.result.get("state") != "waits":
        raise Problem("not-found", what="upload that waits, number", name=pk)
    if needed:
        _files(look)
    return look


def _settle(look: Job, state: str) -> None:
    Job.objects.filter(pk=look.pk).update(result={**look.result, "state": state})


def run_import_job(
    job: Job, *, progress: Progress, cancelled: Callable[[], bool]
) -> dict[str, Any]:
    """Import an upload; begun again, it goes on where it stopped, since what is there is skipped."""
    if "imported" in job.result and not (_folder(job.arguments["folder"]) / "files").is_dir():
        # The worker died between throwing the files away and saying so.
        return dict(job.result)
    total, asked = job.arguments["total"], job.arguments
    layer = asked["spans"] == "layer"
    report = imports.import_documents(
        job.corpus,
        _paths(job),
        format=asked["format"],
        spans="ignore" if layer else asked["spans"],
        progress=lambda done: progress(done, max(done, total)),
        cancelled=cancelled,
    )
    told = {**report.as_json(), **_listed(job, report.problems)}
    if layer and not cancelled():
        # What could not be read the first time is listed already; here only what has no place in
        # the layer is new.
        user = get_user_model().objects.get(username=asked["reviewer"])
        layers = imports.import_layers(
            job.corpus, _paths(job), user=user, format=asked["format"], author=asked["author"]
        )
        listed = [problem.as_json() for problem in report.problems]
        fresh = [problem for problem in layers.problems if problem.as_json() not in listed]
        told |= {"layers": layers.imported, "layers_kept": layers.skipped}
        told |= _listed(job, [*report.problems, *fresh])
    if not cancelled():
        Job.objects.filter(pk=job.pk).update(result=told)
        files = _files(job)
        shutil.rmtree(files.rename(files.with_name("imported")))
    return told


def forget(document: Document) -> None:
    """Take a document out of what previews show of it, since they show its first words."""
    for look in Job.objects.filter(corpus=document.corpus, kind="look"):
        first = look.result.get("first", [])
        kept = [row for row in first if row["id"] != document.external_id]
        if kept != first:
            Job.objects.filter(pk=look.pk).update(result={**look.result, "first": kept})


def report_of(corpus: Corpus, pk: int) -> Path:
    """Return the list of rows that a look or an import refused, or raise `Problem`."""
    job = Job.objects.filter(corpus=corpus, pk=pk, kind__in=("look", "import")).first()
    path = _folder(job.arguments["folder"]) / REPORT if job else None
    if path is None or not path.is_file():
        raise Problem("not-found", what="report of the job", name=pk)
    return path
