"""The documents of a corpus, a page at a time, and each with its text."""

from __future__ import annotations

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from annotator.api import wire as shapes
from annotator.api.base import ApiRequest, valid
from annotator.api.description import AFTER, operation
from annotator.api.layers import LayerRow, row_json
from annotator.models import AdjudicationState, AssignmentState
from annotator.selectors import document_states, earlier_texts, own_work
from annotator.selectors.filters import DocumentFilter
from annotator.selectors.layers import earlier_layers
from annotator.services import looking, removal
from annotator.web.requests import whole_number
from corpus import selectors
from corpus.core.problems import Problem
from corpus.models import Document


class DocumentRow(serializers.Serializer[Any]):
    """A document in a list."""

    id = serializers.CharField()
    title = serializers.CharField()
    outlet = serializers.CharField()
    words = serializers.IntegerField()


class DocumentsPage(serializers.Serializer[Any]):
    """A page of documents, in order of import."""

    documents = DocumentRow(many=True)
    next = serializers.IntegerField(allow_null=True)


class DocumentOut(DocumentRow):
    """A document with its text, what is known of it, and how far it is."""

    published = serializers.CharField()
    url = serializers.CharField()
    sha256 = serializers.CharField(help_text="of the text, as UTF-8")
    length = serializers.IntegerField(help_text="in code points, in which offsets count")
    text = serializers.CharField()
    targets = serializers.ListField(child=serializers.CharField())
    meta = serializers.DictField(help_text="all else that was imported with it")
    state = serializers.ChoiceField(
        choices=AdjudicationState.choices,
        allow_null=True,
        help_text="whether reviews are waited for, disputes are to be settled, or gold is done; "
        "reviewers are told of documents that their review is part of, others seem to wait",
    )
    mine = serializers.ChoiceField(
        choices=AssignmentState.choices,
        allow_null=True,
        help_text="where the caller is with it, null who has no place on it",
    )


class EarlierText(serializers.Serializer[Any]):
    """A text that a document had before it was corrected."""

    sha256 = serializers.CharField(help_text="of the text, as UTF-8")
    imported = serializers.DateTimeField()
    until = serializers.DateTimeField(help_text="when another text took its place")
    words = serializers.IntegerField()


class LeftBehind(serializers.Serializer[Any]):
    """Spans of a layer that did not come along from an earlier text."""

    author = serializers.CharField(help_text="the reviewer's user name, empty for gold")
    spans = shapes.LostSpan(many=True)


class DocumentWithText(DocumentOut):
    """A document with its text, and with those before."""

    earlier = EarlierText(many=True, help_text="newest first")


class EarlierTextOut(EarlierText):
    """An earlier text, with the layers on it that the caller may read."""

    id = serializers.CharField()
    text = serializers.CharField()
    length = serializers.IntegerField(help_text="in code points, in which offsets count")
    layers = LayerRow(many=True, help_text="each is read under its number like any other layer")
    left_behind = LeftBehind(many=True, help_text="what did not come along from these layers")


class DocumentsView(APIView):
    """The documents of a corpus, a page at a time."""

    @operation(
        "list_documents",
        DocumentsPage,
        tag="documents",
        parameters=[
            OpenApiParameter("query", str, description="words of the title or the id"),
            OpenApiParameter("state", str, enum=["waiting", "ready", "done"]),
            OpenApiParameter("outlet", str),
            OpenApiParameter(
                "since", OpenApiTypes.DATE, description="published on this day or later"
            ),
            OpenApiParameter(
                "until", OpenApiTypes.DATE, description="published on this day or earlier"
            ),
            OpenApiParameter(
                "mine",
                str,
                enum=["taken", "done", "none"],
                description="where the caller is with it",
            ),
            AFTER,
        ],
    )
    def get(self, request: ApiRequest, slug: str) -> Response:
        """List documents in order of import.

        Under a filter a page may be empty although `next` is not null.
        """
        corpus = selectors.corpus_for(request.user, slug)
        query = DocumentFilter(request.query_params, request=request, corpus=corpus)
        if not query.form.is_valid():
            field, errors = next(iter(query.form.errors.items()))
            raise Problem("request-invalid", reason=f"{field}: {errors[0]}")
        after = whole_number(request.query_params.get("after", ""))
        page, following = selectors.documents_page(corpus, narrow=query.narrow, after=after)
        return Response(
            {"documents": [_row(document) for document in page], "next": following or None}
        )


class DocumentView(APIView):
    """One document."""

    @operation("get_document", DocumentWithText, tag="documents")
    def get(self, request: ApiRequest, slug: str, external_id: str) -> Response:
        """Return the text of a document, what is known of it, and how far it is."""
        corpus = selectors.corpus_for(request.user, slug)
        document = selectors.document_called(corpus, external_id)
        answer = {
            "id": document.external_id,
            "title": document.title,
            "outlet": document.outlet,
            "words": document.words,
            "published": document.published,
            "url": document.url,
            "sha256": document.digest,
            "length": document.length,
            "text": selectors.text_of(document),
            "targets": document.targets,
            "meta": document.metadata,
            "state": document_states.state_of(corpus, request.user, document),
            "mine": own_work.my_states(request.user, [document]).get(document.pk),
            "earlier": [_earlier(text) for text in earlier_texts.earlier_texts(document)],
        }
        return Response(answer)


class EarlierTextView(APIView):
    """A text that a document had before it was corrected."""

    @operation("get_earlier_text", EarlierTextOut, tag="documents")
    def get(self, request: ApiRequest, slug: str, external_id: str, sha256: str) -> Response:
        """Return an earlier text of a document, and the layers on it that the caller may read.

        Whoever is told what of another's did not come along cannot take their own review back.
        """
        corpus = selectors.corpus_for(request.user, slug)
        document = selectors.document_called(corpus, external_id)
        text = earlier_texts.earlier_text(document, sha256)
        left = looking.see_left_behind(document, by=request.user)
        answer = {
            **_earlier(text),
            "id": text.external_id,
            "text": selectors.text_of(text),
            "length": text.length,
            "layers": [row_json(row) for row in earlier_layers(text, document, request.user)],
            "left_behind": [
                {"author": one.author, "spans": one.spans} for one in left if one.sha256 == sha256
            ],
        }
        return Response(answer)


class RemoveIn(serializers.Serializer[Any]):
    """Why a document is removed."""

    reason = serializers.CharField(max_length=removal.LONGEST_REASON)


class RemovedRow(DocumentRow):
    """A removed document, and why it was removed."""

    reason = serializers.CharField()


class RemovedPage(serializers.Serializer[Any]):
    """A page of removed documents, in order of import."""

    documents = RemovedRow(many=True)
    next = serializers.IntegerField(allow_null=True)


class RemovedView(APIView):
    """The removed documents of a corpus."""

    @operation("list_removed_documents", RemovedPage, tag="documents", parameters=[AFTER])
    def get(self, request: ApiRequest, slug: str) -> Response:
        """List removed documents in order of import."""
        corpus = selectors.corpus_for(request.user, slug, "manage")
        after = whole_number(request.query_params.get("after", ""))
        page, following = selectors.removed_page(corpus, after=after)
        rows = [{**_row(document), "reason": document.removed_because} for document in page]
        return Response({"documents": rows, "next": following or None})


class RemoveView(APIView):
    """A document that should not be in its corpus."""

    @operation("remove_document", RemovedRow, tag="documents", request=RemoveIn)
    def post(self, request: ApiRequest, slug: str, external_id: str) -> Response:
        """Take a document out of lists, queues, counts and exports; it can be put back."""
        corpus = selectors.corpus_for(request.user, slug, "manage")
        document = selectors.document_called(corpus, external_id)
        reason = valid(RemoveIn, request)["reason"]
        removal.remove(document, because=reason, by=request.user)
        return Response({**_row(document), "reason": reason})


class PutBackView(APIView):
    """A document that was removed."""

    @operation("put_back_document", DocumentRow, tag="documents", request=None)
    def post(self, request: ApiRequest, slug: str, external_id: str) -> Response:
        """Put a removed document back as it was."""
        corpus = selectors.corpus_for(request.user, slug, "manage")
        document = selectors.removed_called(corpus, external_id)
        removal.put_back(document, by=request.user)
        return Response(_row(document))


def _earlier(text: Document) -> dict[str, Any]:
    return {
        "sha256": text.digest,
        "imported": text.created_at,
        "until": text.retired_at,
        "words": text.words,
    }


def _row(document: Document) -> dict[str, Any]:
    return {
        "id": document.external_id,
        "title": document.title,
        "outlet": document.outlet,
        "words": document.words,
    }
