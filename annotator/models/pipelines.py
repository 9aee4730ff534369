"""What the names of trained pipelines are called in a corpus."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from corpus.models import Corpus


class PipelineMap(models.Model):
    """The names of one trained pipeline mapped onto the schema of a corpus; "" leaves one out.

    With `fill`, the rules give what the pipeline does not.
    """

    corpus = models.ForeignKey(
        Corpus, on_delete=models.CASCADE, related_name="pipeline_maps", db_index=False
    )
    pipeline = models.CharField(max_length=80)
    names = models.JSONField(default=dict)
    fill = models.BooleanField(default=False)
    saved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    saved_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["corpus", "pipeline"], name="pipeline_map_once")
        ]

    def __str__(self) -> str:
        return f"{self.pipeline} in {self.corpus}"
