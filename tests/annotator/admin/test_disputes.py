"""Disputes in the admin: listed, given to people, settled by policy, opened again."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse

from annotator.models import Decision, Dispute
from corpus.services.members import add_member
from tests.acts import person
from tests.annotator.disputed import in_order

pytestmark = pytest.mark.postgresql

LIST = "admin:annotator_dispute_changelist"


@pytest.fixture
def admin(queued: Any, alice: Any, as_user: Any) -> Any:
    alice.is_staff = alice.is_superuser = True
    alice.save()
    return as_user(alice)


def test_the_admin_lists_and_counts_disputes(admin: Any, bob: Any, alice: Any) -> None:
    page = admin.get(reverse(LIST)).content.decode()
    assert "Listed: 2 boundary, 1 missing, 1 stance" in page
    for query, rows in [
        ("?facet=stance", 2),
        ("?show=settled", 0),
        ("?show=all", 4),
        ("?suggested__exact=1", 4),
        (f"?reviewer={bob.pk}", 4),
        (f"?reviewer={alice.pk}", 0),
        ("?q=sea-wall", 2),
    ]:
        assert admin.get(reverse(LIST) + query).content.decode().count(">Settle</a>") == rows, query
    pk = Dispute.objects.first().pk
    for name in ("add", "delete"):
        args = [] if name == "add" else [pk]
        assert admin.post(reverse(f"admin:annotator_dispute_{name}", args=args)).status_code == 403


def test_the_admin_gives_settles_by_policy_and_opens_again(
    admin: Any, queued: Any, alice: Any, bob: Any
) -> None:
    erin = person("erin")
    add_member(queued, erin, "adjudicator")

    def act(action: str, rows: Any, **more: Any) -> str:
        body = {
            "action": action,
            "_selected_action": [row.pk for row in rows],
            "policy": "unanimous",
            "to": "",
            **more,
        }
        return admin.post(reverse(LIST) + "?show=all", body, follow=True).content.decode()

    every = list(Dispute.objects.order_by("pk"))
    assert "2 disputes are for erin." in act("assign", every[:2], to=str(erin.pk))
    assert set(Dispute.objects.filter(assigned_to=erin)) == set(every[:2])
    second = [row for row in every if row.adjudication.document.external_id == "second"]
    before = Decision.objects.count()
    assert "would settle in 1 documents" in act(
        "preview_policy", second, policy="at-least:2+longest"
    )
    assert Decision.objects.count() == before
    assert "settled in 1 documents 1 missing" in act(
        "run_policy", second, policy="at-least:2+longest"
    )
    assert set(Dispute.objects.filter(state="settled")) <= set(second)
    settled = list(Dispute.objects.filter(state="settled"))
    assert f"{len(settled)} disputes are open again." in act("reopen", settled)
    assert (
        Decision.objects.filter(verb="undo", subject="dispute", user=alice).count()
        == len(settled)
        > 0
    )
    assert not Dispute.objects.filter(state="settled").exists()
    assert in_order()


def test_the_admins_actions_ask_the_services(queued: Any, bob: Any, as_user: Any) -> None:
    """Staff who may look at disputes but have no role in the corpus change nothing."""
    staff = person("staff", is_staff=True)
    staff.user_permissions.add(*Permission.objects.filter(codename="view_dispute"))
    before = (Decision.objects.count(), list(Dispute.objects.values()))
    for action in ("assign", "run_policy", "preview_policy"):
        body = {
            "action": action,
            "_selected_action": [d.pk for d in Dispute.objects.all()],
            "policy": "majority",
        }
        page = as_user(staff).post(reverse(LIST), body, follow=True).content.decode()
        assert "[not-found]" in page
    assert (Decision.objects.count(), list(Dispute.objects.values())) == before
