"""The documents of a corpus, a page at a time."""

from __future__ import annotations

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.response import Response
from rest_framework.views import APIView

from annotator.api.base import PROBLEMS, ApiRequest
from annotator.selectors.filters import DocumentFilter
from annotator.web.requests import whole_number
from corpus import selectors
from corpus.core.problems import Problem


class DocumentsView(APIView):
    """The documents of a corpus, a page at a time."""

    @extend_schema(
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
            OpenApiParameter("after", int, description="the `next` of the page before"),
        ],
        responses={200: OpenApiTypes.OBJECT, **PROBLEMS},
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
