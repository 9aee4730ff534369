"""What the page Disputes and Django's admin share: tables of confusion, CSV, and what was done."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from django.urls import reverse

from annotator.core.merge import BOUNDARIES, POLICIES
from annotator.models import Dispute
from annotator.selectors import dispute_rows
from annotator.selectors.dispute_counts import Cell, Table
from annotator.selectors.disputes import DisputeFilter
from corpus.core.values import no_formula
from corpus.models import Corpus
from corpus.permissions import User

CSV_BATCH = 500
COLUMNS = (
    "document",
    "dispute",
    "facet",
    "who",
    "value",
    "against whom",
    "their value",
    "suggested",
    "words",
    "labels",
    "outlet",
    "published",
    "state",
    "for",
    "start",
    "end",
    "page",
)


@dataclass(frozen=True, slots=True)
class LinkedCell:
    """A cell of a table of confusion and the query that lists its disputes; `chosen` is listed."""

    cell: Cell
    query: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class LinkedTable:
    """A table of confusion whose lines hold a value and its cells."""

    table: Table
    lines: list[tuple[str, list[LinkedCell | None]]]
    query: str


def tables_of(tables: Iterable[Table], wanted: DisputeFilter) -> list[LinkedTable]:
    """Return tables with a link at each cell, which keeps the pair and the state that are shown."""
    kept = DisputeFilter(pair=wanted.pair, state=wanted.state, assigned=wanted.assigned)
    linked = []
    for table in tables:
        lines = []
        for line in table.lines:
            cells = [
                None if cell is None else _linked(table, cell, kept, wanted) for cell in line.cells
            ]
            lines.append((line.value, cells))
        linked.append(LinkedTable(table, lines, replace(kept, facet=table.facet).query))
    return linked


def _linked(table: Table, cell: Cell, kept: DisputeFilter, wanted: DisputeFilter) -> LinkedCell:
    narrowed = replace(kept, facet=table.facet, value=cell.a, against=cell.b)
    values = {wanted.value, wanted.against}
    chosen = wanted.facet == table.facet and bool(wanted.against) and values == {cell.a, cell.b}
    return LinkedCell(cell, narrowed.query, chosen)


def policy_names() -> list[str]:
    """Return the policies that lists offer; any number of people goes with the command."""
    names = []
    for policy in POLICIES.names():
        base = policy.replace(":K", ":2")
        names.append(base)
        names.extend(f"{base}+{boundary}" for boundary in BOUNDARIES.names())
    return names


def outcome_words(result: Mapping[str, Any]) -> str:
    """Return what came of something done to many disputes, and why some were left."""
    if "done" not in result:
        return ""
    disputes = "dispute" if result["done"] == 1 else "disputes"
    words = f"Done with {result['done']} {disputes}."
    if result["left"]:
        reasons = "; ".join(f"{reason} ({count})" for reason, count in result["left"].items())
        words += f" Left as they were: {reasons}."
    return words


class _Line:
    """A file that gives back what is written, for the csv module."""

    def write(self, text: str) -> str:
        """Return it."""
        return text


def csv_lines(corpus: Corpus, disputes: Iterable[Dispute], *, by: User) -> Iterator[str]:
    """Yield CSV: a line for each two sides of each facet, with names for who is told them."""
    out = csv.writer(_Line(), quoting=csv.QUOTE_ALL)
    yield out.writerow(COLUMNS)
    waiting = iter(disputes)
    while batch := list(islice(waiting, CSV_BATCH)):
        names = dispute_rows.people_of(corpus, batch, by=by)
        for row in batch:
            for cells in _cells(corpus, row, names):
                # A spreadsheet would run a cell that begins like a formula.
                yield out.writerow(no_formula(str(cell)) for cell in cells)


def _cells(
    corpus: Corpus, row: Dispute, names: Mapping[int, str] | None
) -> Iterator[tuple[object, ...]]:
    document = row.adjudication.document
    page = reverse("adjudicate", args=[corpus.slug, document.external_id])
    rest = (
        row.words,
        " or ".join(row.labels),
        row.outlet,
        document.published,
        row.state,
        row.assigned_to or "",
        row.start,
        row.end,
        f"{page}?at={row.ident}",
    )
    for facet in dispute_rows.facets_of(row, names):
        for left, right in facet.oppositions:
            suggested = [side.value for side in (left, right) if side.suggested]
            said = (left.who, left.value, right.who, right.value, "".join(suggested))
            yield document.external_id, row.ident, facet.name, *said, *rest
