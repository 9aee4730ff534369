"""What all endpoints share: how JSON comes in and is checked, and how problems leave."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from django.contrib.auth.models import User
from django.http import Http404
from rest_framework import exceptions, serializers
from rest_framework.parsers import JSONParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import exception_handler

from corpus.core.problems import Problem
from corpus.core.values import check_storable
from corpus.models import Document, Job


class ApiRequest(Request):
    """A request of somebody who is signed in; the permission `IsAuthenticated` lets no other in."""

    user: User


class StorableJSONParser(JSONParser):
    """JSON that a database can keep."""

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        """Return the value.

        NUL, lone surrogates, numbers that are none, and endless nesting are refused.
        """
        try:
            data = super().parse(stream, media_type, parser_context)
            check_storable(data)
        except RecursionError:
            raise Problem("request-invalid", reason="the JSON is nested too deep") from None
        except Problem as problem:
            raise Problem("request-invalid", reason=problem.message) from None
        return data


class TextRead(serializers.Serializer[Any]):
    """What says of which text a write is: it is refused once another has taken its place."""

    sha256 = serializers.CharField(
        required=False, max_length=64, help_text="of the text that the caller has read"
    )


def check_text(request: ApiRequest, document: Document) -> None:
    """Raise `Problem` when a request names a text that the document has no more.

    One that names none is taken to know.
    """
    sha256 = request.data.get("sha256") if isinstance(request.data, Mapping) else None
    if sha256 and sha256 != document.digest:
        raise Problem("text-corrected")


# Pages tell by the missing code that somebody has been signed out.
WITHOUT_CODE = (
    exceptions.NotAuthenticated,
    exceptions.AuthenticationFailed,
    exceptions.PermissionDenied,
)


def problem_response(error: Exception, context: dict[str, Any]) -> Response | None:
    """Answer a `Problem` with its code, its message and the status that fits."""
    if isinstance(error, Problem):
        details = {k: v for k, v in error.details.items() if isinstance(v, str | int)}
        return Response(
            {"code": error.code, "message": error.message, **details}, status=error.status
        )
    if isinstance(error, Http404):
        return Response({"code": "not-found", "message": "there is nothing here"}, status=404)
    response = exception_handler(error, context)
    if response is None or isinstance(error, WITHOUT_CODE):
        return response
    if isinstance(response.data, dict):
        response.data |= {"code": _code(error), "message": _first(response.data)}
    return response


def _code(error: Exception) -> str:
    return "too-often" if isinstance(error, exceptions.Throttled) else "request-invalid"


def valid(serializer: type[serializers.Serializer[Any]], request: Request) -> dict[str, Any]:
    """Return the checked body of a request; raise `Problem` naming the first wrong field."""
    return _checked(serializer, request.data)


def valid_query(serializer: type[serializers.Serializer[Any]], request: Request) -> dict[str, Any]:
    """Return the checked parameters of an address; an empty one is as none."""
    return _checked(serializer, {name: v for name, v in request.query_params.items() if v})


def _checked(serializer: type[serializers.Serializer[Any]], data: Any) -> dict[str, Any]:
    try:
        return dict(_reader(serializer).run_validation(data))
    except serializers.ValidationError as error:
        errors = error.detail if isinstance(error.detail, dict) else {"body": error.detail}
        field, reasons = next(iter(errors.items()))
        raise Problem("request-invalid", reason=f"{field}: {_first(reasons)}") from None


@lru_cache
def _reader(serializer: type[serializers.Serializer[Any]]) -> serializers.Serializer[Any]:
    # Checking changes nothing in it; a new one copies every field.
    return serializer()


def _first(errors: Any) -> str:
    """Return the first message in errors that may be nested."""
    while isinstance(errors, list | dict):
        errors = next(iter(errors.values() if isinstance(errors, dict) else errors))
    return str(errors)


def job_response(job: Job) -> Response:
    """Answer that a job does the rest in the background."""
    return Response({"job": job.pk, "state": job.state}, status=202)
