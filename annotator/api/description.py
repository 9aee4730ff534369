"""How endpoints describe themselves: names, groups, bodies and answers in the OpenAPI schema."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers

from corpus.models import JobState


class ProblemSerializer(serializers.Serializer[Any]):
    """A coded message; the values in the message stand beside it under their own names."""

    code = serializers.CharField(help_text="stays the same, for programs")
    message = serializers.CharField(help_text="one sentence for people")


class RefusalSerializer(serializers.Serializer[Any]):
    """Not signed in (then there is `detail` alone), or not in a role that may do this."""

    code = serializers.CharField(required=False)
    message = serializers.CharField(required=False)
    detail = serializers.CharField(required=False)


class JobStarted(serializers.Serializer[Any]):
    """A job that does the rest in the background."""

    job = serializers.IntegerField(help_text="its number")
    state = serializers.ChoiceField(choices=JobState.choices)


# For the description of the API: what any endpoint may answer.
PROBLEMS: dict[Any, Any] = {
    **dict.fromkeys((400, 404, 409, 422, 429), ProblemSerializer),
    403: RefusalSerializer,
}
# The description says what is preferred; forms, which old scripts send, are read all the same.
JSON = ["application/json"]
AFTER = OpenApiParameter("after", int, description="the `next` of the page before")

Answer = type[serializers.Serializer[Any]] | serializers.BaseSerializer[Any] | None
V = TypeVar("V", bound=Callable[..., Any])


class Description(AutoSchema):
    """How endpoints are described: bodies are JSON, but for files."""

    def map_parsers(self) -> list[str]:
        """Return the media types of a body."""
        types: list[str] = super().map_parsers()
        return JSON if JSON[0] in types else types


def operation(
    name: str, answer: Answer, *, tag: str, status: int = 200, **more: Any
) -> Callable[[V], V]:
    """Describe one endpoint: its name and group in generated clients, and what it answers."""
    further = more.pop("responses", {})
    sent = {} if any(isinstance(key, tuple) for key in further) else {status: answer}
    responses = {**sent, **PROBLEMS, **further}
    described: Callable[[V], V] = extend_schema(
        operation_id=name, tags=[tag], responses=responses, **more
    )
    return described
