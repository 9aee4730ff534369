"""Disputed frames in Django's admin, with actions that go through the services."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, cast

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ActionForm
from django.contrib.auth.models import User
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html

from annotator.admin.filters import KindFilter, OpenFilter, ReviewerFilter
from annotator.core.merge import BOUNDARIES, POLICIES
from annotator.models import Dispute, DisputeState
from annotator.services import adjudicate, disputes, policies
from corpus import permissions
from corpus.admin import ReadOnly
from corpus.core.problems import Problem
from corpus.models import Corpus, Membership
from corpus.permissions import ACTS

MOST_AT_ONCE = 200


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
        if self.value() == "all":
            return queryset
        return queryset.filter(state=self.value() or DisputeState.OPEN)


def policy_names() -> list[str]:
    """Return the policies that the admin offers; any number of people goes with the command."""
    names = []
    for policy in POLICIES.names():
        base = policy.replace(":K", ":2")
        names.append(base)
        names.extend(f"{base}+{boundary}" for boundary in BOUNDARIES.names())
    return names


def adjudicators() -> QuerySet[User]:
    """Return everybody who may adjudicate in some corpus, by name."""
    roles = Membership.objects.filter(role__in=ACTS["adjudicate"])
    return User.objects.filter(pk__in=roles.values("user")).order_by("username")


class DisputeActionForm(ActionForm):
    """To whom disputes are given, and by which policy they are settled."""

    to: forms.ModelChoiceField[User] = forms.ModelChoiceField(
        queryset=adjudicators(),
        required=False,
        label="Adjudicator",
        empty_label="everybody",
    )
    policy = forms.ChoiceField(
        choices=lambda: [(name, name) for name in policy_names()], required=False
    )


@admin.register(Dispute)
class DisputeAdmin(ReadOnly):
    """Disputed frames of all corpora, counted by facet.

    Its actions give them to adjudicators, settle them by policy, and open them again.
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
        others = sorted(name for name in row.facets if name != row.facet)
        return ", ".join([row.facet, *others])

    @admin.display(description="document", ordering="adjudication__document__external_id")
    def document(self, row: Dispute) -> str:
        """Return the document's id."""
        return row.adjudication.document.external_id

    @admin.display(description="")
    def settle(self, row: Dispute) -> str:
        """Return a link to the dispute on the adjudication page."""
        url = reverse("adjudicate", args=[row.corpus.slug, row.adjudication.document.external_id])
        verb = "See" if row.state == DisputeState.SETTLED else "Settle"
        return format_html('<a href="{}?at={}">{}</a>', url, row.ident, verb)

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Count what is listed by its first facet."""
        response = super().changelist_view(request, extra_context)
        # After an action there is a redirect instead of a list.
        if isinstance(response, TemplateResponse) and response.context_data is not None:
            changelist = response.context_data.get("cl")
            if changelist is not None:
                rows = changelist.queryset.order_by()
                counts = rows.values_list("facet").annotate(Count("pk"))
                by_facet = sorted(counts, key=lambda count: -count[1])
                response.context_data["by_facet"] = by_facet
        return response

    @admin.action(description="Give to the adjudicator")
    def assign(self, request: HttpRequest, queryset: QuerySet[Dispute]) -> None:
        """Give the chosen disputes to one person, or to everybody."""
        to = self._chosen(request)["to"]

        def give() -> str:
            count = disputes.assign(_few(queryset), to=to, by=_person(request))
            return f"{count} disputes are for {to or 'everybody'}."

        self._act(request, give)

    @admin.action(description="Count what the policy would settle in their documents")
    def preview_policy(self, request: HttpRequest, queryset: QuerySet[Dispute]) -> None:
        """Count and write nothing."""

        def preview() -> str:
            return self._policy(request, queryset, policies.preview, "would settle")

        self._act(request, preview)

    @admin.action(description="Run the policy on their documents")
    def run_policy(self, request: HttpRequest, queryset: QuerySet[Dispute]) -> None:
        """Settle by policy in the documents of the chosen disputes; what a person decided stays."""

        def run() -> str:
            settle = partial(policies.run, by=_person(request))
            return self._policy(request, queryset, settle, "settled")

        self._act(request, run)

    def _policy(
        self, request: HttpRequest, queryset: QuerySet[Dispute], act: Any, verb: str
    ) -> str:
        policy = self._chosen(request)["policy"]
        adjudications: dict[Corpus, set[int]] = {}
        for row in _few(queryset):
            adjudications.setdefault(row.corpus, set()).add(row.adjudication_id)
        sentences = []
        for corpus, keys in adjudications.items():
            permissions.require(request.user, "manage", corpus)
            counts = act(corpus, policy=policy, only=keys)
            facets = ", ".join(
                f"{row['taken'] + row['dropped']} {row['facet']}" for row in counts["facets"]
            )
            sentences.append(
                f"{corpus}: {policy} {verb} in {counts['documents']} documents"
                f" {facets or 'nothing'}; {counts['disputed']} stay disputed."
            )
        return " ".join(sentences)

    @admin.action(description="Open again")
    def reopen(self, request: HttpRequest, queryset: QuerySet[Dispute]) -> None:
        """Undo the chosen settlements, in the log and under the name of who asks."""

        def each() -> str:
            rows = [row for row in _few(queryset) if row.state != DisputeState.OPEN]
            for row in rows:
                adjudicate.reopen(row, by=_person(request))
            return f"{len(rows)} disputes are open again."

        self._act(request, each)

    def _chosen(self, request: HttpRequest) -> dict[str, Any]:
        """Return to whom, and which policy, as the form of the actions says."""
        form = DisputeActionForm(request.POST)
        action = cast(forms.ChoiceField, form.fields["action"])
        action.choices = [(name, name) for name in self.actions]
        form.full_clean()
        return form.cleaned_data

    def _act(self, request: HttpRequest, act: Callable[[], str]) -> None:
        """Do what an action does, and say what was done or why it was not."""
        try:
            self.message_user(request, act(), messages.SUCCESS)
        except Problem as problem:
            self.message_user(request, str(problem), messages.ERROR)


def _few(queryset: QuerySet[Dispute]) -> list[Dispute]:
    """Return the chosen disputes; raise `Problem` when they are too many for one request."""
    rows = queryset.select_related("corpus", "adjudication__document__corpus")
    chosen = list(rows[: MOST_AT_ONCE + 1])
    if len(chosen) > MOST_AT_ONCE:
        raise Problem("too-many", count=queryset.count(), limit=MOST_AT_ONCE)
    return chosen


def _person(request: HttpRequest) -> User:
    """Return who asks; Django's admin lets nobody in who is not signed in."""
    return cast(User, request.user)
