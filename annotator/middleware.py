"""What happens to every answer: problems become pages, and two foreign surfaces get a policy they can run under."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

from corpus.core.problems import Problem

# Django's admin and Swagger build markup from strings, which trusted types forbid; everything else still holds.
FOREIGN = ("/admin/", "/api/docs/")


class ProblemMiddleware:
    """Show a `Problem` that a page raised as a page that says it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on; lift trusted types on surfaces that are not ours."""
        response = self.get_response(request)
        if request.path.startswith(FOREIGN):
            # django-csp's own hook, which its decorators set on views.
            response._csp_replace = {"require-trusted-types-for": None}
        return response

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Answer a problem; leave every other exception alone."""
        if not isinstance(error, Problem):
            return None
        if request.path.startswith("/api/"):
            return JsonResponse({"code": error.code, "message": error.message}, status=error.status)
        return render(request, "annotator/problem.html", {"problem": error}, status=error.status)
