"""The adjudicators' queue: documents whose reviews are compared, and their disputes."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models

from annotator.models.layers import Layer
from corpus.models import Corpus, Document, Schema


class AdjudicationState(models.TextChoices):
    """Waiting for reviews, ready to settle, or done."""

    WAITING = "waiting", "Waiting for reviews"
    READY = "ready", "Disputes open"
    DONE = "done", "Settled"


class Adjudication(models.Model):
    """The adjudicators' queue. Disputes themselves are computed; the counts here are for lists."""

    corpus = models.ForeignKey(Corpus, on_delete=models.CASCADE, related_name="adjudications")
    document = models.ForeignKey(Document, on_delete=models.CASCADE, related_name="adjudications")
    schema = models.ForeignKey(Schema, on_delete=models.PROTECT, related_name="+")
    gold = models.ForeignKey(
        Layer, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    state = models.CharField(
        max_length=10, choices=AdjudicationState.choices, default=AdjudicationState.WAITING
    )
    needed = models.PositiveSmallIntegerField(default=2)
    submitted = models.PositiveSmallIntegerField(default=0)
    frames = models.PositiveIntegerField(default=0)
    agreed = models.PositiveIntegerField(default=0)
    disputes = models.PositiveIntegerField(default=0)
    kinds = models.JSONField(default=dict, blank=True)
    ready_at = models.DateTimeField(null=True, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["document", "schema"], name="adjudication_once")
        ]
        indexes = [models.Index(fields=["corpus", "state", "id"], name="adjudication_queue")]

    def __str__(self) -> str:
        return f"adjudication of {self.document}"


class DisputeState(models.TextChoices):
    """Where a dispute is; a deferred one waits for another day or another person."""

    OPEN = "open", "Open"
    DEFERRED = "deferred", "Deferred"
    SETTLED = "settled", "Settled"


class Dispute(models.Model):
    """A disputed frame in the adjudicators' queue.

    It keeps for lists what the comparison and gold's log say; `services.disputes.record` alone
    writes it, beside the numbers of its Adjudication. `facets` holds how many pairs of reviewers
    differ in each, `pairs` those reviewers, `cost` its size (words times facets), and `turn` its
    place in the queue. `sides` says who holds what: `people` the reviewers behind the letters of
    this document, `facets` the sides of each facet; it is empty until the background work of an
    update has filled it. `month` is when the document was published.
    """

    # The beginning of the words in dispute and what stands around them, of a dispute that was read
    # for a list.
    words: str
    words_before: str
    words_after: str
    # Who holds what, in words.
    told: list[Any]

    corpus = models.ForeignKey(
        Corpus, on_delete=models.CASCADE, related_name="disputes", db_index=False
    )
    adjudication = models.ForeignKey(
        Adjudication, on_delete=models.CASCADE, related_name="rows", db_index=False
    )
    ident = models.PositiveBigIntegerField()
    start = models.PositiveIntegerField()
    end = models.PositiveIntegerField()
    facet = models.CharField(max_length=80)
    facets = models.JSONField(default=dict)
    labels = models.JSONField(default=list)
    outlet = models.CharField(max_length=200, blank=True)
    month = models.CharField(max_length=7, blank=True)
    pairs = models.JSONField(default=list)
    sides = models.JSONField(default=dict)
    suggested = models.BooleanField(default=False)
    cost = models.PositiveIntegerField(default=0)
    turn = models.PositiveBigIntegerField(default=0)
    state = models.CharField(max_length=10, choices=DisputeState.choices, default=DisputeState.OPEN)
    assigned_to = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="disputes",
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["adjudication", "ident"], name="dispute_once")
        ]
        indexes = [models.Index(fields=["corpus", "state", "facet"], name="dispute_by_facet")]

    def __str__(self) -> str:
        return f"{self.facet} in {self.adjudication_id} at {self.start}"


class DisputeTag(models.Model):
    """One thing that a dispute in the queue can be found by, with its place in it.

    So every filter reads an index. Tags look like "facet:stance", "label:CLAIM", "pair:3-7",
    "outlet:The Bay", "suggested:yes", "to:5"; "" is every dispute. For values that people wrote
    they hold a digest (`annotator.selectors.dispute_tags`).
    """

    corpus = models.ForeignKey(Corpus, on_delete=models.CASCADE, related_name="+", db_index=False)
    state = models.CharField(max_length=10, choices=DisputeState.choices)
    tag = models.CharField(max_length=220, blank=True)
    turn = models.PositiveBigIntegerField()
    dispute = models.ForeignKey(
        Dispute, on_delete=models.CASCADE, related_name="tags", db_index=False
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=["dispute", "tag"], name="dispute_tag_once")]
        indexes = [
            models.Index(fields=["corpus", "state", "tag", "turn", "dispute"], name="dispute_queue")
        ]

    def __str__(self) -> str:
        return self.tag or "every dispute"


class DisputeCount(models.Model):
    """How many disputes have a tag, kept by what writes the tags so that no page counts them.

    `kind` says what the tag is for: a "cell" counts the disputes in which the values `a` and `b`
    of a facet stand against each other, of a `pair` of people or of all (""); of the other kinds
    `a` is the value.
    """

    corpus = models.ForeignKey(Corpus, on_delete=models.CASCADE, related_name="+", db_index=False)
    state = models.CharField(max_length=10, choices=DisputeState.choices)
    tag = models.CharField(max_length=220, blank=True)
    kind = models.CharField(max_length=10)
    pair = models.CharField(max_length=45, blank=True)
    facet = models.CharField(max_length=80, blank=True)
    a = models.CharField(max_length=200, blank=True)
    b = models.CharField(max_length=200, blank=True)
    count = models.IntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["corpus", "state", "tag"], name="dispute_count_once")
        ]
        indexes = [
            models.Index(
                fields=["corpus", "kind", "pair", "facet", "-count"], name="dispute_counts"
            )
        ]

    def __str__(self) -> str:
        return f"{self.count} of {self.tag or 'all'}"
