"""What a list of documents can be narrowed by, for the page and the API alike."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import django_filters
from django.db.models import F, Q, QuerySet

from annotator.models import AdjudicationState, AssignmentState
from corpus.models import Document

MINE = [
    (AssignmentState.TAKEN, "in my hands"),
    (AssignmentState.DONE, "handed in by me"),
    ("none", "not mine"),
]
COPIES = [("only", "near-duplicates only"), ("without", "without near-duplicates")]


class DocumentFilter(django_filters.FilterSet):
    """Words of the title or the id, state, outlet, date of publication, and where the asking person
    is with it.
    """

    query = django_filters.CharFilter(method="search", max_length=200, label="Title or id")
    state = django_filters.ChoiceFilter(
        method="in_state", choices=AdjudicationState.choices, label="State"
    )
    outlet = django_filters.CharFilter(lookup_expr="iexact", max_length=200, label="Outlet")
    since = django_filters.DateFilter(method="published_since", label="Published from")
    until = django_filters.DateFilter(method="published_until", label="Published until")
    mine = django_filters.ChoiceFilter(method="where_i_am", choices=MINE, label="Mine")
    copies = django_filters.ChoiceFilter(method="among_copies", choices=COPIES, label="Copies")

    class Meta:
        model = Document
        fields: list[str] = []

    @property
    def narrow(self) -> Callable[[QuerySet[Document]], QuerySet[Document]] | None:
        """Return the filter as a function, None when nothing is asked for."""
        return self.filter_queryset if any(self.form.cleaned_data.values()) else None

    def search(self, found: QuerySet[Document], name: str, value: str) -> QuerySet[Document]:
        """Keep documents whose title or id holds every word."""
        for word in value.split():
            found = found.filter(Q(title__icontains=word) | Q(external_id__icontains=word))
        return found

    def in_state(self, found: QuerySet[Document], name: str, value: str) -> QuerySet[Document]:
        """Keep documents whose adjudication under the corpus's schema is in this state."""
        return found.filter(adjudications__schema=F("corpus__schema"), adjudications__state=value)

    def published_since(
        self, found: QuerySet[Document], name: str, value: Any
    ) -> QuerySet[Document]:
        """Keep what was published on this day or later; `published` is text that begins with an ISO
        date.
        """
        return found.filter(published__gte=value.isoformat())

    def published_until(
        self, found: QuerySet[Document], name: str, value: Any
    ) -> QuerySet[Document]:
        """Keep what was published on this day or earlier; what bears no date is left out."""
        found = found.filter(published__gt="")
        return (
            found
            if value == date.max
            else found.filter(published__lt=(value + timedelta(days=1)).isoformat())
        )

    def among_copies(self, found: QuerySet[Document], name: str, value: str) -> QuerySet[Document]:
        """Keep what is nearly the text of an earlier document, or what is not."""
        return found.filter(alike__isnull=value == "without")

    def where_i_am(self, found: QuerySet[Document], name: str, value: str) -> QuerySet[Document]:
        """Keep documents in this state for the person who asks."""
        if value == "none":
            return found.exclude(assignments__user=self.request.user.pk)
        return found.filter(assignments__user=self.request.user.pk, assignments__state=value)
