"""The page of agreement: measured in the background, with examples."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from annotator.models import Assignment, Report
from annotator.services import agreement, assignment_plan, review
from annotator.services.agreement import corpus_agreement
from corpus.models import Corpus, Job
from tests.acts import (
    add_document,
    page,
    settle_stance,
    submit_as,
)


def test_agreement_is_measured_in_the_background_and_opens_the_examples(
    document: Any, alice: Any, bob: Any, carol: Any, as_user: Any
) -> None:
    client = as_user(alice)
    assert "Not measured yet" in page(client, "agreement")
    settle_stance(document, alice, bob, carol)
    assignment_plan.set_sample(document.corpus, "sea-wall", "check", by=alice)
    client.post(reverse("measure", kwargs={"slug": "harbour"}))
    assert Job.objects.get(kind="measure").state == "queued"
    assert "Being measured" in page(client, "agreement")
    agreement.measure(document.corpus)
    told = page(client, "agreement")
    assert "alpha_stance" in told and "bob and carol" in told
    measures = Report.objects.get().numbers["measures"]
    [frames] = [m for m in measures if m["measure"] == "frame_f1" and m["a"] is None]
    assert f'data-label="Value">{round(100 * frames["value"])} %</td>' in told
    assert "support where gold has oppose: 1" in told
    assert reverse("adjudicate", kwargs={"slug": "harbour", "external_id": "sea-wall"}) in told
    people = {p["name"]: p["checks"] for p in Report.objects.get().numbers["people"]}
    stance = {
        name: next(f for f in own["facets"] if f["facet"] == "stance")
        for name, own in people.items()
    }
    assert stance == {
        "bob": {"facet": "stance", "right": 3, "total": 3},
        "carol": {"facet": "stance", "right": 2, "total": 3},
    }


def test_blind_and_assisted_agreement_stand_apart(
    document: Any, corpus: Corpus, tmp_path: Any, bob: Any, carol: Any
) -> None:
    submit_as(document, bob)
    submit_as(document, carol)
    blind = add_document(corpus, tmp_path, "blind")
    Assignment.objects.filter(document=blind).update(blind=True)
    for user in (bob, carol):
        layer = review.open_layer(blind, by=user)
        assert layer.shown_run is None
        review.submit(layer, by=user, at=0)
    groups = {
        g.group: g.measures[0].articles for g in corpus_agreement(corpus).groups if g.by == "view"
    }
    assert groups == {"assisted": 1, "blind": 1}
