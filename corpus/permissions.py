"""Which role may do which act, in one table. Services call `require`; pages and the API rely on
them.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser

from corpus.core.problems import Problem
from corpus.db.prepared import Prepared
from corpus.models import Corpus, Membership, Role

ACTS: dict[str, frozenset[str]] = {
    "read": frozenset({Role.REVIEWER, Role.ADJUDICATOR, Role.MANAGER}),
    "count": frozenset({Role.REVIEWER, Role.ADJUDICATOR, Role.MANAGER}),
    "review": frozenset({Role.REVIEWER}),
    "adjudicate": frozenset({Role.ADJUDICATOR, Role.MANAGER}),
    "export": frozenset({Role.MANAGER}),
    "release": frozenset({Role.MANAGER}),
    "look": frozenset({Role.MANAGER}),
    "import": frozenset({Role.MANAGER}),
    "suggest": frozenset({Role.MANAGER}),
    "plan": frozenset({Role.MANAGER}),
    "preview": frozenset({Role.MANAGER}),
    "merge": frozenset({Role.MANAGER}),
    "measure": frozenset({Role.MANAGER, Role.ADJUDICATOR}),
    "manage": frozenset({Role.MANAGER}),
}

User = AbstractBaseUser | AnonymousUser

ROLES = Prepared(
    lambda corpus, user: Membership.objects.filter(corpus=corpus, user=user).values_list("role"),
    int,
    int,
)


def roles(user: User, corpus: Corpus) -> frozenset[str]:
    """Return the roles a person has in a corpus; a site admin manages every corpus, and nobody a
    deleted one.
    """
    if corpus.deleted_at is not None:
        return frozenset()
    if user.pk in corpus.asked_by:
        return corpus.asked_by[user.pk]
    return held(
        user, (role for (role,) in ROLES.all(corpus.pk, user.pk)) if user.pk is not None else ()
    )


def enter(user: User, act: str, corpus: Corpus, given: Iterable[str | None]) -> None:
    """Note the roles that were just read with a corpus, for as long as the request lasts, and
    require the act.
    """
    corpus.asked_by = {user.pk: held(user, filter(None, given))}
    require(user, act, corpus)


def held(user: User, given: Iterable[str]) -> frozenset[str]:
    """Return the roles a person has in a corpus that gives them these."""
    return frozenset([*given, Role.MANAGER] if getattr(user, "is_superuser", False) else given)


def allows(user: User, act: str, corpus: Corpus) -> bool:
    """Tell whether the person may do this in this corpus."""
    return bool(roles(user, corpus) & ACTS[act])


def require(user: User, act: str, corpus: Corpus) -> None:
    """Raise `Problem` unless the person may do this; an outsider learns not even that the corpus
    exists.
    """
    own = roles(user, corpus)
    if not own:
        raise Problem("not-found", what="corpus", name=corpus.slug)
    if not own & ACTS[act]:
        raise Problem("not-allowed", act=act)
