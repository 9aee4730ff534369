"""The token of a script."""

from __future__ import annotations

from typing import Any

from django.test import Client
from django.urls import reverse

from corpus.models import Token
from tests.acts import (
    PASSWORD,
)


def test_a_token_signs_a_script_in(document: Any, bob: Any, client: Client) -> None:
    answer = client.post(reverse("api-token"), {"username": "bob", "password": PASSWORD})
    token = answer.json()["token"]
    answer = Client().get(reverse("api-corpora"), headers={"Authorization": f"Token {token}"})
    (corpus,) = answer.json()["corpora"]
    assert corpus == {"slug": "harbour", "name": "Harbour", "language": "en"}
    # A script that signs in every day does not run out of tokens; the oldest end.
    for _ in range(6):
        assert (
            client.post(reverse("api-token"), {"username": "bob", "password": PASSWORD}).status_code
            == 200
        )
    assert Token.objects.filter(user=bob).count() == 5
    assert (
        Client()
        .get(reverse("api-corpora"), headers={"Authorization": f"Token {token}"})
        .status_code
        == 403
    )
    assert (
        client.post(reverse("api-token"), {"username": "bob", "password": "no"}).status_code == 400
    )
