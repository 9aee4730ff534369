"""The disputes of one document, settled and opened again, and the queue over all documents."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from drf_spectacular.utils import OpenApiParameter, extend_schema_field
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from annotator.api import wire
from annotator.api.base import ApiRequest, TextRead, check_text, valid
from annotator.api.description import operation
from annotator.core.left_out import LABEL, NOTHING, ONE
from annotator.models import DisputeState
from annotator.selectors import dispute_rows, disputes
from annotator.services import adjudicate
from annotator.web.addresses import disputes_json
from corpus.models import Document
from corpus.selectors import corpus_for, document_called

CHOICES = ("version", "none", "edit", "defer")
DOCUMENT_STATES = ("open", "done")
# Why gold cannot hold a link.
LINK_LEFT_OUT = (NOTHING, LABEL, ONE)


class EditedSpan(serializers.Serializer[Any]):
    """A span as an adjudicator writes it."""

    label = serializers.CharField()  # type: ignore[assignment]  # a field
    start = serializers.IntegerField(min_value=0)
    end = serializers.IntegerField(min_value=1)
    exact = serializers.CharField(help_text="the words that it means")
    fragments = wire.fragments(required=False)
    attributes = serializers.DictField(required=False)


class EditedLink(serializers.Serializer[Any]):
    """A link as an adjudicator writes it: to another frame, or to a span that is part of this."""

    kind = serializers.CharField()
    cluster = serializers.IntegerField(required=False, help_text="the frame that it goes to")
    span = EditedSpan(required=False)
    attributes = serializers.DictField(required=False)
    reverse = serializers.BooleanField(required=False)


class EditedFrame(serializers.Serializer[Any]):
    """A frame as an adjudicator writes it; with the label "" the attributes of the document."""

    span = EditedSpan()
    links = EditedLink(many=True, required=False)


@extend_schema_field(EditedFrame)
class FrameField(serializers.DictField):
    """A frame, which `adjudicate` reads."""


class SettleIn(TextRead):
    """One dispute settled."""

    version = serializers.IntegerField(min_value=0, max_value=2**31 - 1)
    client_id = serializers.UUIDField()
    dispute = serializers.IntegerField(min_value=0)
    choice = serializers.ChoiceField(choices=CHOICES)
    number = serializers.IntegerField(min_value=0, default=0)
    facets = serializers.DictField(
        child=serializers.IntegerField(min_value=1),
        required=False,
        help_text="single facets of other versions, by their numbers",
    )
    reason = serializers.CharField(allow_blank=True, default="", max_length=2000)
    frame = FrameField(required=False, allow_null=True)


class UndoIn(TextRead):
    """A settled dispute opened again."""

    version = serializers.IntegerField(min_value=0, max_value=2**31 - 1)
    client_id = serializers.UUIDField()
    dispute = serializers.IntegerField(min_value=0)


class ReasonIn(UndoIn):
    """Why a settled dispute was settled as it is."""

    reason = serializers.CharField(allow_blank=True, max_length=2000)


class Version(wire.Frame):
    """What some reviewers hold in a dispute."""

    number = serializers.IntegerField(help_text="by which it is chosen")
    layers = serializers.ListField(child=serializers.CharField(), help_text="their letters")


class AgreedFrame(wire.Frame):
    """A frame on which all reviewers agree."""

    ident = serializers.IntegerField(help_text="by which links of other frames name it")


class Settlement(serializers.Serializer[Any]):
    """How a dispute was settled: by a person with a reason, or by a policy."""

    choice = serializers.CharField()
    number = serializers.IntegerField(required=False)
    reason = serializers.CharField(required=False)
    facets = serializers.DictField(child=serializers.IntegerField(), required=False)
    policy = serializers.CharField(required=False)
    probability = serializers.FloatField(
        required=False, help_text="that all of it is right, as the policy `weighted` reckons"
    )
    spans = serializers.ListField(
        child=serializers.IntegerField(), required=False, help_text="what it put into gold"
    )
    links = serializers.ListField(child=serializers.IntegerField(), required=False)
    frame = serializers.DictField(required=False, help_text="what was chosen")


class DisputeOut(serializers.Serializer[Any]):
    """A frame on which reviewers differ, with every version of it."""

    ident = serializers.IntegerField()
    kind = serializers.CharField()
    kinds = serializers.ListField(child=serializers.CharField())
    label = serializers.CharField()  # type: ignore[assignment]  # a field
    start = serializers.IntegerField()
    end = serializers.IntegerField()
    versions = Version(many=True)
    parts = serializers.ListField(
        child=serializers.CharField(), help_text="facets that may be taken from another version"
    )
    absent = serializers.ListField(
        child=serializers.CharField(), help_text="letters of who looked and holds no such frame"
    )
    unseen = serializers.ListField(
        child=serializers.CharField(), help_text="letters of who did not look at it"
    )
    settled = Settlement(allow_null=True)
    deferred = serializers.BooleanField()


class LetteredLayer(wire.SpansAndLinks):
    """A submitted review under the letter that hides whose it is."""

    name = serializers.CharField()


class LeftOutLink(serializers.Serializer[Any]):
    """A link that was agreed or settled and that gold cannot hold."""

    ident = serializers.IntegerField(help_text="the dispute or agreed frame that it is of")
    kind = serializers.CharField()
    words = serializers.CharField(help_text="at its other end")
    reason = serializers.ChoiceField(
        choices=LINK_LEFT_OUT,
        help_text="nothing stands at its other end, that has another label, or one link stands",
    )


class Disputes(serializers.Serializer[Any]):
    """The disputes of one document, with the versions that reviewers hold."""

    document = wire.ArticleText()
    corpus = wire.CorpusName()
    reasons = serializers.ListField(
        child=serializers.CharField(), help_text="why, to choose from; a manager writes them"
    )
    schema = wire.Schema()
    version = serializers.IntegerField(help_text="of gold; settling names it")
    state = serializers.ChoiceField(choices=DOCUMENT_STATES)
    people = serializers.DictField(
        child=serializers.CharField(), help_text="names by letter, where the corpus shows them"
    )
    layers = LetteredLayer(many=True)
    agreed = AgreedFrame(many=True)
    disputes = DisputeOut(many=True)
    left_out = LeftOutLink(many=True)
    own = serializers.BooleanField(help_text="the caller annotated it and may not settle")
    urls = serializers.DictField(child=serializers.CharField())


class Closed(serializers.Serializer[Any]):
    """What comes after a document that is settled."""

    next = serializers.CharField(allow_null=True, help_text="page of the next document")
    message = serializers.CharField()


class DisputeSide(serializers.Serializer[Any]):
    """What some reviewers say in a facet."""

    value = serializers.CharField()
    layers = serializers.ListField(child=serializers.CharField(), help_text="their letters")
    suggested = serializers.BooleanField(help_text="a suggestion said so too")


class DisputeFacet(serializers.Serializer[Any]):
    """One facet in dispute, and who stands where."""

    facet = serializers.CharField()
    sides = DisputeSide(many=True)


class QueuedDispute(serializers.Serializer[Any]):
    """A dispute in the queue over all documents."""

    document = serializers.CharField()
    dispute = serializers.IntegerField()
    facet = serializers.CharField()
    facets = serializers.ListField(child=serializers.CharField())
    sides = DisputeFacet(many=True)
    labels = serializers.ListField(child=serializers.CharField())
    outlet = serializers.CharField()
    month = serializers.CharField(help_text="when the document was published, as 2026-11; or empty")
    cost = serializers.IntegerField(help_text="its size: words times facets in dispute")
    suggested = serializers.BooleanField()
    state = serializers.ChoiceField(choices=DisputeState.choices)
    start = serializers.IntegerField()
    end = serializers.IntegerField()
    words = serializers.CharField()


class DisputeQueue(serializers.Serializer[Any]):
    """A page of the queue."""

    disputes = QueuedDispute(many=True)
    next = serializers.CharField(allow_null=True)


class DisputeView(APIView):
    """What all endpoints of one document's disputes share."""

    def document(self, request: ApiRequest, slug: str, external_id: str) -> Document:
        """Return the document if the caller may settle its disputes."""
        corpus = corpus_for(request.user, slug, "adjudicate")
        document = document_called(corpus, external_id)
        check_text(request, document)
        return document

    def fresh(self, request: ApiRequest, document: Document) -> Response:
        """Answer with the disputes as they are now."""
        adjudication, gold = adjudicate.open_disputes(document, by=request.user)
        return Response(disputes_json(adjudication, gold, by=request.user))


class DisputesView(DisputeView):
    """The disputes of one document, with the versions that reviewers hold."""

    @operation("get_disputes", Disputes, tag="disputes")
    def get(self, request: ApiRequest, slug: str, external_id: str) -> Response:
        """Return the layers without names, what is agreed, and every dispute."""
        return self.fresh(request, self.document(request, slug, external_id))


class SettleView(DisputeView):
    """Settle a dispute."""

    @operation("settle_dispute", Disputes, tag="disputes", request=SettleIn)
    def post(self, request: ApiRequest, slug: str, external_id: str) -> Response:
        """Take a version, facets of several, nobody's or an edited frame into gold.

        The choice `defer` puts the dispute off.
        """
        document = self.document(request, slug, external_id)
        data = valid(SettleIn, request)
        data.pop("sha256", None)
        adjudicate.settle(document, by=request.user, at=data.pop("version"), **data)
        return self.fresh(request, document)


class UndoView(DisputeView):
    """Open a settled dispute again."""

    @operation("undo_settlement", Disputes, tag="disputes", request=UndoIn)
    def post(self, request: ApiRequest, slug: str, external_id: str) -> Response:
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


class ReasonView(DisputeView):
    """Say why a dispute was settled."""

    @operation("give_reason", Disputes, tag="disputes", request=ReasonIn)
    def post(self, request: ApiRequest, slug: str, external_id: str) -> Response:
        """Say afterwards why a settled dispute was settled as it is."""
        document = self.document(request, slug, external_id)
        data = valid(ReasonIn, request)
        data.pop("sha256", None)
        adjudicate.give_reason(document, by=request.user, at=data.pop("version"), **data)
        return self.fresh(request, document)


class CloseView(DisputeView):
    """Finish a document."""

    @operation("close_document", Closed, tag="disputes", request=None)
    def post(self, request: ApiRequest, slug: str, external_id: str) -> Response:
        """Go on to the next document with open disputes once each is settled or deferred here."""
        following = adjudicate.close(self.document(request, slug, external_id), by=request.user)
        if following is None:
            message = "Settled. No other document has open disputes."
            return Response({"next": None, "message": message})
        url = reverse("adjudicate", kwargs={"slug": slug, "external_id": following.external_id})
        return Response({"next": url, "message": "Settled."})


class DisputeQueueView(APIView):
    """The disputed frames of all documents."""

    @operation(
        "list_disputes",
        DisputeQueue,
        tag="disputes",
        parameters=[
            OpenApiParameter(
                "facet",
                str,
                description="missing, boundary, label, speaker, or an attribute's name",
            ),
            OpenApiParameter("value", str, description="a value of that facet that somebody holds"),
            OpenApiParameter("against", str, description="the value that stands against it"),
            OpenApiParameter("label", str),
            OpenApiParameter(
                "pair",
                str,
                description="keys of two reviewers who differ, like 3-7, for who is told names",
            ),
            OpenApiParameter("outlet", str),
            OpenApiParameter("month", str, description="when published, like 2026-11"),
            OpenApiParameter(
                "suggested",
                str,
                enum=["yes", "no", "neither"],
                description="whether a suggestion is involved; neither: nobody says what it said",
            ),
            OpenApiParameter(
                "side",
                str,
                description="who says what was suggested: value, against, or a reviewer's key",
            ),
            OpenApiParameter("state", str, enum=["open", "deferred", "settled"]),
            OpenApiParameter(
                "assigned", str, enum=["me", "any"], description="empty: mine or nobody's"
            ),
            OpenApiParameter("after", str, description="the `next` of the page before"),
        ],
    )
    def get(self, request: ApiRequest, slug: str) -> Response:
        """List what the caller may settle, by facet and then by cost."""
        corpus = corpus_for(request.user, slug, "adjudicate")
        wanted = disputes.DisputeFilter.read(request.query_params)
        after = request.query_params.get("after", "")
        page, following = disputes.queue(corpus, wanted, by=request.user, after=after)
        return Response({"disputes": dispute_rows.queue_json(page), "next": following or None})
