"""Whatever is sent that our description of the API allows or forbids: nothing makes it fail."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

import pytest
import schemathesis
from django.test import Client
from drf_spectacular.generators import SchemaGenerator
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode

from annotator.services import review

# What would end the sign-in or the token that asks.
LEFT_OUT = {"/api/token/"}


def described() -> Any:
    return schemathesis.openapi.from_dict(
        json.loads(json.dumps(SchemaGenerator().get_schema(public=True), default=str))
    )


OPERATIONS = [found.ok() for found in described().get_all_operations()]
NAMES = [f"{op.method} {op.path}" for op in OPERATIONS]


def test_the_description_has_every_operation() -> None:
    assert len(OPERATIONS) > 20
    assert not any(name.count("{") and "{slug}" not in name for name in NAMES)


@pytest.mark.parametrize(
    "operation", [op for op in OPERATIONS if op.path not in LEFT_OUT], ids=lambda op: op.label
)
def test_nothing_that_is_sent_makes_it_fail(
    document: Any, alice: Any, bob: Any, as_user: Any, operation: Any
) -> None:
    clients = [as_user(alice), as_user(bob)]
    for client in clients:
        client.raise_request_exception = False
    modes = (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)
    cases = st.one_of(*(operation.as_strategy(generation_mode=mode) for mode in modes))

    review.open_layer(document, by=bob)

    @settings(max_examples=10, suppress_health_check=list(HealthCheck))
    @given(case=cases, known=st.sampled_from([True, True, True, False]))
    def ask(case: Any, known: bool) -> None:
        places = dict(case.path_parameters or {})
        if known:
            # Mostly it is about something that is there.
            places.update(
                {
                    k: v
                    for k, v in {"slug": "harbour", "external_id": "sea-wall"}.items()
                    if k in places
                }
            )
        for client in clients:
            answer = _sent(client, case, places)
            assert answer.status_code < 500, (answer.status_code, case, answer.content[:500])

    ask()


def _sent(client: Client, case: Any, places: dict[str, Any]) -> Any:
    path = case.operation.path
    for name, value in places.items():
        path = path.replace(f"{{{name}}}", str(value))
    body = case.body
    data = b"" if _missing(body) else json.dumps(body, default=str).encode()
    query = {key: str(value) for key, value in (case.query or {}).items()}
    return client.generic(case.method, path, data, "application/json", QUERY_STRING=_encoded(query))


def _missing(body: Any) -> bool:
    return type(body).__name__ == "NotSet"


def _encoded(query: dict[str, str]) -> str:
    return urlencode(
        {k.encode("utf-8", "replace"): v.encode("utf-8", "replace") for k, v in query.items()}
    )
