"""Layers of annotation, their spans and links, and the decisions behind them."""

from __future__ import annotations

import secrets

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from corpus.models import Document, Label, LinkKind, Schema


class Run(models.Model):
    """A suggester with its configuration and environment: the provenance of every suggestion.

    The same suggester, config and environment is the same run, so that a repeat continues it.
    `shown_as` is what a manager chooses it by: the suggester, with the model where several go by
    one name. `shown_at` is when it was last chosen to be what reviewers see.
    """

    schema = models.ForeignKey(Schema, on_delete=models.CASCADE, related_name="runs")
    suggester = models.CharField(max_length=100)
    shown_as = models.CharField(max_length=100, blank=True)
    config = models.JSONField(default=dict)
    environment = models.JSONField(default=dict)
    digest = models.CharField(max_length=64)
    created_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    shown_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["schema", "digest"], name="run_once")]

    def __str__(self) -> str:
        return f"{self.suggester} ({self.digest[:8]})"


class LayerKind(models.TextChoices):
    """Whose annotation a layer is."""

    SUGGESTION = "suggestion", "Suggestion"
    REVIEW = "review", "Review"
    GOLD = "gold", "Gold"


class LayerState(models.TextChoices):
    """Open layers take decisions; submitted ones wait for comparison; closed gold is finished.

    A superseded layer stays to be read: its document has a newer version of the schema, or it was
    in hand when the text was corrected.
    """

    OPEN = "open", "Open"
    SUBMITTED = "submitted", "Submitted"
    CLOSED = "closed", "Closed"
    SUPERSEDED = "superseded", "Superseded"


def draw_lot() -> int:
    """Return a number that nobody can work out."""
    return secrets.randbits(63)


class Layer(models.Model):
    """One author's annotation of one document: a run's, a reviewer's, or gold.

    `version` is the `seq` of its last decision, `elapsed_ms` the sum of the times of its decisions.
    `shown_run` pins the suggestions that a reviewer sees; it is null when the review is blind. A
    `practice` layer is compared with gold and never goes into it. A `final` review was compared
    with others', or its author was shown what others made of the document: they cannot open it
    again.
    """

    document = models.ForeignKey(Document, on_delete=models.CASCADE, related_name="layers")
    schema = models.ForeignKey(Schema, on_delete=models.PROTECT, related_name="layers")
    kind = models.CharField(max_length=10, choices=LayerKind.choices)
    run = models.ForeignKey(
        Run, null=True, blank=True, on_delete=models.PROTECT, related_name="layers"
    )
    shown_run = models.ForeignKey(
        Run, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="layers",
    )
    practice = models.BooleanField(default=False)
    final = models.BooleanField(default=False)
    state = models.CharField(max_length=10, choices=LayerState.choices, default=LayerState.OPEN)
    version = models.PositiveIntegerField(default=0)
    elapsed_ms = models.PositiveBigIntegerField(default=0)
    # Of the document; on human layers the fold of decisions, like spans and links.
    attributes = models.JSONField(default=dict, blank=True)
    # By which its place among the reviews of a document is drawn, where they stand without names.
    lot = models.BigIntegerField(null=True, default=draw_lot, editable=False)
    # Frames that were suggested to a reviewer, and those not looked at, when it was handed in.
    suggested = models.PositiveIntegerField(default=0)
    untouched = models.PositiveIntegerField(default=0)
    opened_at = models.DateTimeField(auto_now_add=True)
    submitted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="layer_has_its_author",
                condition=(
                    Q(
                        kind="suggestion",
                        run__isnull=False,
                        owner__isnull=True,
                        shown_run__isnull=True,
                    )
                    | Q(kind="review", run__isnull=True, owner__isnull=False)
                    | Q(kind="gold", run__isnull=True, owner__isnull=True, shown_run__isnull=True)
                ),
            ),
            models.UniqueConstraint(
                fields=["document", "run"],
                condition=Q(kind="suggestion"),
                name="layer_suggestion_once",
            ),
            models.UniqueConstraint(
                fields=["document", "schema", "owner"],
                condition=Q(kind="review"),
                name="layer_review_once",
            ),
            models.UniqueConstraint(
                fields=["document", "schema"], condition=Q(kind="gold"), name="layer_gold_once"
            ),
        ]
        indexes = [
            models.Index(
                fields=["schema", "-submitted_at"],
                condition=Q(kind="review", submitted_at__isnull=False),
                name="layer_newest_reviews",
            ),
            models.Index(
                fields=["owner", "schema", "-submitted_at"],
                condition=Q(kind="review", submitted_at__isnull=False),
                name="layer_my_newest_reviews",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} layer {self.pk} of {self.document}"


class Span(models.Model):
    """A span of a layer; on human layers the fold of its decisions, never written otherwise.

    Here and below, a foreign key with which a unique constraint begins has no index of its own.
    """

    layer = models.ForeignKey(Layer, on_delete=models.CASCADE, related_name="spans", db_index=False)
    ident = models.PositiveIntegerField()
    label = models.ForeignKey(Label, on_delete=models.PROTECT, related_name="+", db_index=False)
    start = models.PositiveIntegerField()
    end = models.PositiveIntegerField()
    fragments = models.JSONField(null=True, blank=True)
    attributes = models.JSONField(default=dict, blank=True)
    score = models.FloatField(null=True, blank=True)
    evidence = models.JSONField(null=True, blank=True)
    origin = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["layer", "ident"], name="span_ident_once"),
            models.CheckConstraint(condition=Q(start__lt=F("end")), name="span_start_before_end"),
            models.CheckConstraint(
                condition=Q(score__isnull=True) | Q(score__gte=0, score__lte=1),
                name="span_score_is_a_share",
            ),
        ]
        indexes = [
            models.Index(
                fields=["origin"], condition=Q(origin__isnull=False), name="span_by_origin"
            )
        ]

    def __str__(self) -> str:
        return f"span {self.ident} of layer {self.layer_id}"


class Link(models.Model):
    """A directed link between two spans of one layer."""

    layer = models.ForeignKey(Layer, on_delete=models.CASCADE, related_name="links", db_index=False)
    ident = models.PositiveIntegerField()
    kind = models.ForeignKey(LinkKind, on_delete=models.PROTECT, related_name="+", db_index=False)
    source = models.ForeignKey(
        Span, on_delete=models.CASCADE, related_name="links_out", db_index=False
    )
    target = models.ForeignKey(Span, on_delete=models.CASCADE, related_name="links_in")
    attributes = models.JSONField(default=dict, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["layer", "ident"], name="link_ident_once"),
            models.UniqueConstraint(fields=["source", "target", "kind"], name="link_once"),
            models.CheckConstraint(condition=~Q(source=F("target")), name="link_not_to_itself"),
        ]

    def __str__(self) -> str:
        return f"link {self.ident} of layer {self.layer_id}"


class Decision(models.Model):
    """A change to a human layer; only ever added.

    `before` and `after` hold the whole value, never text. `after` says what is now true, `verb`
    says why.
    """

    layer = models.ForeignKey(
        Layer, on_delete=models.CASCADE, related_name="decisions", db_index=False
    )
    seq = models.PositiveIntegerField()
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    policy = models.CharField(max_length=60, blank=True)
    verb = models.CharField(max_length=12)
    subject = models.CharField(max_length=8)
    ident = models.PositiveBigIntegerField(default=0)
    before = models.JSONField(null=True, blank=True)
    after = models.JSONField(null=True, blank=True)
    suggestion = models.ForeignKey(
        Span, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    client_id = models.UUIDField()
    group = models.UUIDField()
    undoes = models.UUIDField(null=True, blank=True)
    elapsed_ms = models.PositiveIntegerField(default=0)
    # Of an accept: how long the words had been on the screen, where the page said so.
    seen_ms = models.PositiveIntegerField(null=True, blank=True)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["layer", "seq"], name="decision_seq_once"),
            models.UniqueConstraint(fields=["layer", "client_id"], name="decision_client_id_once"),
            models.CheckConstraint(
                condition=Q(user__isnull=False) | ~Q(policy=""), name="decision_by_user_or_policy"
            ),
        ]
        indexes = [
            models.Index(
                fields=["suggestion"],
                condition=Q(suggestion__isnull=False),
                name="decision_by_suggestion",
            )
        ]

    def __str__(self) -> str:
        return f"decision {self.seq} of layer {self.layer_id}: {self.verb}"
