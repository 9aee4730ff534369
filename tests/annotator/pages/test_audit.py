"""The audit log: what is noted, narrowed and taken away as CSV."""

from __future__ import annotations

import csv
import io
from typing import Any

from django.urls import reverse

from annotator.services import assignment_plan, review
from corpus.models import Corpus, Event
from corpus.services import audit, members
from tests.acts import (
    SLUG,
    accept_all,
    audit_log,
    person,
)


def test_what_people_do_is_noted_once(document: Any, corpus: Corpus, alice: Any, bob: Any) -> None:
    members.give_role(corpus, "dave", "reviewer", by=alice) if person("dave") else None
    members.give_role(corpus, "dave", "reviewer", by=alice)
    members.take_role(corpus, "dave", "reviewer", by=alice)
    assignment_plan.set_plan(corpus, {"blind_percent": 10, "shared_percent": 100}, by=alice)
    layer = review.open_layer(document, by=bob)
    layer = review.decide(layer, accept_all(layer), by=bob, at=layer.version)
    review.submit(layer, by=bob, at=layer.version)
    review.submit(layer, by=bob, at=layer.version)
    layer = review.reopen(layer, by=bob)
    assert audit_log(corpus) == [
        ("alice", "made dave a reviewer"),
        ("alice", "took the role reviewer from dave"),
        ("alice", "changed the plan: blind percent 0 → 10"),
        ("alice", "started a job: plan"),
        ("bob", "handed in sea-wall"),
        ("bob", "reopened their review of sea-wall"),
    ]


def test_the_log_is_narrowed_and_leaves_as_csv(
    corpus: Corpus, alice: Any, bob: Any, as_user: Any
) -> None:
    for n in range(60):
        audit.note(corpus, "submitted", by=bob, document=f"d{n}")
    audit.note(corpus, "settled", by=None, document="=1+1")
    audit.note(corpus, "joined", by=alice, role="manager")
    Event.objects.filter(details__document="d0").update(at="2025-01-02T10:00Z")
    client, url = as_user(alice), reverse("audit", kwargs=SLUG)
    first = client.get(url)
    assert len(first.context["rows"]) == 50 and first.context["following"]
    second = client.get(url, {"before": first.context["following"]})
    assert len(second.context["rows"]) == 12 and not second.context["following"]
    assert [e.act for e, _ in client.get(url, {"name": "alice"}).context["rows"]] == ["joined"]
    assert [told for _, told in client.get(url, {"until": "2025-12-31"}).context["rows"]] == [
        "handed in d0"
    ]
    assert "Nothing of that kind" in client.get(url, {"act": "released"}).content.decode()
    for odd in ({"act": "x"}, {"since": "soon"}, {"before": "x"}, {"before": "9" * 30}):
        assert client.get(url, odd).status_code == 200

    answer = client.get(reverse("audit-csv", kwargs=SLUG), {"act": "settled"})
    rows = list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode())))
    assert rows[0] == ["at", "by", "act", "what", "details"]
    assert rows[1][1:4] == ["", "settled", "settled the last dispute of =1+1"]
    assert client.get(reverse("audit-csv", kwargs=SLUG), {"since": "soon"}).status_code == 400


def test_every_act_can_be_told() -> None:
    for act, sentence in audit.ACTS.items():
        event = Event(act=act, details=dict.fromkeys(_fields(sentence), "x"))
        assert audit.sentence(event)
    assert audit.sentence(Event(act="of-a-later-version")) == "of-a-later-version"


def _fields(sentence: str) -> list[str]:
    return [part.split("}")[0] for part in sentence.split("{")[1:]]
