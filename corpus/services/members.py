"""Writes of membership: roles given and taken."""

from __future__ import annotations

from django.contrib.auth import get_user_model
from django.db import transaction

from corpus import permissions
from corpus.core.problems import Problem
from corpus.models import Corpus, Membership, Role
from corpus.services import audit


def add_member(corpus: Corpus, user: permissions.User, role: str) -> bool:
    """Give a person a role in a corpus; return whether they did not have it."""
    _, created = Membership.objects.get_or_create(
        corpus=corpus, user_id=permissions.key_of(user), role=role
    )
    return created


def give_role(corpus: Corpus, username: str, role: str, *, by: permissions.User) -> None:
    """Give a person with an account a role; twice is once."""
    permissions.require(by, "manage", corpus)
    check_role(role)
    user = get_user_model().objects.filter(username=username, is_active=True).first()
    if user is None:
        raise Problem("not-found", what="person with the user name", name=username)
    with transaction.atomic():
        if add_member(corpus, user, role):
            audit.note(corpus, "role-given", by=by, name=username, role=role)


@transaction.atomic
def take_role(corpus: Corpus, username: str, role: str, *, by: permissions.User) -> None:
    """Take a role from a person; what they did stays. The last manager keeps theirs."""
    permissions.require(by, "manage", corpus)
    # Locked, so that two managers who take each other's role do not both succeed.
    managers = list(Membership.objects.select_for_update().filter(corpus=corpus, role=Role.MANAGER))
    if role == Role.MANAGER and len(managers) == 1 and not getattr(by, "is_superuser", False):
        raise Problem("last-manager", name=username)
    deleted, _ = Membership.objects.filter(
        corpus=corpus, user__username=username, role=role
    ).delete()
    if deleted:
        audit.note(corpus, "role-taken", by=by, name=username, role=role)


def check_role(role: str) -> None:
    """Raise `Problem` when there is no such role."""
    if role not in Role.values:
        raise Problem("request-invalid", reason=f"{role!r} is no role: {', '.join(Role.values)}")
