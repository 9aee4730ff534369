"""What would be set aside with the documents that an import replaces."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count

from annotator.models import Layer, LayerKind, LayerState

# So many documents are listed; all are counted.
LISTED = 50


@dataclass(frozen=True, slots=True)
class Work:
    """What people did on a document: how many reviews it has, and whether it has gold."""

    reviews: int = 0
    gold: bool = False

    @property
    def said(self) -> str:
        """Return that in words that go on a sentence."""
        parts = [f"{self.reviews} reviews" if self.reviews > 1 else "a review"] * (self.reviews > 0)
        parts += ["gold"] * self.gold
        return f", with {' and '.join(parts)}" if parts else ""


@dataclass(slots=True)
class Replacing:
    """Documents that are replaced, or would be, and how many of them people worked on."""

    documents: int = 0
    with_reviews: int = 0
    with_gold: int = 0
    first: list[dict[str, Any]] = field(default_factory=list)

    def add(self, ident: str, work: Work) -> None:
        """Count a document in."""
        self.documents += 1
        self.with_reviews += work.reviews > 0
        self.with_gold += work.gold
        if len(self.first) < LISTED:
            self.first.append({"id": ident, "reviews": work.reviews, "gold": work.gold})

    def as_json(self) -> dict[str, Any]:
        """Return the numbers and the first documents."""
        return {
            "documents": self.documents,
            "with_reviews": self.with_reviews,
            "with_gold": self.with_gold,
            "first": self.first,
        }

    @property
    def sentence(self) -> str:
        """Return how many documents are there with another text, the first ids, and the work."""
        ids = ", ".join(row["id"] for row in self.first[:10])
        more = ", …" if self.documents > 10 else ""
        parts = [f"{self.with_reviews} with reviews"] * (self.with_reviews > 0)
        parts += [f"{self.with_gold} with gold"] * (self.with_gold > 0)
        return ", ".join([f"{ids}{more}", *parts])


def work_on(documents: Collection[int]) -> dict[int, Work]:
    """Return what people did on documents, by key; one without any work is not in it."""
    layers = Layer.objects.filter(document__in=list(documents), version__gt=0)
    layers = layers.exclude(kind=LayerKind.SUGGESTION).exclude(state=LayerState.SUPERSEDED)
    work: dict[int, Work] = {}
    counted = layers.values_list("document_id", "kind").annotate(n=Count("pk"))
    for document, kind, number in counted:
        before = work.get(document, Work())
        if kind == LayerKind.GOLD:
            work[document] = Work(before.reviews, gold=True)
        else:
            work[document] = Work(number, before.gold)
    return work
