"""Documents that should not be here: removed from every list, and put back as they were."""

from __future__ import annotations

from collections.abc import Sequence

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction

from annotator.services import adjudications, overview
from corpus import permissions
from corpus.core.problems import Problem
from corpus.models import Corpus, Document
from corpus.services import audit, documents

LONGEST_REASON = 300


def remove(document: Document, *, because: str, by: AbstractBaseUser) -> None:
    """Take a document out of lists, queues, counts and exports; see `remove_all`."""
    remove_all(document.corpus, [document], because=because, by=by)


def remove_all(
    corpus: Corpus, chosen: Sequence[Document], *, because: str, by: AbstractBaseUser
) -> None:
    """Take documents of a corpus out of lists, queues, counts and exports, all or none.

    Nothing of them is lost: reviews, gold and places stay until they are put back; releases that
    hold them stay as they are. Twice is once. Raises `Problem` without a reason, and unless the
    person manages the corpus.
    """
    permissions.require(by, "manage", corpus)
    reason = " ".join(because.split())[:LONGEST_REASON]
    if not reason:
        raise Problem("request-invalid", reason="say why it is removed")
    with transaction.atomic():
        gone = [document for document in chosen if documents.remove(document, because=reason)]
        adjudications.leave_queue(gone)
        for document in gone:
            audit.note(corpus, "removed", by=by, document=document.external_id, reason=reason)
    if gone:
        overview.start_count(corpus, by=by)


def put_back(document: Document, *, by: AbstractBaseUser) -> None:
    """Put a removed document back as it was; see `put_back_all`."""
    put_back_all(document.corpus, [document], by=by)


def put_back_all(corpus: Corpus, chosen: Sequence[Document], *, by: AbstractBaseUser) -> None:
    """Put removed documents of a corpus back, with their reviews, gold, places and disputes.

    All or none; twice is once. Raises `Problem` unless the person manages the corpus, and when
    another document has the id of one now.
    """
    permissions.require(by, "manage", corpus)
    with transaction.atomic():
        back = [document for document in chosen if documents.put_back(document)]
        for document in back:
            adjudications.enter_queue(document)
            audit.note(corpus, "put-back", by=by, document=document.external_id)
    if back:
        overview.start_count(corpus, by=by)
