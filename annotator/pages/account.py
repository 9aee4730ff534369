"""One's own account: roles and work, password and API tokens."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.views import PasswordChangeView
from django.contrib.messages.views import SuccessMessageMixin
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from annotator.selectors import own_work
from annotator.services import accounts
from annotator.web import charts
from annotator.web.requests import UserRequest, whole_number
from corpus.selectors import memberships_of


@require_safe
def account_page(request: UserRequest) -> HttpResponse:
    """Show who is signed in, their roles, their work and their tokens."""
    work = [
        (slug, name, decisions, submitted, charts.duration(spent))
        for slug, name, decisions, submitted, spent in own_work.my_work(request.user)
    ]
    context = {
        "roles": memberships_of(request.user),
        "work": work,
        "chart": charts.by_day("My decisions per day", own_work.my_activity(request.user)),
        "tokens": accounts.tokens_of(request.user),
        "token_days": accounts.DAYS,
    }
    return render(request, "annotator/account.html", context)


class PasswordView(SuccessMessageMixin, PasswordChangeView):
    """Change one's own password."""

    template_name = "annotator/password.html"
    success_url = reverse_lazy("profile")
    success_message = "Your password is changed. The API tokens that you had have ended."


@require_POST
@never_cache
def token(request: UserRequest) -> HttpResponse:
    """Make a new API token and show it once, or end one."""
    if request.POST.get("act") == "end":
        accounts.end_token(request.user, whole_number(request.POST.get("token", "")))
        messages.success(request, "The API token has ended.")
        return redirect("profile")
    name, days = request.POST.get("name", ""), whole_number(request.POST.get("days", "90"))
    secret = accounts.make_token(request.user, name=name, days=days)
    context = {"token": secret, "name": name, "days": days}
    return render(request, "annotator/token.html", context)
