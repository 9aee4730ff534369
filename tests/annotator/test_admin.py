"""Disputes in Django's admin."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from tests.acts import (
    DOC,
    shorter,
    submit_as,
)


def test_the_admin_lists_open_disputes_with_filters(
    document: Any, alice: Any, bob: Any, carol: Any, as_user: Any
) -> None:
    submit_as(document, bob)
    submit_as(document, carol, change=shorter)
    alice.is_staff = alice.is_superuser = True
    alice.save()
    client = as_user(alice)
    url = reverse("admin:annotator_adjudication_changelist")
    link = reverse("adjudicate", kwargs=DOC)
    for query, shown in [
        ("", True),
        ("?kind=stance", True),
        ("?kind=missing", False),
        ("?show=done", False),
        (f"?reviewer={bob.pk}", True),
        (f"?reviewer={alice.pk}", False),
        (f"?corpus__id__exact={document.corpus.pk}", True),
    ]:
        assert (link in client.get(url + query).content.decode()) == shown, query
