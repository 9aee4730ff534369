"""Comments and flags on the frames of one document."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from annotator.api.base import ApiRequest, valid
from annotator.api.description import operation
from annotator.models import Layer
from annotator.selectors import notes as selectors
from annotator.services import notes
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


class Comments(serializers.Serializer[Any]):
    """Comments, oldest first."""

    comments = CommentOut(many=True)


class FlagOut(serializers.Serializer[Any]):
    """A flag on a frame."""

    subject = serializers.IntegerField(help_text="the claim's ident")
    section = serializers.CharField()
    note = serializers.CharField()
    done = serializers.BooleanField()


class Flags(serializers.Serializer[Any]):
    """Flags, oldest first."""

    flags = FlagOut(many=True)


class NoteView(APIView):
    """What comments and flags share: the layer that the caller may speak about."""

    def layer(self, request: ApiRequest, slug: str, external_id: str) -> Layer:
        """Return the caller's review of the document, or gold for who adjudicates."""
        corpus = corpus_for(request.user, slug)
        document = document_called(corpus, external_id)
        return notes.layer_for(document, by=request.user)


class CommentsView(NoteView):
    """Comments on the frames of one document."""

    @operation("list_comments", Comments, tag="review")
    def get(self, request: ApiRequest, slug: str, external_id: str) -> Response:
        """List the comments on the caller's review.

        For who adjudicates these are the comments of all submitted reviews.
        """
        return Response(
            {"comments": selectors.comments_json(self.layer(request, slug, external_id))}
        )

    @operation("add_comment", Comments, tag="review", request=CommentIn)
    def post(self, request: ApiRequest, slug: str, external_id: str) -> Response:
        """Comment on a frame and answer with all comments; sent twice is once."""
        layer = self.layer(request, slug, external_id)
        notes.comment(layer.document, by=request.user, **valid(CommentIn, request))
        return Response({"comments": selectors.comments_json(layer)})


class FlagsView(NoteView):
    """Frames of one document that are flagged for the guideline."""

    @operation("list_flags", Flags, tag="review")
    def get(self, request: ApiRequest, slug: str, external_id: str) -> Response:
        """List the flags on the caller's review, or on gold."""
        return Response({"flags": selectors.flags_json(self.layer(request, slug, external_id))})

    @operation("add_flag", Flags, tag="review", request=FlagIn)
    def post(self, request: ApiRequest, slug: str, external_id: str) -> Response:
        """Flag a frame for a section of the guideline.

        Sent twice is once, and another note replaces the first.
        """
        layer = self.layer(request, slug, external_id)
        notes.flag(layer.document, by=request.user, **valid(FlagIn, request))
        return Response({"flags": selectors.flags_json(layer)})
