"""A document with its suggestions, read by who does not review it."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from annotator.models import Assignment, Decision, Layer
from annotator.services import review
from corpus.models import Corpus, Event, Job, Role
from corpus.services.members import add_member
from tests.acts import DOC, accept_all, page, person


def test_the_manager_reads_suggestions_and_leaves_no_trace(
    document: Any, alice: Any, bob: Any, as_user: Any
) -> None:
    layer = review.open_layer(document, by=bob)
    review.decide(layer, accept_all(layer)[:1], by=bob, at=0)
    before = (Layer.objects.count(), Decision.objects.count(), Event.objects.count())
    taken = Assignment.objects.filter(user__isnull=False).count()
    html = page(as_user(alice), "read", external_id="sea-wall")
    assert "Read only" in html and "file:" in html
    assert "Ilse Brandt" in html and "bob" not in html and "/decisions/" not in html
    assert (Layer.objects.count(), Decision.objects.count(), Event.objects.count()) == before
    assert Assignment.objects.filter(user__isnull=False).count() == taken
    assert "/documents/sea-wall/read/" in page(as_user(alice), "documents")
    assert "/documents/sea-wall/read/" not in page(as_user(bob), "documents")


def test_who_has_it_in_hand_is_sent_to_their_review(
    document: Any, alice: Any, as_user: Any
) -> None:
    add_member(document.corpus, alice, Role.REVIEWER)
    Assignment.objects.filter(document=document).update(blind=True)
    review.open_layer(document, by=alice)
    html = page(as_user(alice), "read", external_id="sea-wall")
    assert "You review this document yourself" in html and "Go to your review" in html
    # Nothing of what is suggested reaches a blind reviewer.
    assert "Ilse Brandt" not in html and 'id="workspace"' not in html


def test_without_suggestions_it_says_so(corpus: Corpus, document: Any, as_user: Any) -> None:
    judge = person("judge")
    add_member(corpus, judge, Role.ADJUDICATOR)
    Layer.objects.filter(kind="suggestion").delete()
    assert "There are no suggestions for it" in page(as_user(judge), "read", external_id="sea-wall")


def test_reviewers_and_outsiders_do_not_read_there(
    document: Any, bob: Any, dave: Any, as_user: Any
) -> None:
    address = reverse("read", kwargs=DOC)
    assert as_user(bob).get(address).status_code == 403
    assert as_user(dave).get(address).status_code == 404


def test_a_blind_review_that_may_be_opened_again_stays_blind(
    document: Any, alice: Any, as_user: Any
) -> None:
    add_member(document.corpus, alice, Role.REVIEWER)
    Assignment.objects.filter(document=document).update(blind=True)
    layer = review.open_layer(document, by=alice)
    review.submit(layer, by=alice, at=layer.version)
    html = page(as_user(alice), "read", external_id="sea-wall")
    assert "may open your review again" in html
    assert "Ilse Brandt" not in html and 'id="workspace"' not in html
    layers = as_user(alice).get(reverse("api-layers", kwargs=DOC)).json()["layers"]
    assert "suggestion" not in {row["kind"] for row in layers}


@pytest.mark.parametrize("role", [Role.MANAGER, Role.ADJUDICATOR])
def test_who_may_still_get_a_blind_place_reads_no_suggestions(
    document: Any, bob: Any, as_user: Any, role: Role
) -> None:
    add_member(document.corpus, bob, role)
    assert "Ilse Brandt" in page(as_user(bob), "read", external_id="sea-wall")
    Corpus.objects.update(blind_percent=50)
    html = page(as_user(bob), "read", external_id="sea-wall")
    assert "may get this document without suggestions" in html
    assert "Ilse Brandt" not in html and 'id="workspace"' not in html
    other = person("other")
    Assignment.objects.filter(document=document).delete()
    Assignment.objects.create(
        document=document,
        corpus=document.corpus,
        schema=document.corpus.schema,
        user=other,
        state="done",
        slot=1,
    )
    assert "Ilse Brandt" in page(as_user(bob), "read", external_id="sea-wall")


def test_the_sample_of_a_summary_leaves_blind_reviews_blind(
    document: Any, alice: Any, as_user: Any
) -> None:
    run = Layer.objects.get(kind="suggestion").run_id
    summary = {"run": run, "documents": 1, "labels": {"CLAIM": 1}, "sample": [[document.pk, 1]]}
    Job.objects.create(
        corpus=document.corpus, kind="suggest", state="done", result={"summary": summary}
    )
    shown = "The wall will not hold"
    assert shown in page(as_user(alice), "corpus")
    add_member(document.corpus, alice, Role.REVIEWER)
    Assignment.objects.filter(document=document).update(blind=True)
    review.open_layer(document, by=alice)
    html = page(as_user(alice), "corpus")
    assert "1 claim in 1 document" in html and shown not in html
