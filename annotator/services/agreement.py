"""Agreement over the submitted reviews of a corpus."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet

from annotator.core.agreement import Article, Measure, count, measures
from annotator.core.bootstrap import Tally
from annotator.models import Layer, LayerKind, LayerState
from annotator.selectors.layers import layer_views
from corpus.core.span import with_default
from corpus.models import Corpus, Document
from corpus.selectors import schema_rows, texts_of

BATCH = 100
MONTH = re.compile(r"\d{4}-\d{2}")
SUBMITTED = (LayerState.SUBMITTED, LayerState.CLOSED)


@dataclass(frozen=True, slots=True)
class Group:
    """The measures over some articles; `by` says which: one outlet, one month, or one view.

    The view is "assisted" where every reviewer saw suggestions and "blind" where none did, so that
    anchoring by suggestions is seen.
    """

    by: str
    group: str
    measures: list[Measure]


@dataclass(frozen=True, slots=True)
class Agreement:
    """The measures over all pairs of reviewers and of each pair, and those of each outlet and
    month.
    """

    measures: list[Measure]
    groups: list[Group]


def corpus_agreement(corpus: Corpus, *, documents: QuerySet[Document] | None = None) -> Agreement:
    """Measure how far the submitted reviews of a corpus agree, or of those of its documents that
    are given.

    Only documents with two or more submitted reviews count. An article without an outlet or a date
    of publication (year and month first) is in no group of that kind, nor is one that only some
    reviewed blind in a view.
    """
    if corpus.schema is None:
        return Agreement([], [])
    view = schema_rows(corpus.schema).view
    together, pairs, groups = (
        Tally(),
        dict[tuple[str, str], Tally](),
        dict[tuple[str, str], Tally](),
    )
    for document, article, view_of in _articles(
        corpus, corpus.documents.all() if documents is None else documents
    ):
        counted = count(article, view)
        together.add(counted.together)
        for pair, counts in counted.pairs.items():
            pairs.setdefault(pair, Tally()).add(counts)
        month = MONTH.match(document.published)
        for by, name in (
            ("outlet", document.outlet),
            ("month", month.group() if month else ""),
            ("view", view_of),
        ):
            if name:
                groups.setdefault((by, name), Tally()).add(counted.together)
    if not together.articles:
        return Agreement([], [])
    found = measures(together, view)
    for (a, b), tally in sorted(pairs.items()):
        found.extend(measures(tally, view, a=a, b=b))
    return Agreement(
        found,
        [Group(by, name, measures(tally, view)) for (by, name), tally in sorted(groups.items())],
    )


def _articles(
    corpus: Corpus, documents: QuerySet[Document]
) -> Iterator[tuple[Document, Article, str]]:
    """Yield each document that two or more people submitted, with its view, a batch at a time in
    three queries.
    """
    of_corpus = Q(
        layers__schema=corpus.schema, layers__kind=LayerKind.REVIEW, layers__state__in=SUBMITTED
    )
    reviewed = (
        documents.filter(corpus=corpus, retired_at__isnull=True)
        .annotate(reviews=Count("layers", filter=of_corpus))
        .filter(reviews__gte=2)
        .order_by("pk")
    )
    keys = list(reviewed.values_list("pk", flat=True))
    for first in range(0, len(keys), BATCH):
        found = list(Document.objects.filter(pk__in=keys[first : first + BATCH]).order_by("pk"))
        texts = texts_of(found)
        layers: dict[int, list[Layer]] = {}
        rows = Layer.objects.filter(
            document__in=found, schema=corpus.schema, kind=LayerKind.REVIEW, state__in=SUBMITTED
        ).select_related("owner")
        for layer in rows:
            layers.setdefault(layer.document_id, []).append(layer)
        views = layer_views([layer for some in layers.values() for layer in some])
        for document in found:
            default = document.targets[0] if document.targets else None
            own = {
                str(layer.owner): with_default(views[layer.pk], "CLAIM", "target", default)
                for layer in layers[document.pk]
            }
            blind = {layer.shown_run_id is None for layer in layers[document.pk]}
            view_of = "" if len(blind) > 1 else "blind" if blind == {True} else "assisted"
            yield document, Article(texts[document.pk], own), view_of
