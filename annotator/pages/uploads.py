"""Files over the web, page and API: uploaded, looked through, then imported or thrown away."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotator.api.review import PROBLEMS, valid
from annotator.pages.documents import render_page
from annotator.services import uploads as upload
from corpus.importers import IMPORTERS
from corpus.jobs import worker
from corpus.models import Role
from corpus.selectors import corpus_for, members_of

SHOWN = 10


@require_http_methods(["GET", "HEAD", "POST"])
def uploads(request: HttpRequest, slug: str) -> HttpResponse:
    """Take files, and show what becomes of them; a script that sends them gets JSON back."""
    corpus = corpus_for(request.user, slug, "import")
    if request.method == "POST":
        spans, _, reviewer = request.POST.get("spans", "suggest").partition(":")
        upload.receive(
            corpus,
            request.FILES.getlist("files"),
            by=request.user,
            format=request.POST.get("format", ""),
            spans=spans,
            reviewer=reviewer,
        )
        address = reverse("uploads", kwargs={"slug": slug})
        if request.headers.get("Accept") == "application/json":
            return JsonResponse({"next": address})
        return redirect(address)
    found = list(corpus.jobs.filter(kind__in=("look", "import")).order_by("-pk")[:SHOWN])
    return render_page(
        request,
        corpus,
        "annotator/uploads.html",
        waiting=next(
            (
                j
                for j in found
                if j.kind == "look" and j.state == "done" and j.result.get("state") == "waits"
            ),
            None,
        ),
        found=found,
        formats=IMPORTERS.names(),
        reviewers=[name for name, held in members_of(corpus) if Role.REVIEWER in held],
        limit=settings.UPLOAD_BYTES // 1_000_000,
        served=worker.is_served(),
    )


@require_POST
def begin(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Import an upload, or throw it away."""
    corpus = corpus_for(request.user, slug, "import")
    if request.POST.get("act") == "throw":
        upload.throw_away(corpus, pk, by=request.user)
        messages.success(request, "The upload is thrown away; the corpus is as it was.")
    else:
        upload.begin(corpus, pk, by=request.user, author=request.POST.get("author", ""))
        messages.success(request, "Importing in the background. This page shows how far it is.")
    return redirect("uploads", slug=slug)


@require_safe
def refused(request: HttpRequest, slug: str, pk: int) -> FileResponse:
    """Return the list of refused rows as a CSV file."""
    corpus = corpus_for(request.user, slug, "import")
    path = upload.report_of(corpus, pk)
    return FileResponse(path.open("rb"), as_attachment=True, filename=f"{slug}-refused-{pk}.csv")


class UploadIn(serializers.Serializer[Any]):
    """Files to look through; what is asked of them is as in `import_documents`."""

    files = serializers.ListField(child=serializers.FileField(), min_length=1)
    format = serializers.CharField(required=False, default="", allow_blank=True, max_length=20)
    spans = serializers.ChoiceField(choices=list(upload.SPANS), default="suggest")
    reviewer = serializers.CharField(required=False, default="", allow_blank=True, max_length=150)


class BeginIn(serializers.Serializer[Any]):
    """Whose work is taken, of files with the work of several."""

    author = serializers.CharField(required=False, default="", allow_blank=True, max_length=200)


class UploadsView(APIView):
    """Uploads of a corpus."""

    parser_classes = [MultiPartParser]

    @extend_schema(request=UploadIn, responses={202: OpenApiTypes.OBJECT, **PROBLEMS})
    def post(self, request: Request, slug: str) -> Response:
        """Keep files and have them looked through; the job's result says what an import would take
        and refuse.
        """
        corpus = corpus_for(request.user, slug, "import")
        data = valid(UploadIn, request)
        files = data.pop("files")
        job = upload.receive(corpus, files, by=request.user, **data)
        return Response({"job": job.pk, "state": job.state}, status=202)


class UploadView(APIView):
    """One upload that was looked through."""

    @extend_schema(
        operation_id="corpora_uploads_begin",
        request=BeginIn,
        responses={202: OpenApiTypes.OBJECT, **PROBLEMS},
    )
    def post(self, request: Request, slug: str, pk: int) -> Response:
        """Import it in the background."""
        corpus = corpus_for(request.user, slug, "import")
        job = upload.begin(corpus, pk, by=request.user, **valid(BeginIn, request))
        return Response({"job": job.pk, "state": job.state}, status=202)

    @extend_schema(responses={204: None, **PROBLEMS})
    def delete(self, request: Request, slug: str, pk: int) -> Response:
        """Throw it away."""
        corpus = corpus_for(request.user, slug, "import")
        upload.throw_away(corpus, pk, by=request.user)
        return Response(status=204)
