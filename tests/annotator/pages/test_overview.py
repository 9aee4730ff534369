"""The overview of a corpus."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from annotator.services import schema_versions
from corpus.core.schema_templates import TEMPLATES
from corpus.models import Job
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
    assert html.count('role="img"') == html.count("<details>") == html.count("table-plain") == 6
    assert "Claim: Stance" in html
    assert "style=" not in html and "<style" not in html


def test_suggesters_are_offered_that_have_something_to_give(
    alice: Any, corpus: Any, as_user: Any
) -> None:
    client = as_user(alice)
    assert "Suggest for new documents</button>" in plain(client)
    schema_versions.begin(corpus, TEMPLATES["entities"].schema, None)
    html = plain(client)
    assert "Suggest for new documents" not in html
    assert "rules.v1 cannot: it gives CLAIM, CUE, SPEAKER, and this schema has none" in html
    answer = client.post(reverse("suggest", kwargs=SLUG), {"suggester": "rules.v1"})
    assert answer.status_code == 400
    asked = client.post("/api/corpora/harbour/suggest/", {}, "application/json")
    assert (asked.status_code, asked.json()["code"]) == (400, "suggester-labels")
    assert not Job.objects.filter(kind="suggest").exists()


def plain(client: Any) -> str:
    html = client.get(reverse("corpus", kwargs=SLUG)).content.decode()
    return " ".join(html.split()).replace(" </button>", "</button>")
