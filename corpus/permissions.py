"""Which role may do which act, in one table.

Services call `require`; pages and the API rely on them.
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
    "bulk": frozenset({Role.ADJUDICATOR, Role.MANAGER}),
    "disputes": frozenset({Role.ADJUDICATOR, Role.MANAGER}),
    "export": frozenset({Role.MANAGER}),
    "release": frozenset({Role.MANAGER}),
    "erase": frozenset({Role.MANAGER}),
    "look": frozenset({Role.MANAGER}),
    "import": frozenset({Role.MANAGER}),
    "suggest": frozenset({Role.MANAGER}),
    "patterns": frozenset({Role.MANAGER}),
    "trial": frozenset({Role.MANAGER}),
    "scores": frozenset({Role.MANAGER}),
    "plan": frozenset({Role.MANAGER}),
    "preview": frozenset({Role.MANAGER}),
    "merge": frozenset({Role.MANAGER}),
    "compare": frozenset({Role.MANAGER}),
    "measure": frozenset({Role.MANAGER, Role.ADJUDICATOR}),
    "precedents": frozenset({Role.MANAGER}),
    "schema": frozenset({Role.MANAGER}),
    "manage": frozenset({Role.MANAGER}),
}

User = AbstractBaseUser | AnonymousUser

ROLES = Prepared(
    lambda corpus, user: Membership.objects.filter(corpus=corpus, user=user).values_list("role"),
    int,
    int,
)


def key_of(user: User) -> int:
    """Return the key of a person, 0 of somebody who has not signed in, whom no row names."""
    return user.pk or 0


def roles(user: User, corpus: Corpus) -> frozenset[str]:
    """Return the roles a person has in a corpus.

    A site admin manages every corpus, and nobody has a role in a deleted one.
    """
    if corpus.deleted_at is not None:
        return frozenset()
    key = key_of(user)
    if key in corpus.roles_read:
        return corpus.roles_read[key]
    rows = ROLES.all(corpus.pk, key)
    return _with_site_role(user, (role for (role,) in rows))


def enter(user: User, act: str, corpus: Corpus, memberships: Iterable[str | None]) -> None:
    """Keep the roles that were read with a corpus while the request lasts; require the act."""
    corpus.roles_read = {key_of(user): _with_site_role(user, filter(None, memberships))}
    require(user, act, corpus)


def allows(user: User, act: str, corpus: Corpus) -> bool:
    """Tell whether the person may do this in this corpus."""
    return bool(roles(user, corpus) & ACTS[act])


def require(user: User, act: str, corpus: Corpus) -> None:
    """Raise `Problem` unless the person may do this.

    An outsider does not even learn that the corpus exists.
    """
    own = roles(user, corpus)
    if not own:
        raise Problem("not-found", what="corpus", name=corpus.slug)
    if not own & ACTS[act]:
        raise Problem("not-allowed", act=act)


def _with_site_role(user: User, memberships: Iterable[str]) -> frozenset[str]:
    """Return the roles of a person's memberships, and a site admin's role with them."""
    if getattr(user, "is_superuser", False):
        return frozenset([*memberships, Role.MANAGER])
    return frozenset(memberships)
