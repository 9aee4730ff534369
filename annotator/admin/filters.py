"""What lists of disagreements are narrowed by in Django's admin."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.auth import get_user_model
from django.db.models import QuerySet
from django.http import HttpRequest

from annotator.models import AdjudicationState, Layer, LayerKind
from annotator.selectors.disputes import kinds
from corpus.models import Corpus

CORPORA = 100
PEOPLE = 200


class KindFilter(admin.SimpleListFilter):
    """Documents with an open dispute of a kind."""

    title = "kind of dispute"
    parameter_name = "kind"
    # Where the counts by kind are.
    field = "kinds"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Return the kinds that the corpora's schemas can have."""
        names: set[str] = set()
        for corpus in Corpus.objects.select_related("schema")[:CORPORA]:
            names.update(kinds(corpus))
        return [(name, name) for name in sorted(names)]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Keep what has one."""
        kind = self.value()
        return queryset.filter(**{f"{self.field}__has_key": kind}) if kind else queryset


class ReviewerFilter(admin.SimpleListFilter):
    """Documents that a person reviewed."""

    title = "reviewer"
    parameter_name = "reviewer"
    # The way to the document.
    field = "document"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Return everyone with a review layer, for who manages every corpus."""
        if not _manages_all(request):
            return []
        reviewers = get_user_model().objects.filter(layers__kind=LayerKind.REVIEW)
        people = reviewers.distinct().order_by("username")
        return [(str(user.pk), str(user)) for user in people[:PEOPLE]]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Keep the documents with a review layer of that person."""
        person = self.value() or ""
        if not person.isdecimal() or not _manages_all(request):
            return queryset
        reviewed = Layer.objects.filter(kind=LayerKind.REVIEW, owner_id=int(person))
        return queryset.filter(**{f"{self.field}__in": reviewed.values("document")})


def _manages_all(request: HttpRequest) -> bool:
    """Tell whether a person is told names in every corpus."""
    return bool(getattr(request.user, "is_superuser", False))


class OpenFilter(admin.SimpleListFilter):
    """Documents with open disputes unless another state is asked for."""

    title = "state"
    parameter_name = "show"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Return the other states."""
        return [("waiting", "waiting for reviews"), ("done", "settled"), ("all", "all")]

    def choices(self, changelist: Any) -> Any:
        """Call the default by its name."""
        for choice in super().choices(changelist):
            yield {**choice, "display": "open disputes"} if choice["display"] == "All" else choice

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Keep the state asked for."""
        if self.value() == "all":
            return queryset
        return queryset.filter(state=self.value() or AdjudicationState.READY)
