"""What happens to every request: it gets an id and a line in the log, its problems become pages, and two foreign
surfaces get a policy they can run under.
"""

from __future__ import annotations

import logging
import re
import time
import uuid
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

from annotator import metrics
from annotator.logs import request_id
from corpus.core.problems import Problem

HEADER = "X-Request-ID"
GIVEN = re.compile(r"[\w.\-]{8,64}")
UNLOGGED = ("/static/", "/healthz", "/readyz", "/metrics")
# Django's admin and Swagger build markup from strings, which trusted types forbid; everything else still holds.
ENVELOPE = 1_000_000  # what a form adds around its files
FOREIGN = ("/admin/", "/api/docs/")

logger = logging.getLogger("saidby.request")


class RequestMiddleware:
    """Give each request an id, or keep the one a proxy gave it; count it and log how it ended."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer, count, log."""
        given = request.headers.get(HEADER, "")
        name = given if GIVEN.fullmatch(given) else uuid.uuid4().hex
        token = request_id.set(name)
        started = time.perf_counter()
        try:
            response = self.get_response(request)
            response[HEADER] = name
            seconds = time.perf_counter() - started
            route = request.resolver_match.view_name if request.resolver_match else "unknown"
            metrics.answered(method=request.method or "", route=route, status=response.status_code, seconds=seconds)
            if not request.path.startswith(UNLOGGED):
                # The path without its query: what people search for is nobody's business.
                facts = {
                    "method": request.method, "path": _told(request), "status": response.status_code,
                    "ms": round(1000 * seconds, 1), "user": getattr(request, "user", None) and request.user.pk,
                }  # fmt: skip
                logger.info("%(method)s %(path)s %(status)s %(ms)s ms", facts, extra=facts)
            return response
        finally:
            request_id.reset(token)


def _told(request: HttpRequest) -> str:
    """Return the path, without what opens an invitation."""
    secret = request.resolver_match.kwargs.get("secret") if request.resolver_match else None
    return request.path.replace(secret, "…") if secret else request.path


class SizeMiddleware:
    """Refuse a request that is larger than any upload may be, before anything reads it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Look at the length that the request tells; one that tells none is cut off by what reads it."""
        length = request.headers.get("Content-Length", "")
        if length.isdecimal() and int(length) > settings.UPLOAD_BYTES + ENVELOPE:
            return shown(request, Problem("upload-too-large", limit=settings.UPLOAD_BYTES // 1_000_000))
        return self.get_response(request)


def shown(request: HttpRequest, problem: Problem) -> HttpResponse:
    """Return a problem as a page, or as JSON to whoever asked for that."""
    if request.path.startswith("/api/") or request.headers.get("Accept") == "application/json":
        return JsonResponse({"code": problem.code, "message": problem.message}, status=problem.status)
    return render(request, "annotator/problem.html", {"problem": problem}, status=problem.status)


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
        return shown(request, error)
