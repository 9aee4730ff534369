"""Corpora in Django's admin."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from corpus.guideline import LONGEST
from corpus.models import Corpus, Membership
from tests.acts import (
    audit_log,
)


def inline(corpus: Corpus, **rows: Any) -> dict[str, Any]:
    """What the form of a corpus in Django's admin sends."""
    held = Membership.objects.filter(corpus=corpus).order_by("pk")
    sent: dict[str, Any] = {
        "name": corpus.name,
        "language": corpus.language,
        "targets": "[]",
        "initial-targets": "[]",
        "guideline": corpus.guideline,
        "suggest_on_import": "on",
        "memberships-TOTAL_FORMS": held.count() + 1,
        "memberships-INITIAL_FORMS": held.count(),
    }
    for number, membership in enumerate(held):
        sent |= {
            f"memberships-{number}-id": membership.pk,
            f"memberships-{number}-corpus": corpus.pk,
        }
    return sent | rows


def test_what_site_admins_change_in_djangos_admin_is_noted(
    corpus: Corpus, alice: Any, bob: Any, dave: Any, admin: Any, as_user: Any
) -> None:
    client, url = as_user(admin), reverse("admin:corpus_corpus_change", args=[corpus.pk])
    assert client.get(url).status_code == 200
    new = {
        "memberships-2-user": dave.pk,
        "memberships-2-role": "adjudicator",
        "memberships-2-corpus": corpus.pk,
    }
    client.post(url, inline(corpus, **new, name="Port"))
    # A role is given or taken, never changed into another.
    client.post(
        url,
        inline(
            corpus,
            **{"memberships-1-DELETE": "on", "memberships-0-role": "reviewer", "name": "Port"},
        ),
    )
    assert audit_log(corpus) == [
        ("admin", "changed name"),
        ("admin", "made dave a adjudicator"),
        ("admin", "took the role reviewer from bob"),
    ]
    assert sorted(Membership.objects.values_list("user__username", "role")) == [
        ("alice", "manager"),
        ("dave", "adjudicator"),
    ]


def test_a_guideline_is_no_longer_in_djangos_admin_than_on_the_page(
    corpus: Corpus, admin: Any, as_user: Any
) -> None:
    url = reverse("admin:corpus_corpus_change", args=[corpus.pk])
    for length, taken in ((LONGEST, True), (LONGEST + 1, False)):
        answer = as_user(admin).post(url, inline(corpus, guideline="a" * length))
        assert (answer.status_code == 302) is taken
    corpus.refresh_from_db()
    assert len(corpus.guideline) == LONGEST
