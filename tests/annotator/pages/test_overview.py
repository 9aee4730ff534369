"""The overview of a corpus."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from tests.acts import (
    SLUG,
    submit_as,
)


def test_times_and_people_are_for_managers(
    document: Any, alice: Any, bob: Any, as_user: Any
) -> None:
    submit_as(document, bob)
    page = reverse("corpus", kwargs=SLUG)
    seen = as_user(alice).get(page).content.decode()
    assert (
        "People, last 30 days" in seen
        and "Time per decision" in seen
        and "Minutes per document" in seen
    )
    hidden = as_user(bob).get(page).content.decode()
    assert "People, last 30 days" not in hidden and "Time per decision" not in hidden
    listed = reverse("documents", kwargs=SLUG)
    assert "3.0 s" in as_user(alice).get(listed).content.decode()
    assert "3.0 s" not in as_user(bob).get(listed).content.decode()


def test_every_picture_has_its_table(document: Any, alice: Any, bob: Any, as_user: Any) -> None:
    submit_as(document, bob)
    html = as_user(alice).get(reverse("corpus", kwargs=SLUG)).content.decode()
    assert html.count('role="img"') == html.count("<details>") == html.count("table-plain") == 5
    assert "style=" not in html and "<style" not in html
