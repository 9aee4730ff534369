"""Agreement over the API."""

from __future__ import annotations

import json
from typing import Any

from django.urls import reverse

from annotator.services import agreement
from corpus.models import Job, Role
from corpus.services.members import add_member
from tests.acts import SLUG, settle_stance

URL = reverse("api-agreement", kwargs=SLUG)


def test_agreement_is_measured_in_the_background_then_read(
    document: Any, alice: Any, bob: Any, carol: Any, as_user: Any
) -> None:
    client = as_user(alice)
    settle_stance(document, alice, bob, carol)
    assert (client.get(URL).status_code, client.get(URL).json()["code"]) == (404, "not-found")
    started = client.post(URL)
    assert started.status_code == 202 and client.post(URL).json() == started.json()
    assert Job.objects.get().kind == "measure"
    agreement.measure(document.corpus)
    report = client.get(URL).json()
    names = {(m["a"], m["b"]) for m in report["measures"]}
    assert names == {(None, None), ("bob", "carol")}
    assert {person["name"] for person in report["people"]} == {"bob", "carol"}
    cells = [cell for table in report["confusions"] for cell in table["cells"]]
    examples = [example for cell in cells for example in cell["examples"]]
    assert [(e["document"], e["name"]) for e in examples] == [("sea-wall", "carol")]


def test_an_adjudicator_reads_it_without_names(
    document: Any, alice: Any, bob: Any, carol: Any, dave: Any, as_user: Any
) -> None:
    settle_stance(document, alice, bob, carol)
    agreement.measure(document.corpus)
    add_member(document.corpus, dave, Role.ADJUDICATOR)
    answer = as_user(dave).get(URL)
    assert answer.status_code == 200
    text = json.dumps(answer.json())
    assert "Reviewer 1" in text and "bob" not in text and "carol" not in text
    assert as_user(bob).get(URL).status_code == 403
