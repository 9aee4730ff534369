"""Exports and releases over the API: a background job writes, then the file can be fetched."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.http import FileResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from annotator.api import wire
from annotator.api.agreement import Measure
from annotator.api.base import ApiRequest, job_response, valid
from annotator.api.description import AFTER, JobStarted, operation
from annotator.web.requests import whole_number
from corpus.core.problems import Problem
from corpus.selectors import corpus_for, job_called, versions_called
from exports import selectors
from exports.core import dataset_about
from exports.encoders import DISPUTED, MISALIGNED
from exports.models import Release
from exports.services import exports as services
from exports.services import withdrawal
from exports.services.origin import ORIGINS

ORIGIN_NAMES = tuple(ORIGINS)


class ExportIn(serializers.Serializer[Any]):
    """What to export."""

    format = serializers.CharField(max_length=20)
    layer = serializers.CharField(default="gold", max_length=150)
    split = serializers.CharField(default="80/10/10", max_length=300)
    misaligned = serializers.ChoiceField(
        choices=MISALIGNED, required=False, help_text="without it more than 2 % of spans is refused"
    )
    disputed = serializers.ChoiceField(choices=DISPUTED, default="mask")


def _section(name: str) -> serializers.CharField:
    return serializers.CharField(
        required=False,
        allow_blank=True,
        max_length=dataset_about.LENGTH,
        help_text=dataset_about.QUESTIONS[name],
    )


class About(serializers.Serializer[Any]):
    """What people say of a release, by section of its data sheet, in Markdown."""

    motivation = _section("Motivation")
    composition = _section("Composition")
    collection = _section("Collection")
    people_and_pay = _section("People and pay")
    preprocessing = _section("Preprocessing")
    uses = _section("Uses")
    distribution = _section("Distribution")
    maintenance = _section("Maintenance")


class ReleaseIn(serializers.Serializer[Any]):
    """What to release, under which name, and what people say of it.

    Sections that are not given are as in the release before.
    """

    name = serializers.CharField(max_length=80)
    origin = serializers.ChoiceField(choices=ORIGIN_NAMES, default="all")
    about = About(required=False)


class Counts(serializers.DictField):
    """Counts by name."""

    child = serializers.IntegerField()


class Changes(serializers.Serializer[Any]):
    """What changed since the release of the same origin before."""

    since = serializers.CharField(help_text="the name of that release")
    sentence = serializers.CharField()
    frames = Counts(help_text="by label and kind of change")
    by = serializers.DictField(child=serializers.CharField(), help_text="by who changed them")
    documents_added = serializers.IntegerField()
    documents_removed = serializers.IntegerField()


class DataSheet(serializers.Serializer[Any]):
    """What a release holds and how it came about; older releases may lack some of it."""

    corpus = serializers.CharField(required=False)
    documents = serializers.IntegerField()
    origin = serializers.CharField(required=False)
    spans = Counts(required=False, help_text="by label")
    schema = wire.Schema(required=False)
    schema_version = serializers.IntegerField(required=False)
    words = serializers.IntegerField(required=False)
    reviewers = Counts(required=False, help_text="documents by reviewer")
    decided = Counts(required=False, help_text="decisions on gold by person or policy")
    suggesters = Counts(required=False, help_text="documents by suggester")
    agreement = Measure(many=True, required=False)
    licences = Counts(required=False, help_text="documents by licence")
    guideline = serializers.CharField(required=False, help_text="its digest")
    gaps = Counts(required=False)
    changes = Changes(required=False, allow_null=True)


class ReleaseOut(serializers.Serializer[Any]):
    """A release with its data sheet."""

    name = serializers.CharField()
    origin = serializers.ChoiceField(choices=ORIGIN_NAMES)
    digest = serializers.CharField()
    created_at = serializers.DateTimeField()
    documents = serializers.IntegerField()
    withdrawn = serializers.IntegerField(help_text="texts that were withdrawn since")
    datasheet = DataSheet()


class ReleasesPage(serializers.Serializer[Any]):
    """A page of releases, newest first."""

    releases = ReleaseOut(many=True)
    next = serializers.IntegerField(allow_null=True)


class ReleaseFile(serializers.Serializer[Any]):
    """A file of a release."""

    name = serializers.CharField()
    bytes = serializers.IntegerField()


class ReleaseDetails(ReleaseOut):
    """A release, what people say of it, and its files where they are kept."""

    about = About()
    job = serializers.IntegerField(
        allow_null=True, help_text="whose download holds the files; null when they are not kept"
    )
    files = ReleaseFile(many=True)


# Some clients know the second media type alone; the server sends the first.
ZIP = {
    (200, "application/zip"): OpenApiTypes.BINARY,
    (200, "application/octet-stream"): OpenApiTypes.BINARY,
}


class ExportView(APIView):
    """Exports of a corpus."""

    @operation("start_export", JobStarted, tag="exports", status=202, request=ExportIn)
    def post(self, request: ApiRequest, slug: str) -> Response:
        """Queue a job that writes the export.

        Fetch the file from the job's `download` when it is done.
        """
        corpus = corpus_for(request.user, slug, "export")
        data = valid(ExportIn, request)
        # Without a word on spans off token edges, an export refuses where there are many.
        job = services.start_export(corpus, {"misaligned": "", **data}, by=request.user)
        return job_response(job)


class ReleasesView(APIView):
    """Releases of a corpus."""

    @operation(
        "list_releases",
        ReleasesPage,
        tag="exports",
        parameters=[
            AFTER,
            OpenApiParameter("before", int, description="the older name of `after`"),
        ],
    )
    def get(self, request: ApiRequest, slug: str) -> Response:
        """List releases, newest first."""
        corpus = corpus_for(request.user, slug, "export")
        after = request.query_params.get("after") or request.query_params.get("before", "")
        page, following = selectors.releases_of(corpus, before=whole_number(after))
        releases = [_release_json(release, release.withdrawn) for release in page]
        return Response({"releases": releases, "next": following or None})

    @operation("make_release", JobStarted, tag="exports", status=202, request=ReleaseIn)
    def post(self, request: ApiRequest, slug: str) -> Response:
        """Queue a job that makes a release.

        Fetch its files from the job's `download` when it is done.
        """
        corpus = corpus_for(request.user, slug, "release")
        data = valid(ReleaseIn, request)
        job = services.start_release(
            corpus,
            data["name"],
            origin=data["origin"],
            about=dataset_about.by_section(data.get("about", {})),
            by=request.user,
        )
        return job_response(job)


class ReleaseView(APIView):
    """One release."""

    @operation("get_release", ReleaseDetails, tag="exports")
    def get(self, request: ApiRequest, slug: str, name: str) -> Response:
        """Return a release with its data sheet and its files."""
        corpus = corpus_for(request.user, slug, "export")
        release = selectors.release_called(corpus, name)
        job, files = services.kept_files(release)
        answer = {
            **_release_json(release, selectors.withdrawn_texts(release)),
            "about": dataset_about.by_key(release.card.get("about", {})),
            "job": job.pk if job is not None else None,
            "files": [{"name": file, "bytes": size} for file, size in files],
        }
        return Response(answer)


class ReleaseFilesView(APIView):
    """The files of a release."""

    @operation("get_release_files", None, tag="exports", responses=ZIP)
    def get(self, request: ApiRequest, slug: str, name: str) -> FileResponse:
        """Return the zip file of a release, if it is kept."""
        corpus = corpus_for(request.user, slug, "export")
        job, _ = services.kept_files(selectors.release_called(corpus, name))
        if job is None:
            raise Problem("not-found", what="kept files of the release", name=name)
        return _zip_response(services.archive(job))

    @operation("write_release_files", JobStarted, tag="exports", status=202, request=None)
    def post(self, request: ApiRequest, slug: str, name: str) -> Response:
        """Queue a job that writes the files of a release again, as they were."""
        corpus = corpus_for(request.user, slug, "release")
        return job_response(services.start_files(corpus, name, by=request.user))


class DownloadView(APIView):
    """The file of a finished export."""

    @operation("download", None, tag="exports", responses=ZIP)
    def get(self, request: ApiRequest, slug: str, pk: int) -> FileResponse:
        """Return the zip file that the job wrote."""
        corpus = corpus_for(request.user, slug, "export")
        return _zip_response(services.archive_for(job_called(corpus, pk), by=request.user))


def _zip_response(path: Path) -> FileResponse:
    return FileResponse(path.open("rb"), as_attachment=True, filename=path.name)


def _release_json(release: Release, withdrawn: int) -> dict[str, Any]:
    return {
        "name": release.name,
        "origin": release.origin,
        "digest": release.digest,
        "created_at": release.created_at,
        "documents": release.datasheet["documents"],
        "withdrawn": withdrawn,
        "datasheet": release.datasheet,
    }


class WithdrawIn(serializers.Serializer[Any]):
    """The id of the document once more, so that no text is erased by a slip."""

    confirm = serializers.CharField(max_length=200)


class WithdrawalOut(serializers.Serializer[Any]):
    """What a withdrawal came to."""

    id = serializers.CharField()
    versions = serializers.IntegerField()
    releases = serializers.IntegerField(help_text="that hold a version and are marked")
    release_names = serializers.ListField(child=serializers.CharField())
    backups = serializers.IntegerField(help_text="on the server that hold a version")
    uploads = serializers.IntegerField(help_text="that waited and were thrown away")


class WithdrawView(APIView):
    """A text that may not be kept."""

    @operation("withdraw_text", WithdrawalOut, tag="documents", request=WithdrawIn)
    def post(self, request: ApiRequest, slug: str, external_id: str) -> Response:
        """Erase every version of a document's text for good; this cannot be undone."""
        corpus = corpus_for(request.user, slug, "manage")
        versions = versions_called(corpus, external_id)
        withdrawal.confirm(external_id, valid(WithdrawIn, request)["confirm"])
        done = withdrawal.withdraw(versions[-1], by=request.user)
        withdrawal.start_compacting(corpus, by=request.user)
        return Response({**done.as_json(), "backups": len(done.backups)})
