"""The queue of disputed frames over all documents, and the documents that have some."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse, QueryDict, StreamingHttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from annotator.models import Dispute
from annotator.pages.base import render_page
from annotator.selectors import dispute_counts, dispute_rows, disputes
from annotator.selectors.disputes import DisputeFilter
from annotator.services import dispute_bulk
from annotator.services import disputes as services
from annotator.web.addresses import dispute_url
from annotator.web.dispute_table import csv_lines, outcome_words, policy_names, tables_of
from annotator.web.requests import UserRequest, wants_json, whole_number
from corpus import permissions
from corpus.jobs import worker
from corpus.models import Corpus, Job
from corpus.selectors import corpus_for, jobs_of_kinds


@require_safe
def disputes_page(request: UserRequest, slug: str) -> HttpResponse:
    """Show the queue of disputed frames, or the documents that have some."""
    corpus = corpus_for(request.user, slug, "adjudicate")
    if request.GET.get("by") == "document":
        return _disputed_documents(request, corpus)
    after = request.GET.get("after", "")
    wanted = _wanted(request, corpus)
    page, following = disputes.queue(corpus, wanted, by=request.user, after=after)
    choices = dispute_counts.choices(corpus, wanted.state, by=request.user)
    facets = [name for name in disputes.kinds(corpus) if name in choices.get("facet", {})]
    named = disputes.names_told(corpus, request.user)
    people = dispute_counts.People()
    if named:
        people = dispute_counts.people(choices.get("pair", {}))
    names = dispute_rows.people_of(corpus, page, by=request.user)
    tables = dispute_counts.confusions(
        corpus,
        wanted.state,
        [wanted.facet] if wanted.facet else facets,
        by=request.user,
        pair=wanted.pair,
    )
    unfilled = any(not row.sides for row in page)
    if unfilled:
        services.start_filling(corpus, by=request.user)
    jobs = jobs_of_kinds(corpus, "bulk")[:1]
    return render_page(
        request,
        corpus,
        "annotator/disputes.html",
        page=[
            Row(
                row,
                dispute_rows.facets_of(row, names, first=wanted.facet),
                dispute_url(corpus, row, wanted),
            )
            for row in page
        ],
        following=following,
        after=after,
        wanted=wanted,
        count=disputes.count(corpus, wanted, by=request.user),
        counted=disputes.COUNTED,
        choices=choices,
        facets=[(name, choices["facet"][name]) for name in facets],
        values=tables[0].values if wanted.facet and tables else [],
        people=people,
        tables=tables_of(tables, wanted),
        acts=_acts(request, corpus, wanted, people),
        unfilled=unfilled,
        job=jobs[0] if jobs else None,
        outcome=outcome_words(jobs[0].result) if jobs else "",
        served=worker.is_served(),
    )


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the table: a dispute, who holds what in it, and where it is settled."""

    dispute: Dispute
    facets: list[dispute_rows.Facet]
    url: str


def _wanted(request: UserRequest, corpus: Corpus) -> DisputeFilter:
    wanted = DisputeFilter.read(request.GET)
    # Who is not told names cannot ask by them either.
    return wanted if disputes.names_told(corpus, request.user) else wanted.without_people()


def _acts(
    request: UserRequest, corpus: Corpus, wanted: DisputeFilter, people: dispute_counts.People
) -> list[tuple[str, list[tuple[str, str]]]]:
    """Return what may be done with many disputes, in groups: what is sent, and its words."""
    sides = [("side:suggestion", "as the suggestion")]
    for value, act in ((wanted.value, "value"), (wanted.against, "against")):
        if value:
            sides.append((f"side:{act}", f"as {wanted.facet} “{value}”"))
    sides += [(f"side:{key}", f"as {name}") for key, name in people.persons]
    acts = [("Settle by a side", sides)]
    if permissions.allows(request.user, "merge", corpus):
        acts.append(("Settle by a policy", [(f"policy:{p}", f"by {p}") for p in policy_names()]))
    if permissions.allows(request.user, "manage", corpus):
        given = [("assign:", "to everybody")]
        given += [(f"assign:{u.pk}", f"to {u}") for u in dispute_rows.adjudicators(corpus)]
        acts.append(("Give", given))
    acts.append(("Open again", [("reopen", "open again")]))
    return acts


def _disputed_documents(request: UserRequest, corpus: Corpus) -> HttpResponse:
    kind = request.GET.get("kind", "")
    after = whole_number(request.GET.get("after", ""))
    page, following = disputes.documents(corpus, by=request.user, after=after, kind=kind)
    return render_page(
        request,
        corpus,
        "annotator/disputed_documents.html",
        page=page,
        following=following,
        kind=kind,
        kinds=disputes.kinds(corpus),
        kept=urlencode({"by": "document", "kind": kind}),
    )


@require_safe
def settle_queue(request: UserRequest, slug: str) -> HttpResponse:
    """Go to the first dispute of the filtered queue; say so when there is none."""
    corpus = corpus_for(request.user, slug, "adjudicate")
    wanted = DisputeFilter.read(request.GET)
    page, _ = disputes.queue(corpus, wanted, by=request.user, size=1)
    if not page and wants_json(request):
        return HttpResponse(status=204)
    if not page:
        messages.info(request, "Nothing left to settle here.")
        return redirect(f"{reverse('disputes', kwargs={'slug': slug})}?{wanted.query}")
    return redirect(dispute_url(corpus, page[0], wanted))


@require_safe
def disputes_csv(request: UserRequest, slug: str) -> StreamingHttpResponse:
    """Return the disputes that are wanted as CSV: a line for each two sides of each facet."""
    corpus = corpus_for(request.user, slug, "adjudicate")
    wanted = _wanted(request, corpus)
    rows = disputes.whole_queue(corpus, wanted, by=request.user)
    return StreamingHttpResponse(
        csv_lines(corpus, rows, by=request.user),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{corpus.slug}-disputes.csv"'},
    )


@require_POST
def many_disputes(request: UserRequest, slug: str) -> HttpResponse:
    """Settle, give away or open again the disputes that were ticked, or all that are listed."""
    corpus = corpus_for(request.user, slug, "adjudicate")
    wanted = DisputeFilter.read(QueryDict(request.POST.get("query", "")))
    back = f"{reverse('disputes', kwargs={'slug': slug})}?{wanted.query}"
    keys = [whole_number(key) for key in request.POST.getlist("chosen")]
    everything = "everything" in request.POST
    if not everything and not keys:
        messages.error(request, "Tick the disputes first, or all that are listed.")
        return redirect(back)
    order = dispute_bulk.Order.read(request.POST.get("act", ""), listed=wanted)
    done = dispute_bulk.begin(
        corpus, order, by=request.user, keys=None if everything else keys, wanted=wanted
    )
    if isinstance(done, Job):
        messages.success(request, "Being done in the background. This page shows how far it is.")
    else:
        messages.success(request, outcome_words(done.as_json()))
    return redirect(back)


@require_POST
def dispute_rules(request: UserRequest, slug: str) -> HttpResponse:
    """Choose what adjudicators may see and settle."""
    corpus = corpus_for(request.user, slug, "manage")
    chosen = {name: name in request.POST for name in ("names_shown", "own_disputes")}
    services.set_rules(corpus, by=request.user, **chosen)
    messages.success(request, "Saved what adjudicators may see and settle.")
    return redirect("disputes", slug=slug)
