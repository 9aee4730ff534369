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
from annotator.selectors import overview, own_work
from corpus import selectors
from corpus.core import schema as core
from corpus.core.schema_file import parse
from corpus.forms import LANGUAGES
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
    """How many documents there are, by state, and how many of the planned reviews are in."""

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


class AttributeIn(serializers.Serializer[Any]):
    """An attribute of a label."""

    name = serializers.CharField(max_length=60)
    kind = serializers.ChoiceField(choices=core.ATTRIBUTE_KINDS)
    choices = serializers.ListField(child=serializers.CharField(max_length=200), required=False)
    required = serializers.BooleanField(required=False)  # type: ignore[assignment]  # a field


class LabelIn(serializers.Serializer[Any]):
    """A kind of span."""

    name = serializers.CharField(max_length=60)
    title = serializers.CharField(max_length=100, required=False)
    description = serializers.CharField(required=False, allow_blank=True)
    colour = serializers.CharField(required=False, allow_blank=True, max_length=20)
    key = serializers.CharField(required=False, allow_blank=True, max_length=1)
    attributes = AttributeIn(many=True, required=False)


class LinkKindIn(serializers.Serializer[Any]):
    """A kind of link."""

    name = serializers.CharField(max_length=60)
    source = serializers.CharField()  # type: ignore[assignment]  # a field
    target = serializers.CharField()
    many = serializers.BooleanField(required=False)  # type: ignore[assignment]  # a field


class SchemaIn(serializers.Serializer[Any]):
    """A schema, as the endpoint of a corpus's schema gives it."""

    labels = LabelIn(many=True)
    links = LinkKindIn(many=True, required=False)

    def validate(self, data: dict[str, Any]) -> dict[str, Any]:
        """Return the schema; raise `ValidationError` when a name or a key stands twice."""
        rows = [*data["labels"], *data.get("links", ())]
        given = [[label["name"] for label in data["labels"]]]
        given.append([link["name"] for link in data.get("links", ())])
        given.append([row["key"] for row in rows if row.get("key")])
        for label in data["labels"]:
            given.append([attribute["name"] for attribute in label.get("attributes", ())])
        for names in given:
            if len(set(names)) < len(names):
                raise serializers.ValidationError(f"one of {', '.join(names)} stands twice")
        return data


class CorpusIn(serializers.Serializer[Any]):
    """A new corpus."""

    slug = serializers.SlugField(max_length=80, help_text="stands in addresses and commands")
    name = serializers.CharField(max_length=200)
    language = serializers.ChoiceField(choices=LANGUAGES, default="en")
    reviewers_per_document = serializers.IntegerField(
        min_value=1, max_value=MAX_REVIEWERS, default=2
    )
    schema = SchemaIn(required=False, help_text="without it, the default schema")


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
        given = data.pop("schema", None)
        schema = core.ATTRIBUTION if given is None else parse(given)
        corpus = corpora.start_corpus(**data, schema=schema, by=request.user)
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
            "progress": overview.totals(corpus).progress.as_json(),
            "mine": own_work.my_progress(corpus, request.user),
        }
        return Response(answer)


class SchemaView(APIView):
    """The schema of a corpus."""

    @operation("get_schema", wire.SchemaVersion, tag="corpora")
    def get(self, request: ApiRequest, slug: str) -> Response:
        """Return the labels, attributes and kinds of links that layers may hold now."""
        corpus = selectors.corpus_for(request.user, slug)
        schema = selectors.schema_of(corpus)
        answer = {
            "version": schema.version,
            "frozen_at": schema.frozen_at,
            **selectors.schema_rows(schema).view.as_json(),
        }
        return Response(answer)


def _corpus_json(corpus: Corpus) -> dict[str, Any]:
    return {"slug": corpus.slug, "name": corpus.name, "language": corpus.language}
