"""One's own review of a document: the workspace, decisions, handing in, taking back."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils import timezone
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from annotator.api import wire as shapes
from annotator.api.base import ApiRequest, TextRead, check_text, valid
from annotator.api.description import ProblemSerializer, operation
from annotator.core.decisions import REVIEWED, VERBS
from annotator.models import Layer, LayerState
from annotator.selectors import layers, wire
from annotator.selectors.assignments import in_hand
from annotator.selectors.workspace import place_of
from annotator.services import assignments, review
from annotator.web.addresses import workspace_json
from corpus import selectors
from corpus.core.problems import Problem
from corpus.models import Document

# Where suggestions are for a review that was opened without them.
AWAITED_STATES = ("there", "coming", "none")


class DecisionIn(serializers.Serializer[Any]):
    """One decision on a span, a link, or the attributes of the document."""

    client_id = serializers.UUIDField(help_text="the same id twice is one decision")
    verb = serializers.ChoiceField(choices=VERBS)
    subject = serializers.ChoiceField(choices=REVIEWED)
    ident = serializers.IntegerField(
        min_value=0, max_value=2**31 - 1, help_text="0 for the document, which has one value"
    )
    after = serializers.DictField(
        required=False,
        allow_null=True,
        help_text='the whole value that is true afterwards, `{"rejected": true}`, or null',
    )
    exact = serializers.CharField(
        required=False, help_text="the words that a span means; refused when the text has others"
    )
    group = serializers.UUIDField(required=False, help_text="decisions that are undone as one")
    undoes = serializers.UUIDField(required=False, allow_null=True)
    elapsed_ms = serializers.IntegerField(required=False)
    seen_ms = serializers.IntegerField(
        required=False, help_text="how long the words of an accepted span had been on the screen"
    )


@extend_schema_field(DecisionIn(many=True))
class DecisionsField(serializers.ListField):
    """Decisions, which `decision_log` reads: checked here as well, each save would take longer."""

    child = serializers.DictField()


class DecisionsIn(TextRead):
    """A batch of decisions, applied in order, all or none."""

    version = serializers.IntegerField(min_value=0, max_value=2**31 - 1)
    owner = serializers.CharField(
        required=False, max_length=150, help_text="whose decisions these are"
    )
    decisions = DecisionsField(max_length=5000)


class SubmitIn(TextRead):
    """A review handed in at the version that the reviewer saw."""

    version = serializers.IntegerField(min_value=0, max_value=2**31 - 1)
    client_id = serializers.UUIDField(
        required=False, help_text="the same id twice hands in once, and is answered alike"
    )
    owner = serializers.CharField(required=False, max_length=150, help_text="whose review this is")
    elapsed_ms = serializers.IntegerField(
        required=False, default=0, min_value=0, max_value=2**31 - 1
    )


class Saved(serializers.Serializer[Any]):
    """The new version of a layer."""

    version = serializers.IntegerField()
    saved_at = serializers.CharField(help_text="the time of day")


class StaleVersion(ProblemSerializer):
    """Another page of the same person was quicker, or the review is closed to its owner."""

    version = serializers.IntegerField(required=False, help_text="of the layer now")
    decisions = shapes.Decision(many=True, required=False, help_text="those made since")


class Incomplete(ProblemSerializer):
    """What a review lacks."""

    idents = serializers.ListField(
        child=serializers.IntegerField(), required=False, help_text="the claims that lack something"
    )


class PlacedText(shapes.ArticleText):
    """A document with its place in the reviewer's work."""

    position = serializers.IntegerField()
    total = serializers.IntegerField()


class OwnLayer(serializers.Serializer[Any]):
    """Where the caller's own layer stands."""

    version = serializers.IntegerField()
    state = serializers.ChoiceField(choices=LayerState.choices)
    blind = serializers.BooleanField(help_text="whether suggestions are kept back")
    awaits_suggestions = serializers.BooleanField(
        help_text="whether it was opened before its suggestions were there, and takes them yet"
    )
    owner = serializers.CharField()


class Awaited(serializers.Serializer[Any]):
    """Where the suggestions are for a review that was opened without them."""

    state = serializers.ChoiceField(
        choices=AWAITED_STATES, help_text="none also where it goes on without"
    )


class LeftOfReview(serializers.Serializer[Any]):
    """Spans of a review that did not come along when its text was corrected."""

    sha256 = serializers.CharField(help_text="of the text before")
    spans = shapes.LostSpan(many=True)


class Workspace(shapes.SpansAndLinks):
    """All that a reviewer works with: text, suggestions, the own spans and links, and the log."""

    document = PlacedText()
    corpus = shapes.CorpusName()
    schema = shapes.Schema()
    layer = OwnLayer()
    suggestions = shapes.SpansAndLinks()
    rejected = serializers.ListField(child=serializers.IntegerField())
    unaccepted = serializers.ListField(
        child=serializers.IntegerField(),
        help_text="suggestions that were changed and not accepted since, 0 for the document's",
    )
    history = shapes.Decision(many=True)
    left_behind = LeftOfReview(
        many=True, help_text="what did not come along to a corrected text, until it is handed in"
    )
    guideline = serializers.CharField()
    urls = serializers.DictField(child=serializers.CharField())


class Submitted(serializers.Serializer[Any]):
    """What comes after a review that was handed in."""

    next = serializers.CharField(allow_null=True, help_text="page of the next document")
    done = serializers.BooleanField()
    message = serializers.CharField()
    position = serializers.IntegerField(required=False, help_text="of the next document")
    total = serializers.IntegerField(required=False)


class Ahead(serializers.Serializer[Any]):
    """What comes after a document."""

    page = serializers.CharField(allow_null=True, help_text="of the next document in your hands")


class GiveBackIn(serializers.Serializer[Any]):
    """Whose review is opened again."""

    reviewer = serializers.CharField(max_length=150, help_text="the reviewer's user name")


class Reopened(serializers.Serializer[Any]):
    """The version of a review that was taken back."""

    version = serializers.IntegerField()


class NextDocument(serializers.Serializer[Any]):
    """The document that was taken."""

    id = serializers.CharField(allow_null=True, help_text="null when there is nothing left")


class WorkspaceView(APIView):
    """The text, the suggestions and the reviewer's own layer of one document."""

    @operation("open_workspace", Workspace, tag="review")
    def get(self, request: ApiRequest, slug: str, external_id: str) -> Response:
        """Return the workspace; the first time, take a free place on the document."""
        corpus = selectors.corpus_for(request.user, slug)
        document = selectors.document_called(corpus, external_id)
        layer = review.open_layer(document, by=request.user)
        return Response(workspace_json(layer))


class LayerView(APIView):
    """What all endpoints on the caller's own layer share."""

    def layer(self, request: ApiRequest, slug: str, external_id: str) -> Layer:
        """Return the caller's layer of the document, or raise `Problem`."""
        try:
            layer = layers.review_called(request.user, slug, external_id)
        except Problem:
            # Where nothing came along to a corrected text, that is what there is to say.
            corpus = selectors.corpus_for(request.user, slug)
            check_text(request, selectors.document_called(corpus, external_id))
            raise
        check_text(request, layer.document)
        return layer


class AwaitedView(LayerView):
    """Suggestions that come after a review was opened."""

    @operation("get_awaited_suggestions", Awaited, tag="review")
    def get(self, request: ApiRequest, slug: str, external_id: str) -> Response:
        """Say whether suggestions are there to be taken."""
        layer = self.layer(request, slug, external_id)
        return Response({"state": layers.awaited_state(layer)})

    @operation("take_awaited_suggestions", Workspace, tag="review", request=None)
    def post(self, request: ApiRequest, slug: str, external_id: str) -> Response:
        """Show them in the review, as long as nothing was decided in it."""
        layer = self.layer(request, slug, external_id)
        return Response(workspace_json(review.take_suggestions(layer, by=request.user)))


class DecisionsView(LayerView):
    """The log of the reviewer's own layer."""

    @operation(
        "save_decisions",
        Saved,
        tag="review",
        request=DecisionsIn,
        responses={409: StaleVersion},
    )
    def post(self, request: ApiRequest, slug: str, external_id: str) -> Response:
        """Append decisions; a stale version is answered with the decisions made since."""
        layer = self.layer(request, slug, external_id)
        data = valid(DecisionsIn, request)
        _same_person(request, data)
        try:
            layer = review.decide(layer, data["decisions"], by=request.user, at=data["version"])
        except Problem as problem:
            if problem.code != "stale-version":
                raise
            return self._stale(layer, data["version"], problem)
        return Response({"version": layer.version, "saved_at": timezone.now().strftime("%H:%M:%S")})

    def _stale(self, layer: Layer, version: int, problem: Problem) -> Response:
        """Answer with the decisions since the version that the page knows."""
        since = layers.decisions_since(layer, version)
        answer = {
            "code": problem.code,
            "message": problem.message,
            "version": layer.version,
            "decisions": [wire.decision_json(decision) for decision in since],
        }
        return Response(answer, status=409)


class SubmitView(LayerView):
    """Hand a review in."""

    @operation(
        "submit_review",
        Submitted,
        tag="review",
        request=SubmitIn,
        responses={400: Incomplete},
    )
    def post(self, request: ApiRequest, slug: str, external_id: str) -> Response:
        """Submit and answer with the next document, which is taken for the reviewer."""
        layer = self.layer(request, slug, external_id)
        data = valid(SubmitIn, request)
        _same_person(request, data)
        try:
            review.submit(
                layer,
                by=request.user,
                at=data["version"],
                client_id=data.get("client_id"),
                elapsed_ms=data["elapsed_ms"],
            )
        except Problem as problem:
            if problem.code not in ("layer-incomplete", "proposals-open"):
                raise
            idents = [int(n) for n in problem.details["idents"].split(", ")]
            refused = {"code": problem.code, "message": problem.message, "idents": idents}
            return Response(refused, status=400)
        following = assignments.claim_next(layer.document.corpus, by=request.user)
        if following is None:
            message = "Submitted. There is nothing left to review."
            return Response({"next": None, "done": True, "message": message})
        answer = {"next": _page(following), "done": True, "message": "Submitted."}
        return Response({**answer, **place_of(following, request.user.pk)})


class AheadView(LayerView):
    """What comes after a document that is not handed in yet."""

    @operation("next_in_hand", Ahead, tag="review")
    def get(self, request: ApiRequest, slug: str, external_id: str) -> Response:
        """Say which document in one's own hands comes next; none is taken for it."""
        document = self.layer(request, slug, external_id).document
        following = in_hand(document.corpus, request.user, besides=document)
        return Response({"page": _page(following) if following else None})


class ReopenView(LayerView):
    """Take a submitted review back."""

    @operation("reopen_review", Reopened, tag="review", request=None)
    def post(self, request: ApiRequest, slug: str, external_id: str) -> Response:
        """Open the review again while it is not final.

        It is final once it was compared with the others', or its author was shown any of them.
        """
        layer = review.reopen(self.layer(request, slug, external_id), by=request.user)
        return Response({"version": layer.version})


class GiveBackView(APIView):
    """Give a handed-in review back to its author."""

    @operation("give_back_review", Reopened, tag="review", request=GiveBackIn)
    def post(self, request: ApiRequest, slug: str, external_id: str) -> Response:
        """Open another's review again, final or not, while no person has settled anything on it.

        For managers, and never of their own; the audit log names who did.
        """
        corpus = selectors.corpus_for(request.user, slug, "manage")
        document = selectors.document_called(corpus, external_id)
        reviewer = valid(GiveBackIn, request)["reviewer"]
        layer = review.give_back(document, reviewer=reviewer, by=request.user)
        return Response({"version": layer.version})


class NextView(APIView):
    """The reviewer's queue."""

    @operation("take_next_document", NextDocument, tag="review", request=None)
    def post(self, request: ApiRequest, slug: str) -> Response:
        """Take the next document; `id` is null when there is nothing left."""
        corpus = selectors.corpus_for(request.user, slug)
        document = assignments.claim_next(corpus, by=request.user)
        return Response({"id": document.external_id if document else None})


def _page(document: Document) -> str:
    """Return the address of the page on which a document is reviewed."""
    kwargs = {"slug": document.corpus.slug, "external_id": document.external_id}
    return reverse("review", kwargs=kwargs)


def _same_person(request: ApiRequest, data: dict[str, Any]) -> None:
    """Raise `Problem` when a page sends one person's work under another's session.

    It was left open while somebody else signed in.
    """
    user = request.user.get_username()
    owner = data.get("owner", user)
    if owner != user:
        raise Problem("other-user", owner=owner, user=user)
