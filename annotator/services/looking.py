"""Looking at what others made of a document, which ends one's own review of it."""

from __future__ import annotations

from collections.abc import Collection

from django.contrib.auth.models import AbstractBaseUser

from annotator.selectors import earlier_texts, withheld
from annotator.selectors.earlier_texts import LeftBehind
from annotator.services import layers
from corpus.core.problems import Problem
from corpus.models import Document


def see_left_behind(document: Document, *, by: AbstractBaseUser) -> list[LeftBehind]:
    """Return what did not come along from earlier texts of a document, of what a person may read.

    Where something of it is another's, they looked at the document.
    """
    left = earlier_texts.left_of_document(document, by)
    if any(one.author != by.get_username() for one in left):
        look([document], by=by)
    return left


def look(documents: Collection[Document], *, by: AbstractBaseUser) -> None:
    """Have a person be shown what others made of documents, gold among it.

    Reviews that they handed in are final from now on. Raises `Problem` while they have one of these
    documents in their own hands.
    """
    layers.make_final(documents, owner_id=by.pk)
    # Asked afterwards: who opened theirs again at the same moment has it in hand now.
    require_out_of_hand(documents, by=by)


def require_out_of_hand(documents: Collection[Document], *, by: AbstractBaseUser) -> None:
    """Raise `Problem` while a person has one of these documents in their own hands."""
    held = withheld.in_hand([document.pk for document in documents], by)
    for document in documents:
        if document.pk in held:
            raise Problem("review-first", id=document.external_id)
