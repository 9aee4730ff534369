"""What people say about frames: comments, and flags for the guideline."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from annotator.models.layers import Layer
from corpus.models import Corpus


class Comment(models.Model):
    """What somebody says about a frame of a layer; `ident` is its claim, on gold its dispute."""

    layer = models.ForeignKey(Layer, on_delete=models.CASCADE, related_name="comments")
    ident = models.PositiveBigIntegerField()
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    body = models.CharField(max_length=2000)
    client_id = models.UUIDField()
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["layer", "client_id"], name="comment_client_id_once")
        ]

    def __str__(self) -> str:
        return f"comment on {self.ident} of layer {self.layer_id}"


class Flag(models.Model):
    """A frame that the guideline does not settle.

    `section` is a heading of the guideline, "" when none fits.
    """

    corpus = models.ForeignKey(
        Corpus, on_delete=models.CASCADE, related_name="flags", db_index=False
    )
    layer = models.ForeignKey(Layer, on_delete=models.CASCADE, related_name="flags")
    ident = models.PositiveBigIntegerField()
    section = models.CharField(max_length=200, blank=True)
    note = models.CharField(max_length=2000, blank=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["layer", "ident", "section"], name="flag_once")
        ]
        indexes = [
            models.Index(
                fields=["corpus", "-id"], condition=Q(done_at__isnull=True), name="flag_open"
            ),
        ]

    def __str__(self) -> str:
        return (
            f"flag for {self.section or 'the guideline'} on {self.ident} of layer {self.layer_id}"
        )
