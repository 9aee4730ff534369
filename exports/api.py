"""Exports over the API: a background job writes, then the file can be fetched."""

from __future__ import annotations

from typing import Any

from django.http import FileResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from annotator.api.base import PROBLEMS, ApiRequest, job_response, valid
from annotator.web.requests import whole_number
from corpus.selectors import corpus_for, job_called
from exports import selectors
from exports.encoders import MISALIGNED
from exports.services import exports as services
from exports.services.origin import ORIGINS


class ExportIn(serializers.Serializer[Any]):
    """What to export."""

    format = serializers.CharField(max_length=20)
    layer = serializers.CharField(default="gold", max_length=150)
    split = serializers.CharField(default="80/10/10", max_length=300)
    misaligned = serializers.ChoiceField(choices=list(MISALIGNED), default="expand")


class ReleaseIn(serializers.Serializer[Any]):
    """What to release, and under which name."""

    name = serializers.CharField(max_length=80)
    origin = serializers.ChoiceField(choices=list(ORIGINS), default="all")


class ExportView(APIView):
    """Exports of a corpus."""

    @extend_schema(request=ExportIn, responses={202: OpenApiTypes.OBJECT, **PROBLEMS})
    def post(self, request: ApiRequest, slug: str) -> Response:
        """Queue a job that writes the export.

        Fetch the file from the job's `download` when it is done.
        """
        corpus = corpus_for(request.user, slug, "export")
        data = valid(ExportIn, request)
        job = services.start_export(corpus, data, by=request.user)
        return job_response(job)


class ReleasesView(APIView):
    """Releases of a corpus."""

    @extend_schema(responses={200: OpenApiTypes.OBJECT, **PROBLEMS})
    def get(self, request: ApiRequest, slug: str) -> Response:
        """List releases, newest first; go on with `before` until `next` is 0."""
        corpus = corpus_for(request.user, slug, "export")
        before = whole_number(request.query_params.get("before", ""))
        page, following = selectors.releases_of(corpus, before=before)
        releases = [
            {
                "name": release.name,
                "origin": release.origin,
                "digest": release.digest,
                "created_at": release.created_at,
                "documents": release.datasheet["documents"],
                "withdrawn": release.withdrawn,
                "datasheet": release.datasheet,
            }
            for release in page
        ]
        return Response({"releases": releases, "next": following})

    @extend_schema(request=ReleaseIn, responses={202: OpenApiTypes.OBJECT, **PROBLEMS})
    def post(self, request: ApiRequest, slug: str) -> Response:
        """Queue a job that makes a release.

        Fetch its files from the job's `download` when it is done.
        """
        corpus = corpus_for(request.user, slug, "release")
        data = valid(ReleaseIn, request)
        job = services.start_release(corpus, data["name"], origin=data["origin"], by=request.user)
        return job_response(job)


class DownloadView(APIView):
    """The file of a finished export."""

    @extend_schema(responses={(200, "application/zip"): OpenApiTypes.BINARY, **PROBLEMS})
    def get(self, request: ApiRequest, slug: str, pk: int) -> FileResponse:
        """Return the zip file that the job wrote."""
        corpus = corpus_for(request.user, slug, "export")
        job = job_called(corpus, pk)
        path = services.archive(job)
        return FileResponse(path.open("rb"), as_attachment=True, filename=path.name)
