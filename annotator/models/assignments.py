"""The reviewers' queue: who has which document, and what everybody gets."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from corpus.models import Corpus, Document, Schema


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
    """A document that every reviewer gets.

    Either openly to calibrate, or hidden among the others to check against gold.
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
