"""The schema of a corpus: read, changed, and the templates to begin with."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from annotator.api import wire
from annotator.api.base import ApiRequest, valid
from annotator.api.description import operation
from annotator.services import schema_versions
from corpus import selectors
from corpus.core import schema as core
from corpus.core import schema_change, schema_file
from corpus.core.schema_templates import TEMPLATES

OUTCOMES = (
    *(schema_change.RENAMED, schema_change.MERGED),
    *(schema_change.DROPPED, schema_change.UNFIT),
)
COUNTED = ("spans", "links", "documents")


def _names(**more: Any) -> serializers.ListField:
    return serializers.ListField(child=serializers.CharField(), **more)


def _flag(help_text: str) -> serializers.BooleanField:
    return serializers.BooleanField(required=False, help_text=help_text)


class AttributeIn(serializers.Serializer[Any]):
    """An attribute of a label, of a kind of link, or of the document."""

    name = serializers.CharField(max_length=schema_file.LONGEST_NAME)
    title = serializers.CharField(required=False, max_length=schema_file.LONGEST_TITLE)
    description = serializers.CharField(required=False)
    kind = serializers.ChoiceField(choices=core.ATTRIBUTE_KINDS)
    choices = _names(required=False)
    keys = serializers.DictField(
        child=serializers.CharField(max_length=1), required=False, help_text="by choice"
    )
    required = _flag("a review is incomplete without it")  # type: ignore[assignment]  # a field
    default = serializers.JSONField(
        required=False, allow_null=True, help_text="a value that a new span has"
    )
    identity = _flag("by it people and things are known again")
    fold = _flag("a difference in it alone is no dispute")


class LabelIn(serializers.Serializer[Any]):
    """A kind of span."""

    name = serializers.CharField(max_length=schema_file.LONGEST_NAME)
    title = serializers.CharField(required=False, max_length=schema_file.LONGEST_TITLE)
    description = serializers.CharField(required=False, allow_blank=True)
    colour = serializers.CharField(required=False, allow_blank=True, max_length=20)
    key = serializers.CharField(required=False, allow_blank=True, max_length=1)
    fold = _flag("it rides along with the frame that it belongs to")
    attributes = AttributeIn(many=True, required=False)


class LinkKindIn(serializers.Serializer[Any]):
    """A kind of link, from spans of some labels to spans of others."""

    name = serializers.CharField(max_length=schema_file.LONGEST_NAME)
    title = serializers.CharField(required=False, max_length=schema_file.LONGEST_TITLE)
    description = serializers.CharField(required=False, allow_blank=True)
    sources = _names(required=False)
    targets = _names(required=False)
    source = serializers.CharField(  # type: ignore[assignment]  # a field
        required=False, help_text="in place of `sources`, where there is one"
    )
    target = serializers.CharField(
        required=False, help_text="in place of `targets`, where there is one"
    )
    key = serializers.CharField(required=False, allow_blank=True, max_length=1)
    required = _flag("every source has one")  # type: ignore[assignment]  # a field
    unless = serializers.DictField(
        child=_names(), required=False, help_text="values of a source's choices that excuse it"
    )
    owned = _flag("the target is part of its source's frame")
    many = _flag("a source may have several")  # type: ignore[assignment]  # a field
    symmetric = _flag("it means the same in both directions")
    facet = serializers.CharField(required=False, help_text="what disputes and measures call it")
    attributes = AttributeIn(many=True, required=False)


class SchemaIn(serializers.Serializer[Any]):
    """A schema, as the endpoint of a corpus's schema gives it."""

    labels = LabelIn(many=True)
    links = LinkKindIn(many=True, required=False)
    attributes = AttributeIn(many=True, required=False)


@extend_schema_field(SchemaIn)
class SchemaField(serializers.JSONField):
    """A schema, which `schema_file` reads: its messages name every mistake by label and field."""


class MapIn(serializers.Serializer[Any]):
    """What becomes of names of the schema before; null drops, what stays needs no line."""

    labels = serializers.DictField(child=serializers.CharField(allow_null=True), required=False)
    links = serializers.DictField(child=serializers.CharField(allow_null=True), required=False)
    attributes = serializers.DictField(
        child=serializers.CharField(allow_null=True), required=False, help_text="by LABEL.attribute"
    )
    values = serializers.DictField(
        child=serializers.DictField(child=serializers.CharField(allow_null=True)),
        required=False,
        help_text="by LABEL.attribute, then by value",
    )


@extend_schema_field(MapIn)
class MapField(serializers.JSONField):
    """A map, which `schema_change` reads."""


class ChangeIn(serializers.Serializer[Any]):
    """A new schema for a corpus."""

    schema = SchemaField()
    map = MapField(required=False, allow_null=True)
    preview = serializers.BooleanField(
        default=False, help_text="say what the change would do, and do nothing"
    )


class Counts(serializers.Serializer[Any]):
    """Something of the schema before, and how often it stands in layers."""

    what = serializers.CharField(help_text="in words")
    name = serializers.CharField(help_text="as the map would name it")
    count = serializers.IntegerField(help_text="how often what people handed in holds it")
    suggested = serializers.IntegerField(help_text="how often suggestions hold it")
    documents = serializers.IntegerField(help_text="in how many documents")


class Lacking(Counts):
    """Something of the schema before that neither the new one nor the map names."""

    section = serializers.CharField(help_text="of the map")
    key = serializers.CharField(help_text="in that section")
    value = serializers.CharField(allow_blank=True, help_text="of the attribute, in `values`")
    options = _names(help_text="what it could become")


class Changed(Counts):
    """What becomes of something of the schema before."""

    becomes = serializers.CharField(allow_blank=True, help_text="empty when it is dropped")
    outcome = serializers.ChoiceField(choices=OUTCOMES)
    counted = serializers.ChoiceField(choices=COUNTED)


class SchemaChange(serializers.Serializer[Any]):
    """What a change of a schema did, or would do."""

    version = serializers.IntegerField()
    in_place = serializers.BooleanField(help_text="nothing is annotated, so no version is made")
    documents = serializers.IntegerField(help_text="that move to it")
    added = _names()
    notes = _names(help_text="what changes though no name does")
    whole = serializers.BooleanField(
        help_text="every layer was counted; of many only the first are, and the command counts all"
    )
    changes = Changed(many=True)
    lacking = Lacking(many=True)
    job = serializers.IntegerField(allow_null=True, help_text="which copies the layers")


class TemplateOut(serializers.Serializer[Any]):
    """A schema to begin with."""

    name = serializers.CharField()
    title = serializers.CharField()
    description = serializers.CharField()
    schema = wire.Schema()
    guideline = serializers.CharField()


class Templates(serializers.Serializer[Any]):
    """All templates."""

    templates = TemplateOut(many=True)


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

    @operation("change_schema", SchemaChange, tag="corpora", request=ChangeIn)
    def put(self, request: ApiRequest, slug: str) -> Response:
        """Give the corpus another schema, and have its layers copied in the background.

        With `preview` nothing is written.
        """
        corpus = selectors.corpus_for(request.user, slug, "manage")
        data = valid(ChangeIn, request)
        schema = schema_file.parse(data["schema"])
        answer = schema_versions.preview(
            corpus,
            schema,
            data.get("map"),
            by=request.user,
            most=schema_versions.MOST_COUNTED,
        )
        job = None
        if not data["preview"]:
            job = schema_versions.start(corpus, schema, data.get("map"), by=request.user)
        return Response({**answer, "job": job.pk if job else None})


class TemplatesView(APIView):
    """The schemas to begin with."""

    @operation("list_templates", Templates, tag="corpora")
    def get(self, request: ApiRequest) -> Response:
        """List the templates, each with its schema and a guideline to go on from."""
        templates = [
            {
                "name": template.name,
                "title": template.title,
                "description": template.description,
                "schema": template.schema.as_json(),
                "guideline": template.guideline,
            }
            for template in TEMPLATES.values()
        ]
        return Response({"templates": templates})
