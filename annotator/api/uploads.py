"""Files over the API: uploaded, checked, then imported or thrown away."""

from __future__ import annotations

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.parsers import MultiPartParser
from rest_framework.response import Response
from rest_framework.views import APIView

from annotator.api.base import ApiRequest, job_response, valid
from annotator.api.description import JobStarted, ProblemSerializer, operation
from annotator.services import uploads
from annotator.services.addresses import MOST as MOST_ADDRESSES
from annotator.services.addresses import receive_addresses
from corpus.importers import fetch
from corpus.selectors import corpus_for


@extend_schema_field(OpenApiTypes.BINARY)
class UploadedFile(serializers.FileField):
    """A file that is sent; of those that are answered with, the description gives the address."""


class UploadIn(serializers.Serializer[Any]):
    """Files to look through; the other fields are as the options of `import_documents`."""

    files = serializers.ListField(child=UploadedFile(), min_length=1)
    format = serializers.CharField(required=False, default="", allow_blank=True, max_length=20)
    spans = serializers.ChoiceField(choices=list(uploads.SPANS), default="suggest")
    reviewer = serializers.CharField(required=False, default="", allow_blank=True, max_length=150)


class AddressesIn(serializers.Serializer[Any]):
    """Addresses of pages to fetch and look through; a repetition is fetched once."""

    addresses = serializers.ListField(
        child=serializers.CharField(max_length=fetch.MAX_ADDRESS),
        min_length=1,
        max_length=MOST_ADDRESSES,
    )


class BeginIn(serializers.Serializer[Any]):
    """Whose work is taken, of files with the work of several, and what their names are called here.

    The job that looked through them lists the names that the schema does not know (`unknown`).
    """

    author = serializers.CharField(required=False, default="", allow_blank=True, max_length=200)
    map = serializers.JSONField(required=False, default=dict)
    # A declared field is none of the class, so it hides no method.
    update = serializers.BooleanField(required=False, default=False)  # type: ignore[assignment]


class UploadsView(APIView):
    """Uploads of a corpus."""

    parser_classes = [MultiPartParser]

    @operation(
        "upload_files",
        JobStarted,
        tag="uploads",
        status=202,
        request=UploadIn,
        responses={413: ProblemSerializer},
    )
    def post(self, request: ApiRequest, slug: str) -> Response:
        """Keep files and have them looked through.

        The job's result says what an import would take and refuse.
        """
        corpus = corpus_for(request.user, slug, "import")
        data = valid(UploadIn, request)
        files = data.pop("files")
        job = uploads.receive(corpus, files, by=request.user, **data)
        return job_response(job)


class AddressesView(APIView):
    """Uploads of a corpus that a worker fetches."""

    @operation("fetch_addresses", JobStarted, tag="uploads", status=202, request=AddressesIn)
    def post(self, request: ApiRequest, slug: str) -> Response:
        """Have pages fetched by a worker and looked through, as files that are sent.

        Each is fetched once, within limits of size and time, and from no private address. The job's
        result says what an import would take, and what was not fetched and why.
        """
        corpus = corpus_for(request.user, slug, "import")
        data = valid(AddressesIn, request)
        return job_response(receive_addresses(corpus, data["addresses"], by=request.user))


class UploadView(APIView):
    """One upload that was looked through."""

    @operation("begin_import", JobStarted, tag="uploads", status=202, request=BeginIn)
    def post(self, request: ApiRequest, slug: str, pk: int) -> Response:
        """Import it in the background."""
        corpus = corpus_for(request.user, slug, "import")
        data = valid(BeginIn, request)
        job = uploads.begin(
            corpus,
            pk,
            by=request.user,
            author=data["author"],
            names=data["map"],
            update=data["update"],
        )
        return job_response(job)

    @operation("discard_upload", None, tag="uploads", status=204)
    def delete(self, request: ApiRequest, slug: str, pk: int) -> Response:
        """Throw it away."""
        corpus = corpus_for(request.user, slug, "import")
        uploads.throw_away(corpus, pk, by=request.user)
        return Response(status=204)
