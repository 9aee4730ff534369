"""The page on which documents are planned, handed on and sampled."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from annotator.models import Assignment
from annotator.services import assignment_plan
from annotator.services import assignments as assign
from corpus.models import Corpus
from tests.acts import (
    add_document,
    page,
)


def test_the_assignments_page_plans_moves_and_samples(
    document: Any, alice: Any, bob: Any, carol: Any, as_user: Any
) -> None:
    client = as_user(alice)
    assert "Nobody holds a document" in page(client, "assignments")
    assign.claim_next(document.corpus, by=bob)
    place = Assignment.objects.get(user=bob)
    client.post(reverse("move-place", kwargs={"slug": "harbour", "pk": place.pk}), {"to": "carol"})
    assert "carol" in page(client, "assignments")
    as_user(carol).post(
        reverse("skip", kwargs={"slug": "harbour"}), {"document": "sea-wall", "reason": "My town"}
    )
    assert "My town" in page(client, "assignments")
    plan_url = reverse("set-plan", kwargs={"slug": "harbour"})
    values = {
        "reviewers_per_document": "3",
        "shared_percent": "20",
        "blind_percent": "10",
        "check_percent": "5",
        "lease_hours": "24",
    }
    assert client.post(plan_url, values).status_code == 302
    corpus = Corpus.objects.get()
    assert (corpus.reviewers_per_document, corpus.shared_percent, corpus.lease_hours) == (3, 20, 24)
    for wrong in ("", "-1", "many", "1e3", "9" * 40):
        assert client.post(plan_url, {"lease_hours": wrong}).status_code == 400
    client.post(
        reverse("set-sample", kwargs={"slug": "harbour"}),
        {"document": "sea-wall", "kind": "calibration"},
    )
    assert "Make ordinary" in page(client, "assignments")


def test_a_text_stays_text_on_every_page_of_a_team(
    corpus: Corpus, tmp_path: Any, alice: Any, bob: Any, carol: Any, as_user: Any
) -> None:
    hostile = "<script>alert(1)</script>"
    document = add_document(corpus, tmp_path, "bad", f"{hostile} said Ann.\n\nMore text.")
    assign.claim_next(corpus, by=bob)
    assign.skip(document, by=bob, reason=hostile)
    assignment_plan.set_sample(corpus, "bad", "calibration", by=alice)
    assert hostile not in page(as_user(alice), "assignments")
    assert "&lt;script&gt;" in page(as_user(alice), "assignments")
