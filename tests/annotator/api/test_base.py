"""What holds for all endpoints: bad JSON, unknown addresses, faults, the description."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from annotator.services import review
from annotator.services.accounts import make_token
from corpus.models import Job
from tests.acts import (
    DOC,
)


def test_the_schema_names_every_endpoint(alice: Any, as_user: Any) -> None:
    schema = (
        as_user(alice)
        .get(reverse("schema"), headers={"Accept": "application/json"})
        .content.decode()
    )
    for part in ("decisions", "submit", "settle", "workspace", "export", "suggest"):
        assert f"/{part}/" in schema
    assert as_user(alice).get(reverse("docs")).status_code == 200


@pytest.mark.parametrize("signed_in", [True, False])
def test_an_address_of_the_api_that_does_not_exist_answers_as_the_api_does(
    bob: Any, as_user: Any, client: Any, signed_in: bool
) -> None:
    asked = as_user(bob) if signed_in else client
    answer = asked.get("/api/corpora/seeds/documents/sea-wall/decision/")
    assert (answer.status_code, answer.json()["code"]) == (404, "not-found")
    assert "/sea-wall/decision/" in answer.json()["message"]


def test_a_fault_in_the_api_answers_as_the_api_does(
    document: Any, bob: Any, as_user: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = as_user(bob)
    client.raise_request_exception = False
    monkeypatch.setattr(review, "open_layer", lambda *_, **__: 1 / 0)
    answer = client.get(
        reverse("api-workspace", kwargs=DOC), headers={"X-Request-ID": "asked-1234"}
    )
    assert (answer.status_code, answer.json()["code"]) == (500, "server-fault")
    assert "asked-1234" in answer.json()["message"]
    assert "ZeroDivision" not in answer.content.decode()
    page = client.get(reverse("review", kwargs=DOC))
    assert page.status_code == 500 and "Something broke here" in page.content.decode()


@pytest.mark.parametrize("value", ['"\\ud800"', '"a\\u0000"', "1e400", "[" * 50_000 + "]" * 50_000])
def test_json_that_no_database_keeps_is_refused(
    document: Any, bob: Any, as_user: Any, value: str
) -> None:
    body = f'{{"at": 0, "decisions": [{{"verb": "add", "after": {{"target": {value}}}}}]}}'
    address = reverse("api-decisions", kwargs={"slug": "harbour", "external_id": "sea-wall"})
    client = as_user(bob)
    client.get(reverse("api-workspace", kwargs={"slug": "harbour", "external_id": "sea-wall"}))
    answer = client.post(address, body, content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (400, "request-invalid")


def test_what_the_framework_refuses_has_a_code(document: Any, alice: Any, as_user: Any) -> None:
    client = as_user(alice)
    url = reverse("api-suggest", kwargs={"slug": "harbour"})
    torn = client.post(url, "{", content_type="application/json")
    assert (torn.status_code, torn.json()["code"]) == (400, "request-invalid")
    assert torn.json()["message"] == torn.json()["detail"]
    foreign = client.post(url, "<a/>", content_type="text/xml")
    assert (foreign.status_code, foreign.json()["code"]) == (415, "request-invalid")
    assert (client.put(url).status_code, client.put(url).json()["code"]) == (405, "request-invalid")
    unknown = client.post(reverse("api-token"), {"username": "x", "password": "y"})
    assert unknown.json()["code"] == "request-invalid" and unknown.json()["non_field_errors"]


def test_a_cookie_alone_writes_nothing(document: Any, alice: Any) -> None:
    url = reverse("api-suggest", kwargs={"slug": "harbour"})
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(alice)
    assert browser.post(url, {}, content_type="application/json").status_code == 403
    assert not Job.objects.exists()
    script = {"Authorization": f"Token {make_token(alice, name='script')}"}
    answer = Client(enforce_csrf_checks=True).post(
        url, {}, content_type="application/json", headers=script
    )
    assert answer.status_code == 202
    assert Job.objects.exists()


def test_who_is_signed_out_is_answered_without_a_code(document: Any, client: Any) -> None:
    """Pages tell by it that their own session has ended."""
    answer = client.get(reverse("api-workspace", kwargs=DOC))
    assert (answer.status_code, set(answer.json())) == (403, {"detail"})
