"""The members of a corpus with their roles, and invitations by link."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.forms import UserCreationForm
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from annotator.pages.base import render_page
from annotator.web.requests import UserRequest
from corpus.models import Role
from corpus.selectors import corpus_for, invitations_of, members_of
from corpus.services import invitations, members


@require_safe
def members_page(request: UserRequest, slug: str) -> HttpResponse:
    """List the members of a corpus with their roles, and the open invitations."""
    corpus = corpus_for(request.user, slug, "manage")
    return render_page(
        request,
        corpus,
        "annotator/members.html",
        people=members_of(corpus),
        invitations=invitations_of(corpus)[0],
        roles=Role.choices,
    )


@require_POST
def member_role(request: UserRequest, slug: str) -> HttpResponse:
    """Give a person a role, or take it."""
    corpus = corpus_for(request.user, slug, "manage")
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
def invite(request: UserRequest, slug: str) -> HttpResponse:
    """Make an invitation and show its link once."""
    corpus = corpus_for(request.user, slug, "manage")
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
def end_invitation(request: UserRequest, slug: str, pk: int) -> HttpResponse:
    """End an invitation."""
    corpus = corpus_for(request.user, slug, "manage")
    invitations.withdraw(corpus, pk, by=request.user)
    messages.success(request, "The invitation has ended; its link does nothing now.")
    return redirect("members", slug=slug)


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: HttpRequest, secret: str) -> HttpResponse:
    """Join a corpus as invited: with the account one is signed in with, or with a new one."""
    invited = invitations.invitation_of(secret)
    form: UserCreationForm[User] | None = None
    if not request.user.is_authenticated:
        form = UserCreationForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            user, corpus = invitations.join(secret, form)
            login(request, user, backend="annotator.web.auth.ModelBackend")
            messages.success(request, f"Welcome. You are a {invited.role} of {corpus} now.")
            return redirect("corpus", slug=corpus.slug)
    elif request.method == "POST":
        corpus = invitations.accept(secret, by=request.user)
        messages.success(request, f"You are a {invited.role} of {corpus} now.")
        return redirect("corpus", slug=corpus.slug)
    return render(request, "annotator/invitation.html", {"invitation": invited, "form": form})
