"""Answers of language models, kept by the text and the request."""

from __future__ import annotations

from django.db.models import Count, Max, Sum

from annotator.models import Answer
from annotator.suggesters.llm.answers import Key
from annotator.suggesters.llm.spending import Usage
from corpus.core.values import UNSTORABLE
from corpus.models import Corpus, Job


class KeptAnswers:
    """The answers about the texts of a corpus, and what those that a job asked for have used.

    Several of one job count together, each what came since it last looked. Without a job, what was
    used is counted from now on.
    """

    def __init__(self, corpus: Corpus, job: Job | None = None) -> None:
        self._corpus = corpus
        self._job = job
        self._spent = Usage()
        self._counted_to = 0
        if job is None:
            last = Answer.objects.order_by("-pk").values_list("pk", flat=True).first()
            self._counted_to = last or 0

    def find(self, key: Key) -> str | None:
        """Return a kept answer."""
        kept = Answer.objects.filter(
            corpus=self._corpus,
            text_digest=key.text,
            request_digest=key.request,
        ).exclude(content="")
        return kept.values_list("content", flat=True).first()

    def keep(self, key: Key, answer: str | None, usage: Usage) -> None:
        """Keep an answer; None where one was paid for that is of no use."""
        Answer.objects.create(
            corpus=self._corpus,
            job=self._job,
            text_digest=key.text,
            request_digest=key.request,
            # No database keeps a NUL or half a surrogate pair; in JSON they are escaped.
            content=UNSTORABLE.sub("", answer or ""),
            tokens_in=usage.tokens_in,
            tokens_out=usage.tokens_out,
        )

    def spent(self) -> Usage:
        """Return what the job has used, in all its attempts."""
        new = Answer.objects.filter(corpus=self._corpus, job=self._job, pk__gt=self._counted_to)
        used = new.aggregate(
            last=Max("pk"), requests=Count("pk"), sent=Sum("tokens_in"), got=Sum("tokens_out")
        )
        if used["requests"]:
            self._spent += Usage(used["requests"], used["sent"], used["got"])
            self._counted_to = used["last"]
        return self._spent


def erase(corpus: Corpus) -> None:
    """Forget what was answered about the texts of a corpus.

    Any answer may hold words of a text that is to be erased: it may have been a worked example.
    """
    Answer.objects.filter(corpus=corpus).update(content="")
