"""Disagreements in Django's admin, and the log. All read-only: settling happens on the adjudication page."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.auth import get_user_model
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html

from annotator.models import Adjudication, Decision, Layer, LayerKind, Run
from annotator.selectors import dispute_kinds
from corpus.admin import ReadOnly
from corpus.models import Corpus


class KindFilter(admin.SimpleListFilter):
    """Documents with an open dispute of a kind."""

    title = "kind of dispute"
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Return the kinds that the corpora's schemas can have."""
        kinds = {kind for corpus in Corpus.objects.select_related("schema")[:100] for kind in dispute_kinds(corpus)}
        return [(kind, kind) for kind in sorted(kinds)]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Adjudication]) -> QuerySet[Adjudication]:
        """Keep the documents that have one."""
        return queryset.filter(kinds__has_key=self.value()) if self.value() else queryset


class ReviewerFilter(admin.SimpleListFilter):
    """Documents that a person reviewed."""

    title = "reviewer"
    parameter_name = "reviewer"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Return everyone with a review layer."""
        people = get_user_model().objects.filter(layers__kind=LayerKind.REVIEW).distinct().order_by("username")
        return [(str(user.pk), str(user)) for user in people[:200]]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Adjudication]) -> QuerySet[Adjudication]:
        """Keep the documents with a review layer of that person."""
        if not (self.value() or "").isdecimal():
            return queryset
        reviewed = Layer.objects.filter(kind=LayerKind.REVIEW, owner_id=self.value())
        return queryset.filter(document__in=reviewed.values("document"))


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

    def queryset(self, request: HttpRequest, queryset: QuerySet[Adjudication]) -> QuerySet[Adjudication]:
        """Keep the state asked for."""
        if self.value() == "all":
            return queryset
        return queryset.filter(state=self.value() or "ready")


@admin.register(Adjudication)
class AdjudicationAdmin(ReadOnly):
    """Documents with open disputes; each row leads to the page that settles them."""

    list_display = ("document", "corpus", "state", "disputes", "kinds_listed", "agreed", "frames", "settle")
    list_filter = (OpenFilter, "corpus", KindFilter, ReviewerFilter)
    search_fields = ("document__external_id__istartswith", "document__title__istartswith")
    list_select_related = ("document", "corpus")
    list_display_links = None
    show_full_result_count = False

    @admin.display(description="kinds")
    def kinds_listed(self, row: Adjudication) -> str:
        """Return the kinds of open dispute with their counts."""
        return ", ".join(f"{kind} {count}" for kind, count in sorted(row.kinds.items()))

    @admin.display(description="")
    def settle(self, row: Adjudication) -> str:
        """Return a link to the adjudication page."""
        if row.state == "waiting":
            return ""
        url = reverse("adjudicate", args=[row.corpus.slug, row.document.external_id])
        return format_html('<a href="{}">{}</a>', url, "Settle" if row.disputes else "See gold")


@admin.register(Layer)
class LayerAdmin(ReadOnly):
    """Layers and their versions."""

    list_display = ("document", "kind", "owner", "run", "state", "version", "submitted_at")
    list_filter = ("kind", "state")
    list_select_related = ("document", "owner", "run")
    show_full_result_count = False


@admin.register(Decision)
class DecisionAdmin(ReadOnly):
    """The log; only ever added to."""

    list_display = ("layer", "seq", "user", "policy", "verb", "subject", "ident", "at")
    list_filter = ("verb",)
    list_select_related = ("layer__document", "user")
    show_full_result_count = False


@admin.register(Run)
class RunAdmin(ReadOnly):
    """Where suggestions come from."""

    list_display = ("suggester", "schema", "digest", "created_at", "finished_at")
