"""A review that moves to a new version of the schema: what waits to be accepted waits there too."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from annotator.selectors import review_log
from annotator.selectors.layers import review_layer, suggestions_of
from annotator.services import review
from tests.acts import accept_all
from tests.annotator.services.test_schema_versions import ADDED, changed

pytestmark = pytest.mark.django_db


def again(decision: dict[str, Any], verb: str) -> dict[str, Any]:
    return {**decision, "verb": verb, "client_id": str(uuid.uuid4())}


def test_what_was_changed_waits_to_be_accepted_and_what_was_accepted_does_not(
    document: Any, bob: Any
) -> None:
    layer = review.open_layer(document, by=bob)
    first, speaker, *_ = accept_all(layer)
    fourth = next(one for one in accept_all(layer) if one["ident"] == 4)
    decisions = [
        first,
        again(first, "attribute"),
        again(speaker, "attribute"),
        again(speaker, "accept"),
        again(fourth, "resize"),
    ]
    review.decide(layer, decisions, by=bob, at=0)
    changed(document.corpus, ADDED)
    document.corpus.refresh_from_db()
    copy = review_layer(document, bob)
    assert copy is not None and copy.pk != layer.pk
    assert review_log.unaccepted(copy, suggestions_of(copy), log=None) == [4]
