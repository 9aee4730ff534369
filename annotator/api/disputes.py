"""The disputes of one document, settled and opened again, and the queue over all documents."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from annotator.api.base import PROBLEMS, ApiRequest, valid
from annotator.selectors import disputes
from annotator.services import adjudicate
from annotator.web.addresses import disputes_json
from corpus.models import Document
from corpus.selectors import corpus_for, document_called


class SettleIn(serializers.Serializer[Any]):
    """One dispute settled."""

    version = serializers.IntegerField(min_value=0, max_value=2**31 - 1)
    client_id = serializers.UUIDField()
    dispute = serializers.IntegerField(min_value=0)
    choice = serializers.ChoiceField(choices=["version", "none", "edit", "defer"])
    number = serializers.IntegerField(min_value=0, default=0)
    facets = serializers.DictField(
        child=serializers.IntegerField(min_value=1),
        required=False,
        help_text="single facets of other versions, by their numbers",
    )
    reason = serializers.CharField(allow_blank=True, default="", max_length=2000)
    frame = serializers.DictField(required=False, allow_null=True)


class UndoIn(serializers.Serializer[Any]):
    """A settled dispute opened again."""

    version = serializers.IntegerField(min_value=0, max_value=2**31 - 1)
    client_id = serializers.UUIDField()
    dispute = serializers.IntegerField(min_value=0)


class DisputeView(APIView):
    """What all endpoints of one document's disputes share."""

    def document(self, request: ApiRequest, slug: str, external_id: str) -> Document:
        """Return the document if the caller may settle its disputes."""
        corpus = corpus_for(request.user, slug, "adjudicate")
        return document_called(corpus, external_id)

    def fresh(self, request: ApiRequest, document: Document) -> Response:
        """Answer with the disputes as they are now."""
        adjudication, gold = adjudicate.open_disputes(document, by=request.user)
        return Response(disputes_json(adjudication, gold, by=request.user))


@extend_schema(responses={200: OpenApiTypes.OBJECT, **PROBLEMS})
class DisputesView(DisputeView):
    """The disputes of one document, with the versions that reviewers hold."""

    def get(self, request: ApiRequest, slug: str, external_id: str) -> Response:
        """Return the layers without names, what is agreed, and every dispute."""
        return self.fresh(request, self.document(request, slug, external_id))


class SettleView(DisputeView):
    """Settle a dispute."""

    @extend_schema(request=SettleIn, responses={200: OpenApiTypes.OBJECT, **PROBLEMS})
    def post(self, request: ApiRequest, slug: str, external_id: str) -> Response:
        """Take a version, facets of several, nobody's or an edited frame into gold.

        The choice `defer` puts the dispute off.
        """
        document = self.document(request, slug, external_id)
        data = valid(SettleIn, request)
        adjudicate.settle(document, by=request.user, at=data.pop("version"), **data)
        return self.fresh(request, document)


class UndoView(DisputeView):
    """Open a settled dispute again."""

    @extend_schema(request=UndoIn, responses={200: OpenApiTypes.OBJECT, **PROBLEMS})
    def post(self, request: ApiRequest, slug: str, external_id: str) -> Response:
        """Take back what settling the dispute added to gold."""
        document = self.document(request, slug, external_id)
        data = valid(UndoIn, request)
        adjudicate.undo(
            document,
            by=request.user,
            at=data["version"],
            client_id=data["client_id"],
            dispute=data["dispute"],
        )
        return self.fresh(request, document)


class CloseView(DisputeView):
    """Finish a document."""

    @extend_schema(request=None, responses={200: OpenApiTypes.OBJECT, **PROBLEMS})
    def post(self, request: ApiRequest, slug: str, external_id: str) -> Response:
        """Go on to the next document with open disputes once each is settled or deferred here."""
        following = adjudicate.close(self.document(request, slug, external_id), by=request.user)
        if following is None:
            message = "Settled. No other document has open disputes."
            return Response({"next": None, "message": message})
        url = reverse("adjudicate", kwargs={"slug": slug, "external_id": following.external_id})
        return Response({"next": url, "message": "Settled."})


class DisputeQueueView(APIView):
    """The disputed frames of all documents."""

    @extend_schema(
        parameters=[
            OpenApiParameter(
                "facet",
                str,
                description="missing, boundary, label, speaker, or an attribute's name",
            ),
            OpenApiParameter("label", str),
            OpenApiParameter("pair", str, description="keys of two reviewers who differ, like 3-7"),
            OpenApiParameter("outlet", str),
            OpenApiParameter(
                "suggested", str, enum=["yes", "no"], description="whether a suggestion is involved"
            ),
            OpenApiParameter("state", str, enum=["open", "deferred"]),
            OpenApiParameter(
                "assigned", str, enum=["me", "any"], description="empty: mine or nobody's"
            ),
            OpenApiParameter("after", str, description="the `next` of the page before"),
        ],
        responses={200: OpenApiTypes.OBJECT, **PROBLEMS},
    )
    def get(self, request: ApiRequest, slug: str) -> Response:
        """List what the caller may settle, by facet and then by cost."""
        corpus = corpus_for(request.user, slug, "adjudicate")
        wanted = disputes.DisputeFilter.read(request.query_params)
        after = request.query_params.get("after", "")
        page, following = disputes.queue(corpus, wanted, by=request.user, after=after)
        return Response({"disputes": disputes.queue_json(page), "next": following})
