"""Settling by policy: what a policy would do is counted, then it is run."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from annotator.api.base import ApiRequest, job_response, valid
from annotator.api.description import JobStarted, operation
from annotator.services import policies
from corpus.selectors import corpus_for


class PolicyIn(serializers.Serializer[Any]):
    """The policy, and whether it is to be run."""

    policy = serializers.CharField(max_length=60)
    preview = serializers.BooleanField(default=True)


class PoliciesView(APIView):
    """Settling by policy in the background."""

    @operation("run_policy", JobStarted, tag="disputes", status=202, request=PolicyIn)
    def post(self, request: ApiRequest, slug: str) -> Response:
        """Queue a job that counts what a policy would settle, or with `preview` false runs it."""
        corpus = corpus_for(request.user, slug, "merge")
        data = valid(PolicyIn, request)
        start = policies.start_preview if data["preview"] else policies.start_merge
        job = start(corpus, data["policy"], by=request.user)
        return job_response(job)
