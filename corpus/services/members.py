"""Writes of membership: roles given and taken, and invitations by link."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.utils import timezone

from corpus import permissions
from corpus.core.problems import Problem
from corpus.models import Corpus, Invitation, Membership, Role
from corpus.services import audit

LASTS = timedelta(days=14)
# What `export --layer` and the API call the layers that are nobody's.
LAYERS = ("gold", "suggestions")


def give_role(corpus: Corpus, username: str, role: str, *, by: AbstractBaseUser) -> None:
    """Give a person with an account a role; twice is once."""
    permissions.require(by, "manage", corpus)
    _known(role)
    user = get_user_model().objects.filter(username=username, is_active=True).first()
    if user is None:
        raise Problem("not-found", what="person with the user name", name=username)
    with transaction.atomic():
        if Membership.objects.get_or_create(corpus=corpus, user=user, role=role)[1]:
            audit.note(corpus, "role-given", by=by, name=username, role=role)


@transaction.atomic
def take_role(corpus: Corpus, username: str, role: str, *, by: AbstractBaseUser) -> None:
    """Take a role from a person; what they did stays. The last manager keeps theirs."""
    permissions.require(by, "manage", corpus)
    managers = list(Membership.objects.select_for_update().filter(corpus=corpus, role=Role.MANAGER))
    if role == Role.MANAGER and len(managers) == 1 and not getattr(by, "is_superuser", False):
        raise Problem("last-manager", name=username)
    if Membership.objects.filter(corpus=corpus, user__username=username, role=role).delete()[0]:
        audit.note(corpus, "role-taken", by=by, name=username, role=role)


def invite(corpus: Corpus, role: str, *, by: AbstractBaseUser, note: str = "") -> str:
    """Return the secret of a new invitation; it is kept nowhere, so it cannot be told again."""
    permissions.require(by, "manage", corpus)
    _known(role)
    secret = secrets.token_urlsafe(24)
    with transaction.atomic():
        Invitation.objects.create(
            corpus=corpus,
            role=role,
            digest=_digest(secret),
            note=note[:100],
            created_by_id=by.pk,
            expires_at=timezone.now() + LASTS,
        )
        audit.note(corpus, "invited", by=by, role=role, note=note[:100] or "for anybody")
    return secret


def withdraw(corpus: Corpus, pk: int, *, by: AbstractBaseUser) -> None:
    """End an invitation that nobody has used."""
    permissions.require(by, "manage", corpus)
    with transaction.atomic():
        for invitation in Invitation.objects.filter(corpus=corpus, pk=pk, used_at__isnull=True):
            invitation.delete()
            audit.note(corpus, "uninvited", by=by, note=invitation.note or "for anybody")


def invitation_of(secret: str) -> Invitation:
    """Return an invitation that can be used, or raise `Problem`."""
    found = Invitation.objects.select_related("corpus", "created_by").filter(digest=_digest(secret))
    invitation = found.filter(
        used_at__isnull=True, expires_at__gt=timezone.now(), corpus__deleted_at__isnull=True
    ).first()
    if invitation is None:
        raise Problem("invitation-ended")
    return invitation


@transaction.atomic
def accept(secret: str, *, by: AbstractBaseUser) -> Corpus:
    """Make a person a member as invited; an invitation is used once, by whoever comes first."""
    invitation = invitation_of(secret)
    used = Invitation.objects.filter(pk=invitation.pk, used_at__isnull=True)
    if not used.update(used_at=timezone.now(), used_by_id=by.pk):
        raise Problem("invitation-ended")
    Membership.objects.get_or_create(corpus=invitation.corpus, user_id=by.pk, role=invitation.role)
    audit.note(invitation.corpus, "joined", by=by, role=invitation.role)
    return invitation.corpus


@transaction.atomic
def join(secret: str, form: Any) -> tuple[Any, Corpus]:
    """Make an account from a valid sign-up form and let it accept; both or neither."""
    name = form.cleaned_data["username"]
    if name.lower() in LAYERS:
        raise Problem(
            "request-invalid",
            reason=f"{name!r} is what a layer is called; choose another user name",
        )
    user = form.save()
    return user, accept(secret, by=user)


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _known(role: str) -> None:
    if role not in Role.values:
        raise Problem("request-invalid", reason=f"{role!r} is no role: {', '.join(Role.values)}")
