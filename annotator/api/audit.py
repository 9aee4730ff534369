"""The audit log of a corpus over the API."""

from __future__ import annotations

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from annotator.api.base import ApiRequest, valid_query
from annotator.api.description import AFTER, operation
from annotator.web.requests import whole_number
from corpus.selectors import corpus_for
from corpus.services import audit


class EventFilterIn(serializers.Serializer[Any]):
    """Which events are asked for."""

    name = serializers.CharField(required=False, allow_blank=True, max_length=150)
    act = serializers.CharField(required=False, allow_blank=True, max_length=20)
    since = serializers.DateField(required=False)
    until = serializers.DateField(required=False)


class EventOut(serializers.Serializer[Any]):
    """What somebody did, beside the decisions, which have logs of their own."""

    at = serializers.DateTimeField()
    name = serializers.CharField(help_text="who, empty for the command line and for policies")
    act = serializers.CharField()
    details = serializers.DictField(help_text="the values in the sentence")
    sentence = serializers.CharField(help_text="what, without who")


class EventsPage(serializers.Serializer[Any]):
    """A page of events, newest first."""

    events = EventOut(many=True)
    next = serializers.IntegerField(allow_null=True)


class AuditView(APIView):
    """Who did what in a corpus."""

    @operation(
        "list_events",
        EventsPage,
        tag="audit",
        parameters=[
            OpenApiParameter("name", str, description="of one person"),
            OpenApiParameter("act", str, description="of one act"),
            OpenApiParameter("since", OpenApiTypes.DATE, description="on this day or later"),
            OpenApiParameter("until", OpenApiTypes.DATE, description="on this day or earlier"),
            AFTER,
        ],
    )
    def get(self, request: ApiRequest, slug: str) -> Response:
        """List what was done, newest first."""
        corpus = corpus_for(request.user, slug, "manage")
        chosen = audit.EventFilter(**valid_query(EventFilterIn, request))
        after = whole_number(request.query_params.get("after", ""))
        page, following = audit.events(corpus, chosen, before=after)
        rows = [
            {
                "at": event.at,
                "name": event.name,
                "act": event.act,
                "details": event.details,
                "sentence": audit.sentence(event),
            }
            for event in page
        ]
        return Response({"events": rows, "next": following or None})
