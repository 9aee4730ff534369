"""Layers of a document: gold at any version, and each layer that the caller may read."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from annotator.api import wire as shapes
from annotator.api.base import ApiRequest
from annotator.api.description import AFTER, operation
from annotator.models import AdjudicationState, Layer, LayerKind, LayerState
from annotator.selectors import layers, wire
from annotator.services import adjudicate, decision_log, looking
from annotator.web.requests import whole_number
from corpus.core.problems import Problem
from corpus.models import Document
from corpus.selectors import corpus_for, document_called, text_of


class Gold(shapes.SpansAndLinks):
    """Gold of a document; what is still in dispute is not in it."""

    document = serializers.CharField()
    version = serializers.IntegerField(help_text="the version that this is")
    newest = serializers.IntegerField(help_text="the newest version that there is")
    schema_version = serializers.IntegerField()
    state = serializers.ChoiceField(choices=AdjudicationState.choices)
    text = serializers.CharField()


class LayerRow(serializers.Serializer[Any]):
    """One author's annotation of a document: a run's, a reviewer's, or gold."""

    id = serializers.IntegerField()
    kind = serializers.ChoiceField(choices=LayerKind.choices)
    author = serializers.CharField(
        help_text="the reviewer's user name, the suggester, or empty for gold"
    )
    state = serializers.ChoiceField(choices=LayerState.choices)
    version = serializers.IntegerField()
    schema_version = serializers.IntegerField()
    blind = serializers.BooleanField(help_text="a review without suggestions")
    submitted_at = serializers.DateTimeField(allow_null=True)


class LayersPage(serializers.Serializer[Any]):
    """A page of the layers of a document that the caller may read, oldest first."""

    layers = LayerRow(many=True)
    next = serializers.IntegerField(allow_null=True)


class LayerOut(LayerRow, shapes.SpansAndLinks):
    """A layer with its spans and links."""

    document = serializers.CharField()
    sha256 = serializers.CharField(help_text="of the text that it is of, maybe an earlier one")
    rejected = serializers.ListField(
        child=serializers.IntegerField(), help_text="idents of suggestions that were rejected"
    )


class GoldView(APIView):
    """Gold of a document."""

    @operation(
        "get_gold",
        Gold,
        tag="layers",
        parameters=[OpenApiParameter("version", int, description="an earlier version of it")],
    )
    def get(self, request: ApiRequest, slug: str, external_id: str) -> Response:
        """Return gold as it is now, or at the version asked for.

        For who adjudicates; not with the document in one's own hands to review it. Whoever reads it
        cannot take their own review back.
        """
        corpus = corpus_for(request.user, slug, "adjudicate")
        document = document_called(corpus, external_id)
        gold, state = adjudicate.open_gold(document, by=request.user)
        version = _version(request.query_params.get("version", ""), gold)
        view = decision_log.refold(gold, upto=version)
        answer = {
            "document": document.external_id,
            "version": version,
            "newest": gold.version,
            "schema_version": gold.schema.version,
            "state": state,
            "text": text_of(document),
            **wire.layer_json(view),
        }
        return Response(answer)


class DocumentLayersView(APIView):
    """What the endpoints of a document's layers share."""

    def document(self, request: ApiRequest, slug: str, external_id: str) -> Document:
        """Return the document, or raise `Problem`."""
        return document_called(corpus_for(request.user, slug), external_id)


class LayersView(DocumentLayersView):
    """The layers of a document."""

    @operation("list_layers", LayersPage, tag="layers", parameters=[AFTER])
    def get(self, request: ApiRequest, slug: str, external_id: str) -> Response:
        """List the layers that the caller may read, oldest first.

        That is one's own, and for managers also suggestions, gold and submitted reviews, but not
        with the document in one's own hands to review it.
        """
        document = self.document(request, slug, external_id)
        after = whole_number(request.query_params.get("after", ""))
        page, following = layers.readable_layers(document, request.user, after=after)
        rows = [row_json(layer) for layer in page]
        return Response({"layers": rows, "next": following or None})


class LayerView(DocumentLayersView):
    """One layer of a document."""

    @operation("get_layer", LayerOut, tag="layers")
    def get(self, request: ApiRequest, slug: str, external_id: str, pk: int) -> Response:
        """Return a layer with its spans and links, if the caller may read it.

        It may be of an earlier text of the document. Whoever reads another's cannot take their own
        review back.
        """
        document = self.document(request, slug, external_id)
        layer = layers.readable_layer(document, request.user, pk)
        if layer.kind != LayerKind.SUGGESTION and layer.owner_id != request.user.pk:
            looking.look([document, layer.document], by=request.user)
        view = layers.layer_view(layer)
        answer = {
            **row_json(layer),
            "document": document.external_id,
            "sha256": layer.document.digest,
            **wire.layer_json(view),
            "rejected": sorted(view.rejected),
        }
        return Response(answer)


def row_json(layer: Layer) -> dict[str, Any]:
    """Return what a list says of a layer."""
    author = layer.run.suggester if layer.run is not None else ""
    return {
        "id": layer.pk,
        "kind": layer.kind,
        "author": layer.owner.get_username() if layer.owner is not None else author,
        "state": layer.state,
        "version": layer.version,
        "schema_version": layer.schema.version,
        "blind": layer.kind == LayerKind.REVIEW and layer.shown_run_id is None,
        "submitted_at": layer.submitted_at,
    }


def _version(asked: str, gold: Layer) -> int:
    """Return the version that was asked for, the newest when none was; or raise `Problem`."""
    if not asked:
        return gold.version
    # A version has no more digits than a column that holds 31 bits.
    if not asked.isdecimal() or len(asked) > 10 or int(asked) > gold.version:
        raise Problem("not-found", what="version of gold, number", name=asked[:20])
    return int(asked)
