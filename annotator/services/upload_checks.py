"""The check of an upload: what an import would take and refuse, and what has to be asked first."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth.models import AbstractBaseUser

from annotator.models import Layer
from annotator.selectors.replacements import Replacing, Work, work_on
from annotator.services import addresses, imports
from annotator.services import upload_folders as folders
from annotator.services.runs import file_suggester
from corpus.core.callbacks import Cancelled, Progress
from corpus.core.problems import Problem
from corpus.core.text import words
from corpus.importers import Article, columns, reader_process
from corpus.jobs import claim
from corpus.models import Corpus, Document, Job
from corpus.services.documents import retired_versions, under_known_ids

# What a check shows: so many documents, and characters of a document.
FIRST = 10
BEGINS = 160


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
        "left_out": folders.placed(job, check.parts.as_json().get("left_out", [])),
        **folders.listed(job, check.problems),
        "authors": sorted(check.authors),
        "columns": _columns(job),
        "state": "waits",
    }
    if job.arguments.get("at_once") and not _asks(job, result) and job.created_by is not None:
        job.done = check.rows
        if start_import(job, by=job.created_by):
            result["state"] = "imported"
    return result


def _cancelled(check: Job) -> dict[str, Any]:
    """Throw the files of a check away."""
    shutil.rmtree(folders.folder_called(check.arguments["folder"]), ignore_errors=True)
    return {"state": "cancelled"}


def _asks(check: Job, result: Mapping[str, Any]) -> bool:
    """Tell whether somebody has to look at a check before anything of it is imported."""
    whose = check.arguments["spans"] == "layer" and len(result["authors"]) > 1
    which = result["columns"] and not check.arguments.get("fields")
    read_as = [note for note in result["notes"] if note["reason"].startswith("read as ")]
    guessed = read_as and not check.arguments.get("encoding")
    parts = ("refused", "left_out", "replaced", "beside_removed")
    return bool(whose or which or guessed or any(result[part] for part in parts))


def _columns(job: Job) -> list[dict[str, Any]]:
    """Return the columns of a table whose text is not called so, each with what it may be."""
    files = sorted(path for path in folders.files_of(job).iterdir() if path.is_file())
    found = columns.columns(files, folders.reading_of(job))
    return [column.as_json() for column in found]


@dataclass(slots=True)
class _Check:
    """What a check has counted so far."""

    corpus: Corpus
    spans: str
    documents: int = 0
    present: int = 0
    replaces: Replacing = field(default_factory=Replacing)
    words: int = 0
    span_count: int = 0
    first: list[dict[str, Any]] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    notes: Counter[str] = field(default_factory=Counter)
    authors: set[str] = field(default_factory=set)
    parts: imports.Report = field(default_factory=imports.Report)
    digests: dict[str, str] = field(default_factory=dict)
    given: dict[str, str] = field(default_factory=dict)
    counted: set[str] = field(default_factory=set)
    repeated: int = 0
    beside_removed: list[str] = field(default_factory=list)

    @property
    def rows(self) -> int:
        return self.documents + self.present + self.repeated + len(self.problems)

    def add(self, batch: list[Article]) -> None:
        """Count some articles in."""
        batch = under_known_ids(self.corpus, list(self._distinct(batch)), self.given)
        current = Document.objects.filter(
            corpus=self.corpus, retired_at__isnull=True, external_id__in=[a.id for a in batch]
        )
        keys = {}
        digests = {}
        for key, ident, digest in current.values_list("pk", "external_id", "digest"):
            keys[ident] = key
            digests[ident] = digest
        texts = {article.id: article.body.digest for article in batch}
        other = [keys[ident] for ident, digest in digests.items() if texts[ident] != digest]
        work = work_on(other)
        layers = Layer.objects.filter(
            document__corpus=self.corpus,
            document__external_id__in=list(digests),
            run__suggester__startswith="file:",
        )
        stored = set(layers.values_list("document__external_id", "run__suggester"))
        retired = retired_versions(self.corpus, [article.id for article in batch])
        gone = {row.external_id for row in retired.values() if row.removed_because}
        for article in batch:
            earlier = retired.get((article.id, article.body.digest))
            if (problem := _stays_away(article, earlier, digests)) is not None:
                self.problems.append(problem.at(article.file, article.line))
                continue
            new = self._add(article, digests, stored)
            if new and article.id in keys:
                self.replaces.add(article.id, work.get(keys[article.id], Work()))
            elif new and article.id in gone:
                self.beside_removed.append(article.id)

    def _distinct(self, batch: list[Article]) -> Iterator[Article]:
        """Yield articles but for those whose id stands for another text in one file."""
        for article in batch:
            digest = article.body.digest
            if self.digests.setdefault(article.id, digest) == digest:
                yield article
            else:
                twice = Problem("duplicate-id", id=article.id)
                self.problems.append(twice.at(article.file, article.line))

    def _add(self, article: Article, digests: dict[str, str], stored: set[tuple[str, str]]) -> bool:
        """Count an article in; tell whether it is a document with another text."""
        if article.layer is not None:
            self.authors.add(article.author)
        match = imports.Matched(article)
        if self.spans != "ignore":
            match = imports.matched(self.corpus, article)
            self.parts.take(match)
            self.parts.leave_out(article.left)
        spans = 0
        suggester = file_suggester(imports.run_name(article))
        if (article.id, suggester) not in stored:
            spans = self._spans_of(match.article)
        self.span_count += spans
        # A file may hold a document once for each person who worked on it.
        if article.id in self.counted:
            self.repeated += 1
            return False
        self.counted.add(article.id)
        if digests.get(article.id) == article.body.digest:
            self.present += 1
            return False
        self._add_document(article, spans=spans, new_version=article.id in digests)
        return True

    def _spans_of(self, article: Article) -> int:
        if article.layer is None or self.spans == "ignore":
            return 0
        return len(article.layer.spans)

    def _add_document(self, article: Article, *, spans: int, new_version: bool) -> None:
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
            "replaced": self.replaces.documents,
            "replaces": self.replaces.as_json(),
            "beside_removed": self.beside_removed,
            "words": self.words,
            "spans": self.span_count,
            "first": self.first,
            "notes": notes,
        }


def _stays_away(
    article: Article, earlier: Document | None, digests: Mapping[str, str]
) -> Problem | None:
    """Return why a text cannot come in again, if it was withdrawn, or removed and not put back."""
    if earlier is None or digests.get(article.id) == article.body.digest:
        return None
    if not hasattr(earlier, "body"):
        return Problem("text-withdrawn", id=article.id)
    if earlier.removed_because and article.id not in digests:
        return Problem("document-removed", id=article.id)
    return None


def _rows(job: Job) -> Iterator[Article | Problem]:
    """Yield what an upload holds, after the addresses that gave nothing."""
    record = addresses.fetched(job)
    yield from record.problems
    if record.files or not record.asked:
        yield from reader_process.articles(folders.paths_of(job), folders.reading_of(job))


def start_import(
    check: Job,
    *,
    by: AbstractBaseUser,
    author: str = "",
    names: Mapping[str, Any] | None = None,
    update: bool = False,
) -> Job | None:
    """Queue the import of what was checked; return None while another upload is imported."""
    arguments = {
        **check.arguments,
        "author": author,
        "map": names or {},
        "update": update,
        "look": check.pk,
        "total": check.done,
    }
    job = claim.start(check.corpus, "import", arguments, by=by)
    return job if job.arguments["folder"] == check.arguments["folder"] else None
