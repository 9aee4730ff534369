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

from annotator.api import PROBLEMS, valid
from corpus import jobs
from corpus.core.problems import Problem
from corpus.selectors import corpus_for
from exports import services


class ExportIn(serializers.Serializer[Any]):
    """What to export."""

    format = serializers.CharField(max_length=20)
    layer = serializers.CharField(default="gold", max_length=150)


class ExportView(APIView):
    """Exports of a corpus."""

    @extend_schema(request=ExportIn, responses={202: OpenApiTypes.OBJECT, **PROBLEMS})
    def post(self, request: Request, slug: str) -> Response:
        """Queue a job that writes the export; fetch the file from the job's `download` when it is done."""
        corpus = corpus_for(request.user, slug, "export")
        data = valid(ExportIn, request)
        services.check_export(data)
        job = jobs.start(corpus, "export", data, by=request.user)
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
