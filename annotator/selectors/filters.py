"""What a list of documents can be narrowed by, for the page and the API alike."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import django_filters
from django.db.models import Q, QuerySet

from annotator.models import AdjudicationState, AssignmentState
from annotator.selectors import document_states
from corpus.models import Corpus, Document

MINE = [
    (AssignmentState.TAKEN, "in my hands"),
    (AssignmentState.DONE, "handed in by me"),
    ("none", "not mine"),
]
NEAR_DUPLICATES = [("only", "near-duplicates only"), ("without", "without near-duplicates")]


class DocumentFilter(django_filters.FilterSet):  # type: ignore[misc]  # has no types
    """Words of title or id, state, outlet, date, near-duplicates, and where one is oneself."""

    query = django_filters.CharFilter(method="search", max_length=200, label="Title or id")
    state = django_filters.ChoiceFilter(
        method="in_state", choices=AdjudicationState.choices, label="State"
    )
    outlet = django_filters.CharFilter(lookup_expr="iexact", max_length=200, label="Outlet")
    since = django_filters.DateFilter(method="published_since", label="Published from")
    until = django_filters.DateFilter(method="published_until", label="Published until")
    mine = django_filters.ChoiceFilter(method="where_i_am", choices=MINE, label="Mine")
    copies = django_filters.ChoiceFilter(
        method="among_near_duplicates", choices=NEAR_DUPLICATES, label="Copies"
    )

    class Meta:
        model = Document
        fields: list[str] = []

    def __init__(self, *args: Any, corpus: Corpus, **kwargs: Any) -> None:
        """Filter the documents of a corpus for the person of `request`."""
        super().__init__(*args, **kwargs)
        self.corpus = corpus

    @property
    def narrow(self) -> Callable[[QuerySet[Document]], QuerySet[Document]] | None:
        """Return the filter as a function, None when nothing is asked for."""
        return self.filter_queryset if any(self.form.cleaned_data.values()) else None

    def search(self, documents: QuerySet[Document], name: str, value: str) -> QuerySet[Document]:
        """Keep documents whose title or id holds every word."""
        for word in value.split():
            documents = documents.filter(Q(title__icontains=word) | Q(external_id__icontains=word))
        return documents

    def in_state(self, documents: QuerySet[Document], name: str, value: str) -> QuerySet[Document]:
        """Keep documents in this state, as far as the person who asks is told it."""
        return documents.filter(document_states.in_state(self.corpus, self.request.user, value))

    def published_since(
        self, documents: QuerySet[Document], name: str, value: Any
    ) -> QuerySet[Document]:
        """Keep what was published on this day or later."""
        # `published` is text that begins with an ISO date.
        return documents.filter(published__gte=value.isoformat())

    def published_until(
        self, documents: QuerySet[Document], name: str, value: Any
    ) -> QuerySet[Document]:
        """Keep what was published on this day or earlier; what bears no date is left out."""
        documents = documents.filter(published__gt="")
        if value == date.max:
            # There is no day after it.
            return documents
        return documents.filter(published__lt=(value + timedelta(days=1)).isoformat())

    def among_near_duplicates(
        self, documents: QuerySet[Document], name: str, value: str
    ) -> QuerySet[Document]:
        """Keep what is nearly the text of an earlier document, or what is not."""
        return documents.filter(alike__isnull=value == "without")

    def where_i_am(
        self, documents: QuerySet[Document], name: str, value: str
    ) -> QuerySet[Document]:
        """Keep documents in this state for the person who asks."""
        if value == "none":
            return documents.exclude(assignments__user=self.request.user.pk)
        return documents.filter(assignments__user=self.request.user.pk, assignments__state=value)
