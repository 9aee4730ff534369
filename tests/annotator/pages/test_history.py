"""The history of a document's gold."""

from __future__ import annotations

from typing import Any

from annotator.models import Layer
from tests.acts import page, settle_stance


def test_the_history_of_gold_tells_every_step(
    document: Any, alice: Any, bob: Any, carol: Any, as_user: Any
) -> None:
    client = as_user(alice)
    assert "No gold yet" in page(client, "history", external_id="sea-wall")
    settle_stance(document, alice, bob, carol)
    told = page(client, "history", external_id="sea-wall")
    assert "policy unanimous" in told and "alice" in told
    assert "Open the document" in told
    assert "settled 1 : 1 for oppose: claim “The wall will not hold,”" in told
    assert "“Will not hold” is against it." in told
    assert "put claim “that it would cost more” into gold" in told
    assert "linked claim “that it would cost more” to speaker “She”" in told
    gold = Layer.objects.get(kind="gold")
    assert told.count("<time") == gold.version
