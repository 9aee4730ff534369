"""Suggestions that a program pushes for one document."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from annotator.api import wire
from annotator.api.base import ApiRequest, valid
from annotator.api.description import operation
from annotator.services import suggestions
from corpus.selectors import corpus_for, document_called

OUTCOMES = ("stored", "present", "refused")
MOST = 2000


class SuggestedSpan(serializers.Serializer[Any]):
    """A span, as a line of our JSONL holds it."""

    id = serializers.CharField(help_text="by which links name it, like c1")
    label = serializers.CharField()  # type: ignore[assignment]  # a field
    start = serializers.IntegerField(min_value=0, help_text="in code points")
    end = serializers.IntegerField(min_value=1, help_text="the first code point outside")
    text = serializers.CharField(help_text="its words; refused when the text has others")
    attributes = serializers.DictField(required=False)
    fragments = wire.fragments(required=False)
    score = serializers.FloatField(required=False, allow_null=True, min_value=0, max_value=1)
    evidence = serializers.DictField(required=False, allow_null=True)


class SuggestedLink(serializers.Serializer[Any]):
    """A link between two spans of the same request."""

    kind = serializers.CharField()
    source = serializers.CharField(  # type: ignore[assignment]  # a field
        help_text="the id of a span"
    )
    target = serializers.CharField()


@extend_schema_field(SuggestedSpan(many=True))
class SpansField(serializers.ListField):
    """Spans, each of which is checked for itself."""

    child = serializers.DictField()


@extend_schema_field(SuggestedLink(many=True))
class LinksField(serializers.ListField):
    """Links, each of which is checked for itself."""

    child = serializers.DictField()


class SuggestionsIn(serializers.Serializer[Any]):
    """What a program suggests for one document."""

    suggester = serializers.RegexField(
        r"^[\w.:+-]+$", max_length=90, help_text="a name; another version, another name"
    )
    spans = SpansField(max_length=MOST)
    links = LinksField(required=False, default=list, max_length=MOST)


class PushedSpan(serializers.Serializer[Any]):
    """What came of a span."""

    id = serializers.CharField()
    state = serializers.ChoiceField(choices=OUTCOMES)
    ident = serializers.IntegerField(allow_null=True, help_text="its number in the layer")
    code = serializers.CharField(help_text="why it is refused, else empty")
    message = serializers.CharField()


class PushedLink(serializers.Serializer[Any]):
    """What came of a link."""

    kind = serializers.CharField()
    source = serializers.CharField()  # type: ignore[assignment]  # a field
    target = serializers.CharField()
    state = serializers.ChoiceField(choices=OUTCOMES)
    ident = serializers.IntegerField(allow_null=True, help_text="its number in the layer")
    code = serializers.CharField(help_text="why it is refused, else empty")
    message = serializers.CharField()


class SuggestionsOut(serializers.Serializer[Any]):
    """What came of what was pushed: the counts of spans and links together, then each."""

    suggester = serializers.CharField()
    stored = serializers.IntegerField()
    present = serializers.IntegerField(help_text="there before, and unchanged")
    refused = serializers.IntegerField()
    spans = PushedSpan(many=True)
    links = PushedLink(many=True)


class SuggestionsView(APIView):
    """The suggestions of a program for one document."""

    @operation("push_suggestions", SuggestionsOut, tag="documents", request=SuggestionsIn)
    def post(self, request: ApiRequest, slug: str, external_id: str) -> Response:
        """Store spans and links as one suggester's, beside what it pushed before.

        Each is stored, was there, or is refused with a code. A review that is open keeps the
        suggestions that it was opened with.
        """
        corpus = corpus_for(request.user, slug, "suggest")
        document = document_called(corpus, external_id)
        data = valid(SuggestionsIn, request)
        pushed = suggestions.push(document, **data, by=request.user)
        return Response(pushed.as_json())
