"""The overview of a corpus: what it adds up to, and what is left for this person."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from annotator.pages.base import render_page
from annotator.selectors import overview, own_work, suggested
from annotator.services import chosen_suggesters, suggest
from annotator.services import overview as services
from annotator.web import charts
from annotator.web.requests import UserRequest
from corpus import permissions, selectors
from corpus.jobs import worker
from corpus.models import Corpus


@require_safe
def overview_page(request: UserRequest, slug: str) -> HttpResponse:
    """Show what a corpus adds up to; to its managers also times, people and jobs."""
    corpus = selectors.corpus_for(request.user, slug)
    managed = permissions.allows(request.user, "manage", corpus)
    totals = overview.totals_for(request.user, corpus)
    if totals.stale:
        services.start_count(corpus, by=request.user)
    # How many decisions a colleague makes today tells of the document that both hold.
    only_own = not managed and permissions.allows(request.user, "review", corpus)
    days, people = overview.activity(corpus, of=request.user if only_own else None)
    times = overview.times(corpus, by=request.user) if managed else None
    left = overview.not_looked_at(corpus, by=request.user) if managed else {}
    runnable = suggest.unnamed(corpus) if managed else []
    day_title = "Your decisions per day" if only_own else "Decisions per day"
    return render_page(
        request,
        corpus,
        "annotator/overview.html",
        progress=totals.progress,
        sent=chosen_suggesters.told(runnable),
        counted_at=totals.counted_at,
        suggesters=chosen_suggesters.names_of(runnable),
        offers=chosen_suggesters.offers(corpus) if managed and not runnable else [],
        mine=own_work.my_progress(corpus, request.user),
        charts=_content_charts(corpus, totals.contents),
        day_chart=charts.by_day(day_title, days),
        time_charts=_time_charts(times) if times else [],
        median=charts.duration(times.median_ms) if times and times.documents else "",
        people=[_person_row(person, left) for person in people] if managed else [],
        jobs=selectors.jobs_of(corpus) if managed else [],
        suggested=suggested.newest(corpus, request.user) if managed else None,
        served=worker.is_served() if managed else True,
    )


def _person_row(
    person: overview.PersonTotal, left: Mapping[str, tuple[int, int]]
) -> dict[str, Any]:
    """Return a row of the table of people, in words."""
    return {
        "name": person.name,
        "submitted": person.submitted,
        "decisions": person.decisions,
        "time": charts.duration(person.elapsed_ms),
        "per_decision": charts.duration(person.decision_ms),
        "per_document": charts.duration(person.document_ms),
        "hasty": _share(person.hasty, person.accepted),
        "untouched": _share(*left.get(person.name, (0, 0))),
    }


def _share(part: int, whole: int) -> str:
    return f"{part} of {whole} ({round(100 * part / whole)} %)" if whole else ""


def _content_charts(corpus: Corpus, contents: overview.Contents) -> list[charts.Chart]:
    """Return the charts of spans by label, and of each choice that the schema has."""
    if corpus.schema is None:
        return []
    schema = selectors.schema_rows(corpus.schema).view
    titles = {name: label.title for name, label in schema.labels.items()}
    shown = [charts.both("Spans by label", titles, contents.labels, "Label")]
    for label, attribute in overview.charted(schema):
        holder = titles.get(label, "Document")
        title = attribute.title or attribute.name
        choices = {choice: choice for choice in attribute.choices}
        counts = contents.values.get(f"{label}.{attribute.name}", {})
        shown.append(charts.both(f"{holder}: {title}", choices, counts, title))
    return shown


def _time_charts(times: overview.Times) -> list[charts.Chart]:
    minutes = charts.histogram(times.documents)
    by_verb = {f"{verb} ({number})": [mean] for verb, number, mean in times.verbs}
    return [
        charts.chart(
            "Minutes per document", minutes, series=["Reviews"], head="Minutes", kind="columns"
        ),
        charts.chart(
            "Time per decision", by_verb, series=["Mean time"], head="Decision", say=charts.duration
        ),
    ]
