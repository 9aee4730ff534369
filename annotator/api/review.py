"""The API that the review and adjudication pages use, and that scripts may use with a token."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from django.urls import reverse
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.authtoken.serializers import AuthTokenSerializer
from rest_framework.parsers import FormParser, MultiPartParser
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import ScopedRateThrottle
from rest_framework.views import APIView

from annotator.api.base import ProblemSerializer, StorableJSONParser
from annotator.models import Decision, Layer
from annotator.selectors import disputes, layers, notes, overview, own_work, wire, workspace
from annotator.selectors.filters import DocumentFilter
from annotator.services import accounts, adjudicate, assignments, review
from annotator.services import notes as notes_service
from annotator.suggesters import SUGGESTERS
from corpus import selectors as corpus_selectors
from corpus.core.problems import Problem
from corpus.jobs import claim
from corpus.permissions import User

PROBLEMS = dict.fromkeys((400, 403, 404, 409, 422), ProblemSerializer)


class DecisionsIn(serializers.Serializer[Any]):
    """A batch of decisions, applied in order, all or none."""

    version = serializers.IntegerField(min_value=0, max_value=2**31 - 1)
    owner = serializers.CharField(
        required=False, max_length=150, help_text="whose decisions these are"
    )
    decisions = serializers.ListField(child=serializers.DictField(), max_length=5000)


class SettleIn(serializers.Serializer[Any]):
    """One dispute settled."""

    version = serializers.IntegerField(min_value=0, max_value=2**31 - 1)
    client_id = serializers.UUIDField()
    dispute = serializers.IntegerField(min_value=0)
    choice = serializers.ChoiceField(choices=["version", "none", "edit", "defer"])
    number = serializers.IntegerField(min_value=0, default=0)
    facets = serializers.DictField(
        child=serializers.IntegerField(min_value=1),
        required=False,
        help_text="single facets of other versions, by their numbers",
    )
    reason = serializers.CharField(allow_blank=True, default="", max_length=2000)
    frame = serializers.DictField(required=False, allow_null=True)


class UndoIn(serializers.Serializer[Any]):
    """A settled dispute opened again."""

    version = serializers.IntegerField(min_value=0, max_value=2**31 - 1)
    client_id = serializers.UUIDField()
    dispute = serializers.IntegerField(min_value=0)


class SubmitIn(serializers.Serializer[Any]):
    """A review handed in at the version that the reviewer saw."""

    version = serializers.IntegerField(min_value=0, max_value=2**31 - 1)
    client_id = serializers.UUIDField(required=False)
    owner = serializers.CharField(required=False, max_length=150, help_text="whose review this is")
    elapsed_ms = serializers.IntegerField(
        required=False, default=0, min_value=0, max_value=2**31 - 1
    )


class CommentIn(serializers.Serializer[Any]):
    """A comment on a frame."""

    subject = serializers.IntegerField(
        min_value=1, max_value=2**31 - 1, help_text="the claim's ident"
    )
    body = serializers.CharField(max_length=2000)
    client_id = serializers.UUIDField(required=False, help_text="the same id twice is one comment")


class FlagIn(serializers.Serializer[Any]):
    """A frame that the guideline does not settle."""

    subject = serializers.IntegerField(
        min_value=1, max_value=2**31 - 1, help_text="the claim's ident"
    )
    section = serializers.CharField(
        allow_blank=True,
        default="",
        max_length=200,
        help_text="slug of a heading of the guideline, or empty",
    )
    note = serializers.CharField(allow_blank=True, default="", max_length=2000)


class SuggestIn(serializers.Serializer[Any]):
    """Which suggester to run."""

    suggester = serializers.CharField(default="rules.v1", max_length=100)


def review_urls(layer: Layer) -> dict[str, str]:
    """Return where the review page sends what."""
    names = {"slug": layer.document.corpus.slug, "external_id": layer.document.external_id}
    names_of = ("workspace", "decisions", "submit", "reopen", "comments", "flags")
    found = {name: reverse(f"api-{name}", kwargs=names) for name in names_of}
    if layer.gold_seen:
        del found["reopen"]
    slug = {"slug": names["slug"]}
    return {
        **found,
        "corpus": reverse("corpus", kwargs=slug),
        "guideline": reverse("guideline", kwargs=slug),
    }


def workspace_json(layer: Layer) -> dict[str, Any]:
    """Return the workspace with its addresses."""
    urls = review_urls(layer)
    return {**workspace.workspace_of(layer), "guideline": urls["guideline"], "urls": urls}


def disputes_json(adjudication: Any, gold: Layer, *, by: User) -> dict[str, Any]:
    """Return the disputes of a document with the addresses of the page, and whether this person may
    settle them.
    """
    document = adjudication.document
    names = {"slug": document.corpus.slug, "external_id": document.external_id}
    urls = {
        name: reverse(f"api-{name}", kwargs=names)
        for name in ("settle", "undo", "close", "disputes", "flags")
    }
    urls["list"] = reverse("disputes", kwargs={"slug": names["slug"]})
    own = not adjudicate.may_settle(document, by=by)
    return {**disputes.of_document(adjudication, gold), "own": own, "urls": urls}


def valid(serializer: type[serializers.Serializer[Any]], request: Request) -> dict[str, Any]:
    """Return the checked body of a request; raise `Problem` naming the first field that is wrong."""
    try:
        return dict(_reader(serializer).run_validation(request.data))
    except serializers.ValidationError as error:
        errors = error.detail if isinstance(error.detail, dict) else {"body": error.detail}
        field, reasons = next(iter(errors.items()))
        raise Problem("request-invalid", reason=f"{field}: {_first(reasons)}") from None


@lru_cache
def _reader(serializer: type[serializers.Serializer[Any]]) -> serializers.Serializer[Any]:
    # Checking changes nothing in it; a new one copies every field.
    return serializer()


def whole(text: str) -> int:
    """Read a key out of an address; what is none begins at the beginning."""
    return int(text) if text.isdecimal() and len(text) < 19 else 0


def _first(errors: Any) -> str:
    while isinstance(errors, list | dict):
        errors = next(iter(errors.values() if isinstance(errors, dict) else errors))
    return str(errors)


def _same_person(request: Request, data: dict[str, Any]) -> None:
    """Raise `Problem` when a page that was left open sends one person's work under another's
    session.
    """
    user = request.user.get_username()
    if data.get("owner", user) != user:
        raise Problem("other-user", owner=data["owner"], user=user)


class Answer(serializers.Serializer[Any]):
    """The new version of a layer."""

    version = serializers.IntegerField()
    saved_at = serializers.CharField()


@extend_schema(responses={200: OpenApiTypes.OBJECT, **PROBLEMS})
class WorkspaceView(APIView):
    """The text, the suggestions and the reviewer's own layer of one document."""

    def get(self, request: Request, slug: str, external_id: str) -> Response:
        """Return the workspace; the first time, take a free place on the document."""
        corpus = corpus_selectors.corpus_for(request.user, slug)
        document = corpus_selectors.document_called(corpus, external_id)
        return Response(workspace_json(review.open_layer(document, by=request.user)))


class LayerView(APIView):
    """What all endpoints on the caller's own layer share."""

    def layer(self, request: Request, slug: str, external_id: str) -> Layer:
        """Return the caller's layer of the document, or raise `Problem`."""
        return layers.review_called(request.user, slug, external_id)


class DecisionsView(LayerView):
    """The log of the reviewer's own layer."""

    @extend_schema(request=DecisionsIn, responses={200: Answer, **PROBLEMS})
    def post(self, request: Request, slug: str, external_id: str) -> Response:
        """Append decisions; a stale version is answered with the decisions made since."""
        layer = self.layer(request, slug, external_id)
        data = valid(DecisionsIn, request)
        _same_person(request, data)
        try:
            layer = review.decide(layer, data["decisions"], by=request.user, at=data["version"])
        except Problem as problem:
            if problem.code != "stale-version":
                raise
            since = Decision.objects.filter(layer=layer, seq__gt=data["version"]).order_by("seq")
            return Response(
                {
                    "code": problem.code,
                    "message": problem.message,
                    "version": layer.version,
                    "decisions": [wire.decision_json(d) for d in since],
                },
                status=409,
            )
        return Response({"version": layer.version, "saved_at": timezone.now().strftime("%H:%M:%S")})


class SubmitView(LayerView):
    """Hand a review in."""

    @extend_schema(request=SubmitIn, responses={200: OpenApiTypes.OBJECT, **PROBLEMS})
    def post(self, request: Request, slug: str, external_id: str) -> Response:
        """Submit and answer with the next document, which is taken for the reviewer."""
        layer = self.layer(request, slug, external_id)
        data = valid(SubmitIn, request)
        _same_person(request, data)
        try:
            review.submit(layer, by=request.user, at=data["version"], elapsed_ms=data["elapsed_ms"])
        except Problem as problem:
            if problem.code != "layer-incomplete":
                raise
            idents = [int(n) for n in problem.details["idents"].split(", ")]
            return Response(
                {"code": problem.code, "message": problem.message, "idents": idents}, status=400
            )
        following = assignments.claim_next(layer.document.corpus, by=request.user)
        if following is None:
            return Response(
                {
                    "next": None,
                    "done": True,
                    "message": "Submitted. There is nothing left to review.",
                }
            )
        url = reverse("review", kwargs={"slug": slug, "external_id": following.external_id})
        return Response({"next": url, "done": True, "message": "Submitted."})


class ReopenView(LayerView):
    """Take a submitted review back."""

    @extend_schema(request=None, responses={200: OpenApiTypes.OBJECT, **PROBLEMS})
    def post(self, request: Request, slug: str, external_id: str) -> Response:
        """Open the review again while no person has settled anything on its document."""
        layer = review.reopen(self.layer(request, slug, external_id), by=request.user)
        return Response({"version": layer.version})


class NoteView(APIView):
    """What comments and flags share: both are about frames of a layer that the caller may speak
    about.
    """

    def layer(self, request: Request, slug: str, external_id: str) -> Layer:
        """Return the caller's review of the document, or gold for who adjudicates."""
        corpus = corpus_selectors.corpus_for(request.user, slug)
        return notes_service.layer_for(
            corpus_selectors.document_called(corpus, external_id), by=request.user
        )


class CommentsView(NoteView):
    """Comments on the frames of one document."""

    @extend_schema(responses={200: OpenApiTypes.OBJECT, **PROBLEMS})
    def get(self, request: Request, slug: str, external_id: str) -> Response:
        """List the comments on the caller's review; for who adjudicates, those of all submitted
        reviews.
        """
        return Response({"comments": notes.comments_json(self.layer(request, slug, external_id))})

    @extend_schema(request=CommentIn, responses={200: OpenApiTypes.OBJECT, **PROBLEMS})
    def post(self, request: Request, slug: str, external_id: str) -> Response:
        """Comment on a frame and answer with all comments; sent twice is once."""
        layer = self.layer(request, slug, external_id)
        notes_service.comment(layer.document, by=request.user, **valid(CommentIn, request))
        return Response({"comments": notes.comments_json(layer)})


class FlagsView(NoteView):
    """Frames of one document that are flagged for the guideline."""

    @extend_schema(responses={200: OpenApiTypes.OBJECT, **PROBLEMS})
    def get(self, request: Request, slug: str, external_id: str) -> Response:
        """List the flags on the caller's review, or on gold."""
        return Response({"flags": notes.flags_json(self.layer(request, slug, external_id))})

    @extend_schema(request=FlagIn, responses={200: OpenApiTypes.OBJECT, **PROBLEMS})
    def post(self, request: Request, slug: str, external_id: str) -> Response:
        """Flag a frame for a section of the guideline; sent twice is once, another note replaces
        the first.
        """
        layer = self.layer(request, slug, external_id)
        notes_service.flag(layer.document, by=request.user, **valid(FlagIn, request))
        return Response({"flags": notes.flags_json(layer)})


class DisputeView(APIView):
    """What all endpoints of one document's disputes share."""

    def document(self, request: Request, slug: str, external_id: str) -> Any:
        """Return the document if the caller may settle its disputes."""
        corpus = corpus_selectors.corpus_for(request.user, slug, "adjudicate")
        return corpus_selectors.document_called(corpus, external_id)

    def fresh(self, request: Request, document: Any) -> Response:
        """Answer with the disputes as they are now."""
        return Response(
            disputes_json(*adjudicate.open_disputes(document, by=request.user), by=request.user)
        )


@extend_schema(responses={200: OpenApiTypes.OBJECT, **PROBLEMS})
class DisputesView(DisputeView):
    """The disputes of one document, with the versions that reviewers hold."""

    def get(self, request: Request, slug: str, external_id: str) -> Response:
        """Return the layers without names, what is agreed, and every dispute."""
        return self.fresh(request, self.document(request, slug, external_id))


class SettleView(DisputeView):
    """Settle a dispute."""

    @extend_schema(request=SettleIn, responses={200: OpenApiTypes.OBJECT, **PROBLEMS})
    def post(self, request: Request, slug: str, external_id: str) -> Response:
        """Take a version, facets of several, nobody's or an edited frame into gold, or put the
        dispute off.
        """
        document = self.document(request, slug, external_id)
        data = valid(SettleIn, request)
        adjudicate.settle(document, by=request.user, at=data.pop("version"), **data)
        return self.fresh(request, document)


class UndoView(DisputeView):
    """Open a settled dispute again."""

    @extend_schema(request=UndoIn, responses={200: OpenApiTypes.OBJECT, **PROBLEMS})
    def post(self, request: Request, slug: str, external_id: str) -> Response:
        """Take back what settling the dispute added to gold."""
        document = self.document(request, slug, external_id)
        data = valid(UndoIn, request)
        adjudicate.undo(
            document,
            by=request.user,
            at=data["version"],
            client_id=data["client_id"],
            dispute=data["dispute"],
        )
        return self.fresh(request, document)


class CloseView(DisputeView):
    """Finish a document."""

    @extend_schema(request=None, responses={200: OpenApiTypes.OBJECT, **PROBLEMS})
    def post(self, request: Request, slug: str, external_id: str) -> Response:
        """Go on to the next document with open disputes once each is settled or deferred here."""
        following = adjudicate.close(self.document(request, slug, external_id), by=request.user)
        if following is None:
            return Response(
                {"next": None, "message": "Settled. No other document has open disputes."}
            )
        url = reverse("adjudicate", kwargs={"slug": slug, "external_id": following.external_id})
        return Response({"next": url, "message": "Settled."})


class DisputeQueueView(APIView):
    """The disputed frames of all documents."""

    @extend_schema(
        parameters=[
            OpenApiParameter(
                "facet",
                str,
                description="missing, boundary, label, speaker, or an attribute's name",
            ),
            OpenApiParameter("label", str),
            OpenApiParameter("pair", str, description="keys of two reviewers who differ, like 3-7"),
            OpenApiParameter("outlet", str),
            OpenApiParameter(
                "suggested", str, enum=["yes", "no"], description="whether a suggestion is involved"
            ),
            OpenApiParameter("state", str, enum=["open", "deferred"]),
            OpenApiParameter(
                "assigned", str, enum=["me", "any"], description="empty: mine or nobody's"
            ),
            OpenApiParameter("after", str, description="the `next` of the page before"),
        ],
        responses={200: OpenApiTypes.OBJECT, **PROBLEMS},
    )
    def get(self, request: Request, slug: str) -> Response:
        """List what the caller may settle, by facet and then by cost."""
        corpus = corpus_selectors.corpus_for(request.user, slug, "adjudicate")
        wanted = disputes.DisputeFilter.read(request.query_params)
        page, following = disputes.queue(
            corpus, wanted, by=request.user, after=request.query_params.get("after", "")
        )
        return Response({"disputes": disputes.queue_json(page), "next": following})


class CorporaView(APIView):
    """The corpora that the caller belongs to."""

    @extend_schema(operation_id="corpora_list", responses={200: OpenApiTypes.OBJECT, **PROBLEMS})
    def get(self, request: Request) -> Response:
        """List corpora by name."""
        found = corpus_selectors.corpora_of(request.user)
        return Response([{"slug": c.slug, "name": c.name, "language": c.language} for c in found])


@extend_schema(responses={200: OpenApiTypes.OBJECT, **PROBLEMS})
class CorpusView(APIView):
    """One corpus with its schema and progress."""

    def get(self, request: Request, slug: str) -> Response:
        """Return name, schema, counts and what is left for the caller."""
        corpus = corpus_selectors.corpus_for(request.user, slug)
        schema = (
            corpus_selectors.schema_rows(corpus.schema).view.as_json() if corpus.schema else None
        )
        return Response(
            {
                "slug": corpus.slug,
                "name": corpus.name,
                "schema": schema,
                "progress": overview.totals(corpus).progress.as_json(),
                "mine": own_work.my_progress(corpus, request.user),
            }
        )


class DocumentsView(APIView):
    """The documents of a corpus, a page at a time."""

    @extend_schema(
        parameters=[
            OpenApiParameter("query", str, description="words of the title or the id"),
            OpenApiParameter("state", str, enum=["waiting", "ready", "done"]),
            OpenApiParameter("outlet", str),
            OpenApiParameter(
                "since", OpenApiTypes.DATE, description="published on this day or later"
            ),
            OpenApiParameter(
                "until", OpenApiTypes.DATE, description="published on this day or earlier"
            ),
            OpenApiParameter(
                "mine",
                str,
                enum=["taken", "done", "none"],
                description="where the caller is with it",
            ),
            OpenApiParameter("after", int, description="the `next` of the page before"),
        ],
        responses={200: OpenApiTypes.OBJECT, **PROBLEMS},
    )
    def get(self, request: Request, slug: str) -> Response:
        """List documents in order of import; under a filter a page may be empty although `next` is
        not null.
        """
        corpus = corpus_selectors.corpus_for(request.user, slug)
        asked = DocumentFilter(request.query_params, request=request)
        if not asked.form.is_valid():
            field, errors = next(iter(asked.form.errors.items()))
            raise Problem("request-invalid", reason=f"{field}: {errors[0]}")
        page, following = corpus_selectors.documents_page(
            corpus, narrow=asked.narrow, after=whole(request.query_params.get("after", ""))
        )
        return Response(
            {
                "documents": [
                    {"id": d.external_id, "title": d.title, "outlet": d.outlet, "words": d.words}
                    for d in page
                ],
                "next": following or None,
            }
        )


@extend_schema(request=None, responses={200: OpenApiTypes.OBJECT, **PROBLEMS})
class NextView(APIView):
    """The reviewer's queue."""

    def post(self, request: Request, slug: str) -> Response:
        """Take the next document; `id` is null when there is nothing left."""
        corpus = corpus_selectors.corpus_for(request.user, slug)
        document = assignments.claim_next(corpus, by=request.user)
        return Response({"id": document.external_id if document else None})


class SuggestView(APIView):
    """Pre-annotation in the background."""

    @extend_schema(request=SuggestIn, responses={202: OpenApiTypes.OBJECT, **PROBLEMS})
    def post(self, request: Request, slug: str) -> Response:
        """Queue a job that suggests for every document that lacks this run's layer."""
        corpus = corpus_selectors.corpus_for(request.user, slug, "suggest")
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
        return Response({"job": job.pk, "state": job.state}, status=202)


@extend_schema(responses={200: OpenApiTypes.OBJECT, **PROBLEMS})
class JobView(APIView):
    """One background job."""

    def get(self, request: Request, slug: str, pk: int) -> Response:
        """Return how far a job is."""
        corpus = corpus_selectors.corpus_for(request.user, slug, "manage")
        job = corpus.jobs.filter(pk=pk).first()
        if job is None:
            raise Problem("not-found", what="job", name=pk)
        fields = ("kind", "state", "done", "total", "result", "error")
        return Response({"job": job.pk, **{name: getattr(job, name) for name in fields}})


class TokenView(APIView):
    """Exchange a user name and password for an API token."""

    authentication_classes: list[Any] = []
    permission_classes = [AllowAny]
    parser_classes = [StorableJSONParser, FormParser, MultiPartParser]
    throttle_classes = [ScopedRateThrottle]
    throttle_scope = "login"

    @extend_schema(request=AuthTokenSerializer, responses={200: OpenApiTypes.OBJECT})
    def post(self, request: Request) -> Response:
        """Return a token that lasts a week."""
        asked = AuthTokenSerializer(data=request.data, context={"request": request})
        asked.is_valid(raise_exception=True)
        return Response({"token": accounts.script_token(asked.validated_data["user"])})
