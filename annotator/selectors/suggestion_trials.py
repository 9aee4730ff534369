"""What a trial of suggesters would change, in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from annotator.selectors.layers import hidden_suggestions
from corpus import permissions
from corpus.core.span import Span, with_fragments
from corpus.models import Corpus, Document, Job
from corpus.selectors import schema_of, schema_rows, texts_of

# Characters of a span that are shown.
LONGEST = 160


@dataclass(frozen=True, slots=True)
class ChangeInWords:
    """A change of one span: its kind, label and words, and what of it is otherwise."""

    kind: str
    label: str
    words: str
    facets: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Example:
    """A document with its number of changes, and the first of them."""

    document: Document
    count: int
    changes: tuple[ChangeInWords, ...]

    @property
    def more(self) -> int:
        """Return how many changes are not shown."""
        return self.count - len(self.changes)


def newest_trial(corpus: Corpus) -> Job | None:
    """Return the newest trial of a corpus."""
    return corpus.jobs.filter(kind="trial", parent=None).order_by("-pk").first()


def examples(corpus: Corpus, result: Mapping[str, Any], user: permissions.User) -> list[Example]:
    """Return the changes of a trial by document, as far as a person may see suggestions there.

    A blind review of theirs stays blind; what was withdrawn or replaced since is left out.
    """
    rows = {row["document"]: row for row in result["examples"]}
    documents = Document.objects.filter(corpus=corpus, pk__in=rows, retired_at__isnull=True)
    hidden = hidden_suggestions(corpus, rows.keys(), user)
    shown = [document for document in documents.order_by("pk") if document.pk not in hidden]
    texts = texts_of(shown)
    schema = schema_rows(schema_of(corpus)).view
    found = []
    for document in shown:
        if document.pk not in texts:
            continue
        row = rows[document.pk]
        words = []
        for change in row["changes"]:
            label = schema.labels.get(change["label"])
            ranges = [(start, end) for start, end in change["ranges"]]
            span = with_fragments(Span(0, change["label"], 0, 0), ranges)
            said = " ".join(span.covered(texts[document.pk]).split())
            words.append(
                ChangeInWords(
                    change["kind"],
                    label.title if label else change["label"],
                    said if len(said) <= LONGEST else f"{said[: LONGEST - 1]}…",
                    tuple(change["facets"]),
                )
            )
        found.append(Example(document, row["count"], tuple(words)))
    return found
