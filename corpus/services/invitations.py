"""Writes of invitations: links that make whoever opens them first a member."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from corpus import permissions
from corpus.core.problems import Problem
from corpus.models import Corpus, Invitation
from corpus.services import audit
from corpus.services.members import add_member, check_role

LASTS = timedelta(days=14)
NOTE_LENGTH = 100


def invite(corpus: Corpus, role: str, *, by: permissions.User, note: str = "") -> str:
    """Return the secret of a new invitation; it is kept nowhere, so it cannot be shown again."""
    permissions.require(by, "manage", corpus)
    check_role(role)
    secret = secrets.token_urlsafe(24)
    note = note[:NOTE_LENGTH]
    with transaction.atomic():
        Invitation.objects.create(
            corpus=corpus,
            role=role,
            digest=_digest(secret),
            note=note,
            created_by_id=by.pk,
            expires_at=timezone.now() + LASTS,
        )
        audit.note(corpus, "invited", by=by, role=role, note=note or "for anybody")
    return secret


def withdraw(corpus: Corpus, pk: int, *, by: permissions.User) -> None:
    """End an invitation that nobody has used."""
    permissions.require(by, "manage", corpus)
    with transaction.atomic():
        invitation = Invitation.objects.filter(corpus=corpus, pk=pk, used_at__isnull=True).first()
        if invitation is not None:
            invitation.delete()
            audit.note(corpus, "uninvited", by=by, note=invitation.note or "for anybody")


def invitation_of(secret: str) -> Invitation:
    """Return an invitation that can be used, or raise `Problem`."""
    usable = Invitation.objects.filter(
        used_at__isnull=True, expires_at__gt=timezone.now(), corpus__deleted_at__isnull=True
    )
    rows = usable.filter(digest=_digest(secret)).select_related("corpus", "created_by")
    invitation = rows.first()
    if invitation is None:
        raise Problem("invitation-ended")
    return invitation


@transaction.atomic
def accept(secret: str, *, by: permissions.User) -> Corpus:
    """Make a person a member as invited; an invitation is used once, by whoever comes first."""
    invitation = invitation_of(secret)
    unused = Invitation.objects.filter(pk=invitation.pk, used_at__isnull=True)
    if not unused.update(used_at=timezone.now(), used_by_id=by.pk):
        raise Problem("invitation-ended")
    add_member(invitation.corpus, by, invitation.role)
    audit.note(invitation.corpus, "joined", by=by, role=invitation.role)
    return invitation.corpus


@transaction.atomic
def join(secret: str, form: Any) -> tuple[Any, Corpus]:
    """Make an account from a valid sign-up form and let it accept; both or neither."""
    user = form.save()
    return user, accept(secret, by=user)


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
