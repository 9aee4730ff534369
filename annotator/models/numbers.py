"""Numbers that are kept so that no page has to count: days of work, overviews, reports."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from corpus.models import Corpus


class Activity(models.Model):
    """What one person did in one corpus on one day (UTC); the decision log adds to it."""

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
    # Suggestions accepted as they are, and those accepted faster than anybody reads them.
    accepted = models.PositiveIntegerField(default=0)
    hasty = models.PositiveIntegerField(default=0)

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
