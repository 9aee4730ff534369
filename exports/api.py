"""Exports over the API: a background job writes, then the file can be fetched."""

from __future__ import annotations

from typing import Any

from django.http import FileResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotator.api.review import PROBLEMS, valid, whole
from corpus.core.problems import Problem
from corpus.selectors import corpus_for
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
    def post(self, request: Request, slug: str) -> Response:
        """Queue a job that writes the export; fetch the file from the job's `download` when it is
        done.
        """
        corpus = corpus_for(request.user, slug, "export")
        data = valid(ExportIn, request)
        job = services.start_export(corpus, data, by=request.user)
        return Response({"job": job.pk, "state": job.state}, status=202)


class ReleasesView(APIView):
    """Releases of a corpus."""

    @extend_schema(responses={200: OpenApiTypes.OBJECT, **PROBLEMS})
    def get(self, request: Request, slug: str) -> Response:
        """List releases, newest first; go on with `before` until `next` is 0."""
        corpus = corpus_for(request.user, slug, "export")
        page, following = selectors.releases_of(
            corpus, before=whole(request.query_params.get("before", ""))
        )
        found = [
            {
                "name": r.name,
                "origin": r.origin,
                "digest": r.digest,
                "created_at": r.created_at,
                "documents": r.datasheet["documents"],
                "withdrawn": r.withdrawn,
                "datasheet": r.datasheet,
            }
            for r in page
        ]
        return Response({"releases": found, "next": following})

    @extend_schema(request=ReleaseIn, responses={202: OpenApiTypes.OBJECT, **PROBLEMS})
    def post(self, request: Request, slug: str) -> Response:
        """Queue a job that makes a release; fetch its files from the job's `download` when it is
        done.
        """
        corpus = corpus_for(request.user, slug, "release")
        data = valid(ReleaseIn, request)
        job = services.start_release(corpus, data["name"], origin=data["origin"], by=request.user)
        return Response({"job": job.pk, "state": job.state}, status=202)


class DownloadView(APIView):
    """The file of a finished export."""

    @extend_schema(responses={(200, "application/zip"): OpenApiTypes.BINARY, **PROBLEMS})
    def get(self, request: Request, slug: str, pk: int) -> FileResponse:
        """Return the zip file that the job wrote."""
        corpus = corpus_for(request.user, slug, "export")
        job = corpus.jobs.filter(pk=pk).first()
        if job is None:
            raise Problem("not-found", what="job", name=pk)
        path = services.archive(job)
        return FileResponse(path.open("rb"), as_attachment=True, filename=path.name)
