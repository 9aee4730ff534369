"""Where single sign-on ends when it does not end with somebody signed in; allauth does the rest."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_safe


@require_safe
@login_not_required
def cancelled(request: HttpRequest) -> HttpResponse:
    """Say that the sign-in was broken off at the provider."""
    messages.info(request, "The sign-in was broken off. Try again, or use your password.")
    return redirect("login")


@require_safe
@login_not_required
def taken(request: HttpRequest) -> HttpResponse:
    """Say that an account here has the address, for which the provider does not vouch."""
    messages.error(
        request,
        "An account here has your e-mail address already, and the provider does not say that the"
        " address is verified. Sign in with your password, or ask a site admin.",
    )
    return redirect("login")
