"""One's own review of a document: the workspace, decisions, handing in, taking back."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from annotator.api.base import PROBLEMS, ApiRequest, valid
from annotator.models import Layer
from annotator.selectors import layers, wire
from annotator.services import assignments, review
from annotator.web.addresses import workspace_json
from corpus import selectors
from corpus.core.problems import Problem


class DecisionsIn(serializers.Serializer[Any]):
    """A batch of decisions, applied in order, all or none."""

    version = serializers.IntegerField(min_value=0, max_value=2**31 - 1)
    owner = serializers.CharField(
        required=False, max_length=150, help_text="whose decisions these are"
    )
    decisions = serializers.ListField(child=serializers.DictField(), max_length=5000)


class SubmitIn(serializers.Serializer[Any]):
    """A review handed in at the version that the reviewer saw."""

    version = serializers.IntegerField(min_value=0, max_value=2**31 - 1)
    client_id = serializers.UUIDField(required=False)
    owner = serializers.CharField(required=False, max_length=150, help_text="whose review this is")
    elapsed_ms = serializers.IntegerField(
        required=False, default=0, min_value=0, max_value=2**31 - 1
    )


class Answer(serializers.Serializer[Any]):
    """The new version of a layer."""

    version = serializers.IntegerField()
    saved_at = serializers.CharField()


@extend_schema(responses={200: OpenApiTypes.OBJECT, **PROBLEMS})
class WorkspaceView(APIView):
    """The text, the suggestions and the reviewer's own layer of one document."""

    def get(self, request: ApiRequest, slug: str, external_id: str) -> Response:
        """Return the workspace; the first time, take a free place on the document."""
        corpus = selectors.corpus_for(request.user, slug)
        document = selectors.document_called(corpus, external_id)
        layer = review.open_layer(document, by=request.user)
        return Response(workspace_json(layer))


class LayerView(APIView):
    """What all endpoints on the caller's own layer share."""

    def layer(self, request: ApiRequest, slug: str, external_id: str) -> Layer:
        """Return the caller's layer of the document, or raise `Problem`."""
        return layers.review_called(request.user, slug, external_id)


class DecisionsView(LayerView):
    """The log of the reviewer's own layer."""

    @extend_schema(request=DecisionsIn, responses={200: Answer, **PROBLEMS})
    def post(self, request: ApiRequest, slug: str, external_id: str) -> Response:
        """Append decisions; a stale version is answered with the decisions made since."""
        layer = self.layer(request, slug, external_id)
        data = valid(DecisionsIn, request)
        _same_person(request, data)
        try:
            layer = review.decide(layer, data["decisions"], by=request.user, at=data["version"])
        except Problem as problem:
            if problem.code != "stale-version":
                raise
            return self._stale(layer, data["version"], problem)
        return Response({"version": layer.version, "saved_at": timezone.now().strftime("%H:%M:%S")})

    def _stale(self, layer: Layer, version: int, problem: Problem) -> Response:
        """Answer with the decisions since the version that the page knows."""
        since = layers.decisions_since(layer, version)
        answer = {
            "code": problem.code,
            "message": problem.message,
            "version": layer.version,
            "decisions": [wire.decision_json(decision) for decision in since],
        }
        return Response(answer, status=409)


class SubmitView(LayerView):
    """Hand a review in."""

    @extend_schema(request=SubmitIn, responses={200: OpenApiTypes.OBJECT, **PROBLEMS})
    def post(self, request: ApiRequest, slug: str, external_id: str) -> Response:
        """Submit and answer with the next document, which is taken for the reviewer."""
        layer = self.layer(request, slug, external_id)
        data = valid(SubmitIn, request)
        _same_person(request, data)
        try:
            review.submit(layer, by=request.user, at=data["version"], elapsed_ms=data["elapsed_ms"])
        except Problem as problem:
            if problem.code != "layer-incomplete":
                raise
            idents = [int(n) for n in problem.details["idents"].split(", ")]
            answer = {"code": problem.code, "message": problem.message, "idents": idents}
            return Response(answer, status=400)
        following = assignments.claim_next(layer.document.corpus, by=request.user)
        if following is None:
            message = "Submitted. There is nothing left to review."
            return Response({"next": None, "done": True, "message": message})
        url = reverse("review", kwargs={"slug": slug, "external_id": following.external_id})
        return Response({"next": url, "done": True, "message": "Submitted."})


class ReopenView(LayerView):
    """Take a submitted review back."""

    @extend_schema(request=None, responses={200: OpenApiTypes.OBJECT, **PROBLEMS})
    def post(self, request: ApiRequest, slug: str, external_id: str) -> Response:
        """Open the review again while no person has settled anything on its document."""
        layer = review.reopen(self.layer(request, slug, external_id), by=request.user)
        return Response({"version": layer.version})


@extend_schema(request=None, responses={200: OpenApiTypes.OBJECT, **PROBLEMS})
class NextView(APIView):
    """The reviewer's queue."""

    def post(self, request: ApiRequest, slug: str) -> Response:
        """Take the next document; `id` is null when there is nothing left."""
        corpus = selectors.corpus_for(request.user, slug)
        document = assignments.claim_next(corpus, by=request.user)
        return Response({"id": document.external_id if document else None})


def _same_person(request: ApiRequest, data: dict[str, Any]) -> None:
    """Raise `Problem` when a page sends one person's work under another's session.

    It was left open while somebody else signed in.
    """
    user = request.user.get_username()
    owner = data.get("owner", user)
    if owner != user:
        raise Problem("other-user", owner=owner, user=user)
