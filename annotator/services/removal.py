"""Documents that should not be here: removed from every list, and put back as they were."""

from __future__ import annotations

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction

from annotator.services import adjudications, overview
from corpus import permissions
from corpus.core.problems import Problem
from corpus.models import Document
from corpus.services import audit, documents

LONGEST_REASON = 300


def remove(document: Document, *, because: str, by: AbstractBaseUser) -> None:
    """Take a document out of lists, queues, counts and exports; nothing of it is lost.

    Reviews, gold and places stay with it until it is put back; releases that hold it stay as they
    are. Twice is once. Raises `Problem` without a reason, and unless the person manages the corpus.
    """
    corpus = document.corpus
    permissions.require(by, "manage", corpus)
    reason = " ".join(because.split())[:LONGEST_REASON]
    if not reason:
        raise Problem("request-invalid", reason="say why the document is removed")
    with transaction.atomic():
        if not documents.remove(document, because=reason):
            return
        adjudications.leave_queue([document])
        audit.note(corpus, "removed", by=by, document=document.external_id, reason=reason)
    overview.start_count(corpus, by=by)


def put_back(document: Document, *, by: AbstractBaseUser) -> None:
    """Put a removed document back as it was, with its reviews, gold, places and disputes.

    Twice is once. Raises `Problem` unless the person manages the corpus, and when another document
    has its id now.
    """
    corpus = document.corpus
    permissions.require(by, "manage", corpus)
    with transaction.atomic():
        if not documents.put_back(document):
            return
        adjudications.enter_queue(document)
        audit.note(corpus, "put-back", by=by, document=document.external_id)
    overview.start_count(corpus, by=by)
