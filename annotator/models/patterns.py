"""Patterns of words that a corpus is suggested with."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from corpus.models import Corpus


class PatternSet(models.Model):
    """A version of the patterns of a corpus, as JSONL; rows are only ever added, the newest holds.

    `digest` names what they find, in the configuration of every run with them.
    """

    corpus = models.ForeignKey(
        Corpus, on_delete=models.CASCADE, related_name="pattern_sets", db_index=False
    )
    version = models.PositiveIntegerField()
    lines = models.TextField(blank=True)
    count = models.PositiveIntegerField()
    digest = models.CharField(max_length=16)
    saved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    saved_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["corpus", "version"], name="pattern_set_version_once")
        ]

    def __str__(self) -> str:
        return f"patterns {self.version} of {self.corpus}"
