"""Suggestions pushed over the API for a document that is there."""

from __future__ import annotations

import json
from typing import Any

from django.urls import reverse

from annotator.models import Layer, Run, Span
from annotator.services import review
from tests.acts import DOC, TEXT, find


def span(ident: str, label: str, words: str, **more: Any) -> dict[str, Any]:
    start, end = find(words)
    return {"id": ident, "label": label, "start": start, "end": end, "text": words, **more}


CLAIM = span("c1", "CLAIM", "“The wall will not hold,”", attributes={"stance": "oppose"}, score=0.9)
SPEAKER = span("s1", "SPEAKER", "Mayor Ilse Brandt", attributes={"name": "Ilse Brandt"})
SAID = {"kind": "said_by", "source": "c1", "target": "s1"}


def push(client: Any, *spans: Any, links: Any = (), name: str = "mine-2") -> Any:
    body = {"suggester": name, "spans": list(spans), "links": list(links)}
    url = reverse("api-suggestions", kwargs=DOC)
    return client.post(url, json.dumps(body), content_type="application/json")


def states(answer: Any) -> list[tuple[str, str]]:
    return [(row["state"], row["code"]) for row in (*answer["spans"], *answer["links"])]


def test_what_fits_is_stored_as_a_layer_of_its_own(document: Any, alice: Any, as_user: Any) -> None:
    answer = push(as_user(alice), CLAIM, SPEAKER, links=[SAID])
    assert answer.status_code == 200
    data = answer.json()
    assert (data["suggester"], data["stored"], data["present"], data["refused"]) == (
        "mine-2",
        3,
        0,
        0,
    )
    layer = Layer.objects.get(run__suggester="api:mine-2")
    rows = {row.ident: row for row in Span.objects.filter(layer=layer)}
    claim = rows[data["spans"][0]["ident"]]
    assert TEXT[claim.start : claim.end] == CLAIM["text"]
    assert (claim.score, claim.attributes) == (0.9, {"stance": "oppose"})
    assert layer.links.count() == 1


def test_each_that_does_not_fit_is_refused_with_its_reason(
    document: Any, alice: Any, as_user: Any
) -> None:
    wrong = [
        {**CLAIM, "id": "w", "text": "other words"},
        {**CLAIM, "id": "r", "end": 10**6},
        {**CLAIM, "id": "l", "label": "MOOD"},
        {**CLAIM, "id": "a", "attributes": {"stance": "angry"}},
        {"id": "n", "label": "CLAIM"},
        {**SPEAKER, "id": "c1"},
    ]
    links = [SAID, {**SAID, "source": "w"}, {**SAID, "kind": "denied_by"}]
    answer = push(as_user(alice), CLAIM, SPEAKER, *wrong, links=links).json()
    assert (answer["stored"], answer["refused"]) == (3, 8)
    found = dict(zip([row["id"] for row in answer["spans"]], states(answer), strict=False))
    assert found["w"] == ("refused", "span-text")
    assert found["r"][0] == "refused" and found["n"][0] == "refused"
    assert found["l"] == ("refused", "span-label")
    assert found["a"] == ("refused", "span-attribute")
    assert states(answer)[7] == ("refused", "span-ident")
    assert [code for _, code in states(answer)[8:]] == ["", "link-ends", "link-kind"]
    assert all(row["message"] for row in answer["spans"] if row["state"] == "refused")


def test_nothing_is_stored_when_nothing_fits(document: Any, alice: Any, as_user: Any) -> None:
    runs = Run.objects.count()
    answer = push(as_user(alice), {**CLAIM, "text": "other"}, links=[SAID]).json()
    assert (answer["stored"], answer["refused"]) == (0, 2)
    assert (Run.objects.count(), Layer.objects.count()) == (runs, 1)


def test_a_second_push_adds_what_is_new(document: Any, alice: Any, as_user: Any) -> None:
    client = as_user(alice)
    push(client, CLAIM)
    answer = push(client, CLAIM, SPEAKER, {**SPEAKER, "id": "s2"}, links=[SAID]).json()
    assert states(answer) == [("present", ""), ("stored", ""), ("present", ""), ("stored", "")]
    layer = Layer.objects.get(run__suggester="api:mine-2")
    assert (layer.spans.count(), layer.links.count()) == (2, 1)
    again = push(client, CLAIM, SPEAKER, links=[SAID]).json()
    assert (again["present"], again["stored"]) == (3, 0)


def test_a_document_that_was_opened_stays_as_it_is(
    document: Any, alice: Any, bob: Any, carol: Any, as_user: Any
) -> None:
    client = as_user(alice)
    push(client, CLAIM)
    layer = review.open_layer(document, by=bob)
    assert layer.shown_run is not None and layer.shown_run.suggester == "api:mine-2"
    before = as_user(bob).get(reverse("api-workspace", kwargs=DOC)).json()
    answer = push(client, CLAIM, SPEAKER, links=[SAID]).json()
    assert states(answer) == [
        ("present", ""),
        ("refused", "suggestions-shown"),
        ("refused", "suggestions-shown"),
    ]
    # Another suggester may push; what Bob was shown stays what he sees.
    assert push(client, SPEAKER, name="other").json()["stored"] == 1
    assert as_user(bob).get(reverse("api-workspace", kwargs=DOC)).json() == before


def test_a_body_of_the_wrong_shape_is_refused_whole(
    document: Any, alice: Any, as_user: Any
) -> None:
    url = reverse("api-suggestions", kwargs=DOC)
    for body in ({}, {"suggester": "a b", "spans": []}, {"suggester": "x", "spans": [1]}):
        answer = as_user(alice).post(url, json.dumps(body), content_type="application/json")
        assert (answer.status_code, answer.json()["code"]) == (400, "request-invalid")


def test_a_program_that_found_nothing_says_so(document: Any, alice: Any, as_user: Any) -> None:
    answer = push(as_user(alice)).json()
    assert (answer["stored"], answer["spans"]) == (0, [])
    assert Layer.objects.get(run__suggester="api:mine-2").spans.count() == 0
