"""What there is to annotate, by whom and by which scheme."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q

# Of one document; a corpus from before there was this limit may keep more.
MAX_REVIEWERS = 20
# Why a dispute is settled as it is, until a manager writes others.
REASONS = (
    "the guideline says so",
    "the words themselves say so",
    "the rest of the article says so",
    "overlooked",
    "a slip",
    "both can be read; this one for consistency",
)


def first_reasons() -> list[str]:
    """Return the reasons that a corpus begins with."""
    return list(REASONS)


class Corpus(models.Model):
    """A collection of documents that one team annotates with one schema."""

    slug = models.SlugField(max_length=80, unique=True)
    name = models.CharField(max_length=200)
    language = models.CharField(max_length=8, default="en")
    guideline = models.TextField(blank=True)
    targets = models.JSONField(default=list, blank=True)
    reasons = models.JSONField(
        default=first_reasons,
        blank=True,
        help_text="why a dispute is settled as it is, to choose from by a key",
    )
    reviewers_per_document = models.PositiveSmallIntegerField(default=2)
    shared_percent = models.PositiveSmallIntegerField(
        default=100,
        help_text="share of the documents that get so many reviewers; the others get one",
    )
    blind_percent = models.PositiveSmallIntegerField(
        default=0, help_text="share shown without suggestions"
    )
    check_percent = models.PositiveSmallIntegerField(
        default=10, help_text="share of checks in each reviewer's work"
    )
    lease_hours = models.PositiveSmallIntegerField(
        default=72, help_text="after so long without work a place is free"
    )
    names_shown = models.BooleanField(
        default=False, help_text="adjudicators may see who holds which version"
    )
    own_disputes = models.BooleanField(
        default=False, help_text="adjudicators may settle documents they annotated"
    )
    schema = models.ForeignKey(
        "Schema", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    shown_suggester = models.CharField(
        max_length=100,
        blank=True,
        help_text="whose suggestions reviewers are shown; the first that ran, until one is chosen",
    )
    chosen_suggesters = models.JSONField(
        default=list,
        blank=True,
        help_text="what suggests, in order; where nobody has chosen, whose suggestions are shown",
    )
    threshold = models.FloatField(
        default=0.5, help_text="the score from which on a suggestion is shown, from 0 to 1"
    )
    suggest_on_import = models.BooleanField(
        default=True, help_text="what is imported is suggested for without being asked"
    )
    language_models_allowed = models.BooleanField(
        default=True, help_text="texts may be sent to the language model of this site"
    )
    grouped_upto = models.PositiveBigIntegerField(
        default=0,
        editable=False,
        help_text="key of the last document that was looked at for near-duplicates",
    )
    created_at = models.DateTimeField(auto_now_add=True)
    deleted_at = models.DateTimeField(null=True, blank=True, editable=False)
    # The roles of the person whose request read this row, by their key, while the request lasts;
    # set by `permissions.enter` alone.
    roles_read: dict[int, frozenset[str]] = {}

    class Meta:
        verbose_name_plural = "corpora"
        constraints = [
            models.CheckConstraint(
                condition=Q(**{f"{name}__lte": 100}), name=f"corpus_{name}_is_a_share"
            )
            for name in ("shared_percent", "blind_percent", "check_percent")
        ]

    def __str__(self) -> str:
        return self.name


class Role(models.TextChoices):
    """What a member may do; the acts of each role stand in `corpus.permissions`."""

    REVIEWER = "reviewer", "Reviewer"
    ADJUDICATOR = "adjudicator", "Adjudicator"
    MANAGER = "manager", "Manager"


class Membership(models.Model):
    """One role of one person in one corpus."""

    corpus = models.ForeignKey(Corpus, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memberships"
    )
    role = models.CharField(max_length=20, choices=Role.choices)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["corpus", "user", "role"], name="membership_once")
        ]

    def __str__(self) -> str:
        return f"{self.user} is {self.role} of {self.corpus}"


class Invitation(models.Model):
    """A link that makes whoever opens it first a member; only the digest of its secret is kept."""

    corpus = models.ForeignKey(Corpus, on_delete=models.CASCADE, related_name="invitations")
    role = models.CharField(max_length=20, choices=Role.choices)
    digest = models.CharField(max_length=64, unique=True)
    note = models.CharField(max_length=100, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    used_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["corpus", "-id"], condition=Q(used_at__isnull=True), name="invitation_open"
            )
        ]

    def __str__(self) -> str:
        return f"invitation {self.pk} to {self.corpus}"


class Token(models.Model):
    """What a script sends instead of a password; only its digest is kept.

    `hint` is how it begins.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="tokens"
    )
    name = models.CharField(max_length=100)
    digest = models.CharField(max_length=64, unique=True)
    hint = models.CharField(max_length=8)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    # Of what was kept of the owner's password then: with another password it does not hold.
    password_digest = models.CharField(max_length=64, default="", blank=True)
    used_on = models.DateField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["user", "-id"], name="token_by_user")]

    def __str__(self) -> str:
        return f"{self.name} of {self.user}"


class Event(models.Model):
    """What somebody did in a corpus, beside the decisions, which have a log of their own.

    Rows are only ever added. `name` stays when the account goes; it is empty for the command line
    and for policies.
    """

    corpus = models.ForeignKey(
        Corpus, on_delete=models.CASCADE, related_name="events", db_index=False
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        db_index=False,
    )
    name = models.CharField(max_length=150, blank=True)
    act = models.CharField(max_length=20)
    details = models.JSONField(default=dict)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [
            models.Index(fields=["corpus", "-id"], name="event_newest"),
            models.Index(fields=["corpus", "act", "-id"], name="event_by_act"),
            models.Index(fields=["corpus", "name", "-id"], name="event_by_name"),
        ]

    def __str__(self) -> str:
        return f"{self.act} by {self.name} at {self.at}"


class Webhook(models.Model):
    """An address to which some events of a corpus are delivered, signed with `secret`."""

    corpus = models.ForeignKey(Corpus, on_delete=models.CASCADE, related_name="webhooks")
    url = models.URLField(max_length=500)
    secret = models.CharField(max_length=64)
    acts = models.JSONField(default=list)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.url


class DeliveryState(models.TextChoices):
    """Where a delivery is."""

    WAITING = "waiting", "Waiting"
    DONE = "done", "Delivered"
    FAILED = "failed", "Given up"


class Delivery(models.Model):
    """One event on its way to one webhook; tried again until `next_at` has come too often."""

    webhook = models.ForeignKey(
        Webhook, on_delete=models.CASCADE, related_name="deliveries", db_index=False
    )
    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="+")
    state = models.CharField(
        max_length=10, choices=DeliveryState.choices, default=DeliveryState.WAITING
    )
    attempts = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField()
    answer = models.CharField(max_length=200, blank=True)

    class Meta:
        verbose_name_plural = "deliveries"
        indexes = [
            models.Index(fields=["webhook", "-id"], name="delivery_newest"),
            models.Index(fields=["next_at"], condition=Q(state="waiting"), name="delivery_due"),
        ]

    def __str__(self) -> str:
        return f"{self.event_id} to {self.webhook_id}: {self.state}"


class Schema(models.Model):
    """A version of a corpus's scheme; frozen at its first layer, then never edited.

    `definition` is the schema as `corpus.core.schema` writes it; the rows of labels and kinds of
    links are what spans and links refer to. `map` says what the version before becomes in it.
    """

    corpus = models.ForeignKey(Corpus, on_delete=models.CASCADE, related_name="schemas")
    version = models.PositiveIntegerField(default=1)
    definition = models.JSONField(default=dict)
    map = models.JSONField(default=dict, blank=True)
    digest = models.CharField(max_length=64)
    frozen_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["corpus", "version"], name="schema_version_once")
        ]

    def __str__(self) -> str:
        return f"{self.corpus} schema {self.version}"


class Label(models.Model):
    """A kind of span, by its name in the definition of its schema."""

    schema = models.ForeignKey(Schema, on_delete=models.CASCADE, related_name="labels")
    name = models.CharField(max_length=60)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["schema", "name"], name="label_name_once")]

    def __str__(self) -> str:
        return self.name


class LinkKind(models.Model):
    """A kind of link, by its name in the definition of its schema."""

    schema = models.ForeignKey(Schema, on_delete=models.CASCADE, related_name="link_kinds")
    name = models.CharField(max_length=60)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["schema", "name"], name="link_kind_once")]

    def __str__(self) -> str:
        return self.name


class Document(models.Model):
    """An article; a corrected article is a new row that supersedes the old one.

    `retired_at` takes it from every list: another version superseded it, its text was withdrawn, or
    a manager removed it, which alone can be undone and of which `removed_because` says why. `alike`
    is the first document of its group of near-duplicates, null for that one itself. `said_before`
    keeps what was said of it until a file said otherwise, oldest first. Nothing else changes while
    the text is there.
    """

    corpus = models.ForeignKey(Corpus, on_delete=models.CASCADE, related_name="documents")
    external_id = models.CharField(max_length=200)
    title = models.CharField(max_length=500)
    outlet = models.CharField(max_length=200, blank=True)
    url = models.URLField(max_length=1000, blank=True)
    published = models.CharField(max_length=40, blank=True)
    digest = models.CharField(max_length=64)
    length = models.PositiveIntegerField()
    words = models.PositiveIntegerField()
    targets = models.JSONField(default=list, blank=True)
    metadata = models.JSONField(default=dict, blank=True)
    said_before = models.JSONField(default=list, blank=True, editable=False)
    supersedes = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    alike = models.ForeignKey(
        "self",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="near_duplicates",
        db_index=False,
    )
    retired_at = models.DateTimeField(null=True, blank=True)
    removed_because = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["corpus", "external_id", "digest"], name="document_once"
            ),
            models.UniqueConstraint(
                fields=["corpus", "external_id"],
                condition=Q(retired_at__isnull=True),
                name="document_current_once",
            ),
            models.CheckConstraint(condition=Q(length__gt=0), name="document_not_empty"),
        ]
        indexes = [
            models.Index(
                fields=["corpus", "id"], condition=Q(retired_at__isnull=True), name="document_pages"
            ),
            models.Index(fields=["alike"], condition=Q(alike__isnull=False), name="document_alike"),
            models.Index(
                fields=["corpus", "id"],
                condition=~Q(removed_because=""),
                name="document_removed",
            ),
            # Texts that come in are looked up, whatever they are called.
            models.Index(fields=["corpus", "digest"], name="document_digest"),
        ]

    def __str__(self) -> str:
        return self.external_id


class DocumentText(models.Model):
    """The only row that holds an article's text, with its MinHash signature; written once."""

    document = models.OneToOneField(
        Document, on_delete=models.CASCADE, primary_key=True, related_name="body"
    )
    text = models.TextField()
    signature = models.BinaryField(default=bytes, editable=False)

    def __str__(self) -> str:
        return f"text of {self.document_id}"


class JobState(models.TextChoices):
    """Where a job is."""

    QUEUED = "queued", "Queued"
    RUNNING = "running", "Running"
    DONE = "done", "Done"
    FAILED = "failed", "Failed"
    CANCELLED = "cancelled", "Cancelled"


class Job(models.Model):
    """A piece of background work; this row is the truth, the queue carries its id."""

    corpus = models.ForeignKey(Corpus, on_delete=models.CASCADE, related_name="jobs")
    # The job that this one is a subtask of, given to another worker.
    parent = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.CASCADE, related_name="subtasks"
    )
    kind = models.CharField(max_length=20)
    arguments = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=JobState.choices, default=JobState.QUEUED)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    attempts = models.PositiveSmallIntegerField(default=0)
    result = models.JSONField(default=dict, blank=True)
    error = models.TextField(blank=True)
    cancel = models.BooleanField(default=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    begun_at = models.DateTimeField(null=True, blank=True)
    heartbeat = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    # How many jobs of its kind that came before it stands for in a list, set by `jobs_of` alone.
    earlier = 0

    class Meta:
        indexes = [models.Index(fields=["corpus", "-id"], name="job_by_corpus")]
        constraints = [
            models.UniqueConstraint(
                fields=["corpus", "kind"],
                condition=Q(state__in=["queued", "running"], parent__isnull=True),
                name="job_one_of_a_kind_at_a_time",
            ),
            models.CheckConstraint(condition=Q(done__lte=F("total")), name="job_done_within_total"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk} ({self.state})"


class Worker(models.Model):
    """A process that runs jobs, and when it last gave a sign of life."""

    name = models.CharField(max_length=100, unique=True)
    heartbeat = models.DateTimeField()

    def __str__(self) -> str:
        return self.name
