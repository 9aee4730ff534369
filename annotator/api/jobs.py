"""Background jobs: pre-annotation is started, any job watched."""

from __future__ import annotations

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from annotator.api.base import PROBLEMS, ApiRequest, job_response, valid
from annotator.suggesters import SUGGESTERS
from corpus import selectors
from corpus.core.problems import Problem
from corpus.jobs import claim


class SuggestIn(serializers.Serializer[Any]):
    """Which suggester to run."""

    suggester = serializers.CharField(default="rules.v1", max_length=100)


class SuggestView(APIView):
    """Pre-annotation in the background."""

    @extend_schema(request=SuggestIn, responses={202: OpenApiTypes.OBJECT, **PROBLEMS})
    def post(self, request: ApiRequest, slug: str) -> Response:
        """Queue a job that suggests for every document that lacks this run's layer."""
        corpus = selectors.corpus_for(request.user, slug, "suggest")
        data = valid(SuggestIn, request)
        # A pipeline by its folder is for the command line: to load one is to run what its
        # configuration names.
        SUGGESTERS.check(data["suggester"])
        if data["suggester"] == "trained":
            raise Problem(
                "model-invalid",
                reason="trained pipelines are suggested with on the server's command line",
            )
        job = claim.start_this(corpus, "suggest", {"suggester": data["suggester"]}, by=request.user)
        return job_response(job)


@extend_schema(responses={200: OpenApiTypes.OBJECT, **PROBLEMS})
class JobView(APIView):
    """One background job."""

    def get(self, request: ApiRequest, slug: str, pk: int) -> Response:
        """Return how far a job is."""
        corpus = selectors.corpus_for(request.user, slug, "manage")
        job = selectors.job_called(corpus, pk)
        fields = ("kind", "state", "done", "total", "result", "error")
        return Response({"job": job.pk, **{name: getattr(job, name) for name in fields}})
