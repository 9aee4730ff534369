"""Members and invitations on pages."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from corpus.models import Corpus, Invitation
from corpus.services import invitations, members
from tests.acts import (
    SLUG,
    page,
)


def test_what_opens_an_invitation_is_never_logged(
    corpus: Any, alice: Any, client: Any, caplog: Any
) -> None:
    secret = invitations.invite(corpus, "reviewer", by=alice)
    with caplog.at_level("INFO"):
        client.get(f"/invitations/{secret}")
        client.get(f"/invitations/{secret}/")
    assert "/invitations/…" in caplog.text and secret not in caplog.text


def test_members_and_open_invitations_are_listed(
    corpus: Corpus, alice: Any, bob: Any, as_user: Any
) -> None:
    client = as_user(alice)
    members.give_role(corpus, "bob", "adjudicator", by=alice)
    invitations.invite(corpus, "reviewer", by=alice, note="Erin <b>")
    html = page(client, "members")
    assert "take this role from bob" in html and html.count('name="username" value="bob"') == 2
    assert "Erin &lt;b&gt;" in html and "None is open" not in html
    invitation = Invitation.objects.get()
    client.post(reverse("end-invitation", kwargs={**SLUG, "pk": invitation.pk}))
    assert "None is open" in page(client, "members")
