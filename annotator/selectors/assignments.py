"""Reads for the pages of a team: who holds what, what was skipped, and the report on agreement as a
page shows it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import Count

from annotator.models import Assignment, AssignmentState, Report, Sample
from corpus.models import Corpus

PAGE = 50
SKIPPED = 50
# What a pair of people is told of; the report holds every measure.
IN_MATRIX = ("frame_f1", "span_f1_partial", "alpha_stance", "alpha_speaker")


def held(corpus: Corpus, *, after: int = 0) -> tuple[list[Assignment], int]:
    """Return a page of the places that people hold, and the key to go on after (0 at the end)."""
    found = Assignment.objects.filter(corpus=corpus, state=AssignmentState.TAKEN, pk__gt=after)
    page = list(found.select_related("document", "user").order_by("pk")[: PAGE + 1])
    return page[:PAGE], page[PAGE - 1].pk if len(page) > PAGE else 0


def skipped(corpus: Corpus) -> list[Assignment]:
    """Return what was skipped last, with the reasons."""
    found = Assignment.objects.filter(corpus=corpus, state=AssignmentState.SKIPPED)
    return list(found.select_related("document", "user").order_by("-pk")[:SKIPPED])


def samples(corpus: Corpus) -> list[Sample]:
    """Return the calibration documents and the checks."""
    found = Sample.objects.filter(corpus=corpus).annotate(
        places=Count("document__assignments__user")
    )
    return list(found.select_related("document").order_by("kind", "pk")[:200])


def load(corpus: Corpus) -> list[tuple[str, dict[str, int]]]:
    """Return for each person how many documents they hold and how many they skipped."""
    found: dict[str, dict[str, int]] = {}
    states = (AssignmentState.TAKEN, AssignmentState.SKIPPED)
    rows = Assignment.objects.filter(corpus=corpus, state__in=states, user__isnull=False).order_by()
    for name, state, n in rows.values_list("user__username", "state").annotate(n=Count("pk")):
        found.setdefault(name, {"taken": 0, "skipped": 0})[state] = n
    return sorted(found.items())


@dataclass(frozen=True, slots=True)
class Shown:
    """A report on agreement, laid out for its page."""

    measured_at: datetime
    overall: list[dict[str, Any]]
    matrix_heads: list[str]
    matrix: list[tuple[str, list[Any]]]
    views: list[tuple[str, list[Any]]]
    speed: dict[str, dict[str, int]]
    people: list[tuple[str, str, int, list[tuple[str, int, int, int]]]]
    confusions: list[dict[str, Any]]


def report(corpus: Corpus, *, named: bool) -> Shown | None:
    """Return the report on a corpus as it was measured last, None before the first time.

    Unless `named`, people are told apart by numbers that say nothing of who they are.
    """
    stored = Report.objects.filter(corpus=corpus).first()
    if stored is None:
        return None
    numbers = stored.numbers if named else _without_names(stored)
    overall = [m for m in numbers["measures"] if m["a"] is None and m.get("of") is None]
    chosen = [
        (m["measure"], m["label"])
        for m in overall
        if m["measure"] in IN_MATRIX and m["value"] is not None
    ]
    pairs: dict[str, dict[tuple[str, str], Any]] = {}
    for m in numbers["measures"]:
        if m["a"] is not None and m.get("of") is None:
            pairs.setdefault(f"{m['a']} and {m['b']}", {})[m["measure"], m["label"]] = m["value"]
    views = {
        name: {
            (m["measure"], m["label"]): m["value"]
            for m in found
            if m["a"] is None and m.get("of") is None
        }
        for name, found in numbers["views"].items()
    }
    return Shown(
        measured_at=stored.measured_at,
        overall=overall,
        matrix_heads=[_words(*key) for key in chosen],
        matrix=[
            (pair, [values.get(key) for key in chosen]) for pair, values in sorted(pairs.items())
        ],
        views=[
            (name, [values.get(key) for key in chosen]) for name, values in sorted(views.items())
        ],
        speed=numbers["speed"],
        people=[
            (person["name"], which, person[which]["documents"], shares(person[which]["facets"]))
            for which in ("checks", "all")
            for person in numbers["people"]
            if person[which]["documents"]
        ],
        confusions=[_square(found) for found in numbers["confusions"]],
    )


def _without_names(stored: Report) -> dict[str, Any]:
    """Return a report's numbers with a number for each person, in no order that tells who is meant."""
    numbers: dict[str, Any] = stored.numbers
    names = {m[side] for m in numbers["measures"] for side in "ab" if m[side] is not None}
    names |= {person["name"] for person in numbers["people"]}
    key = f"{settings.SECRET_KEY} {stored.corpus_id} "
    ordered = sorted(names, key=lambda name: hashlib.sha256((key + name).encode()).digest())
    called = {name: f"Reviewer {n}" for n, name in enumerate(ordered, start=1)} | {None: None}
    return {
        **numbers,
        "measures": [{**m, "a": called[m["a"]], "b": called[m["b"]]} for m in numbers["measures"]],
        "people": [{**person, "name": called[person["name"]]} for person in numbers["people"]],
        "confusions": [
            {
                **table,
                "cells": [
                    {
                        **cell,
                        "examples": [
                            [ident, "", start, end] for ident, _, start, end in cell["examples"]
                        ],
                    }
                    for cell in table["cells"]
                ],
            }
            for table in numbers["confusions"]
        ],
    }


def _words(measure: str, label: str) -> str:
    return f"{measure.replace('_', ' ')} {label}".strip()


def shares(facets: Iterable[dict[str, Any]]) -> list[tuple[str, int, int, int]]:
    """Return facet, number right, number in all, and percent."""
    return [
        (f["facet"], f["right"], f["total"], round(100 * f["right"] / f["total"]))
        for f in facets
        if f["total"]
    ]


def _square(found: dict[str, Any]) -> dict[str, Any]:
    """Return a confusion table by rows: the person's value down, gold's across."""
    cells = {(cell["own"], cell["gold"]): cell for cell in found["cells"]}
    values = sorted({value for key in cells for value in key})
    rows = [(own, [(gold, cells.get((own, gold))) for gold in values]) for own in values]
    wrong = [cell for key, cell in cells.items() if key[0] != key[1]]
    return {
        "what": found["what"],
        "values": values,
        "rows": rows,
        "examples": sorted(wrong, key=lambda cell: -cell["n"]),
    }
