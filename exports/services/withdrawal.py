"""A text is erased for good, wherever the site holds words of it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from annotator.core.erasure import pattern_of
from annotator.services import (
    adjudications,
    agreement,
    answers,
    assignments,
    decision_log,
    dispute_bulk,
    layers,
    notes,
    overview,
    patterns,
    suggest,
    uploads,
)
from corpus import permissions
from corpus.core.callbacks import Cancelled, Progress
from corpus.core.problems import Problem
from corpus.db import backup
from corpus.db.compact import compact
from corpus.jobs import claim
from corpus.models import Corpus, Document, Job
from corpus.selectors import texts_of, versions_called
from corpus.services import audit, corpora, documents
from exports.services import exports, releases

# In the data folder: what was withdrawn, so that a backup of before does not bring it back.
WITHDRAWN = "withdrawn.jsonl"


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """What a withdrawal came to.

    `releases` and `backups` hold some version of the text, by name and by path. `uploads` waited to
    be imported and were thrown away.
    """

    id: str
    versions: int
    releases: list[str]
    backups: list[str]
    uploads: int = 0

    def as_json(self) -> dict[str, Any]:
        """Return the form that the command and the API answer with."""
        return {
            "id": self.id,
            "versions": self.versions,
            "releases": len(self.releases),
            "release_names": self.releases,
            "backups": self.backups,
            "uploads": self.uploads,
        }


def confirm(external_id: str, typed: str) -> None:
    """Raise `Problem` unless somebody typed the id of the document whose text is to go."""
    if typed.strip() != external_id:
        raise Problem("request-invalid", reason=f"type {external_id} to confirm")


def withdraw(document: Document, *, by: permissions.User | None = None) -> Withdrawal:
    """Erase the text of a document for good, every version of it; done twice it says so again.

    The versions leave the lists, and the releases that hold one are marked. Raises `Problem` while
    a job of the corpus waits or runs, as it may hold the words.
    """
    corpus = document.corpus
    if by is not None:
        permissions.require(by, "manage", corpus)
    _check_jobs(corpus)
    return _withdraw(corpus, document, by=by)


def _withdraw(corpus: Corpus, document: Document, *, by: permissions.User | None) -> Withdrawal:
    versions = versions_called(corpus, document.external_id)
    with transaction.atomic():
        withdrawal = _erase_words(corpus, versions, document.external_id)
        audit.note(corpus, "withdrawn", by=by, document=document.external_id)
        _remember(corpus, versions)
    overview.refresh(corpus)
    return withdrawal


def _erase_words(corpus: Corpus, versions: Sequence[Document], name: str) -> Withdrawal:
    """Erase whatever holds words of a document: each place stands here, a line each."""
    texts = list(texts_of(versions).values())
    written = min(version.created_at for version in versions)
    # Who settles at this moment goes first, and no words of it stay.
    for version in versions:
        adjudications.erase(version)
    said = pattern_of(decision_log.erase_words(versions))
    layers.erase_words(versions)
    notes.erase(versions)
    assignments.let_go(versions, erased=True)
    if said is not None:
        dispute_bulk.erase_said(corpus, said)
        audit.erase_said(corpus, said)
    audit.erase_reasons(corpus, versions)
    agreement.forget(corpus)
    corpora.erase_quotes(corpus, texts)
    patterns.erase_quotes(corpus, texts)
    answers.erase(corpus)
    suggest.erase_examples(corpus)
    holding = releases.mark_withdrawn(versions, texts=texts, said=said)
    documents.withdraw_text(versions)
    # Files, last: they do not come back when the transaction fails.
    exports.erase_kept(corpus)
    thrown = uploads.erase(corpus)
    return Withdrawal(name, len(versions), holding, backup.kept_since(written), thrown)


def _check_jobs(corpus: Corpus) -> None:
    unfinished = corpus.jobs.filter(state__in=claim.UNFINISHED)
    job = unfinished.exclude(kind__in=(*claim.AUTOMATIC, "erase")).first()
    if job is not None:
        raise Problem("withdraw-waits", kind=job.kind)


def start_compacting(corpus: Corpus, *, by: permissions.User) -> Job:
    """Have the file of the database written anew in the background."""
    return claim.start(corpus, "erase", {}, by=by)


def run_compact_job(job: Job, *, progress: Progress, cancelled: Cancelled) -> dict[str, Any]:
    """Write the file of the database anew."""
    return {"compacted": compact()}


def _remember(corpus: Corpus, versions: Sequence[Document]) -> None:
    """Note beside the database what was withdrawn, without a word of it."""
    path = Path(settings.DATA_DIR) / WITHDRAWN
    path.parent.mkdir(parents=True, exist_ok=True)
    known = {(row["corpus"], row["digest"]) for row in _remembered()}
    with path.open("a", encoding="utf-8") as out:
        for version in versions:
            if (corpus.slug, version.digest) in known:
                continue
            row = {
                "corpus": corpus.slug,
                "id": version.external_id,
                "digest": version.digest,
                "at": timezone.now().isoformat(),
            }
            out.write(json.dumps(row) + "\n")


def _remembered() -> list[dict[str, str]]:
    path = Path(settings.DATA_DIR) / WITHDRAWN
    if not path.is_file():
        return []
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def withdraw_again() -> list[str]:
    """Withdraw what a backup brought back that was withdrawn after it; return the ids."""
    brought_back = []
    for row in _remembered():
        rows = Document.objects.select_related("corpus").filter(
            corpus__slug=row["corpus"],
            external_id=row["id"],
            digest=row["digest"],
            body__isnull=False,
            created_at__lte=datetime.fromisoformat(row["at"]),
        )
        for document in rows:
            claim.cancel_all(document.corpus)
            _withdraw(document.corpus, document, by=None)
            brought_back.append(document.external_id)
    return brought_back
