"""What a language model answered, so that nothing is asked twice."""

from __future__ import annotations

from django.db import models

from corpus.models import Corpus, Job


class Answer(models.Model):
    """One answer of a language model about a passage of a text, and what it cost.

    It is found again by the digest of the text and of the request, which holds the model and the
    prompt. `content` is empty where it was paid for and of no use, or was erased. What a job has
    used is the sum of its answers.
    """

    corpus = models.ForeignKey(
        Corpus, on_delete=models.CASCADE, related_name="answers", db_index=False
    )
    job = models.ForeignKey(
        Job, null=True, blank=True, on_delete=models.SET_NULL, related_name="answers"
    )
    text_digest = models.CharField(max_length=64)
    request_digest = models.CharField(max_length=64)
    content = models.TextField(blank=True)
    tokens_in = models.PositiveIntegerField()
    tokens_out = models.PositiveIntegerField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["corpus", "text_digest", "request_digest"], name="answer_by_request"
            )
        ]

    def __str__(self) -> str:
        return f"answer {self.pk}"
