"""Disagreements in Django's admin, and the log.

Rows are read-only, for a write here would pass the log by; what the actions do goes through the
services.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ActionForm
from django.contrib.auth import get_user_model
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html

from annotator.core.merge import BOUNDARIES, POLICIES
from annotator.models import (
    Adjudication,
    Comment,
    Decision,
    Dispute,
    DisputeState,
    Flag,
    Layer,
    LayerKind,
    Run,
)
from annotator.selectors.layers import dispute_kinds
from annotator.services import adjudicate, disputes
from annotator.services import policies as policy_service
from corpus import permissions
from corpus.admin import ReadOnly
from corpus.core.problems import Problem
from corpus.models import Corpus, Membership
from corpus.permissions import ACTS

MOST_AT_ONCE = 200


class KindFilter(admin.SimpleListFilter):
    """Documents with an open dispute of a kind."""

    title = "kind of dispute"
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Return the kinds that the corpora's schemas can have."""
        kinds = {
            kind
            for corpus in Corpus.objects.select_related("schema")[:100]
            for kind in dispute_kinds(corpus)
        }
        return [(kind, kind) for kind in sorted(kinds)]

    field = "kinds"

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Keep what has one."""
        return (
            queryset.filter(**{f"{self.field}__has_key": self.value()})
            if self.value()
            else queryset
        )


class ReviewerFilter(admin.SimpleListFilter):
    """Documents that a person reviewed."""

    title = "reviewer"
    parameter_name = "reviewer"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Return everyone with a review layer."""
        people = (
            get_user_model()
            .objects.filter(layers__kind=LayerKind.REVIEW)
            .distinct()
            .order_by("username")
        )
        return [(str(user.pk), str(user)) for user in people[:200]]

    field = "document"

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Keep the documents with a review layer of that person."""
        if not (self.value() or "").isdecimal():
            return queryset
        reviewed = Layer.objects.filter(kind=LayerKind.REVIEW, owner_id=self.value())
        return queryset.filter(**{f"{self.field}__in": reviewed.values("document")})


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

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[Adjudication]
    ) -> QuerySet[Adjudication]:
        """Keep the state asked for."""
        if self.value() == "all":
            return queryset
        return queryset.filter(state=self.value() or "ready")


@admin.register(Adjudication)
class AdjudicationAdmin(ReadOnly):
    """Documents with open disputes; each row leads to the page that settles them."""

    list_display = (
        "document",
        "corpus",
        "state",
        "disputes",
        "kinds_listed",
        "agreed",
        "frames",
        "settle",
    )
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


class FacetFilter(KindFilter):
    """Disputes in which a facet is disputed."""

    title = "facet"
    parameter_name = "facet"
    field = "facets"


class DisputeReviewerFilter(ReviewerFilter):
    """Disputes in documents that a person reviewed."""

    field = "adjudication__document"


class DisputeStateFilter(OpenFilter):
    """Open disputes unless another state is asked for."""

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Return the other states."""
        return [("deferred", "deferred"), ("settled", "settled"), ("all", "all")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Keep the state asked for."""
        return (
            queryset
            if self.value() == "all"
            else queryset.filter(state=self.value() or DisputeState.OPEN)
        )


def policies() -> list[str]:
    """Return the policies that can be run from the admin; any number of people goes with the
    command.
    """
    bases = [name.replace(":K", ":2") for name in POLICIES.names()]
    return [
        base + edge for base in bases for edge in ("", *(f"+{name}" for name in BOUNDARIES.names()))
    ]


class DisputeActionForm(ActionForm):
    """To whom disputes are given, and by which policy they are settled."""

    to = forms.ModelChoiceField(
        queryset=None, required=False, label="Adjudicator", empty_label="everybody"
    )
    policy = forms.ChoiceField(
        choices=lambda: [(name, name) for name in policies()], required=False
    )

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        roles = Membership.objects.filter(role__in=ACTS["adjudicate"]).values("user")
        self.fields["to"].queryset = (
            get_user_model().objects.filter(pk__in=roles).order_by("username")
        )


@admin.register(Dispute)
class DisputeAdmin(ReadOnly):
    """Disputed frames of all corpora: counted by facet, given to adjudicators, settled by policy,
    opened again.
    """

    list_display = (
        "facets_listed",
        "document",
        "corpus",
        "outlet",
        "cost",
        "state",
        "assigned_to",
        "settle",
    )
    list_filter = (
        DisputeStateFilter,
        "corpus",
        FacetFilter,
        DisputeReviewerFilter,
        "suggested",
        ("assigned_to", admin.RelatedOnlyFieldListFilter),
    )
    search_fields = ("adjudication__document__external_id__istartswith", "outlet__istartswith")
    list_select_related = ("adjudication__document", "corpus", "assigned_to")
    list_display_links = None
    show_full_result_count = False
    ordering = ("turn", "pk")
    action_form = DisputeActionForm
    actions = ("assign", "preview_policy", "run_policy", "reopen")

    @admin.display(description="in dispute", ordering="turn")
    def facets_listed(self, row: Dispute) -> str:
        """Return the facets in dispute, the first to settle first."""
        return ", ".join([row.facet, *sorted(name for name in row.facets if name != row.facet)])

    @admin.display(description="document", ordering="adjudication__document__external_id")
    def document(self, row: Dispute) -> str:
        """Return the document's id."""
        return row.adjudication.document.external_id

    @admin.display(description="")
    def settle(self, row: Dispute) -> str:
        """Return a link to the dispute on the adjudication page."""
        url = reverse("adjudicate", args=[row.corpus.slug, row.adjudication.document.external_id])
        return format_html(
            '<a href="{}?at={}">{}</a>',
            url,
            row.ident,
            "See" if row.state == "settled" else "Settle",
        )

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> Any:
        """Count what is listed by its first facet."""
        answer = super().changelist_view(request, extra_context)
        found = (getattr(answer, "context_data", None) or {}).get("cl")
        if found is not None:
            counts = found.queryset.order_by().values_list("facet").annotate(Count("pk"))
            answer.context_data["by_facet"] = sorted(counts, key=lambda count: -count[1])
        return answer

    @admin.action(description="Give to the adjudicator")
    def assign(self, request: HttpRequest, queryset: QuerySet[Dispute]) -> None:
        """Give the chosen disputes to one person, or to everybody."""
        to = self._asked(request)["to"]

        def give() -> str:
            count = disputes.assign(_few(queryset), to=to, by=request.user)
            return f"{count} disputes are for {to or 'everybody'}."

        self._act(request, give)

    @admin.action(description="Count what the policy would settle in their documents")
    def preview_policy(self, request: HttpRequest, queryset: QuerySet[Dispute]) -> None:
        """Count and write nothing."""
        self._act(
            request, lambda: self._policy(request, queryset, policy_service.preview, "would settle")
        )

    @admin.action(description="Run the policy on their documents")
    def run_policy(self, request: HttpRequest, queryset: QuerySet[Dispute]) -> None:
        """Settle by policy in the documents of the chosen disputes; what a person decided stays."""
        self._act(
            request,
            lambda: self._policy(
                request, queryset, partial(policy_service.run, by=request.user), "settled"
            ),
        )

    def _policy(
        self, request: HttpRequest, queryset: QuerySet[Dispute], act: Any, verb: str
    ) -> str:
        policy = self._asked(request)["policy"]
        chosen: dict[Corpus, set[int]] = {}
        for row in _few(queryset):
            chosen.setdefault(row.corpus, set()).add(row.adjudication_id)
        said = []
        for corpus, keys in chosen.items():
            permissions.require(request.user, "manage", corpus)
            counts = act(corpus, policy=policy, only=keys)
            facets = ", ".join(
                f"{f['taken'] + f['dropped']} {f['facet']}" for f in counts["facets"]
            )
            said.append(
                f"{corpus}: {policy} {verb} in {counts['documents']} documents {facets or 'nothing'}; "
                f"{counts['disputed']} stay disputed."
            )
        return " ".join(said)

    @admin.action(description="Open again")
    def reopen(self, request: HttpRequest, queryset: QuerySet[Dispute]) -> None:
        """Undo the chosen settlements, in the log and under the name of who asks."""

        def each() -> str:
            rows = [row for row in _few(queryset) if row.state != DisputeState.OPEN]
            for row in rows:
                adjudicate.reopen(row, by=request.user)
            return f"{len(rows)} disputes are open again."

        self._act(request, each)

    def _asked(self, request: HttpRequest) -> dict[str, Any]:
        form = DisputeActionForm(request.POST)
        form.fields["action"].choices = [(name, name) for name in self.actions]
        form.full_clean()
        return form.cleaned_data

    def _act(self, request: HttpRequest, act: Callable[[], str]) -> None:
        try:
            self.message_user(request, act(), messages.SUCCESS)
        except Problem as problem:
            self.message_user(request, str(problem), messages.ERROR)


def _few(queryset: QuerySet[Dispute]) -> list[Dispute]:
    """Return the chosen disputes; raise `Problem` when they are too many for one request."""
    found = list(
        queryset.select_related("corpus", "adjudication__document__corpus")[: MOST_AT_ONCE + 1]
    )
    if len(found) > MOST_AT_ONCE:
        raise Problem("too-many", count=queryset.count(), limit=MOST_AT_ONCE)
    return found


@admin.register(Layer)
class LayerAdmin(ReadOnly):
    """Layers and their versions."""

    list_display = (
        "document",
        "kind",
        "owner",
        "run",
        "state",
        "version",
        "elapsed_ms",
        "submitted_at",
    )
    list_filter = ("kind", "state")
    list_select_related = ("document", "owner", "run")
    show_full_result_count = False


@admin.register(Decision)
class DecisionAdmin(ReadOnly):
    """The log; only ever added to."""

    list_display = (
        "layer",
        "seq",
        "user",
        "policy",
        "verb",
        "subject",
        "ident",
        "elapsed_ms",
        "at",
    )
    list_filter = ("verb",)
    list_select_related = ("layer__document", "user")
    show_full_result_count = False


@admin.register(Comment)
class CommentAdmin(ReadOnly):
    """What people say about frames."""

    list_display = ("layer", "ident", "user", "body", "at")
    list_select_related = ("layer__document", "user")
    show_full_result_count = False


@admin.register(Flag)
class FlagAdmin(ReadOnly):
    """What is flagged for a guideline; the corpus's Flags page is where it is dealt with."""

    list_display = ("corpus", "section", "layer", "ident", "user", "note", "at", "done_at")
    list_filter = ("corpus",)
    list_select_related = ("corpus", "layer__document", "user")
    show_full_result_count = False


@admin.register(Run)
class RunAdmin(ReadOnly):
    """Where suggestions come from."""

    list_display = ("suggester", "schema", "digest", "created_at", "finished_at")
