"""Settling by policy, page and API: what a policy would do is counted, then it is run."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotator.api.review import PROBLEMS, valid
from annotator.core.merge import BOUNDARIES
from annotator.pages.documents import render_page
from annotator.services import policies
from corpus.jobs import worker
from corpus.models import Corpus
from corpus.selectors import corpus_for

SHOWN = 10
BASES = {
    "unanimous": "all alike",
    "majority": "more than half",
    "at-least:2": "two people",
    "at-least:3": "three people",
}


@require_http_methods(["GET", "HEAD", "POST"])
def policies_page(request: HttpRequest, slug: str) -> HttpResponse:
    """Count what a policy would settle, show the counts, and run it."""
    corpus = corpus_for(request.user, slug, "merge")
    if request.method == "POST":
        edge = request.POST.get("boundary", "")
        policy = request.POST.get("policy", "") + (f"+{edge}" if edge else "")
        if request.POST.get("act") == "run":
            policies.start_merge(corpus, policy, by=request.user)
            messages.success(
                request, f"{policy} is settling what it can. What a person decided stays."
            )
        else:
            policies.start_preview(corpus, policy, by=request.user)
            messages.success(request, "Counting in the background; nothing is written.")
        return redirect("policies", slug=slug)
    found = list(
        corpus.jobs.filter(kind__in=("preview", "merge"))
        .select_related("created_by")
        .order_by("-pk")[:SHOWN]
    )
    newest = found[0] if found else None
    return render_page(
        request,
        corpus,
        "annotator/policies.html",
        bases=BASES.items(),
        boundaries=BOUNDARIES.names(),
        chosen=newest.arguments["policy"].partition("+")[::2] if newest else ("unanimous", ""),
        preview=newest if newest and newest.kind == "preview" and newest.state == "done" else None,
        found=found,
        served=worker.is_served(),
    )


class PolicyIn(serializers.Serializer[Any]):
    """The policy, and whether it is to be run."""

    policy = serializers.CharField(max_length=60)
    preview = serializers.BooleanField(default=True)


class PoliciesView(APIView):
    """Settling by policy in the background."""

    @extend_schema(request=PolicyIn, responses={202: OpenApiTypes.OBJECT, **PROBLEMS})
    def post(self, request: Request, slug: str) -> Response:
        """Queue a job that counts what a policy would settle, or with `preview` false runs it."""
        corpus: Corpus = corpus_for(request.user, slug, "merge")
        data = valid(PolicyIn, request)
        start = policies.start_preview if data["preview"] else policies.start_merge
        job = start(corpus, data["policy"], by=request.user)
        return Response({"job": job.pk, "state": job.state}, status=202)
