"""Case law: how questions were settled, to be found when the same question comes up again."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from annotator.models.adjudication import Adjudication
from corpus.models import Corpus, Document


class Precedent(models.Model):
    """What a person settled about one facet of a disputed frame, numbers and no names.

    It keeps what gold's log and the comparison say; `services.precedents.record` alone writes it.
    What did not come along to a corrected text stays as it was, as of the `earlier` one.
    `votes` reviewers held the `value` that was chosen, and `others` holds the refused values, each
    with its votes. Like the sides of a `Dispute` it copies words of an article, and goes when the
    text is erased.
    """

    corpus = models.ForeignKey(
        Corpus, on_delete=models.CASCADE, related_name="precedents", db_index=False
    )
    adjudication = models.ForeignKey(
        Adjudication, on_delete=models.CASCADE, related_name="precedents"
    )
    earlier = models.ForeignKey(
        Document,
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="+",
        help_text="the text that it is of, where its dispute did not come along to a corrected one",
    )
    ident = models.PositiveBigIntegerField(help_text="of the dispute in its document")
    facet = models.CharField(max_length=80)
    label = models.CharField(max_length=250, blank=True)
    value = models.CharField(max_length=200)
    votes = models.PositiveSmallIntegerField(default=0)
    others = models.JSONField(default=list)
    words = models.CharField(max_length=400, blank=True)
    cue = models.CharField(max_length=200, blank=True)
    reason = models.CharField(max_length=500, blank=True)
    settled_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["adjudication", "ident", "facet"],
                condition=Q(earlier__isnull=True),
                name="precedent_once",
            )
        ]
        indexes = [
            models.Index(
                fields=["corpus", "label", "facet", "-settled_at", "-id"], name="precedent_newest"
            )
        ]

    def __str__(self) -> str:
        return f"{self.facet} of {self.label or 'the document'}: {self.value}"
