"""What happens to every request: an id and a line in the log, a limit of size, problems as pages.

Two foreign surfaces get a policy they can run under.
"""

from __future__ import annotations

import logging
import re
import time
import uuid
from collections.abc import Callable
from typing import Any

from csp.decorators import csp_replace
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.functional import SimpleLazyObject

from annotator.web import body_limits, metrics
from annotator.web.charset import REFUSED
from annotator.web.errors import problem_page
from annotator.web.logs import loggable, request_id
from annotator.web.request_lock import ARRIVED
from corpus.core.problems import Problem

HEADER = "X-Request-ID"
GIVEN = re.compile(r"[\w.\-]{8,64}")
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
UNLOGGED = ("/static/", "/healthz", "/readyz", "/metrics")

FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")
# Django's admin and Swagger build markup from strings, which trusted types forbid; everything else
# still holds.
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
        # What it waited for its turn counts.
        started = request.META.get(ARRIVED) or time.perf_counter()
        try:
            response = self.get_response(request)
            response[HEADER] = name
            if _person(request) is not None and not response.has_header("Cache-Control"):
                # Neither the browser nor a proxy keeps what somebody who is signed in was told.
                response["Cache-Control"] = "no-store"
            seconds = time.perf_counter() - started
            route = request.resolver_match.view_name if request.resolver_match else "unknown"
            method = request.method if request.method in METHODS else "other"
            metrics.answered(
                method=method or "", route=route, status=response.status_code, seconds=seconds
            )
            if not request.path.startswith(UNLOGGED):
                # The path without its query: what people search for is nobody's business.
                facts = {
                    "method": request.method,
                    "path": loggable(request.path),
                    "status": response.status_code,
                    "ms": round(1000 * seconds, 1),
                    "user": _person(request),
                }
                logger.info("%(method)s %(path)s %(status)s %(ms)s ms", facts, extra=facts)
            return response
        finally:
            request_id.reset(token)


def _person(request: HttpRequest) -> int | None:
    """Return the key of who asks when it is known already.

    To look for it in a database that is away would spoil the finished answer.
    """
    user = getattr(request, "user", None)
    if isinstance(user, SimpleLazyObject):
        user = getattr(request, "_cached_user", None)
    return user.pk if user else None


class SizeMiddleware:
    """Refuse a request that is larger than any upload may be, before anything reads it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Compare the length that the request tells; what reads it cuts off one that tells none."""
        length = request.headers.get("Content-Length", "")
        upload = _may_upload(request)
        if length.isdecimal() and int(length) > body_limits.largest_body(upload=upload):
            limit = body_limits.largest_file(upload=upload) // 1_000_000
            return problem_page(request, Problem("upload-too-large", limit=limit))
        return self.get_response(request)


def _may_upload(request: HttpRequest) -> bool:
    """Tell whether a large body is for an upload.

    A form is read before its view looks who sends it.
    """
    if body_limits.is_api_upload(request.path):
        return True
    return body_limits.is_page_upload(request.path) and request.user.is_authenticated


class ProblemMiddleware:
    """Show a `Problem` that a page raised as a page that says it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response
        without_trusted_types = csp_replace({"require-trusted-types-for": None})
        self.get_foreign_response = without_trusted_types(get_response)

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Pass the request on; lift trusted types on surfaces that are not ours."""
        if "\0" in request.path or "%00" in request.META.get("QUERY_STRING", ""):
            return problem_page(
                request, Problem("request-invalid", reason="the address holds a NUL")
            )
        if REFUSED in request.META:
            return problem_page(
                request, Problem("request-invalid", reason="the charset must be UTF-8")
            )
        if request.path.startswith(FOREIGN):
            return self.get_foreign_response(request)
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *view: Any) -> HttpResponse | None:
        """Refuse a form with a NUL in a field, which no database keeps."""
        form = request.content_type in FORMS and not request.path.startswith("/api/")
        if request.method != "POST" or not form:
            return None
        for name, values in request.POST.lists():
            if any("\0" in value for value in values):
                reason = f"the field {name!r} holds a NUL"
                return problem_page(request, Problem("request-invalid", reason=reason))
        return None

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Answer a problem; leave every other exception alone."""
        if not isinstance(error, Problem):
            return None
        return problem_page(request, error)
