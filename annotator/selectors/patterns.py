"""Reads of a corpus's patterns, of what they were counted to find, and of places in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from annotator.core import patterns
from annotator.core.patterns import Pattern
from annotator.models import PatternSet
from corpus.core.problems import Problem
from corpus.core.schema import SchemaView
from corpus.models import Corpus, Document, Job, JobState, Schema
from corpus.selectors import jobs_of_kinds, schema_rows, texts_of

# Documents that patterns are tried on.
SAMPLE = 200
# Characters of the text that a match is shown in, on either side.
AROUND = 40


@dataclass(frozen=True, slots=True)
class Match:
    """Words that a pattern found, in their document."""

    document: Document
    before: str
    words: str
    after: str


@dataclass(frozen=True, slots=True)
class Counted:
    """A pattern, how often it was found in how many documents, and the first of its matches."""

    pattern: Pattern
    hits: int
    documents: int
    matches: tuple[Match, ...]


def newest(corpus: Corpus) -> PatternSet | None:
    """Return the patterns that a corpus is suggested with, if it has any."""
    found = PatternSet.objects.filter(corpus=corpus).order_by("-version")
    return found.select_related("saved_by").first()


def patterns_of(corpus: Corpus, *, version: int = 0) -> tuple[Pattern, ...]:
    """Return the patterns of a corpus that are of labels that its schema knows.

    They are the newest, unless another `version` is asked for.
    """
    saved = newest(corpus)
    if version and saved is not None and saved.version != version:
        saved = PatternSet.objects.filter(corpus=corpus, version=version).first()
    if saved is None or corpus.schema is None:
        return ()
    return _read(saved.lines, corpus.schema.pk, corpus.schema.digest)


@lru_cache(maxsize=16)
def _read(lines: str, schema: int, digest: str) -> tuple[Pattern, ...]:
    """Return the patterns of lines: pages ask again and again what they give.

    A schema's digest names its content.
    """
    view = schema_rows(Schema(pk=schema, digest=digest)).view
    return tuple(patterns.read(lines, view)[0])


def schema_of(corpus: Corpus) -> SchemaView:
    """Return the schema that patterns are written for, or raise `Problem`."""
    if corpus.schema is None:
        raise Problem("nothing-to-do", act="find", reason="the corpus has no schema")
    return schema_rows(corpus.schema).view


def sample(corpus: Corpus, size: int = SAMPLE) -> list[int]:
    """Return the keys of so many current documents, spread over the corpus."""
    current = Document.objects.filter(corpus=corpus, retired_at__isnull=True).order_by("pk")
    keys = current.values_list("pk", flat=True)
    few = list(keys[: size + 1])
    if len(few) <= size:
        return few
    last = keys.reverse()[0]
    step = (last - few[0]) / size
    chosen = set()
    for number in range(size):
        chosen.add(keys.filter(pk__gte=few[0] + round(number * step))[0])
    return sorted(chosen)


def newest_count(corpus: Corpus) -> Job | None:
    """Return the newest job that counted patterns."""
    jobs = jobs_of_kinds(corpus, "patterns", size=1)
    return jobs[0] if jobs else None


def counted(job: Job, found: Sequence[Pattern], *, size: int) -> list[Counted]:
    """Return what a job counted of the first patterns; the words are read from the documents.

    What was removed or erased since is left out.
    """
    if job.state != JobState.DONE:
        return []
    rows = {row["line"]: row for row in job.result.get("patterns", ())}
    shown = [pattern for pattern in found if pattern.line in rows][:size]
    examples = [one for pattern in shown for one in rows[pattern.line]["examples"]]
    documents = Document.objects.filter(
        corpus=job.corpus, retired_at__isnull=True, pk__in={one[0] for one in examples}
    )
    document_of = {document.pk: document for document in documents}
    texts = texts_of(document_of.values())
    listed = []
    for pattern in shown:
        row: Mapping[str, Any] = rows[pattern.line]
        matches = tuple(_matches(row["examples"], document_of, texts))
        listed.append(Counted(pattern, row["hits"], row["documents"], matches))
    return listed


def _matches(
    examples: Sequence[Sequence[int]], documents: Mapping[int, Document], texts: Mapping[int, str]
) -> Iterator[Match]:
    for key, start, end in examples:
        if key in texts:
            text = texts[key]
            before = text[max(0, start - AROUND) : start]
            after = text[end : end + AROUND]
            yield Match(documents[key], before, text[start:end], after)
