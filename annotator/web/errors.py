"""What is answered when something is wrong: JSON in the API and to who asks for it, else a page."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views import defaults

from annotator.web.logs import request_id
from corpus.core.problems import Problem


def problem_page(request: HttpRequest, problem: Problem) -> HttpResponse:
    """Return a problem as a page, or as JSON to whoever asked for that."""
    if request.path.startswith("/api/") or request.headers.get("Accept") == "application/json":
        return JsonResponse(
            {"code": problem.code, "message": problem.message}, status=problem.status
        )
    return render(request, "annotator/problem.html", {"problem": problem}, status=problem.status)


def nothing_here(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Say that an address does not exist."""
    if not request.path.startswith("/api/"):
        return defaults.page_not_found(request, exception)
    return problem_page(request, Problem("not-found", what="address", name=request.path))


def broke(request: HttpRequest) -> HttpResponse:
    """Say that it is our fault, and under which id the log tells more."""
    if not request.path.startswith("/api/"):
        return defaults.server_error(request)
    return problem_page(request, Problem("server-fault", request=request_id.get()))
