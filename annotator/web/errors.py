"""What is answered when something is wrong: JSON in the API and to who asks for it, else a page."""

from __future__ import annotations

import errno
import logging
import sys

from django.db import DataError, InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.views import defaults

from annotator.web.logs import request_id
from corpus.core.problems import Problem

logger = logging.getLogger("saidby.request")

# Seconds after which to ask again while the database is away or the disk is full.
RETRY_SECONDS = 5
NO_ROOM = (errno.ENOSPC, errno.EDQUOT)


def is_for_program(request: HttpRequest) -> bool:
    """Tell whether JSON is the answer."""
    return request.path.startswith("/api/") or request.headers.get("Accept") == "application/json"


def problem_page(request: HttpRequest, problem: Problem) -> HttpResponse:
    """Return a problem as a page, or as JSON to whoever asked for that."""
    if is_for_program(request):
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
    """Say whose fault an exception is that nothing expected.

    When it is ours, under which id the log tells more.
    """
    error = sys.exception()
    if _is_outage(error):
        return _outage(request)
    if _is_beyond_storing(error):
        # It may be our own value after all: the log tells where it came from.
        logger.warning("what is beyond storing", exc_info=error)
        reason = "it holds a number or a sign that no database keeps"
        return problem_page(request, Problem("request-invalid", reason=reason))
    if not request.path.startswith("/api/"):
        return defaults.server_error(request)
    return problem_page(request, Problem("server-fault", request=request_id.get()))


def _is_outage(error: BaseException | None) -> bool:
    """Tell whether the database is away or locked, or a disk is full."""
    if isinstance(error, OSError) and error.errno in NO_ROOM:
        return True
    return isinstance(error, OperationalError | InterfaceError)


def _is_beyond_storing(error: BaseException | None) -> bool:
    """Tell whether a value of the request fits no column; Python's SQLite says so by itself."""
    return isinstance(error, DataError | OverflowError | UnicodeEncodeError)


def _outage(request: HttpRequest) -> HttpResponse:
    problem = Problem("unavailable")
    if is_for_program(request):
        response = problem_page(request, problem)
    else:
        # Without the request: who asks would be looked up in a database that is away.
        page = render_to_string("annotator/problem.html", {"problem": problem})
        response = HttpResponse(page, status=problem.status)
    response["Retry-After"] = str(RETRY_SECONDS)
    return response
