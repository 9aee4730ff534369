"""What is answered where there is nothing, and when something broke: JSON in the API, else a page."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views import defaults

from annotator.web.logs import request_id
from annotator.web.middleware import shown
from corpus.core.problems import Problem


def nothing_here(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Say that an address does not exist."""
    if not request.path.startswith("/api/"):
        return defaults.page_not_found(request, exception)
    return shown(request, Problem("not-found", what="address", name=request.path))


def broke(request: HttpRequest) -> HttpResponse:
    """Say that it is our fault, and under which id the log tells more."""
    if not request.path.startswith("/api/"):
        return defaults.server_error(request)
    return shown(request, Problem("server-fault", request=request_id.get()))
