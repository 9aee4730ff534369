"""The pages."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.views import PasswordChangeView
from django.contrib.messages.views import SuccessMessageMixin
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse, reverse_lazy
from django.utils.cache import patch_vary_headers
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_POST, require_safe

from annotator.api.review import disputes_json, whole, workspace_json
from annotator.models import Dispute
from annotator.selectors import disputes as queues
from annotator.selectors import notes, overview, own_work
from annotator.selectors.filters import DocumentFilter
from annotator.services import accounts, adjudicate, assignments, review
from annotator.services import disputes as dispute_service
from annotator.services import notes as notes_service
from annotator.services import overview as overview_service
from annotator.web import charts
from corpus import guideline as guidelines
from corpus import permissions
from corpus import selectors as corpus_selectors
from corpus.core.problems import Problem
from corpus.jobs import claim, worker
from corpus.models import Corpus, Document, Job

# The page that shows how far a job of a kind is, where that is not the corpus's own.
JOB_PAGES = {
    "look": "uploads",
    "import": "uploads",
    "export": "releases",
    "release": "releases",
    "preview": "policies",
    "merge": "policies",
    "measure": "agreement",
}


def render_page(
    request: HttpRequest, corpus: Corpus, template: str, **context: Any
) -> HttpResponse:
    """Render a page of a corpus, which knows what this person may do there."""
    held = permissions.roles(request.user, corpus)
    may = {act.replace(" ", "_"): bool(held & roles) for act, roles in permissions.ACTS.items()}
    return render(request, template, {"corpus": corpus, "may": may, **context})


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Go to the corpora."""
    return redirect("corpora")


@require_safe
def corpora(request: HttpRequest) -> HttpResponse:
    """List the corpora that a person belongs to."""
    found = list(corpus_selectors.corpora_of(request.user)[:100])
    progress = overview.progress_of(found)
    return render(
        request,
        "corpus/corpora.html",
        {
            "found": [(corpus, progress[corpus.pk]) for corpus in found],
            "deleted": corpus_selectors.deleted_corpora_of(request.user),
        },
    )


@require_safe
def corpus_page(request: HttpRequest, slug: str) -> HttpResponse:
    """Show what a corpus adds up to and what is left for this person; to its managers also times
    and jobs.
    """
    corpus = corpus_selectors.corpus_for(request.user, slug)
    managed = permissions.allows(request.user, "manage", corpus)
    totals = overview.totals(corpus)
    if totals.stale:
        overview_service.start_count(corpus, by=request.user)
    days, people = overview.activity(corpus)
    times = overview.times(corpus) if managed else None
    return render_page(
        request,
        corpus,
        "corpus/corpus.html",
        progress=totals.progress,
        counted_at=totals.counted_at,
        mine=own_work.my_progress(corpus, request.user),
        charts=_counts(corpus, totals.contents),
        day_chart=charts.by_day("Decisions per day", days),
        time_charts=_times(times) if times else [],
        median=charts.duration(times.median_ms) if times and times.documents else "",
        people=[
            (p, *map(charts.duration, (p.elapsed_ms, p.decision_ms, p.document_ms)))
            for p in people
            if managed
        ],
        jobs=corpus_selectors.jobs_of(corpus) if managed else [],
        served=worker.is_served() if managed else True,
    )


def _counts(corpus: Corpus, contents: overview.Contents) -> list[charts.Chart]:
    if corpus.schema is None:
        return []
    labels = corpus_selectors.schema_rows(corpus.schema).view.labels
    stances = [
        c
        for label in labels.values()
        for a in label.attributes
        if a.name == "stance"
        for c in a.choices
    ]
    return [
        charts.both(
            "Spans by label",
            {name: label.title for name, label in labels.items()},
            contents.labels,
            "Label",
        ),
        charts.both(
            "Claims by stance", dict(zip(stances, stances, strict=True)), contents.stances, "Stance"
        ),
    ]


def _times(times: overview.Times) -> list[charts.Chart]:
    by_verb = {f"{verb} ({number})": [mean] for verb, number, mean in times.verbs}
    return [
        charts.chart(
            "Minutes per document",
            charts.histogram(times.documents),
            series=["Reviews"],
            head="Minutes",
            kind="columns",
        ),
        charts.chart(
            "Time per decision", by_verb, series=["Mean time"], head="Decision", say=charts.duration
        ),
    ]


@require_safe
def documents(request: HttpRequest, slug: str) -> HttpResponse:
    """List the documents of a corpus, a page at a time; htmx asks for the part that changes."""
    corpus = corpus_selectors.corpus_for(request.user, slug)
    asked = DocumentFilter(request.GET, request=request)
    page: list[Document] = []
    following = 0
    if asked.form.is_valid():
        after = whole(request.GET.get("after", ""))
        page, following = corpus_selectors.documents_page(corpus, narrow=asked.narrow, after=after)
    states = own_work.my_states(request.user, page)
    managed = permissions.allows(request.user, "manage", corpus)
    times = overview.times_by_document(page) if managed else {}
    rows = [
        (
            d,
            next((a for a in d.adjudications.all() if a.schema_id == corpus.schema_id), None),
            states.get(d.pk),
            charts.duration(times[d.pk]) if d.pk in times else "",
        )
        for d in page
    ]
    whole_page = not request.htmx or request.htmx.history_restore_request
    part = "" if whole_page else "rows" if request.GET.get("part") == "rows" else "found"
    kept = request.GET.copy()
    kept.pop("after", None)
    kept.pop("part", None)
    response = render_page(
        request,
        corpus,
        "corpus/documents.html" if whole_page else f"corpus/documents_{part}.html",
        form=asked.form,
        part=part,
        rows=rows,
        following=following,
        narrowed=any(value for name, value in kept.items()),
        kept=kept.urlencode(),
        outlets=overview.outlets(corpus) if whole_page else [],
    )
    patch_vary_headers(response, ["HX-Request"])
    return response


@require_safe
def guideline(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the annotators' guideline."""
    corpus = corpus_selectors.corpus_for(request.user, slug)
    html, sections = guidelines.read(corpus.guideline)
    return render_page(request, corpus, "corpus/guideline.html", html=html, sections=sections)


@require_safe
def flags(request: HttpRequest, slug: str) -> HttpResponse:
    """List what is flagged for the guideline, newest first, with the number for each section."""
    corpus = corpus_selectors.corpus_for(request.user, slug, "manage")
    section = request.GET.get("section")
    page, following = notes.open_flags(
        corpus, before=whole(request.GET.get("before", "")), section=section
    )
    _, sections = guidelines.read(corpus.guideline)
    titles = {found.slug: found.title for found in sections}
    counts = [
        (slug_, titles.get(slug_, slug_), n) for slug_, n in notes.flags_by_section(corpus).items()
    ]
    counts.sort(key=lambda row: (-row[2], row[1]))
    rows = [(flag, titles.get(flag.section, flag.section)) for flag in page]
    return render_page(
        request,
        corpus,
        "annotator/flags.html",
        rows=rows,
        counts=counts,
        section=section,
        following=following,
    )


@require_POST
def flag_done(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Mark a flag as dealt with."""
    corpus = corpus_selectors.corpus_for(request.user, slug, "manage")
    notes_service.settle_flag(corpus, pk, by=request.user)
    messages.success(request, "Marked as dealt with.")
    return redirect("flags", slug=slug)


@require_safe
def queue(request: HttpRequest, slug: str) -> HttpResponse:
    """Show a reviewer's own work: what is in hand, what was handed in, what is left to take."""
    corpus = corpus_selectors.corpus_for(request.user, slug, "review")
    in_hand = [
        (x, charts.duration(x.elapsed_ms) if x.elapsed_ms else "")
        for x in own_work.my_documents(corpus, request.user)
    ]
    done = [
        (x, charts.duration(x.elapsed_ms) if x.elapsed_ms else "")
        for x in own_work.my_reviews(corpus, request.user)
    ]
    return render_page(
        request,
        corpus,
        "annotator/queue.html",
        mine=own_work.my_progress(corpus, request.user),
        in_hand=in_hand,
        done=done,
    )


@require_POST
def next_document(request: HttpRequest, slug: str) -> HttpResponse:
    """Take the next document and go to its review; say so when there is none."""
    corpus = corpus_selectors.corpus_for(request.user, slug)
    document = assignments.claim_next(corpus, by=request.user)
    if document is None:
        messages.info(request, "Nothing left to review here: every place is taken or done.")
        return redirect("queue", slug=slug)
    return redirect("review", slug=slug, external_id=document.external_id)


@require_safe
def profile(request: HttpRequest) -> HttpResponse:
    """Show who is signed in, their roles, their work and their tokens."""
    work = [
        (slug, name, decisions, submitted, charts.duration(spent))
        for slug, name, decisions, submitted, spent in own_work.my_work(request.user)
    ]
    return render(
        request,
        "annotator/profile.html",
        {
            "roles": corpus_selectors.memberships_of(request.user),
            "work": work,
            "chart": charts.by_day("My decisions per day", own_work.my_activity(request.user)),
            "tokens": accounts.tokens_of(request.user),
            "token_days": accounts.DAYS,
        },
    )


class PasswordView(SuccessMessageMixin, PasswordChangeView):
    """Change one's own password."""

    template_name = "annotator/password.html"
    success_url = reverse_lazy("profile")
    success_message = "Your password is changed. API tokens go on until you end them below."


@require_POST
@never_cache
def token(request: HttpRequest) -> HttpResponse:
    """Make a new API token and show it once, or end one."""
    if request.POST.get("act") == "end":
        accounts.end_token(request.user, whole(request.POST.get("token", "")))
        messages.success(request, "The API token has ended.")
        return redirect("profile")
    days, name = whole(request.POST.get("days", "90")), request.POST.get("name", "")
    made = accounts.make_token(request.user, name=name, days=days)
    return render(request, "annotator/token.html", {"token": made, "name": name, "days": days})


@require_safe
@ensure_csrf_cookie
def review_page(request: HttpRequest, slug: str, external_id: str) -> HttpResponse:
    """Show the review surface."""
    corpus = corpus_selectors.corpus_for(request.user, slug)
    document = corpus_selectors.document_called(corpus, external_id)
    layer = review.open_layer(document, by=request.user)
    return render_page(
        request,
        corpus,
        "annotator/review.html",
        workspace=workspace_json(layer),
        document=document,
        guideline=guidelines.read(corpus.guideline)[0],
    )


@require_safe
def disputes(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the queue of disputed frames over all documents, or the documents that have some."""
    corpus = corpus_selectors.corpus_for(request.user, slug, "adjudicate")
    after = request.GET.get("after", "")
    if request.GET.get("by") == "document":
        kind = request.GET.get("kind", "")
        found, last = queues.documents(corpus, after=whole(after), kind=kind)
        return render_page(
            request,
            corpus,
            "annotator/disputed_documents.html",
            page=found,
            following=last,
            kind=kind,
            kinds=queues.kinds(corpus),
        )
    wanted = queues.DisputeFilter.read(request.GET)
    page, following = queues.queue(corpus, wanted, by=request.user, after=after)
    choices = queues.choices(corpus, wanted.state)
    # Whose versions differ is told to who manages the corpus, and where its manager shows names.
    named = corpus.names_shown or permissions.allows(request.user, "manage", corpus)
    return render_page(
        request,
        corpus,
        "annotator/disputes.html",
        page=[
            (dispute, *_place_in_queue(corpus, dispute, wanted).partition("?")) for dispute in page
        ],
        following=following,
        after=after,
        wanted=wanted,
        count=queues.count(corpus, wanted, by=request.user),
        counted=queues.COUNTED,
        facets=[name for name in queues.kinds(corpus) if name in choices.get("facet", ())],
        labels=choices.get("label", []),
        outlets=choices.get("outlet", []),
        pairs=queues.pair_names(choices.get("pair", [])) if named else [],
    )


@require_safe
def settle_queue(request: HttpRequest, slug: str) -> HttpResponse:
    """Go to the first dispute of the filtered queue; say so when there is none."""
    corpus = corpus_selectors.corpus_for(request.user, slug, "adjudicate")
    wanted = queues.DisputeFilter.read(request.GET)
    page, _ = queues.queue(corpus, wanted, by=request.user, size=1)
    if not page:
        messages.info(request, "Nothing left to settle here.")
        return redirect(f"{reverse('disputes', kwargs={'slug': slug})}?{wanted.query}")
    return redirect(_place_in_queue(corpus, page[0], wanted))


def _place_in_queue(corpus: Corpus, dispute: Dispute, wanted: queues.DisputeFilter) -> str:
    names = {"slug": corpus.slug, "external_id": dispute.adjudication.document.external_id}
    return f"{reverse('adjudicate', kwargs=names)}?{urlencode({'queue': wanted.query, 'at': dispute.ident})}"


@require_safe
@ensure_csrf_cookie
def adjudicate_page(request: HttpRequest, slug: str, external_id: str) -> HttpResponse:
    """Show the adjudication surface; `at` is the dispute to begin with, `queue` the filter to go on
    by.
    """
    corpus = corpus_selectors.corpus_for(request.user, slug, "adjudicate")
    document = corpus_selectors.document_called(corpus, external_id)
    adjudication, gold = adjudicate.open_disputes(document, by=request.user)
    found = disputes_json(adjudication, gold, by=request.user)
    if "queue" in request.GET:
        wanted = queues.DisputeFilter.read(QueryDict(request.GET["queue"]))
        at = request.GET.get("at", "")
        here = (
            adjudication.rows.filter(ident=int(at)).first()
            if at.isdecimal() and len(at) < 11
            else None
        )
        page, more = queues.queue(
            corpus, wanted, by=request.user, after=queues.after_of(here) if here else ""
        )
        names = {"slug": slug}
        found["queue"] = {
            "items": [{"ident": d.ident, "url": _place_in_queue(corpus, d, wanted)} for d in page],
            "more": bool(more),
            "on": f"{reverse('settle-queue', kwargs=names)}?{wanted.query}",
        }
        found["urls"]["list"] = f"{reverse('disputes', kwargs=names)}?{wanted.query}"
    return render_page(
        request,
        corpus,
        "annotator/adjudicate.html",
        disputes=found,
        document=document,
        guideline=guidelines.read(corpus.guideline)[0],
    )


@require_POST
def dispute_rules(request: HttpRequest, slug: str) -> HttpResponse:
    """Choose what adjudicators may see and settle."""
    corpus = corpus_selectors.corpus_for(request.user, slug, "manage")
    chosen = {name: name in request.POST for name in ("names_shown", "own_disputes")}
    dispute_service.set_rules(corpus, by=request.user, **chosen)
    messages.success(request, "Saved what adjudicators may see and settle.")
    return redirect("disputes", slug=slug)


@require_POST
def suggest(request: HttpRequest, slug: str) -> HttpResponse:
    """Queue a suggestion job."""
    corpus = corpus_selectors.corpus_for(request.user, slug, "suggest")
    claim.start(corpus, "suggest", {"suggester": "rules.v1"}, by=request.user)
    messages.success(request, "Suggesting in the background. This page shows how far it is.")
    return redirect("corpus", slug=slug)


@require_POST
def cancel_job(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Ask a job to stop."""
    job = _job(request, slug, pk)
    claim.cancel(job, by=request.user)
    return redirect(JOB_PAGES.get(job.kind, "corpus"), slug=slug)


@require_POST
def retry_job(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Queue anew what a failed or cancelled job was to do."""
    job = _job(request, slug, pk)
    claim.retry(job, by=request.user)
    return redirect(JOB_PAGES.get(job.kind, "corpus"), slug=slug)


def _job(request: HttpRequest, slug: str, pk: int) -> Job:
    corpus = corpus_selectors.corpus_for(request.user, slug, "manage")
    job = corpus.jobs.select_related("corpus").filter(pk=pk).first()
    if job is None:
        raise Problem("not-found", what="job", name=pk)
    found: Job = job
    return found
