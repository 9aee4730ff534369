"""Patterns over the API: read, and added to by words."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from annotator.models import PatternSet
from tests.acts import DOC, SLUG

ADDRESS = reverse("api-patterns", kwargs=SLUG)


def test_words_are_added_to_the_patterns(corpus: Any, alice: Any, as_user: Any) -> None:
    client = as_user(alice)
    assert client.get(ADDRESS).json() == {"version": 0, "count": 0, "digest": "", "lines": ""}
    row = {"label": "SPEAKER", "words": "Rubio", "attributes": {"name": "Marco Rubio"}}
    answer = client.post(ADDRESS, row, content_type="application/json")
    assert answer.json() == client.get(ADDRESS).json()
    assert (answer.json()["version"], answer.json()["count"]) == (1, 1)
    assert '"name": "Marco Rubio"' in answer.json()["lines"]
    for wrong, code in (
        ({**row, "label": "FERRY"}, "pattern-label"),
        ({**row, "attributes": {"rank": 1}}, "pattern-invalid"),
        ({"words": "x"}, "request-invalid"),
    ):
        refused = client.post(ADDRESS, wrong, content_type="application/json")
        assert (refused.status_code, refused.json()["code"]) == (400, code)
    assert PatternSet.objects.count() == 1


def test_only_a_reviewer_who_manages_is_offered_to_add_one(
    document: Any, alice: Any, bob: Any, as_user: Any
) -> None:
    workspace = reverse("api-workspace", kwargs=DOC)
    assert "patterns" not in as_user(bob).get(workspace).json()["urls"]
    document.corpus.memberships.create(user=alice, role="reviewer")
    assert as_user(alice).get(workspace).json()["urls"]["patterns"] == ADDRESS
