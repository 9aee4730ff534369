"""Members: roles given and taken."""

from __future__ import annotations

from typing import Any

import pytest

from corpus.core.problems import Problem
from corpus.models import Corpus, Membership
from corpus.permissions import roles
from corpus.services import members


def code(act: Any) -> str:
    with pytest.raises(Problem) as caught:
        act()
    return caught.value.code


def test_only_a_manager_gives_and_takes_roles(
    corpus: Corpus, alice: Any, bob: Any, dave: Any
) -> None:
    for act in (
        lambda by: members.give_role(corpus, "bob", "manager", by=by),
        lambda by: members.take_role(corpus, "alice", "manager", by=by),
    ):
        assert code(lambda act=act: act(bob)) == "not-allowed"
        assert code(lambda act=act: act(dave)) == "not-found"


def test_roles_are_given_and_taken_and_the_last_manager_stays(
    corpus: Corpus, alice: Any, dave: Any
) -> None:
    members.give_role(corpus, "dave", "reviewer", by=alice)
    members.give_role(corpus, "dave", "reviewer", by=alice)
    assert Membership.objects.filter(user=dave).count() == 1
    assert code(lambda: members.give_role(corpus, "nobody", "reviewer", by=alice)) == "not-found"
    assert code(lambda: members.give_role(corpus, "dave", "king", by=alice)) == "request-invalid"
    assert code(lambda: members.take_role(corpus, "alice", "manager", by=alice)) == "last-manager"
    members.give_role(corpus, "dave", "manager", by=alice)
    members.take_role(corpus, "alice", "manager", by=dave)
    assert roles(alice, corpus) == frozenset()
