"""What happens to every request: it gets an id and a line in the log, its problems become pages,
two foreign surfaces get a policy they can run under, and wrong passwords are counted.
"""

from __future__ import annotations

import ipaddress
import logging
import re
import time
import uuid
from collections.abc import Callable
from typing import Any

from axes.attempts import get_cool_off_threshold
from axes.handlers.database import AxesDatabaseHandler
from axes.models import AccessAttempt
from django.conf import settings
from django.db.models import Sum
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.functional import SimpleLazyObject

from annotator.web import metrics
from annotator.web.logs import request_id, told
from annotator.web.request_lock import CAME
from corpus.core.problems import Problem

HEADER = "X-Request-ID"
GIVEN = re.compile(r"[\w.\-]{8,64}")
UNLOGGED = ("/static/", "/healthz", "/readyz", "/metrics")
ENVELOPE = 1_000_000  # what a form adds around its files
# Django's admin and Swagger build markup from strings, which trusted types forbid; everything else
# still holds.
UPLOADS = re.compile(r"/corpora/[^/]+/import/")
API_UPLOADS = re.compile(r"/api/corpora/[^/]+/uploads/")
FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")
FOREIGN = ("/admin/", "/api/docs/")

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")

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
        started = request.META.get(CAME) or time.perf_counter()
        try:
            response = self.get_response(request)
            response[HEADER] = name
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
                    "path": told(request.path),
                    "status": response.status_code,
                    "ms": round(1000 * seconds, 1),
                    "user": _person(request),
                }
                logger.info("%(method)s %(path)s %(status)s %(ms)s ms", facts, extra=facts)
            return response
        finally:
            request_id.reset(token)


def _person(request: HttpRequest) -> int | None:
    """Return the key of who asks when it is known already: a database that is away would spoil the
    finished answer.
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
        """Look at the length that the request tells; one that tells none is cut off by what reads
        it.
        """
        length = request.headers.get("Content-Length", "")
        limit = (
            settings.UPLOAD_BYTES if _may_upload(request) else settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        )
        if length.isdecimal() and int(length) > limit + ENVELOPE:
            return shown(request, Problem("upload-too-large", limit=limit // 1_000_000))
        return self.get_response(request)


def _may_upload(request: HttpRequest) -> bool:
    """Tell whether a large body is for an upload; a form is read before its view looks who sends
    it.
    """
    if API_UPLOADS.fullmatch(request.path):
        return True
    return bool(UPLOADS.fullmatch(request.path)) and request.user.is_authenticated


def shown(request: HttpRequest, problem: Problem) -> HttpResponse:
    """Return a problem as a page, or as JSON to whoever asked for that."""
    if request.path.startswith("/api/") or request.headers.get("Accept") == "application/json":
        return JsonResponse(
            {"code": problem.code, "message": problem.message}, status=problem.status
        )
    return render(request, "annotator/problem.html", {"problem": problem}, status=problem.status)


class ProblemMiddleware:
    """Show a `Problem` that a page raised as a page that says it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on; lift trusted types on surfaces that are not ours."""
        if "\0" in request.path or "%00" in request.META.get("QUERY_STRING", ""):
            return shown(request, Problem("request-invalid", reason="the address holds a NUL"))
        response = self.get_response(request)
        if request.path.startswith(FOREIGN):
            # django-csp's own hook, which its decorators set on views.
            response._csp_replace = {"require-trusted-types-for": None}
        return response

    def process_view(self, request: HttpRequest, *view: Any) -> HttpResponse | None:
        """Refuse a form with a NUL in a field, which no database keeps."""
        form = request.content_type in FORMS and not request.path.startswith("/api/")
        if request.method == "POST" and form:
            for name, values in request.POST.lists():
                if any("\0" in value for value in values):
                    return shown(
                        request,
                        Problem("request-invalid", reason=f"the field {name!r} holds a NUL"),
                    )
        return None

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Answer a problem; leave every other exception alone."""
        if not isinstance(error, Problem):
            return None
        return shown(request, error)


def client_address(request: HttpRequest) -> str | None:
    """Return whom wrong passwords are counted for: the connection's other end, or what the one
    proxy in front saw.
    """
    last = request.headers.get("X-Forwarded-For", "").rpartition(",")[2].strip()
    try:
        if settings.HTTPS:
            return str(ipaddress.ip_address(last))
    except ValueError:
        pass  # asked from the same machine, past the proxy
    return request.META.get("REMOTE_ADDR") or None


class Lockouts(AxesDatabaseHandler):
    """Axes with a second, higher limit: for all names that are tried from one address."""

    def get_failures(self, request: HttpRequest, credentials: dict[str, Any] | None = None) -> int:
        """Return the failures with this name from this address; those with other names count for a
        part of one.
        """
        own: int = super().get_failures(request, credentials)
        here = AccessAttempt.objects.filter(
            ip_address=request.axes_ip_address, attempt_time__gte=get_cool_off_threshold(request)
        )
        everybody = here.aggregate(sum=Sum("failures_since_start"))["sum"] or 0
        return max(own, everybody * settings.AXES_FAILURE_LIMIT // settings.FAILURES_AN_ADDRESS)
