"""Who reviews what: the plan of a corpus, its samples, and the places that people hold."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST, require_safe

from annotator.pages.base import render_page
from annotator.selectors import assignments as selectors
from annotator.services import assignment_plan, assignments, review
from annotator.web.requests import UserRequest, whole_number
from corpus.core.problems import Problem
from corpus.permissions import ACTS
from corpus.selectors import corpus_for, document_called, members_of


@require_safe
def assignments_page(request: UserRequest, slug: str) -> HttpResponse:
    """Show the plan of a corpus, its samples, who holds which document, and what was skipped."""
    corpus = corpus_for(request.user, slug, "manage")
    after = whole_number(request.GET.get("after", ""))
    held, following = selectors.held(corpus, after=after)
    reviewers = [name for name, roles in members_of(corpus) if ACTS["review"].intersection(roles)]
    return render_page(
        request,
        corpus,
        "annotator/assignments.html",
        held=held,
        following=following,
        skipped=selectors.skipped(corpus),
        samples=selectors.samples(corpus),
        people=selectors.load(corpus),
        reviewers=reviewers,
        limits=assignment_plan.limits(corpus),
    )


@require_POST
def set_plan(request: UserRequest, slug: str) -> HttpResponse:
    """Change the plan of a corpus."""
    corpus = corpus_for(request.user, slug, "plan")
    values = {
        name: _number(request, name) for name in assignment_plan.LIMITS if name in request.POST
    }
    assignment_plan.set_plan(corpus, values, by=request.user)
    messages.success(
        request,
        "The plan is saved. Documents that nobody has taken are planned anew in the background.",
    )
    return redirect("assignments", slug=slug)


def _number(request: UserRequest, name: str) -> int:
    value = request.POST.get(name, "").strip()
    if not value.isdecimal() or len(value) > 6:
        raise Problem("request-invalid", reason=f"{name.replace('_', ' ')} must be a whole number")
    return int(value)


@require_POST
def set_sample(request: UserRequest, slug: str) -> HttpResponse:
    """Make a document a calibration document, a check, or an ordinary one again."""
    corpus = corpus_for(request.user, slug, "manage")
    name, kind = request.POST.get("document", "").strip(), request.POST.get("kind", "")
    assignment_plan.set_sample(corpus, name, kind, by=request.user)
    what = f"a {kind} document" if kind else "an ordinary document"
    messages.success(request, f"{name} is {what} now.")
    return redirect("assignments", slug=slug)


@require_POST
def give_back(request: UserRequest, slug: str) -> HttpResponse:
    """Open a handed-in review again for its reviewer."""
    corpus = corpus_for(request.user, slug, "manage")
    document = document_called(corpus, request.POST.get("document", "").strip())
    reviewer = request.POST.get("reviewer", "")
    review.give_back(document, reviewer=reviewer, by=request.user)
    messages.success(request, f"{document.external_id} is with {reviewer} again.")
    return redirect("assignments", slug=slug)


@require_POST
def move_place(request: UserRequest, slug: str, pk: int) -> HttpResponse:
    """Free a place that somebody holds, or hand it to another reviewer."""
    corpus = corpus_for(request.user, slug, "manage")
    to = request.POST.get("to", "").strip()
    if to:
        place = assignments.reassign(corpus, pk, to=to, by=request.user)
        messages.success(request, f"{place.document.external_id} is with {to} now.")
    else:
        place = assignments.release(corpus, pk, by=request.user)
        messages.success(request, f"{place.document.external_id} is free to take again.")
    return redirect("assignments", slug=slug)
