"""Flags for the guideline as a page."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from annotator.models import Flag, Layer
from annotator.services import review
from tests.acts import (
    SLUG,
    page,
)


def flag(document: Any, layer: Layer, number: int, section: str, by: Any) -> Flag:
    return Flag.objects.create(
        corpus=document.corpus, layer=layer, ident=number, section=section, user=by
    )


def test_flags_are_listed_by_section_and_dealt_with(
    document: Any, alice: Any, bob: Any, as_user: Any
) -> None:
    layer = review.open_layer(document, by=bob)
    document.corpus.guideline = "# Stance\n"
    document.corpus.save()
    for number in range(1, 53):
        flag(document, layer, number, "stance" if number > 1 else "", bob)
    client = as_user(alice)
    html = page(client, "flags")
    assert "Stance <strong>51</strong>" in html and "No section <strong>1</strong>" in html
    answer = client.get(reverse("flags", kwargs=SLUG), {"section": "stance"})
    following = answer.context["following"]
    # The way to older flags keeps the section.
    assert f"?section=stance&amp;before={following}" in answer.content.decode()
    older = client.get(reverse("flags", kwargs=SLUG), {"section": "stance", "before": following})
    assert [row.ident for row, _ in older.context["rows"]] == [2]
    only = Flag.objects.get(section="")
    client.post(reverse("flag-done", kwargs={**SLUG, "pk": only.pk}))
    assert "No section" not in page(client, "flags")
