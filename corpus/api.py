"""How problems leave through the API, and the endpoints of corpora and documents."""

from __future__ import annotations

from typing import Any

from django.http import Http404
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.views import exception_handler

from corpus.core.problems import Problem


class ProblemSerializer(serializers.Serializer[Any]):
    """A coded message."""

    code = serializers.CharField()
    message = serializers.CharField()


def problem_response(error: Exception, context: dict[str, Any]) -> Response | None:
    """Answer a `Problem` with its code, its message and the status that fits."""
    if isinstance(error, Problem):
        details = {k: v for k, v in error.details.items() if isinstance(v, str | int)}
        return Response({"code": error.code, "message": error.message, **details}, status=error.status)
    if isinstance(error, Http404):
        return Response({"code": "not-found", "message": "there is nothing here"}, status=404)
    return exception_handler(error, context)
