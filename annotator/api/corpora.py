"""The corpora that the caller belongs to."""

from __future__ import annotations

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.response import Response
from rest_framework.views import APIView

from annotator.api.base import PROBLEMS, ApiRequest
from annotator.selectors import overview, own_work
from corpus import selectors


class CorporaView(APIView):
    """The corpora that the caller belongs to."""

    @extend_schema(operation_id="corpora_list", responses={200: OpenApiTypes.OBJECT, **PROBLEMS})
    def get(self, request: ApiRequest) -> Response:
        """List corpora by name."""
        corpora = selectors.corpora_of(request.user)
        return Response([{"slug": c.slug, "name": c.name, "language": c.language} for c in corpora])


@extend_schema(responses={200: OpenApiTypes.OBJECT, **PROBLEMS})
class CorpusView(APIView):
    """One corpus with its schema and progress."""

    def get(self, request: ApiRequest, slug: str) -> Response:
        """Return name, schema, counts and what is left for the caller."""
        corpus = selectors.corpus_for(request.user, slug)
        schema = None
        if corpus.schema is not None:
            schema = selectors.schema_rows(corpus.schema).view.as_json()
        answer = {
            "slug": corpus.slug,
            "name": corpus.name,
            "schema": schema,
            "progress": overview.totals(corpus).progress.as_json(),
            "mine": own_work.my_progress(corpus, request.user),
        }
        return Response(answer)
