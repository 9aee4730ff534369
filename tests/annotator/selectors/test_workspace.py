"""What the review page is given is what the layer's rows and its log say."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from annotator.core.decisions import REJECTED
from annotator.models import Decision, Overview
from annotator.selectors import layer_cache, layers, overview, workspace
from annotator.services import review
from corpus.db.prepared import Prepared
from tests.acts import accept_all

pytestmark = pytest.mark.postgresql


def test_opening_a_document_does_not_count_a_large_corpus(
    document: Any, bob: Any, as_user: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = reverse(
        "api-workspace", kwargs={"slug": "harbour", "external_id": document.external_id}
    )
    assert as_user(bob).get(address).json()["document"]["total"] == 1
    monkeypatch.setattr(overview, "LIVE_UP_TO", 0)
    numbers = {"progress": {"documents": 70_000}}
    Overview.objects.update_or_create(
        corpus=document.corpus, defaults={"numbers": numbers, "counted_at": timezone.now()}
    )
    assert as_user(bob).get(address).json()["document"]["total"] == 70_000


@pytest.mark.parametrize("limit", [3, 7, 8, 500])
def test_a_long_log_is_cut_off_and_the_layer_is_whole(
    document: Any, bob: Any, monkeypatch: pytest.MonkeyPatch, limit: int
) -> None:
    newest = Prepared(
        lambda layer: Decision.objects.filter(layer=layer).order_by("-seq")[:limit], int
    )
    monkeypatch.setattr(workspace, "HISTORY", limit)
    monkeypatch.setattr(workspace, "LOG", newest)
    layer = review.open_layer(document, by=bob)
    rejected = {"client_id": str(uuid.uuid4()), "verb": "reject", "subject": "span", "ident": 6}
    layer = review.decide(layer, [{**rejected, "after": REJECTED}], by=bob, at=0)
    # Without the rejected claim, and so without the link from it.
    gone = (("span", 6), ("link", 3))
    accepted = [row for row in accept_all(layer) if (row["subject"], row["ident"]) not in gone]
    layer = review.decide(layer, accepted, by=bob, at=layer.version)
    layer_cache.forget()
    page = workspace.workspace_of(layer)
    view = layers.layer_view(layer)
    assert page["rejected"] == sorted(view.rejected) == [6]
    assert [span["ident"] for span in page["spans"]] == [span.ident for span in view.in_order()]
    seqs = list(Decision.objects.filter(layer=layer).order_by("seq").values_list("seq", flat=True))
    assert [row["seq"] for row in page["history"]] == seqs[-limit:]


def test_reading_a_workspace_writes_nothing_down(document: Any, bob: Any) -> None:
    layer = review.open_layer(document, by=bob)
    workspace.workspace_of(layer)
    assert layer_cache.view_of(layer, 0) is None
