"""Disputed frames in Django's admin: who holds what against whom, with acts for many at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, cast

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ActionForm
from django.contrib.admin.views.main import ChangeList
from django.contrib.auth.models import User
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html

from annotator.admin.base import WithoutWithheld
from annotator.admin.dispute_filters import FILTERS, listed
from annotator.models import Dispute
from annotator.selectors import dispute_rows, disputes
from annotator.services import dispute_bulk, policies
from annotator.web.dispute_table import csv_lines, outcome_words, policy_names, tables_of
from corpus import permissions
from corpus.core.problems import Problem
from corpus.models import Corpus, Document, Job

# Documents that a search looks among.
FOUND = 500
# Lists that several filters narrow are counted up to here.
COUNTED = 5000
CSV_BATCH = 500


class Rows:
    """The disputes of a list, read a page at a time in the order of the queue."""

    def __init__(self, request: HttpRequest, queryset: QuerySet[Dispute]) -> None:
        self.request = request
        self.queryset = queryset

    def count(self) -> int:
        """Return how many there are."""
        shown = listed(self.request)
        if shown.corpus is None:
            return 0
        if self.request.GET.get("q"):
            return self.queryset.count()
        tags = disputes.tagged(shown.corpus, shown.wanted, by=self.request.user)
        alone = len(shown.wanted.tags(self.request.user)) == 1
        return tags.count() if alone else tags[:COUNTED].count()

    def __getitem__(self, page: slice) -> list[Dispute]:
        """Return a page: its keys first, which stand in an index."""
        shown = listed(self.request)
        if shown.corpus is None:
            return []
        if self.request.GET.get("q"):
            keys = list(self.queryset.values_list("pk", flat=True)[page])
        else:
            tags = disputes.tagged(shown.corpus, shown.wanted, by=self.request.user)
            ordered = tags.order_by("turn", "dispute_id")
            keys = list(ordered.values_list("dispute_id", flat=True)[page])
        rows = disputes.listed(keys)
        names = dispute_rows.people_of(shown.corpus, rows, by=self.request.user)
        for row in rows:
            row.told = dispute_rows.facets_of(row, names, first=shown.wanted.facet)
        return rows


class DisputeList(ChangeList):
    """The list, which reads all its filters at once."""

    def get_queryset(
        self, request: HttpRequest, exclude_parameters: list[str | None] | None = None
    ) -> QuerySet[Dispute]:
        """Return the disputes that the filters keep."""
        queryset = super().get_queryset(request, exclude_parameters)
        shown = listed(request)
        if shown.corpus is None:
            return queryset.none()
        return disputes.kept_of(queryset, shown.corpus, shown.wanted, by=request.user)

    def get_results(self, request: HttpRequest) -> None:
        """Read the page."""
        super().get_results(request)
        if not self.multi_page:
            self.result_list = self.paginator.page(1).object_list


SIDES = [
    ("side:suggestion", "as the suggestion"),
    ("side:value", "as the chosen value"),
    ("side:against", "as the value against it"),
]


class DisputeActionForm(ActionForm):
    """Whose side is taken, by which policy disputes are settled, and to whom they are given."""

    # People are offered to who is told names; what is sent is read by `dispute_bulk.Order`.
    side = forms.CharField(widget=forms.Select(choices=SIDES), required=False)
    policy = forms.ChoiceField(
        choices=lambda: [(name, name) for name in policy_names()], required=False
    )
    to: forms.ModelChoiceField[User] = forms.ModelChoiceField(
        queryset=dispute_rows.adjudicators(),
        required=False,
        label="Adjudicator",
        empty_label="everybody",
    )


@admin.register(Dispute)
class DisputeAdmin(WithoutWithheld):
    """Disputed frames of a corpus.

    Its actions settle them, give them to adjudicators, open them again and export them.
    """

    to_document = "adjudication__document"
    asked = frozenset(str(one.parameter_name) for one in FILTERS)
    list_display = (
        "who_holds_what",
        "place",
        "document",
        "label",
        "assigned_to",
    )
    list_filter = FILTERS
    search_fields = ("document",)
    search_help_text = "The beginning of a document's id"
    list_select_related = False
    list_display_links = None
    list_per_page = 30
    list_max_show_all = 0
    sortable_by = ()
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    ordering = ("turn", "pk")
    action_form = DisputeActionForm
    actions = ("settle_by_side", "settle_by_policy", "preview_policy", "reopen", "assign", "export")

    class Media:
        """What the list looks like beyond Django's admin."""

        css = {"all": ("annotator/admin/disputes.css",)}

    @admin.display(description="who holds what")
    def who_holds_what(self, row: Dispute) -> str:
        """Return the sides of each facet, the first to settle first."""
        context = {"row": {"facets": row.told, "dispute": row}}
        return render_to_string("annotator/_dispute_sides.html", context)

    @admin.display(description="words")
    def place(self, row: Dispute) -> str:
        """Return the words in dispute with those around them, as a link to where it is settled."""
        url = reverse("adjudicate", args=[row.corpus.slug, row.adjudication.document.external_id])
        return format_html(
            '<a href="{}?at={}" dir="auto">{}<b>{}</b>{}</a>',
            url,
            row.ident,
            f"…{row.words_before}" if row.words_before else "",
            row.words or "the document itself",
            f"{row.words_after}…" if row.words_after else "",
        )

    @admin.display(description="document")
    def document(self, row: Dispute) -> str:
        """Return the document's id, its outlet and when it was published."""
        document = row.adjudication.document
        where = ", ".join(filter(None, (document.outlet, document.published)))
        return format_html('{} <span class="row-more">{}</span>', document.external_id, where)

    @admin.display(description="label")
    def label(self, row: Dispute) -> str:
        """Return the labels in question."""
        return " or ".join(row.labels)

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        """Return the list that reads its filters at once."""
        return DisputeList

    def get_paginator(
        self, request: HttpRequest, queryset: Any, per_page: int, *args: Any, **kwargs: Any
    ) -> Paginator[Any]:
        """Return pages whose rows are read by their keys."""
        rows: Any = Rows(request, queryset)
        return Paginator(rows, per_page)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Dispute], search_term: str
    ) -> tuple[QuerySet[Dispute], bool]:
        """Keep the disputes of the documents whose id begins so."""
        shown = listed(request)
        if not search_term or shown.corpus is None:
            return queryset, False
        documents = Document.objects.filter(
            corpus=shown.corpus, external_id__istartswith=search_term, retired_at__isnull=True
        )
        found = list(documents.values_list("pk", flat=True)[:FOUND])
        return queryset.filter(adjudication__document__in=found), False

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show with the list what stands against what."""
        shown = listed(request)
        context: dict[str, Any] = {
            "title": f"Disputes of {shown.corpus}" if shown.corpus else "Disputes",
            "tables": tables_of(shown.tables, shown.wanted),
            "wanted": shown.wanted,
            "keep": f"corpus={shown.corpus.pk}&" if shown.corpus else "",
        }
        answer = super().changelist_view(request, {**context, **(extra_context or {})})
        found = getattr(answer, "context_data", None) or {}
        if found.get("action_form"):
            _offer_people(found["action_form"], request)
        return answer

    @admin.action(description="Settle by a side")
    def settle_by_side(self, request: HttpRequest, queryset: QuerySet[Dispute]) -> None:
        """Settle the chosen disputes as the suggestion, a value or a person says."""
        self._begin(request, queryset, self._chosen(request)["side"])

    @admin.action(description="Settle by a policy")
    def settle_by_policy(self, request: HttpRequest, queryset: QuerySet[Dispute]) -> None:
        """Settle what a policy decides of the chosen disputes."""
        self._begin(request, queryset, f"policy:{self._chosen(request)['policy']}")

    @admin.action(description="Open again")
    def reopen(self, request: HttpRequest, queryset: QuerySet[Dispute]) -> None:
        """Undo the chosen settlements, in the log and under the name of who asks."""
        self._begin(request, queryset, "reopen")

    @admin.action(description="Give to the adjudicator")
    def assign(self, request: HttpRequest, queryset: QuerySet[Dispute]) -> None:
        """Give the chosen disputes to one person, or to everybody."""
        to = self._chosen(request)["to"]
        self._begin(request, queryset, f"assign:{to.pk if to else ''}")

    @admin.action(description="Count what the policy would settle in their documents")
    def preview_policy(self, request: HttpRequest, queryset: QuerySet[Dispute]) -> None:
        """Have counted what a policy would settle; nothing is written."""

        def preview(corpus: Corpus) -> str:
            permissions.require(request.user, "preview", corpus)
            policies.start_preview(corpus, self._chosen(request)["policy"], by=_person(request))
            return "It is counted in the background; the page By policy of the corpus shows it."

        self._act(request, preview)

    @admin.action(description="Export as CSV")
    def export(
        self, request: HttpRequest, queryset: QuerySet[Dispute]
    ) -> StreamingHttpResponse | None:
        """Return the chosen disputes as CSV: a line for each two sides of each facet."""
        corpus = listed(request).corpus
        if corpus is None:
            return None
        keys = list(queryset.order_by("turn", "pk").values_list("pk", flat=True))
        return StreamingHttpResponse(
            csv_lines(corpus, _by_keys(keys), by=request.user),
            content_type="text/csv; charset=utf-8",
            headers={"Content-Disposition": f'attachment; filename="{corpus.slug}-disputes.csv"'},
        )

    def _begin(self, request: HttpRequest, queryset: QuerySet[Dispute], text: str) -> None:
        """Do it to the chosen disputes, or have it done by a job when they are many."""

        def begin(corpus: Corpus) -> str:
            order = dispute_bulk.Order.read(text, listed=listed(request).wanted)
            keys = list(queryset.order_by("turn", "pk").values_list("pk", flat=True))
            done = dispute_bulk.begin(corpus, order, by=_person(request), keys=keys)
            if isinstance(done, Job):
                return f"{len(keys)} disputes: it is done in the background, as job {done.pk}."
            return outcome_words(done.as_json())

        self._act(request, begin)

    def _chosen(self, request: HttpRequest) -> dict[str, Any]:
        """Return whose side, which policy and to whom, as the form of the actions says."""
        form = DisputeActionForm(request.POST)
        action = cast(forms.ChoiceField, form.fields["action"])
        action.choices = [(name, name) for name in self.actions]
        form.full_clean()
        return form.cleaned_data

    def _act(self, request: HttpRequest, act: Callable[[Corpus], str]) -> None:
        """Do what an action does, and say what was done or why it was not."""
        corpus = listed(request).corpus
        if corpus is None:
            return
        try:
            self.message_user(request, act(corpus), messages.SUCCESS)
        except Problem as problem:
            self.message_user(request, str(problem), messages.ERROR)


def _offer_people(form: forms.Form, request: HttpRequest) -> None:
    """Offer the sides of the people of a corpus to who is told names in it."""
    side = cast(forms.Select, form.fields["side"].widget)
    persons = listed(request).people.persons
    side.choices = [*SIDES, *((f"side:{key}", f"as {name}") for key, name in persons)]


def _by_keys(keys: list[int]) -> Iterator[Dispute]:
    for first in range(0, len(keys), CSV_BATCH):
        yield from disputes.listed(keys[first : first + CSV_BATCH])


def _person(request: HttpRequest) -> User:
    """Return who asks; Django's admin lets nobody in who is not signed in."""
    return cast(User, request.user)
