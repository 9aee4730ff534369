"""How many disputes there are of each kind: what a queue is narrowed by, and what is confused.

The numbers are kept by what writes the disputes; nothing here counts them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.contrib.auth import get_user_model
from django.db.models import Count, Exists, OuterRef, QuerySet

from annotator.models import Adjudication, Dispute, DisputeCount, DisputeTag
from annotator.selectors import withheld
from corpus.models import Corpus
from corpus.permissions import User

CHOICES = ("facet", "label", "outlet", "month", "pair", "suggested")
MOST_CHOICES = 1000
# Tables of one page, and cells that are read for each.
TABLES = 8
CELLS = 100
# Values that a table shows; a facet of free text may have any number.
VALUES = 12


@dataclass(frozen=True, slots=True)
class Cell:
    """In how many disputes one value stands against another."""

    a: str
    b: str
    count: int


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a table of confusion: a value, and a cell or none under each other value."""

    value: str
    cells: tuple[Cell | None, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """Values against values of one facet, whoever holds which.

    Each pair of values stands once, under the one that occurs more often; `more` tells that there
    are rarer ones.
    """

    facet: str
    columns: tuple[str, ...]
    lines: tuple[Line, ...]
    more: bool

    @property
    def cells(self) -> list[Cell]:
        """Return the cells, the largest first."""
        found = [cell for line in self.lines for cell in line.cells if cell is not None]
        return sorted(found, key=lambda cell: (-cell.count, cell.a, cell.b))

    @property
    def values(self) -> list[str]:
        """Return the values that occur, in the order of the alphabet."""
        return sorted({value for cell in self.cells for value in (cell.a, cell.b)})


def choices(corpus: Corpus, state: str, *, by: User) -> dict[str, dict[str, int]]:
    """Return by kind what the queue of a corpus can be narrowed by, and how many disputes have it.

    The most frequent come first, but months with the latest. What is withheld from the person
    counts nowhere.
    """
    rows = _counts(corpus, state).filter(kind__in=CHOICES, pair="", facet="")
    hidden = _withheld(corpus, state, by)
    found: dict[str, dict[str, int]] = {}
    ordered = rows.order_by("-count", "a").values_list("tag", "kind", "a", "count")
    for tag, kind, value, count in ordered[:MOST_CHOICES]:
        if count > hidden[tag]:
            found.setdefault(kind, {})[value] = count - hidden[tag]
    if "month" in found:
        found["month"] = dict(sorted(found["month"].items(), reverse=True))
    return found


def confusions(
    corpus: Corpus, state: str, facets: Iterable[str], *, by: User, pair: str = ""
) -> list[Table]:
    """Return a table of confusion for each of these facets that has disputes.

    With a `pair` of people ("3-7") it is about those two alone. What is withheld from the person
    counts nowhere.
    """
    hidden = _withheld(corpus, state, by)
    tables = []
    for facet in list(facets)[:TABLES]:
        rows = _counts(corpus, state).filter(kind="cell", pair=pair, facet=facet)
        values = rows.order_by("-count", "a", "b").values_list("tag", "a", "b", "count")[:CELLS]
        cells = [
            Cell(a, b, count - hidden[tag]) for tag, a, b, count in values if count > hidden[tag]
        ]
        if cells:
            tables.append(_table(facet, cells))
    return tables


def _withheld(corpus: Corpus, state: str, by: User) -> Counter[str]:
    """Count by tag the disputes that are withheld from a person: those of few documents, if any."""
    rows = Adjudication.objects.filter(withheld.from_lists(by), corpus=corpus, rows__state=state)
    keys = list(rows.values_list("pk", flat=True))
    tags = DisputeTag.objects.filter(corpus=corpus, state=state, dispute__adjudication__in=keys)
    return Counter(dict(tags.values_list("tag").annotate(n=Count("pk")).order_by()))


def _counts(corpus: Corpus, state: str) -> QuerySet[DisputeCount]:
    return DisputeCount.objects.filter(corpus=corpus, state=state, count__gt=0)


def _table(facet: str, cells: list[Cell]) -> Table:
    frequency: Counter[str] = Counter()
    for cell in cells:
        for value in {cell.a, cell.b}:
            frequency[value] += cell.count
    order = sorted(frequency, key=lambda value: (-frequency[value], value))[:VALUES]
    place = {value: number for number, value in enumerate(order)}
    shown: dict[tuple[int, int], Cell] = {}
    for cell in cells:
        if cell.a in place and cell.b in place:
            first, second = sorted((place[cell.a], place[cell.b]))
            shown[first, second] = cell
    lines = sorted({second for _, second in shown})
    columns = sorted({first for first, _ in shown})
    return Table(
        facet,
        tuple(order[column] for column in columns),
        tuple(
            Line(order[line], tuple(shown.get((column, line)) for column in columns))
            for line in lines
        ),
        more=len(cells) > len(shown) or len(cells) == CELLS,
    )


@dataclass(frozen=True, slots=True)
class People:
    """Who differs from whom: pairs with their names and numbers of disputes, and each person."""

    pairs: tuple[tuple[str, str, int], ...] = ()
    persons: tuple[tuple[str, str], ...] = ()


def people(pairs: Mapping[str, int]) -> People:
    """Return the reviewers of pairs ("3-7", with their numbers of disputes), by name."""
    keys = {int(key) for pair in pairs for key in pair.split("-")}
    users = get_user_model().objects.in_bulk(keys)
    names = {str(key): str(users.get(key, f"user {key}")) for key in keys}
    named = []
    for pair, count in pairs.items():
        both = sorted(names[key] for key in pair.split("-"))
        named.append((pair, " and ".join(both), count))
    by_name = sorted(names.items(), key=lambda row: row[1])
    return People(tuple(sorted(named, key=lambda row: row[1])), tuple(by_name))


def corpora() -> QuerySet[Corpus]:
    """Return the corpora that have or had disputes, the newest first."""
    disputed = Dispute.objects.filter(corpus=OuterRef("pk"))
    current = Corpus.objects.filter(Exists(disputed), deleted_at__isnull=True)
    return current.select_related("schema").order_by("-pk")
