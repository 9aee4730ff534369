"""Background jobs: pre-annotation is started; any job is watched, cancelled or tried again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from annotator.api import wire
from annotator.api.base import ApiRequest, job_response, valid
from annotator.api.description import AFTER, JobStarted, operation
from annotator.selectors.suggested import open_results
from annotator.services import suggest as suggesting
from annotator.web.requests import whole_number
from corpus import selectors
from corpus.jobs import claim
from corpus.models import Corpus, Job, JobState

FIELDS = ("kind", "state", "done", "total", "result", "error")


class SuggestIn(serializers.Serializer[Any]):
    """Which suggester to run."""

    suggester = serializers.CharField(
        default="", allow_blank=True, max_length=100, help_text="default: those of the corpus"
    )


class RefusedRow(serializers.Serializer[Any]):
    """A row of a file that was refused, and where it stands."""

    file = serializers.CharField()
    line = serializers.IntegerField()
    code = serializers.CharField()
    message = serializers.CharField()


class JobResult(serializers.Serializer[Any]):
    """What came of a job; which of these it holds, and what else, follows from its kind."""

    documents = serializers.IntegerField(required=False)
    spans = serializers.IntegerField(required=False)
    links = serializers.IntegerField(required=False)
    words = serializers.IntegerField(required=False)
    seconds = serializers.FloatField(required=False)
    imported = serializers.IntegerField(required=False)
    skipped = serializers.IntegerField(required=False)
    refused = serializers.IntegerField(required=False)
    errors = RefusedRow(many=True, required=False)  # type: ignore[assignment]  # a field
    notes = wire.Count(many=True, required=False)
    dropped = wire.Count(many=True, required=False)
    frames = serializers.IntegerField(required=False)
    agreed = serializers.IntegerField(required=False)
    disputed = serializers.IntegerField(required=False)
    release = serializers.CharField(required=False)
    digest = serializers.CharField(required=False)
    files = serializers.ListField(child=serializers.CharField(), required=False)


class JobOut(serializers.Serializer[Any]):
    """A job and how far it is."""

    job = serializers.IntegerField(help_text="its number")
    kind = serializers.CharField()
    state = serializers.ChoiceField(choices=JobState.choices)
    done = serializers.IntegerField()
    total = serializers.IntegerField()
    result = JobResult()
    error = serializers.CharField()


class JobsPage(serializers.Serializer[Any]):
    """A page of jobs, newest first."""

    jobs = JobOut(many=True)
    next = serializers.IntegerField(allow_null=True)


class SuggestView(APIView):
    """Pre-annotation in the background."""

    @operation("suggest", JobStarted, tag="jobs", status=202, request=SuggestIn)
    def post(self, request: ApiRequest, slug: str) -> Response:
        """Queue a job that suggests for every document that lacks this run's layer."""
        corpus = selectors.corpus_for(request.user, slug, "suggest")
        data = valid(SuggestIn, request)
        job = suggesting.start(corpus, data["suggester"], by=request.user)
        return job_response(job)


class JobsView(APIView):
    """The background jobs of a corpus."""

    @operation(
        "list_jobs",
        JobsPage,
        tag="jobs",
        parameters=[OpenApiParameter("kind", str, description="like suggest or export"), AFTER],
    )
    def get(self, request: ApiRequest, slug: str) -> Response:
        """List jobs, newest first."""
        corpus = selectors.corpus_for(request.user, slug, "manage")
        page, following = selectors.jobs_page(
            corpus,
            kind=request.query_params.get("kind", ""),
            before=whole_number(request.query_params.get("after", "")),
        )
        jobs = _jobs_json(corpus, page, request)
        return Response({"jobs": jobs, "next": following or None})


class OneJobView(APIView):
    """What the endpoints of one job share."""

    def job(self, request: ApiRequest, slug: str, pk: int) -> Job:
        """Return the job if the caller manages its corpus, or raise `Problem`."""
        corpus = selectors.corpus_for(request.user, slug, "manage")
        return selectors.job_called(corpus, pk)

    def answer(self, request: ApiRequest, job: Job) -> Response:
        """Return a job as it is told to the caller."""
        (row,) = _jobs_json(job.corpus, [job], request)
        return Response(row)


class JobView(OneJobView):
    """One background job."""

    @operation("get_job", JobOut, tag="jobs")
    def get(self, request: ApiRequest, slug: str, pk: int) -> Response:
        """Return how far a job is."""
        return self.answer(request, self.job(request, slug, pk))


class CancelView(OneJobView):
    """Stop a job."""

    @operation("cancel_job", JobOut, tag="jobs", request=None)
    def post(self, request: ApiRequest, slug: str, pk: int) -> Response:
        """Ask a job to stop at its next step; one that nobody has begun is cancelled at once."""
        job = self.job(request, slug, pk)
        claim.cancel(job, by=request.user)
        return self.answer(request, self.job(request, slug, pk))


class RetryView(OneJobView):
    """Try a job again."""

    @operation("retry_job", JobStarted, tag="jobs", status=202, request=None)
    def post(self, request: ApiRequest, slug: str, pk: int) -> Response:
        """Queue anew what a failed or cancelled job was to do; what it has done stays done."""
        job = claim.retry(self.job(request, slug, pk), by=request.user)
        return job_response(job)


def _jobs_json(corpus: Corpus, jobs: Sequence[Job], request: ApiRequest) -> list[dict[str, Any]]:
    """Return jobs; those that suggested tell nothing that a blind review may not know."""
    suggested = [job for job in jobs if job.kind in ("suggest", "trial")]
    results = open_results(corpus, [job.result for job in suggested], request.user)
    open_of = {job.pk: result for job, result in zip(suggested, results, strict=True)}
    rows = []
    for job in jobs:
        row = {"job": job.pk, **{name: getattr(job, name) for name in FIELDS}}
        rows.append({**row, "result": open_of.get(job.pk, job.result)})
    return rows
