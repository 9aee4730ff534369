"""How the reviewers of two documents differ, and acts on what they dispute."""

from __future__ import annotations

import uuid
from typing import Any

from annotator.models import Adjudication, Layer
from annotator.selectors import disputes as dispute_selectors
from annotator.selectors.disputes import DisputeFilter, queue
from annotator.services import adjudicate, disputes
from tests.acts import find, rejecting


def both(decisions: list[dict[str, Any]]) -> None:
    """The last claim has another stance and another edge."""
    claim = next(d for d in decisions if d["ident"] == 6 and d["subject"] == "span")
    start, end = find("the town was broke")
    claim["after"].update(
        start=start, end=end, attributes={**claim["after"]["attributes"], "stance": "support"}
    )
    claim["exact"] = "the town was broke"


def without_cost(decisions: list[dict[str, Any]]) -> None:
    """The second claim is rejected."""
    rejecting(4)(decisions)


def in_queue(corpus: Any, by: Any, **wanted: str) -> list[tuple[str, str]]:
    page, _ = queue(corpus, DisputeFilter(**wanted), by=by)
    return [(row.adjudication.document.external_id, row.facet) for row in page]


def shown(document: Any, by: Any, facet: str) -> dict[str, Any]:
    found = dispute_selectors.of_document(*adjudicate.open_disputes(document, by=by))["disputes"]
    return next(d for d in found if d["kind"] == facet)


def act(document: Any, by: Any, dispute: int, **choice: Any) -> None:
    gold = Layer.objects.get(kind="gold", document=document)
    adjudicate.settle(
        document, by=by, at=gold.version, client_id=uuid.uuid4(), dispute=dispute, **choice
    )


def undo(document: Any, by: Any, dispute: int) -> None:
    gold = Layer.objects.get(kind="gold", document=document)
    adjudicate.undo(document, by=by, at=gold.version, client_id=uuid.uuid4(), dispute=dispute)


def in_order() -> bool:
    return [
        disputes.drift(row)
        for row in Adjudication.objects.select_related("document", "schema", "gold")
    ] == [""] * 2
