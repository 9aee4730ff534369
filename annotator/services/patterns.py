"""Writes of a corpus's patterns, and the count of what they find before they are saved."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction

from annotator.core import patterns
from annotator.core.patterns import Pattern
from annotator.models import PatternSet
from annotator.selectors.patterns import newest, sample, schema_of
from corpus import permissions
from corpus.core.callbacks import Cancelled, Progress
from corpus.core.problems import Problem
from corpus.jobs import claim
from corpus.models import Corpus, Document, Job
from corpus.selectors import texts_of
from corpus.services import audit

BATCH = 10
# Seconds after which a count is content with the documents that it has seen.
LONGEST_COUNT = 60
# Matches that are shown of one pattern, and of all together.
EXAMPLES = 3
MOST_EXAMPLES = 300


def replace(
    corpus: Corpus,
    found: Sequence[Pattern],
    *,
    by: permissions.User | None,
    at: int | None = None,
) -> PatternSet:
    """Save patterns as a new version, which is also returned when nothing changed.

    `at` is the version that they were changed from; raises `Problem` when there is a newer one.
    `by` is None for the command line.
    """
    if by is not None:
        permissions.require(by, "patterns", corpus)
    with transaction.atomic():
        last = _newest_locked(corpus)
        version = last.version if last else 0
        if at is not None and at != version:
            who = last.saved_by.get_username() if last and last.saved_by else "somebody"
            raise Problem("patterns-changed", name=who)
        lines = patterns.write(found)
        if last is not None and last.lines == lines:
            return last
        return _add(corpus, lines, version=version + 1, by=by)


def add(
    corpus: Corpus,
    label: str,
    words: str,
    *,
    attributes: Mapping[str, Any] | None = None,
    by: permissions.User,
) -> PatternSet:
    """Save the patterns with one more that finds these words; one that is there stays as it is."""
    permissions.require(by, "patterns", corpus)
    schema = schema_of(corpus)
    new = patterns.of_words(label, words, schema, attributes)
    line = patterns.write([new])
    with transaction.atomic():
        last = _newest_locked(corpus)
        lines = last.lines if last else ""
        if last is not None and line in lines.splitlines(keepends=True):
            return last
        # Raises where there are too many.
        patterns.read(lines + line, schema)
        return _add(corpus, lines + line, version=last.version + 1 if last else 1, by=by)


def _newest_locked(corpus: Corpus) -> PatternSet | None:
    """Return the newest patterns; whoever saves at the same moment waits."""
    Corpus.objects.select_for_update().get(pk=corpus.pk)
    return newest(corpus)


def _add(corpus: Corpus, lines: str, *, version: int, by: permissions.User | None) -> PatternSet:
    saved = PatternSet.objects.create(
        corpus=corpus,
        version=version,
        lines=lines,
        count=lines.count("\n"),
        digest=patterns.digest(lines),
        saved_by_id=by.pk if by is not None else None,
    )
    audit.note(corpus, "patterns", by=by, version=version, count=saved.count)
    return saved


def erase_quotes(corpus: Corpus, texts: Sequence[str]) -> None:
    """Take out of every version, and of what was counted, the phrases that quote these texts."""
    for saved in PatternSet.objects.filter(corpus=corpus).iterator():
        lines = patterns.without_quotes(saved.lines, texts)
        if lines != saved.lines:
            rows = PatternSet.objects.filter(pk=saved.pk)
            rows.update(lines=lines, count=lines.count("\n"))
    for job in Job.objects.filter(corpus=corpus, kind="patterns").iterator():
        lines = patterns.without_quotes(job.arguments["lines"], texts)
        if lines != job.arguments["lines"]:
            Job.objects.filter(pk=job.pk).update(arguments={"lines": lines}, result={})


def start_count(corpus: Corpus, lines: str, *, by: permissions.User) -> Job:
    """Queue a job that counts what patterns find in a sample of documents; nothing is saved.

    Raises `Problem` when none of the lines is a pattern, or while others are counted.
    """
    permissions.require(by, "patterns", corpus)
    found, problems = patterns.read(lines, schema_of(corpus))
    if not found:
        raise problems[0] if problems else _nothing()
    return claim.start_this(corpus, "patterns", {"lines": lines}, by=by)


def _nothing() -> Problem:
    return Problem("nothing-to-do", act="count", reason="there are no patterns")


def run_count_job(job: Job, *, progress: Progress, cancelled: Cancelled) -> dict[str, Any]:
    """Count what patterns find in a sample of documents, within `LONGEST_COUNT` seconds.

    The result holds, by line, the matches, the documents that they stand in, and the first matches
    as keys of documents with code points: an article's words stand in one place.
    """
    # Loads spaCy, which a web process is to start without.
    from annotator.suggesters.patterns import Patterns

    corpus = job.corpus
    schema = schema_of(corpus)
    found, _ = patterns.read(job.arguments["lines"], schema)
    suggester = Patterns(found, schema=schema, language=corpus.language)
    keys = sample(corpus)
    hits = _Hits()
    until = time.monotonic() + LONGEST_COUNT
    for first in range(0, len(keys), BATCH):
        progress(hits.texts, len(keys))
        if cancelled() or time.monotonic() > until:
            break
        batch = Document.objects.filter(pk__in=keys[first : first + BATCH]).order_by("pk")
        for key, text in texts_of(batch).items():
            hits.add(key, suggester.matches(text))
    progress(hits.texts, hits.texts)
    return hits.as_json(found)


@dataclass(slots=True)
class _Hits:
    """What patterns found so far, by their lines."""

    texts: int = 0
    hits: Counter[int] = field(default_factory=Counter)
    documents: Counter[int] = field(default_factory=Counter)
    examples: dict[int, list[list[int]]] = field(default_factory=dict)
    shown: int = 0

    def add(self, document: int, matches: Sequence[tuple[Pattern, int, int]]) -> None:
        """Count the matches in a document, by its key."""
        self.texts += 1
        self.documents.update({pattern.line for pattern, _, _ in matches})
        for pattern, start, end in matches:
            self.hits[pattern.line] += 1
            examples = self.examples.setdefault(pattern.line, [])
            if len(examples) < EXAMPLES and self.shown < MOST_EXAMPLES:
                examples.append([document, start, end])
                self.shown += 1

    def as_json(self, found: Sequence[Pattern]) -> dict[str, Any]:
        """Return the counts of some patterns."""
        rows = []
        for line in [pattern.line for pattern in found]:
            rows.append(
                {
                    "line": line,
                    "hits": self.hits[line],
                    "documents": self.documents[line],
                    "examples": self.examples.get(line, []),
                }
            )
        return {"documents": self.texts, "spans": self.hits.total(), "patterns": rows}
