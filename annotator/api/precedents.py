"""Case law: how the same question was settled before."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from annotator.api.base import ApiRequest, valid, valid_query
from annotator.api.description import operation
from annotator.selectors import layers, precedents
from annotator.services import precedents as services
from corpus import permissions
from corpus.selectors import corpus_for, document_called


class Refused(serializers.Serializer[Any]):
    """A value that was not chosen."""

    value = serializers.CharField()
    votes = serializers.IntegerField()


class GuidelineSection(serializers.Serializer[Any]):
    """A section of the guideline."""

    slug = serializers.CharField()
    title = serializers.CharField()


class SettledBefore(serializers.Serializer[Any]):
    """What one facet of a dispute was settled as, in numbers; nobody is named."""

    facet = serializers.CharField()
    about = serializers.CharField(help_text="what the schema calls the facet")
    label = serializers.CharField()  # type: ignore[assignment]  # a field
    value = serializers.CharField(help_text="what was chosen")
    votes = serializers.IntegerField(help_text="reviewers who held it")
    against = serializers.IntegerField(help_text="reviewers who held another value")
    others = Refused(many=True)
    words = serializers.CharField(help_text="in question")
    cue = serializers.CharField(help_text="words beside it that ride along")
    reason = serializers.CharField()
    section = GuidelineSection(allow_null=True, help_text="of the guideline")


class PrecedentOut(SettledBefore):
    """A settled dispute of another place, with where it is."""

    document = serializers.CharField()
    title = serializers.CharField()
    dispute = serializers.IntegerField()
    settled = serializers.DateField()
    earlier = serializers.CharField(
        allow_null=True,
        help_text="SHA-256 of the text that it was settled in, when that was corrected since",
    )
    url = serializers.CharField(help_text="page of that dispute, or of that earlier text")
    example = serializers.CharField(help_text="address that puts it into the guideline")


class Precedents(serializers.Serializer[Any]):
    """How like disputes were settled."""

    precedents = PrecedentOut(many=True)
    may_put = serializers.BooleanField(help_text="the caller may put one into the guideline")


class ReviewPrecedents(serializers.Serializer[Any]):
    """How like questions were settled, as reviewers read it."""

    precedents = SettledBefore(many=True)


class DisputeQuery(serializers.Serializer[Any]):
    """The dispute that is asked about."""

    dispute = serializers.IntegerField(min_value=0, max_value=2**31 - 1)


class Question(serializers.Serializer[Any]):
    """What a reviewer asks about."""

    label = serializers.CharField(required=False, default="", max_length=250)  # type: ignore[assignment]  # a field
    facet = serializers.CharField(required=False, default="", max_length=80)
    words = serializers.CharField(required=False, default="", max_length=2000)


class ExampleIn(serializers.Serializer[Any]):
    """A precedent of this document."""

    dispute = serializers.IntegerField(min_value=0, max_value=2**31 - 1)
    facet = serializers.CharField(max_length=80)


class PrecedentsView(APIView):
    """The case law for a dispute."""

    @operation(
        "list_precedents",
        Precedents,
        tag="disputes",
        parameters=[OpenApiParameter("dispute", int, required=True)],
    )
    def get(self, request: ApiRequest, slug: str, external_id: str) -> Response:
        """Return up to three settled disputes of the same facet and label with like words."""
        corpus = corpus_for(request.user, slug, "adjudicate")
        document = document_called(corpus, external_id)
        asked = valid_query(DisputeQuery, request)
        found = precedents.for_dispute(document, asked["dispute"], by=request.user)
        rows = precedents.as_json(found, corpus)
        for row in rows:
            kwargs = {"slug": slug, "external_id": row["document"]}
            if row["earlier"] is None:
                page = reverse("adjudicate", kwargs=kwargs)
                row["url"] = f"{page}?{urlencode({'at': row['dispute']})}"
            else:
                row["url"] = reverse("earlier", kwargs={**kwargs, "sha256": row["earlier"]})
            row["example"] = reverse("api-example", kwargs=kwargs)
        may_put = permissions.allows(request.user, "manage", corpus)
        return Response({"precedents": rows, "may_put": may_put})


class ExampleView(APIView):
    """A precedent as an example of the guideline."""

    @operation("put_example", GuidelineSection, tag="disputes", request=ExampleIn)
    def post(self, request: ApiRequest, slug: str, external_id: str) -> Response:
        """Put how a dispute was settled into the guideline, under the section of its facet."""
        corpus = corpus_for(request.user, slug, "manage")
        document = document_called(corpus, external_id)
        data = valid(ExampleIn, request)
        section = services.put_into_guideline(document, by=request.user, **data)
        return Response({"slug": section.slug, "title": section.title})


class SettledBeforeView(APIView):
    """Case law in review, on request."""

    @operation(
        "settled_before",
        ReviewPrecedents,
        tag="review",
        parameters=[
            OpenApiParameter("facet", str, description="empty: all that can be asked of the label"),
            OpenApiParameter("label", str, description="empty: the document itself"),
            OpenApiParameter("words", str, description="those in question"),
        ],
    )
    def get(self, request: ApiRequest, slug: str, external_id: str) -> Response:
        """Return how a question was settled in documents that the caller is through with."""
        layer = layers.review_called(request.user, slug, external_id)
        found = precedents.in_review(layer, **valid_query(Question, request))
        corpus = layer.document.corpus
        return Response({"precedents": precedents.as_review_json(found, corpus)})
