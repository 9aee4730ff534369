"""Worked examples for language models: passages of gold on the training side."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.conf import settings
from django.utils.module_loading import import_string

from annotator.selectors.gold import settled_gold
from annotator.selectors.layers import layer_views
from annotator.suggesters.llm.passages import Passage, passages
from annotator.suggesters.llm.prompt import Example
from corpus.core.schema import SchemaView
from corpus.core.span import LayerView, Span
from corpus.models import Corpus
from corpus.selectors import texts_of

FEWEST, MOST = 3, 8
# Documents, the first that were settled, among which examples are looked for.
LOOKED_AT = 80
# Code points of an example.
LONGEST = 900


@dataclass(frozen=True, slots=True)
class WorkedExample:
    """An example, and where it is from, as a run's configuration tells it."""

    example: Example
    document: str
    version: int

    def as_json(self) -> dict[str, object]:
        """Return where it is from, without a word of it."""
        passage = self.example.passage
        return {
            "document": self.document,
            "version": self.version,
            "start": passage.start,
            "end": passage.end,
        }


def worked_examples(
    corpus: Corpus, schema: SchemaView, *, attribute: str = "", only: Sequence[str] | None = None
) -> list[WorkedExample]:
    """Return three or eight passages of gold, of the documents that were settled first.

    None where fewer are there; not all that are there, so that gold to come changes no prompt but
    twice. `only` names the documents of an earlier choice. What is or may be in the test part of a
    split is never among them, nor what checks reviewers in secret.
    """
    settled = settled_gold(corpus).filter(document__sample__isnull=True)
    if only is not None:
        settled = settled.filter(document__external_id__in=only)
    rows = settled.select_related("document", "gold").order_by("done_at", "pk")[:LOOKED_AT]
    names = [row.document.external_id for row in rows]
    training = set(import_string(settings.TRAINING_SIDE)(corpus, names)) if names else set()
    taught = [row for row in rows if row.document.external_id in training]
    if len(taught) < FEWEST and only is None:
        return []
    texts = texts_of(row.document for row in taught)
    golds = layer_views(row.gold for row in taught if row.gold is not None)
    found = []
    for row in taught:
        if row.gold is None or row.document_id not in texts:
            continue
        text, gold = texts[row.document_id], golds[row.gold.pk]
        passage = _best(text, gold, schema, attribute)
        if passage is not None:
            targets = list(dict.fromkeys([*row.document.targets, *corpus.targets]))
            example = Example(text, passage, gold, targets)
            found.append(WorkedExample(example, row.document.external_id, row.gold.version))
    if only is not None:
        return found
    if len(found) < FEWEST:
        return []
    return found[: MOST if len(found) >= MOST else FEWEST]


def _best(text: str, gold: LayerView, schema: SchemaView, attribute: str) -> Passage | None:
    """Return the passage of a document that shows most: labels first, then spans."""
    best: tuple[tuple[int, int], Passage] | None = None
    for passage in passages(text, LONGEST):
        inside = _telling(gold.spans.values(), passage, schema, attribute)
        rank = len({span.label for span in inside}), len(inside)
        if inside and (best is None or rank > best[0]):
            best = rank, passage
    return None if best is None else best[1]


def _telling(
    spans: Iterable[Span], passage: Passage, schema: SchemaView, attribute: str
) -> list[Span]:
    """Return the spans in a passage, those with a value where one attribute is asked for."""
    inside = []
    for span in spans:
        is_inside = passage.start <= span.start and span.end <= passage.end
        tells = not attribute or span.attributes.get(attribute) not in (None, "")
        if is_inside and tells and span.label in schema.labels:
            inside.append(span)
    return inside
