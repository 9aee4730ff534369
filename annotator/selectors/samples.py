"""Reads of samples: which document that everybody gets is a person's next, and which are hidden."""

from __future__ import annotations

from django.conf import settings
from django.db.models import Exists, OuterRef, QuerySet

from annotator.core import sampling
from annotator.models import Assignment, Sample, SampleKind
from corpus.models import Corpus, Document
from corpus.permissions import User


def is_hidden_check(document: Document) -> bool:
    """Tell whether a document is among the hidden checks of its corpus."""
    return Sample.objects.filter(document=document.pk, kind=SampleKind.CHECK).exists()


def not_given(corpus: Corpus, user: User) -> QuerySet[Sample]:
    """Return the samples that a person has no place on, the oldest first."""
    given = Assignment.objects.filter(document=OuterRef("document"), user=user.pk)
    rows = Sample.objects.filter(~Exists(given), corpus=corpus, document__retired_at__isnull=True)
    return rows.select_related("document__corpus").order_by("pk")


def next_sample(corpus: Corpus, user: User) -> Sample | None:
    """Return the sample that a person is to get now: calibration first, a check when one is due.

    When that is follows from no number that its reviewer could know.
    """
    samples = not_given(corpus, user)
    calibration = samples.filter(kind=SampleKind.CALIBRATION).first()
    if calibration is not None:
        return calibration
    mine = Assignment.objects.filter(corpus=corpus, user=user.pk)
    checks = mine.filter(document__sample__kind=SampleKind.CHECK).count()
    draw = f"check {settings.SECRET_KEY} {corpus.pk} {user.pk}"
    if not sampling.due(checks, mine.count(), corpus.check_percent, draw=draw):
        return None
    return samples.filter(kind=SampleKind.CHECK).first()
