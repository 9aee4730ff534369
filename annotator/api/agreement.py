"""How far people agree, with each other and with gold: measured in the background, then read."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from annotator.api.base import ApiRequest, job_response
from annotator.api.description import JobStarted, operation
from annotator.selectors.agreement import numbers_of
from annotator.services import agreement
from corpus.selectors import corpus_for


class Measure(serializers.Serializer[Any]):
    """One figure with its 95 % interval over articles, or null with the reason."""

    measure = serializers.CharField()
    label = serializers.CharField(  # type: ignore[assignment]  # a field
        help_text="the label that it is of, empty for all"
    )
    a = serializers.CharField(allow_null=True, help_text="one of a pair, null for all pairs")
    b = serializers.CharField(allow_null=True)
    value = serializers.FloatField(allow_null=True)
    low = serializers.FloatField(allow_null=True)
    high = serializers.FloatField(allow_null=True)
    n = serializers.IntegerField()
    total = serializers.IntegerField()
    articles = serializers.IntegerField()
    reason = serializers.CharField()
    of = serializers.CharField(allow_null=True, help_text="the attribute's value that it is of")


class ReviewTimes(serializers.Serializer[Any]):
    """How long a review takes."""

    reviews = serializers.IntegerField()
    median_ms = serializers.IntegerField()


class FacetScore(serializers.Serializer[Any]):
    """How often one facet is as in gold."""

    facet = serializers.CharField()
    right = serializers.IntegerField()
    total = serializers.IntegerField()


class Score(serializers.Serializer[Any]):
    """Reviews held against settled gold."""

    documents = serializers.IntegerField()
    facets = FacetScore(many=True)


class PersonScore(serializers.Serializer[Any]):
    """One person's reviews against settled gold: of all documents, and of checks alone."""

    name = serializers.CharField()
    all = Score()
    checks = Score()


class ConfusionExample(serializers.Serializer[Any]):
    """Where one value stands although gold has another."""

    document = serializers.CharField()
    name = serializers.CharField(help_text="who said so, empty where names are hidden")
    start = serializers.IntegerField()
    end = serializers.IntegerField()


class ConfusionCell(serializers.Serializer[Any]):
    """How often one value stands where gold has another, or the same."""

    own = serializers.CharField()
    gold = serializers.CharField()
    n = serializers.IntegerField()
    examples = ConfusionExample(many=True)


class Confusion(serializers.Serializer[Any]):
    """The values of one facet against those of gold."""

    what = serializers.CharField()
    cells = ConfusionCell(many=True)


class AgreementReport(serializers.Serializer[Any]):
    """Agreement as it was measured last."""

    measured_at = serializers.DateTimeField()
    measures = Measure(many=True)
    views = serializers.DictField(
        child=Measure(many=True), help_text="by `assisted` and `blind`, where there are such"
    )
    speed = serializers.DictField(child=ReviewTimes())
    people = PersonScore(many=True)
    confusions = Confusion(many=True)


class AgreementView(APIView):
    """Agreement in a corpus."""

    @operation("get_agreement", AgreementReport, tag="agreement")
    def get(self, request: ApiRequest, slug: str) -> Response:
        """Return the report as it was measured last; 404 before the first time.

        Who adjudicates reads it without names, unless the corpus shows them; who also reviews
        reads of documents whose reviews are all in.
        """
        corpus = corpus_for(request.user, slug, "measure")
        measured_at, numbers = numbers_of(corpus, by=request.user)
        confusions = [
            {"what": table["what"], "cells": [_cell_json(cell) for cell in table["cells"]]}
            for table in numbers["confusions"]
        ]
        return Response({"measured_at": measured_at, **numbers, "confusions": confusions})

    @operation("measure_agreement", JobStarted, tag="agreement", status=202, request=None)
    def post(self, request: ApiRequest, slug: str) -> Response:
        """Queue a job that measures; again while that waits or runs adds nothing."""
        corpus = corpus_for(request.user, slug, "measure")
        return job_response(agreement.start_measure(corpus, by=request.user))


def _cell_json(cell: dict[str, Any]) -> dict[str, Any]:
    names = ("document", "name", "start", "end")
    examples = [dict(zip(names, example, strict=True)) for example in cell["examples"]]
    return {**cell, "examples": examples}
