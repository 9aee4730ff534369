"""What the list of disputes in Django's admin shows and is narrowed by.

It is one corpus at a time: values, people and numbers of disputes belong to one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from annotator.selectors import dispute_counts, dispute_rows, disputes
from annotator.selectors.disputes import DisputeFilter
from corpus.models import Corpus

CORPORA = 100
# Values of a filter: the most frequent, or the latest months.
CHOICES = 60


@dataclass(frozen=True, slots=True)
class Listed:
    """What a request lists: a corpus, the filter, and what it can be narrowed by."""

    corpora: list[Corpus]
    corpus: Corpus | None
    wanted: DisputeFilter
    choices: dict[str, dict[str, int]]
    people: dispute_counts.People
    tables: list[dispute_counts.Table]
    adjudicators: list[tuple[str, str]]


def listed(request: HttpRequest) -> Listed:
    """Return what a request lists; it is read once."""
    kept: Listed | None = getattr(request, "disputes_listed", None)
    if kept is None:
        kept = _read(request)
        request.disputes_listed = kept  # type: ignore[attr-defined]  # kept while it lasts
    return kept


def _read(request: HttpRequest) -> Listed:
    corpora = list(dispute_counts.corpora()[:CORPORA])
    asked = request.GET.get("corpus", "")
    corpus = next((one for one in corpora if str(one.pk) == asked), None)
    corpus = corpus or next(iter(corpora), None)
    wanted = DisputeFilter.read(request.GET)
    if corpus is None:
        return Listed([], None, wanted, {}, dispute_counts.People(), [], [])
    choices = dispute_counts.choices(corpus, wanted.state, by=request.user)
    people = dispute_counts.People()
    if disputes.names_told(corpus, request.user):
        people = dispute_counts.people(choices.get("pair", {}))
    else:
        wanted = wanted.without_people()
    kinds = [name for name in disputes.kinds(corpus) if name in choices.get("facet", {})]
    tables = dispute_counts.confusions(
        corpus,
        wanted.state,
        [wanted.facet] if wanted.facet else kinds,
        by=request.user,
        pair=wanted.pair,
    )
    given = []
    if disputes.names_told(corpus, request.user):
        given = [(str(user.pk), str(user)) for user in dispute_rows.adjudicators(corpus)]
    return Listed(corpora, corpus, wanted, choices, people, tables, given)


class ChoiceFilter(admin.SimpleListFilter):
    """One thing that disputes are narrowed by; the list itself is read by all of them at once."""

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Return the values that there are, each with its number of disputes."""
        name = str(self.parameter_name)
        counts = listed(request).choices.get(name, {})
        chosen = request.GET.get(name)
        return [
            (value, f"{value} ({count})")
            for place, (value, count) in enumerate(counts.items())
            if place < CHOICES or value == chosen
        ]

    def has_output(self) -> bool:
        """Show also a single choice."""
        return bool(self.lookup_choices)

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Leave the rows as they are."""
        return queryset


class CorpusFilter(ChoiceFilter):
    """The corpus whose disputes are listed; the newest with some unless another is asked for."""

    title = "corpus"
    parameter_name = "corpus"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Return the corpora with disputes."""
        shown = listed(request)
        self.shown = str(shown.corpus.pk) if shown.corpus else ""
        return [(str(corpus.pk), str(corpus)) for corpus in shown.corpora]

    def choices(self, changelist: Any) -> Any:
        """Leave out "all": it is one corpus at a time."""
        for key, name in self.lookup_choices:
            query = changelist.get_query_string({self.parameter_name: key}, ["p"])
            yield {"selected": key == self.shown, "query_string": query, "display": name}


class DisputeStateFilter(ChoiceFilter):
    """Open disputes unless another state is asked for."""

    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Return the other states."""
        return [("deferred", "deferred"), ("settled", "settled")]

    def choices(self, changelist: Any) -> Any:
        """Call the default by its name."""
        for choice in super().choices(changelist):
            yield {**choice, "display": "open"} if choice["display"] == "All" else choice


class FacetFilter(ChoiceFilter):
    """Disputes in which a facet is disputed."""

    title = "facet"
    parameter_name = "facet"


class ValueFilter(ChoiceFilter):
    """Disputes in which somebody holds a value of the chosen facet."""

    title = "value"
    parameter_name = "value"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Return the values of the facet that is chosen."""
        shown = listed(request)
        if not (shown.wanted.facet and shown.tables):
            return []
        return [(value, value) for value in shown.tables[0].values]


class AgainstFilter(ValueFilter):
    """Disputes in which that value stands against another one."""

    title = "against"
    parameter_name = "against"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Return the values, once one is chosen."""
        return super().lookups(request, model_admin) if listed(request).wanted.value else []


class PairFilter(ChoiceFilter):
    """Disputes of two people, for who is told names."""

    title = "two people"
    parameter_name = "pair"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Return the pairs by name."""
        pairs = listed(request).people.pairs
        return [(pair, f"{names} ({count})") for pair, names, count in pairs]


class LabelFilter(ChoiceFilter):
    """Disputes of a label."""

    title = "label"
    parameter_name = "label"


class OutletFilter(ChoiceFilter):
    """Disputes in the documents of an outlet."""

    title = "outlet"
    parameter_name = "outlet"


class MonthFilter(ChoiceFilter):
    """Disputes in the documents of a month."""

    title = "published"
    parameter_name = "month"


class SuggestedFilter(ChoiceFilter):
    """Disputes by whether a suggestion is involved."""

    title = "suggestion"
    parameter_name = "suggested"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Return the ways."""
        return [
            ("yes", "involved"),
            ("neither", "on nobody's side"),
            ("no", "not involved"),
        ]


class SideFilter(ChoiceFilter):
    """Disputes in which the suggestion stands on a side."""

    title = "suggestion on the side of"
    parameter_name = "side"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Return the values that are chosen, and the people for who is told names."""
        shown = listed(request)
        values = [("value", shown.wanted.value), ("against", shown.wanted.against)]
        return [side for side in values if side[1]] + list(shown.people.persons)


class AssignedFilter(ChoiceFilter):
    """Disputes that were given to somebody."""

    title = "for"
    parameter_name = "assigned"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Return who may settle disputes here."""
        return listed(request).adjudicators


FILTERS = (
    CorpusFilter,
    DisputeStateFilter,
    FacetFilter,
    ValueFilter,
    AgainstFilter,
    PairFilter,
    LabelFilter,
    OutletFilter,
    MonthFilter,
    SuggestedFilter,
    SideFilter,
    AssignedFilter,
)
