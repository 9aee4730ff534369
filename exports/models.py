"""What was released: gold, pinned by layer version and digest."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from annotator.models import Layer
from corpus.models import Corpus, Document, Schema


class Release(models.Model):
    """A numbered, immutable edition of a corpus's gold.

    `origin` says which part of it this is, by who found it. `card` holds what its dataset card says
    beyond the data sheet; it is empty for a release from before there were dataset cards.
    """

    corpus = models.ForeignKey(Corpus, on_delete=models.PROTECT, related_name="releases")
    schema = models.ForeignKey(Schema, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=80)
    origin = models.CharField(max_length=10, default="all")
    digest = models.CharField(max_length=64)
    datasheet = models.JSONField(default=dict)
    card = models.JSONField(default=dict, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["corpus", "name"], name="release_name_once")]

    def __str__(self) -> str:
        return f"{self.corpus} {self.name}"


class ReleaseItem(models.Model):
    """One document of a release: its gold layer at a version, with the digest of its line.

    `left_out` are the idents of the spans of that gold which the release leaves out, for its
    origin. `part` is train, dev, test or unused, as it was when the release was made. `reviews` are
    the keys and versions of the reviews that were in.
    """

    release = models.ForeignKey(Release, on_delete=models.CASCADE, related_name="items")
    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="+")
    layer = models.ForeignKey(Layer, on_delete=models.PROTECT, related_name="+")
    layer_version = models.PositiveIntegerField()
    digest = models.CharField(max_length=64)
    left_out = models.JSONField(default=list, blank=True)
    part = models.CharField(max_length=10, default="train")
    reviews = models.JSONField(default=list, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["release", "document"], name="release_item_once")
        ]

    def __str__(self) -> str:
        return f"{self.document} in {self.release}"


class SplitMember(models.Model):
    """Where a document stands in the splits of its corpus, remembered from its first export on.

    It is kept by external id, so that a corrected text stays where the first one was. `name` is
    the user's for the memory, "" for the common one. `position` decides the part; it is null where
    a document joins others with different ones. `tested` is set once it was in test by percent.
    """

    corpus = models.ForeignKey(
        Corpus, on_delete=models.CASCADE, related_name="split_members", db_index=False
    )
    name = models.CharField(max_length=40, blank=True)
    external_id = models.CharField(max_length=200)
    position = models.PositiveBigIntegerField(null=True)
    tested = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["corpus", "name", "external_id"], name="split_member_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.external_id} in the split {self.name!r} of {self.corpus_id}"


class PseudonymKey(models.Model):
    """The secret that makes pseudonyms in the files of a corpus; never shown, never changed."""

    corpus = models.OneToOneField(
        Corpus, on_delete=models.CASCADE, primary_key=True, related_name="pseudonym_key"
    )
    secret = models.CharField(max_length=64)

    def __str__(self) -> str:
        return f"pseudonym key of {self.corpus_id}"
