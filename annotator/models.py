"""Layers of annotation, the decisions behind them, and the two queues."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from corpus.models import Corpus, Document, Label, LinkKind, Schema


class Run(models.Model):
    """A suggester with its configuration and environment: the provenance of every suggestion.

    The same suggester, config and environment is the same run, so that a repeat continues it.
    """

    schema = models.ForeignKey(Schema, on_delete=models.CASCADE, related_name="runs")
    suggester = models.CharField(max_length=100)
    config = models.JSONField(default=dict)
    environment = models.JSONField(default=dict)
    digest = models.CharField(max_length=64)
    created_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True, blank=True)

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
    """Open layers take decisions; submitted ones wait for comparison; closed gold is finished."""

    OPEN = "open", "Open"
    SUBMITTED = "submitted", "Submitted"
    CLOSED = "closed", "Closed"


class Layer(models.Model):
    """One author's annotation of one document: a run's, a reviewer's, or gold.

    `version` is the `seq` of its last decision, `elapsed_ms` the sum of the times of its decisions.
    `shown_run` pins the suggestions that a reviewer sees; it is null when the review is blind. A
    `practice` layer is compared with gold and never goes into it. One whose author was shown gold
    (`gold_seen`) is never opened again.
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
    gold_seen = models.BooleanField(default=False)
    state = models.CharField(max_length=10, choices=LayerState.choices, default=LayerState.OPEN)
    version = models.PositiveIntegerField(default=0)
    elapsed_ms = models.PositiveBigIntegerField(default=0)
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


class AssignmentState(models.TextChoices):
    """Where one person's turn at one document is."""

    OPEN = "open", "Open"
    TAKEN = "taken", "Taken"
    DONE = "done", "Done"
    SKIPPED = "skipped", "Skipped"


class Assignment(models.Model):
    """One slot of one document in the reviewers' queue; free while `user` is null.

    A `practice` slot is one more than planned, made for one person: a check, or a calibration
    document whose planned slots are taken. `reason` says why it was skipped.
    """

    corpus = models.ForeignKey(Corpus, on_delete=models.CASCADE, related_name="assignments")
    document = models.ForeignKey(Document, on_delete=models.CASCADE, related_name="assignments")
    schema = models.ForeignKey(Schema, on_delete=models.PROTECT, related_name="+")
    slot = models.PositiveSmallIntegerField()
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="assignments",
    )
    state = models.CharField(
        max_length=10, choices=AssignmentState.choices, default=AssignmentState.OPEN
    )
    blind = models.BooleanField(default=False)
    practice = models.BooleanField(default=False)
    reason = models.CharField(max_length=300, blank=True)
    priority = models.FloatField(default=0)
    taken_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["document", "schema", "slot"], name="assignment_slot_once"
            ),
            models.UniqueConstraint(
                fields=["document", "schema", "user"],
                condition=Q(user__isnull=False),
                name="assignment_one_slot_a_person",
            ),
        ]
        indexes = [
            models.Index(
                fields=["corpus", "-priority", "id"],
                condition=Q(user__isnull=True),
                name="assignment_free",
            ),
            models.Index(fields=["corpus", "user", "state"], name="assignment_mine"),
            models.Index(
                fields=["corpus", "taken_at"], condition=Q(state="taken"), name="assignment_held"
            ),
            models.Index(
                fields=["corpus", "-id"], condition=Q(state="skipped"), name="assignment_skipped"
            ),
        ]

    def __str__(self) -> str:
        return f"slot {self.slot} of {self.document} ({self.state})"


class SampleKind(models.TextChoices):
    """What a document that many reviewers get is for."""

    CALIBRATION = "calibration", "Calibration"
    CHECK = "check", "Check"


class Sample(models.Model):
    """A document that every reviewer gets: openly to calibrate, or hidden among the others to check
    against gold.
    """

    corpus = models.ForeignKey(
        Corpus, on_delete=models.CASCADE, related_name="samples", db_index=False
    )
    document = models.OneToOneField(
        Document, on_delete=models.CASCADE, primary_key=True, related_name="sample"
    )
    kind = models.CharField(max_length=12, choices=SampleKind.choices)

    class Meta:
        indexes = [models.Index(fields=["corpus", "kind"], name="sample_by_kind")]

    def __str__(self) -> str:
        return f"{self.kind} sample {self.document_id}"


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
    """A disputed frame in the adjudicators' queue: what the comparison and gold's log say, kept for
    lists.

    `services.disputes.record` alone writes it, beside the numbers of its Adjudication. `facets`
    holds how many pairs of reviewers differ in each, `pairs` those reviewers, `cost` words times
    facets, and `turn` its place in the queue.
    """

    corpus = models.ForeignKey(
        Corpus, on_delete=models.CASCADE, related_name="disputes", db_index=False
    )
    adjudication = models.ForeignKey(
        Adjudication, on_delete=models.CASCADE, related_name="rows", db_index=False
    )
    ident = models.PositiveBigIntegerField()
    start = models.PositiveIntegerField()
    end = models.PositiveIntegerField()
    facet = models.CharField(max_length=60)
    facets = models.JSONField(default=dict)
    labels = models.JSONField(default=list)
    outlet = models.CharField(max_length=200, blank=True)
    pairs = models.JSONField(default=list)
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
    """One thing that a dispute in the queue can be found by, with its place, so that every filter
    reads an index.

    Tags look like "facet:stance", "label:CLAIM", "pair:3-7", "outlet:The Bay", "suggested:yes",
    "to:5"; "" is every dispute. Settled disputes have none.
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


class Activity(models.Model):
    """What one person did in one corpus on one day (UTC); added to by the write path of decisions."""

    corpus = models.ForeignKey(
        Corpus, on_delete=models.CASCADE, related_name="activity", db_index=False
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="activity"
    )
    day = models.DateField()
    decisions = models.PositiveIntegerField(default=0)
    elapsed_ms = models.PositiveBigIntegerField(default=0)
    submitted = models.IntegerField(default=0)

    class Meta:
        verbose_name_plural = "activity"
        constraints = [
            models.UniqueConstraint(fields=["corpus", "day", "user"], name="activity_once")
        ]

    def __str__(self) -> str:
        return f"{self.decisions} decisions by {self.user_id} on {self.day}"


class Overview(models.Model):
    """What a corpus adds up to, counted in the background so that no page has to."""

    corpus = models.OneToOneField(
        Corpus, on_delete=models.CASCADE, primary_key=True, related_name="overview"
    )
    numbers = models.JSONField(default=dict)
    counted_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"overview of {self.corpus_id}"


class Report(models.Model):
    """How far people agree with each other and with gold, measured in the background."""

    corpus = models.OneToOneField(
        Corpus, on_delete=models.CASCADE, primary_key=True, related_name="report"
    )
    numbers = models.JSONField(default=dict)
    measured_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"report on {self.corpus_id}"


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
    """A frame that the guideline does not settle. `section` is a heading of the guideline, "" when
    none fits.
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
