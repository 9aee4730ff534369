"""The pages of a team: members and invitations, the plan and who holds what, agreement, work
against gold.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.forms import UserCreationForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from annotator.api.review import whole
from annotator.pages.documents import render_page
from annotator.selectors import gold
from annotator.selectors.agreement import report_of, shares
from annotator.selectors.assignments import held, load, samples, skipped
from annotator.services import agreement as agreement_service
from annotator.services import assignment_plan, review
from annotator.services import assignments as assign
from annotator.web import charts
from corpus import permissions
from corpus import selectors as corpus_selectors
from corpus.core.problems import Problem
from corpus.jobs import claim, worker
from corpus.models import Role
from corpus.permissions import ACTS
from corpus.services import invitations, members


@require_safe
def members_page(request: HttpRequest, slug: str) -> HttpResponse:
    """List the members of a corpus with their roles, and the open invitations."""
    corpus = corpus_selectors.corpus_for(request.user, slug, "manage")
    return render_page(
        request,
        corpus,
        "annotator/members.html",
        people=corpus_selectors.members_of(corpus),
        invitations=corpus_selectors.invitations_of(corpus),
        roles=Role.choices,
    )


@require_POST
def member_role(request: HttpRequest, slug: str) -> HttpResponse:
    """Give a person a role, or take it."""
    corpus = corpus_selectors.corpus_for(request.user, slug, "manage")
    name, role = request.POST.get("username", "").strip(), request.POST.get("role", "")
    if request.POST.get("act") == "take":
        members.take_role(corpus, name, role, by=request.user)
        messages.success(request, f"{name} is no {role} any more. What they did stays.")
    else:
        members.give_role(corpus, name, role, by=request.user)
        messages.success(request, f"{name} is a {role} now.")
    return redirect("members", slug=slug)


@require_POST
@never_cache
def invite(request: HttpRequest, slug: str) -> HttpResponse:
    """Make an invitation and show its link once."""
    corpus = corpus_selectors.corpus_for(request.user, slug, "manage")
    role, note = request.POST.get("role", ""), request.POST.get("note", "").strip()
    secret = invitations.invite(corpus, role, by=request.user, note=note)
    link = request.build_absolute_uri(reverse("invitation", kwargs={"secret": secret}))
    return render_page(
        request,
        corpus,
        "annotator/invited.html",
        link=link,
        role=role,
        days=invitations.LASTS.days,
        note=note,
    )


@require_POST
def withdraw_invitation(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """End an invitation."""
    corpus = corpus_selectors.corpus_for(request.user, slug, "manage")
    invitations.withdraw(corpus, pk, by=request.user)
    messages.success(request, "The invitation has ended; its link does nothing now.")
    return redirect("members", slug=slug)


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: HttpRequest, secret: str) -> HttpResponse:
    """Join a corpus as invited: with the account one is signed in with, or with a new one."""
    found = invitations.invitation_of(secret)
    form = None
    if not request.user.is_authenticated:
        form = UserCreationForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            user, corpus = invitations.join(secret, form)
            login(request, user, backend="annotator.web.auth.ModelBackend")
            messages.success(request, f"Welcome. You are a {found.role} of {corpus} now.")
            return redirect("corpus", slug=corpus.slug)
    elif request.method == "POST":
        corpus = invitations.accept(secret, by=request.user)
        messages.success(request, f"You are a {found.role} of {corpus} now.")
        return redirect("corpus", slug=corpus.slug)
    return render(request, "annotator/invitation.html", {"invitation": found, "form": form})


@require_safe
def assignments(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the plan of a corpus, its samples, who holds which document, and what was skipped."""
    corpus = corpus_selectors.corpus_for(request.user, slug, "manage")
    after = whole(request.GET.get("after", ""))
    places, following = held(corpus, after=after)
    reviewers = [
        name for name, roles in corpus_selectors.members_of(corpus) if set(roles) & ACTS["review"]
    ]
    return render_page(
        request,
        corpus,
        "annotator/assignments.html",
        held=places,
        following=following,
        skipped=skipped(corpus),
        samples=samples(corpus),
        people=load(corpus),
        reviewers=reviewers,
        limits=assignment_plan.limits(corpus),
    )


@require_POST
def set_plan(request: HttpRequest, slug: str) -> HttpResponse:
    """Change the plan of a corpus."""
    corpus = corpus_selectors.corpus_for(request.user, slug, "plan")
    values = {
        name: _number(request, name) for name in assignment_plan.LIMITS if name in request.POST
    }
    assignment_plan.set_plan(corpus, values, by=request.user)
    messages.success(
        request,
        "The plan is saved. Documents that nobody has taken are planned anew in the background.",
    )
    return redirect("assignments", slug=slug)


def _number(request: HttpRequest, name: str) -> int:
    value = request.POST.get(name, "").strip()
    if not value.isdecimal() or len(value) > 6:
        raise Problem("request-invalid", reason=f"{name.replace('_', ' ')} must be a whole number")
    return int(value)


@require_POST
def set_sample(request: HttpRequest, slug: str) -> HttpResponse:
    """Make a document a calibration document, a check, or an ordinary one again."""
    corpus = corpus_selectors.corpus_for(request.user, slug, "manage")
    name, kind = request.POST.get("document", "").strip(), request.POST.get("kind", "")
    assignment_plan.set_sample(corpus, name, kind, by=request.user)
    messages.success(
        request, f"{name} is {'a ' + kind + ' document' if kind else 'an ordinary document'} now."
    )
    return redirect("assignments", slug=slug)


@require_POST
def move_place(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Free a place that somebody holds, or hand it to another reviewer."""
    corpus = corpus_selectors.corpus_for(request.user, slug, "manage")
    to = request.POST.get("to", "").strip()
    if to:
        place = assign.reassign(corpus, pk, to=to, by=request.user)
        messages.success(request, f"{place.document.external_id} is with {to} now.")
    else:
        place = assign.release(corpus, pk, by=request.user)
        messages.success(request, f"{place.document.external_id} is free to take again.")
    return redirect("assignments", slug=slug)


@require_POST
def skip(request: HttpRequest, slug: str) -> HttpResponse:
    """Leave a document in one's hands to somebody else."""
    corpus = corpus_selectors.corpus_for(request.user, slug, "review")
    document = corpus_selectors.document_called(corpus, request.POST.get("document", ""))
    assign.skip(document, by=request.user, reason=request.POST.get("reason", ""))
    messages.success(
        request, f"{document.title} is for somebody else now. Open it again to take it back."
    )
    return redirect("queue", slug=slug)


@require_safe
def agreement(request: HttpRequest, slug: str) -> HttpResponse:
    """Show how far people agree, with each other and with gold, as measured last."""
    corpus = corpus_selectors.corpus_for(request.user, slug, "measure")
    named = corpus.names_shown or permissions.allows(request.user, "manage", corpus)
    found = report_of(corpus, named=named)
    speed = [
        (name, row["reviews"], charts.duration(row["median_ms"]))
        for name, row in (found.speed if found else {}).items()
    ]
    running = corpus.jobs.filter(kind="measure", state__in=claim.UNFINISHED).first()
    return render_page(
        request,
        corpus,
        "annotator/agreement.html",
        report=found,
        speed=speed,
        running=running,
        served=worker.is_served(),
    )


@require_POST
def measure(request: HttpRequest, slug: str) -> HttpResponse:
    """Have agreement measured in the background."""
    corpus = corpus_selectors.corpus_for(request.user, slug, "measure")
    agreement_service.start_measure(corpus, by=request.user)
    messages.success(request, "Measuring in the background. Load this page again in a moment.")
    return redirect("agreement", slug=slug)


def _moment(text: str) -> datetime | None:
    """Read a moment out of an address; what is none begins at the beginning."""
    try:
        moment = parse_datetime(text)
        return moment.astimezone(UTC) if moment is not None and moment.tzinfo else None
    except (ValueError, OverflowError):
        return None


@require_safe
def my_gold(request: HttpRequest, slug: str) -> HttpResponse:
    """Show a reviewer's own work against settled gold."""
    corpus = corpus_selectors.corpus_for(request.user, slug, "review")
    before = _moment(request.GET.get("before", ""))
    found, total, following = gold.my_work(corpus, request.user, before=before)
    review.show_gold([row.document for row in found], by=request.user)
    facets: list[dict[str, Any]] = total.as_json()["facets"]  # type: ignore[assignment]
    return render_page(
        request,
        corpus,
        "annotator/my_gold.html",
        found=found,
        facets=shares(facets),
        following=following.isoformat() if following else "",
    )


@require_safe
def gold_history(request: HttpRequest, slug: str, external_id: str) -> HttpResponse:
    """Show the log of a document's gold."""
    corpus = corpus_selectors.corpus_for(request.user, slug, "adjudicate")
    document = corpus_selectors.document_called(corpus, external_id)
    before = whole(request.GET.get("before", ""))
    layer, steps, following = gold.history(document, before=before)
    return render_page(
        request,
        corpus,
        "annotator/history.html",
        document=document,
        gold=layer,
        steps=steps,
        following=following,
    )
