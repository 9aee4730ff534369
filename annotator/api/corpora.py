"""The corpora that the caller belongs to: listed, made, read, with their schemas."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from annotator.api import wire
from annotator.api.base import ApiRequest, valid
from annotator.api.description import operation
from annotator.api.schemas import SchemaField
from annotator.selectors import overview, own_work
from corpus import selectors
from corpus.core.schema_file import parse
from corpus.core.schema_templates import DEFAULT, NAMES, template_called
from corpus.forms import LANGUAGES, SHORT_NAME
from corpus.models import MAX_REVIEWERS, Corpus
from corpus.services import corpora


class CorpusOut(wire.CorpusName):
    """A corpus."""

    language = serializers.CharField()


class CorporaPage(serializers.Serializer[Any]):
    """A page of corpora, by name."""

    corpora = CorpusOut(many=True)
    next = serializers.CharField(allow_null=True)


class Progress(serializers.Serializer[Any]):
    """How many documents there are, by state, and how many of the planned reviews are in.

    Who reviews is told of the reviews in of documents that wait for none.
    """

    documents = serializers.IntegerField()
    waiting = serializers.IntegerField()
    ready = serializers.IntegerField()
    settled = serializers.IntegerField()
    slots = serializers.IntegerField()
    slots_done = serializers.IntegerField()


class OwnProgress(serializers.Serializer[Any]):
    """How many documents the caller finished, holds and could still take."""

    done = serializers.IntegerField()
    taken = serializers.IntegerField()
    free = serializers.IntegerField()


class CorpusDetails(wire.CorpusName):
    """A corpus with its schema and progress."""

    schema = wire.Schema(allow_null=True)
    progress = Progress()
    mine = OwnProgress()


class CorpusIn(serializers.Serializer[Any]):
    """A new corpus."""

    slug = serializers.SlugField(
        max_length=80,
        help_text="stands in addresses and commands",
        error_messages={"invalid": SHORT_NAME},
    )
    name = serializers.CharField(max_length=200)
    language = serializers.ChoiceField(choices=LANGUAGES, default="en")
    reviewers_per_document = serializers.IntegerField(
        min_value=1, max_value=MAX_REVIEWERS, default=2
    )
    suggest_on_import = serializers.BooleanField(
        default=True,
        help_text="whether the rules suggest for what is imported, where they can, without asking",
    )
    schema = SchemaField(required=False, help_text="without it, that of the template")
    template = serializers.ChoiceField(
        choices=NAMES, required=False, help_text="a schema with a guideline to begin with"
    )


class CorporaView(APIView):
    """The corpora that the caller belongs to."""

    @operation(
        "list_corpora",
        CorporaPage,
        tag="corpora",
        parameters=[OpenApiParameter("after", str, description="the `next` of the page before")],
    )
    def get(self, request: ApiRequest) -> Response:
        """List corpora by name."""
        after = request.query_params.get("after", "")
        page, following = selectors.corpora_page(request.user, after=after)
        corpora = [_corpus_json(corpus) for corpus in page]
        return Response({"corpora": corpora, "next": following or None})

    @operation("create_corpus", CorpusOut, tag="corpora", status=201, request=CorpusIn)
    def post(self, request: ApiRequest) -> Response:
        """Create a corpus, which the caller then manages."""
        data = valid(CorpusIn, request)
        given, named = data.pop("schema", None), data.pop("template", None)
        template = template_called(named or DEFAULT)
        schema = template.schema if given is None else parse(given)
        guideline = template.guideline if named else ""
        corpus = corpora.start_corpus(**data, schema=schema, guideline=guideline, by=request.user)
        return Response(_corpus_json(corpus), status=201)


class CorpusView(APIView):
    """One corpus with its schema and progress."""

    @operation("get_corpus", CorpusDetails, tag="corpora")
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
            "progress": overview.totals_for(request.user, corpus).progress.as_json(),
            "mine": own_work.my_progress(corpus, request.user),
        }
        return Response(answer)


def _corpus_json(corpus: Corpus) -> dict[str, Any]:
    return {"slug": corpus.slug, "name": corpus.name, "language": corpus.language}
