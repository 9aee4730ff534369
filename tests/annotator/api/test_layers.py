"""Layers and gold over the API: who reads which, and when."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from annotator.models import Layer
from annotator.services import assignment_plan, review
from corpus.models import Corpus, Role
from corpus.services.members import add_member
from tests.acts import DOC, accept_all, code, settle_stance, submit_as, support


def listed(client: Any) -> list[tuple[str, str]]:
    answer = client.get(reverse("api-layers", kwargs=DOC)).json()
    return [(layer["kind"], layer["author"]) for layer in answer["layers"]]


def read(client: Any, layer: Layer) -> Any:
    return client.get(reverse("api-layer", kwargs={**DOC, "pk": layer.pk}))


def test_a_reviewer_reads_their_own_layer_and_nobody_elses(
    document: Any, alice: Any, bob: Any, carol: Any, as_user: Any
) -> None:
    own = submit_as(document, bob)
    other = submit_as(document, carol, change=support)
    suggestion = Layer.objects.get(kind="suggestion")
    client = as_user(bob)
    assert listed(client) == [("review", "bob")]
    answer = read(client, own).json()
    assert (answer["document"], answer["state"], len(answer["spans"])) == (
        "sea-wall",
        "submitted",
        6,
    )
    for hidden in (other, suggestion, *Layer.objects.filter(kind="gold")):
        assert read(client, hidden).status_code == 404
    assert client.get(reverse("api-gold", kwargs=DOC)).status_code == 403


def test_a_manager_reads_reviews_once_they_are_handed_in(
    document: Any, alice: Any, bob: Any, carol: Any, as_user: Any
) -> None:
    submit_as(document, bob)
    half = review.open_layer(document, by=carol)
    review.decide(half, accept_all(half)[:2], by=carol, at=0)
    client = as_user(alice)
    assert ("review", "bob") in listed(client) and ("review", "carol") not in listed(client)
    assert ("suggestion", "file:suggested.jsonl") in listed(client)
    assert read(client, half).status_code == 404
    assert client.get(reverse("api-gold", kwargs=DOC)).json()["code"] == "not-found"


def test_who_reviews_a_document_reads_no_other_layer_of_it_meanwhile(
    document: Any, alice: Any, bob: Any, carol: Any, as_user: Any
) -> None:
    """Alice manages and reviews: what she may read as a manager waits for her own review."""
    # A third review is awaited, so that nothing is compared yet.
    Corpus.objects.update(reviewers_per_document=3)
    assignment_plan.apply_plan(document.corpus)
    add_member(document.corpus, alice, Role.REVIEWER)
    other = submit_as(document, bob)
    own = review.open_layer(document, by=alice)
    client = as_user(alice)
    assert listed(client) == [("review", "alice")]
    assert read(client, other).status_code == 404
    decisions = accept_all(own)
    review.decide(own, decisions, by=alice, at=0)
    review.submit(own, by=alice, at=len(decisions))
    assert ("review", "bob") in listed(client)
    # Her own review counted as final from the moment that she reads another.
    own.refresh_from_db()
    assert not own.final
    assert read(client, own).status_code == 200 and not Layer.objects.get(pk=own.pk).final
    assert read(client, other).status_code == 200
    own.refresh_from_db()
    assert code(lambda: review.reopen(own, by=alice)) == "review-final"


def test_a_place_taken_and_not_opened_hides_the_others_as_well(
    document: Any, alice: Any, bob: Any, as_user: Any
) -> None:
    add_member(document.corpus, alice, Role.REVIEWER)
    submit_as(document, bob)
    client = as_user(alice)
    assert client.post(reverse("api-next", kwargs={"slug": "harbour"})).json()["id"] == "sea-wall"
    assert listed(client) == []
    assert client.get(reverse("api-gold", kwargs=DOC)).status_code == 409


def test_gold_is_read_as_it_is_and_as_it_was(
    document: Any, alice: Any, bob: Any, carol: Any, as_user: Any
) -> None:
    settle_stance(document, alice, bob, carol)
    client = as_user(alice)
    url = reverse("api-gold", kwargs=DOC)
    now = client.get(url).json()
    assert (now["state"], now["version"], now["newest"]) == (
        "done",
        now["newest"],
        Layer.objects.get(kind="gold").version,
    )
    stances = [s["attributes"].get("stance") for s in now["spans"] if s["label"] == "CLAIM"]
    assert stances == ["oppose", "unclear", "oppose"]
    assert all(s["end"] <= len(now["text"]) for s in now["spans"])
    first = client.get(url, {"version": "0"}).json()
    assert (first["version"], first["spans"], first["links"]) == (0, [], [])
    for missing in (str(now["newest"] + 1), "x", "-1", "9" * 30):
        answer = client.get(url, {"version": missing})
        assert (answer.status_code, answer.json()["code"]) == (404, "not-found")
