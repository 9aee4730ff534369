"""The report on agreement as a page shows it; `annotator.services` measures and stores it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings

from annotator.models import Report
from annotator.selectors import withheld
from annotator.selectors.disputes import names_told
from corpus import permissions
from corpus.core.problems import Problem
from corpus.models import Corpus, Document
from corpus.permissions import User

# What a pair of people is told of, with an alpha for each facet; the report holds every measure.
IN_MATRIX = ("frame_f1", "span_f1_partial")
OF_STRETCHES = ("alpha_u", "alpha_u_binary", "alpha_u_coding", "alpha_u_value")

# A measure and the label that it is of, "" for all labels.
Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class AgreementPage:
    """A report on agreement, laid out for its page."""

    measured_at: datetime
    overall: list[dict[str, Any]]
    matrix_heads: list[str]
    matrix: list[tuple[str, list[Any]]]
    views: list[tuple[str, list[Any]]]
    speed: dict[str, dict[str, int]]
    people: list[tuple[str, str, int, list[tuple[str, int, int, int]]]]
    confusions: list[dict[str, Any]]


def numbers_of(corpus: Corpus, *, by: User) -> tuple[datetime, dict[str, Any]]:
    """Return when a corpus was measured last, and its numbers as a person is told them.

    Who reviews, and manages beside it or not, is told of documents whose reviews were all in, and
    shown no places in a document that is withheld from them. Who is not told names learns people
    apart by numbers that say nothing of who they are. Raises `Problem` before it was measured.
    """
    stored = Report.objects.filter(corpus=corpus).first()
    numbers = None if stored is None else _told(stored, corpus, by)
    if stored is None or numbers is None:
        raise Problem("not-found", what="report on agreement in the corpus", name=corpus.slug)
    return stored.measured_at, numbers


def _told(stored: Report, corpus: Corpus, by: User) -> dict[str, Any] | None:
    numbers = {name: value for name, value in stored.numbers.items() if name != "all_in"}
    if permissions.allows(by, "review", corpus):
        # Before somebody had both roles nothing was measured for them.
        if "all_in" not in stored.numbers:
            return None
        numbers = _without_withheld(stored.numbers["all_in"], corpus, by)
    return numbers if names_told(corpus, by) else _without_names(numbers, corpus)


def _without_withheld(numbers: dict[str, Any], corpus: Corpus, by: User) -> dict[str, Any]:
    """Return numbers without examples in documents that are withheld from a person."""
    named = {
        document
        for table in numbers["confusions"]
        for cell in table["cells"]
        for document, *_ in cell["examples"]
    }
    hidden = Document.objects.filter(
        withheld.from_lists(by, of="pk"), corpus=corpus, external_id__in=named
    )
    names = set(hidden.values_list("external_id", flat=True))

    def shown(cell: Mapping[str, Any]) -> list[Any]:
        return [example for example in cell["examples"] if example[0] not in names]

    return {**numbers, "confusions": _with_examples(numbers, shown)}


def report_of(corpus: Corpus, *, by: User) -> AgreementPage | None:
    """Return the report on a corpus as `numbers_of` tells it, None before the first time."""
    try:
        measured_at, numbers = numbers_of(corpus, by=by)
    except Problem:
        return None
    overall = _overall(numbers["measures"])
    columns = [
        _key(measure)
        for measure in overall
        if _is_in_matrix(measure["measure"]) and measure["value"] is not None
    ]
    views = {name: _by_key(_overall(measures)) for name, measures in numbers["views"].items()}
    return AgreementPage(
        measured_at=measured_at,
        overall=overall,
        matrix_heads=[_head(*key) for key in columns],
        matrix=_rows(_by_pair(numbers["measures"]), columns),
        views=_rows(views, columns),
        speed=numbers["speed"],
        people=_people(numbers["people"]),
        confusions=[_square(table) for table in numbers["confusions"]],
    )


def _is_in_matrix(measure: str) -> bool:
    """Tell whether pairs are told of a measure; those of stretches are for all together."""
    return measure in IN_MATRIX or (measure.startswith("alpha_") and measure not in OF_STRETCHES)


def _overall(measures: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Keep the measures over all people and all documents."""
    return [m for m in measures if m["a"] is None and m.get("of") is None]


def _key(measure: Mapping[str, Any]) -> Key:
    return measure["measure"], measure["label"]


def _by_key(measures: Iterable[Mapping[str, Any]]) -> dict[Key, Any]:
    return {_key(measure): measure["value"] for measure in measures}


def _by_pair(measures: Iterable[Mapping[str, Any]]) -> dict[str, dict[Key, Any]]:
    pairs: dict[str, dict[Key, Any]] = {}
    for measure in measures:
        if measure["a"] is not None and measure.get("of") is None:
            values = pairs.setdefault(f"{measure['a']} and {measure['b']}", {})
            values[_key(measure)] = measure["value"]
    return pairs


def _rows(
    values: Mapping[str, Mapping[Key, Any]], columns: Sequence[Key]
) -> list[tuple[str, list[Any]]]:
    """Lay out values by name, a column for each measure; what was not measured is None."""
    return [(name, [row.get(key) for key in columns]) for name, row in sorted(values.items())]


def _head(measure: str, label: str) -> str:
    return f"{measure.replace('_', ' ')} {label}".strip()


def _people(
    people: Sequence[Mapping[str, Any]],
) -> list[tuple[str, str, int, list[tuple[str, int, int, int]]]]:
    """Return each person's work against gold: first on checks alone, then on all documents."""
    rows = []
    for which in ("checks", "all"):
        for person in people:
            counts = person[which]
            if counts["documents"]:
                right = shares(counts["facets"])
                rows.append((person["name"], which, counts["documents"], right))
    return rows


def shares(facets: Iterable[Mapping[str, Any]]) -> list[tuple[str, int, int, int]]:
    """Return facet, number right, number in all, and percent."""
    return [
        (f["facet"], f["right"], f["total"], round(100 * f["right"] / f["total"]))
        for f in facets
        if f["total"]
    ]


def _square(table: Mapping[str, Any]) -> dict[str, Any]:
    """Return a confusion table by rows: the person's value down, gold's across."""
    cells = {(cell["own"], cell["gold"]): cell for cell in table["cells"]}
    values = sorted({value for key in cells for value in key})
    rows = [(own, [(gold, cells.get((own, gold))) for gold in values]) for own in values]
    wrong = [cell for (own, gold), cell in cells.items() if own != gold]
    return {
        "what": table["what"],
        "values": values,
        "rows": rows,
        "examples": sorted(wrong, key=lambda cell: -cell["n"]),
    }


def _without_names(numbers: dict[str, Any], corpus: Corpus) -> dict[str, Any]:
    """Return a report's numbers with a number for each person.

    The order of the numbers does not tell who is meant.
    """
    names = {person["name"] for person in numbers["people"]}
    for measure in numbers["measures"]:
        names |= {measure["a"], measure["b"]}
    names.discard(None)
    # Keyed by the site's secret, or anybody could work the order out from the names.
    key = f"{settings.SECRET_KEY} {corpus.pk} "
    ordered = sorted(names, key=lambda name: hashlib.sha256((key + name).encode()).digest())
    numbered = {name: f"Reviewer {n}" for n, name in enumerate(ordered, start=1)}
    measures = []
    for measure in numbers["measures"]:
        pair = sorted((measure["a"], measure["b"]), key=ordered.index) if measure["a"] else []
        first, second = [numbered[name] for name in pair] or (None, None)
        measures.append({**measure, "a": first, "b": second})
    # Those of one pair stay together, in the order in which they are reported.
    place: dict[str | None, int] = {name: n for n, name in enumerate(numbered.values())}
    place[None] = -1
    measures.sort(key=lambda measure: (place[measure["a"]], place[measure["b"]]))
    people = [{**person, "name": numbered[person["name"]]} for person in numbers["people"]]
    people.sort(key=lambda person: place[person["name"]])

    def nameless(cell: Mapping[str, Any]) -> list[Any]:
        return [[document, "", start, end] for document, _, start, end in cell["examples"]]

    confusions = _with_examples(numbers, nameless)
    return {**numbers, "measures": measures, "people": people, "confusions": confusions}


def _with_examples(
    numbers: Mapping[str, Any], examples: Callable[[Mapping[str, Any]], list[Any]]
) -> list[dict[str, Any]]:
    """Return the tables of confusion of a report with other examples in their cells."""
    return [
        {**table, "cells": [{**cell, "examples": examples(cell)} for cell in table["cells"]]}
        for table in numbers["confusions"]
    ]
