"""How JSON comes in through the API, and how problems leave."""

from __future__ import annotations

from typing import Any

from django.http import Http404
from rest_framework import serializers
from rest_framework.parsers import JSONParser
from rest_framework.response import Response
from rest_framework.views import exception_handler

from corpus.core.problems import Problem
from corpus.core.values import check_storable


class StorableJSONParser(JSONParser):
    """JSON that a database can keep."""

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        """Return the value; refuse NUL, lone surrogates, numbers that are none, and endless
        nesting.
        """
        try:
            data = super().parse(stream, media_type, parser_context)
            check_storable(data)
        except RecursionError:
            raise Problem("request-invalid", reason="the JSON is nested too deep") from None
        except Problem as problem:
            raise Problem("request-invalid", reason=problem.message) from None
        return data


class ProblemSerializer(serializers.Serializer[Any]):
    """A coded message."""

    code = serializers.CharField()
    message = serializers.CharField()


def problem_response(error: Exception, context: dict[str, Any]) -> Response | None:
    """Answer a `Problem` with its code, its message and the status that fits."""
    if isinstance(error, Problem):
        details = {k: v for k, v in error.details.items() if isinstance(v, str | int)}
        return Response(
            {"code": error.code, "message": error.message, **details}, status=error.status
        )
    if isinstance(error, Http404):
        return Response({"code": "not-found", "message": "there is nothing here"}, status=404)
    return exception_handler(error, context)
