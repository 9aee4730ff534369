"""The documents of a corpus, a page at a time, and each with its text."""

from __future__ import annotations

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from annotator.api.base import ApiRequest
from annotator.api.description import AFTER, operation
from annotator.models import AdjudicationState, AssignmentState
from annotator.selectors import disputes, own_work
from annotator.selectors.filters import DocumentFilter
from annotator.web.requests import whole_number
from corpus import selectors
from corpus.core.problems import Problem


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
        help_text="whether reviews are waited for, disputes are to be settled, or gold is done",
    )
    mine = serializers.ChoiceField(
        choices=AssignmentState.choices,
        allow_null=True,
        help_text="where the caller is with it, null who has no place on it",
    )


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
        query = DocumentFilter(request.query_params, request=request)
        if not query.form.is_valid():
            field, errors = next(iter(query.form.errors.items()))
            raise Problem("request-invalid", reason=f"{field}: {errors[0]}")
        after = whole_number(request.query_params.get("after", ""))
        page, following = selectors.documents_page(corpus, narrow=query.narrow, after=after)
        documents = [
            {"id": d.external_id, "title": d.title, "outlet": d.outlet, "words": d.words}
            for d in page
        ]
        return Response({"documents": documents, "next": following or None})


class DocumentView(APIView):
    """One document."""

    @operation("get_document", DocumentOut, tag="documents")
    def get(self, request: ApiRequest, slug: str, external_id: str) -> Response:
        """Return the text of a document, what is known of it, and how far it is."""
        corpus = selectors.corpus_for(request.user, slug)
        document = selectors.document_called(corpus, external_id)
        adjudication = disputes.listed_adjudication(document, corpus)
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
            "state": adjudication.state if adjudication else None,
            "mine": own_work.my_states(request.user, [document]).get(document.pk),
        }
        return Response(answer)
