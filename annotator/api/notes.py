"""Comments and flags on the frames of one document."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from annotator.api.base import ApiRequest, valid
from annotator.api.description import AFTER, operation
from annotator.models import Layer, LayerKind
from annotator.selectors import notes as selectors
from annotator.services import notes
from annotator.web.requests import whole_number
from corpus.selectors import corpus_for, document_called


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


class CommentOut(serializers.Serializer[Any]):
    """A comment on a frame."""

    subject = serializers.IntegerField(help_text="the claim's ident")
    layer = serializers.CharField(help_text="mine, gold, or the letter of a reviewer")
    body = serializers.CharField()
    at = serializers.DateTimeField()


class CommentsPage(serializers.Serializer[Any]):
    """A page of comments, oldest first."""

    comments = CommentOut(many=True)
    next = serializers.IntegerField(allow_null=True)


class FlagOut(serializers.Serializer[Any]):
    """A flag on a frame."""

    subject = serializers.IntegerField(help_text="the claim's ident")
    section = serializers.CharField()
    note = serializers.CharField()
    done = serializers.BooleanField()


class FlagsPage(serializers.Serializer[Any]):
    """A page of flags, oldest first."""

    flags = FlagOut(many=True)
    next = serializers.IntegerField(allow_null=True)


class NoteView(APIView):
    """What comments and flags share: the layer that the caller may speak about."""

    def layer(self, request: ApiRequest, slug: str, external_id: str) -> Layer:
        """Return the caller's review of the document, or gold for who adjudicates."""
        corpus = corpus_for(request.user, slug)
        document = document_called(corpus, external_id)
        return notes.layer_for(document, by=request.user)


class CommentsView(NoteView):
    """Comments on the frames of one document."""

    @operation(
        "list_comments",
        CommentsPage,
        tag="review",
        parameters=[
            OpenApiParameter("subject", int, description="on the frame of this claim alone"),
            AFTER,
        ],
    )
    def get(self, request: ApiRequest, slug: str, external_id: str) -> Response:
        """List the comments on the caller's review, oldest first.

        For who adjudicates these are the comments of all submitted reviews.
        """
        page, following = selectors.comments_page(
            self.layer(request, slug, external_id),
            subject=whole_number(request.query_params.get("subject", "")),
            after=whole_number(request.query_params.get("after", "")),
        )
        return Response({"comments": page, "next": following or None})

    @operation("add_comment", CommentOut, tag="review", request=CommentIn)
    def post(self, request: ApiRequest, slug: str, external_id: str) -> Response:
        """Comment on a frame; sent twice is once."""
        layer = self.layer(request, slug, external_id)
        made = notes.comment(layer.document, by=request.user, **valid(CommentIn, request))
        name = "gold" if layer.kind == LayerKind.GOLD else "mine"
        return Response(selectors.comment_json(made, name))


class FlagsView(NoteView):
    """Frames of one document that are flagged for the guideline."""

    @operation("list_flags", FlagsPage, tag="review", parameters=[AFTER])
    def get(self, request: ApiRequest, slug: str, external_id: str) -> Response:
        """List the flags on the caller's review, or on gold, oldest first."""
        after = whole_number(request.query_params.get("after", ""))
        layer = self.layer(request, slug, external_id)
        page, following = selectors.flags_page(layer, after=after)
        return Response({"flags": page, "next": following or None})

    @operation("add_flag", FlagOut, tag="review", request=FlagIn)
    def post(self, request: ApiRequest, slug: str, external_id: str) -> Response:
        """Flag a frame for a section of the guideline.

        Sent twice is once, and another note replaces the first.
        """
        layer = self.layer(request, slug, external_id)
        made = notes.flag(layer.document, by=request.user, **valid(FlagIn, request))
        return Response(selectors.flag_json(made))
