"""Two suggesters tried on the gold of a corpus; nothing of it is kept."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from annotator.core import suggester_scores
from annotator.core.bootstrap import Tally
from annotator.selectors.gold import settled_gold
from annotator.selectors.layers import layer_views
from annotator.suggesters import Suggester
from corpus.core.callbacks import Cancelled, Progress, never_cancelled, unreported
from corpus.core.problems import Problem
from corpus.core.span import LayerView
from corpus.models import Corpus
from corpus.selectors import schema_rows, texts_of

BATCH = 50
# A model is loaded by its first text, which is not part of the time.
FIRST = "“It is late,” said Ann Lee."


@dataclass(frozen=True, slots=True)
class Comparison:
    """How well two suggesters do on so many documents, and how long they take for 1,000 words.

    `usage` holds what each used of a server, `unanswered` of how many documents it could say
    nothing, which count as documents without suggestions.
    """

    documents: int
    words: int
    scores: list[suggester_scores.FacetScore]
    seconds: Mapping[str, float]
    usage: Mapping[str, Counter[str]]
    unanswered: Counter[str]


def compared(
    corpus: Corpus,
    suggesters: Mapping[str, Suggester],
    *,
    only: Collection[str] | None = None,
    without: Collection[str] = (),
    progress: Progress = unreported,
    cancelled: Cancelled = never_cancelled,
) -> Comparison:
    """Try suggesters "a" and "b" on every document with settled gold, or on `only` those named.

    Those `without` which it is are left out.
    One that is cancelled ends with the documents that it has come to. Raises `Problem` when there
    is none.
    """
    if corpus.schema is None:
        raise Problem("nothing-to-do", act="compare", reason="the corpus has no schema")
    schema = schema_rows(corpus.schema).view
    settled = settled_gold(corpus)
    if only is not None:
        settled = settled.filter(document__external_id__in=sorted(only))
    settled = settled.exclude(document__external_id__in=sorted(without))
    keys = list(settled.order_by("document").values_list("pk", flat=True))
    if not keys:
        reason = "no document has settled gold yet"
        if only is not None:
            reason = "no document of the test part has settled gold"
        raise Problem("nothing-to-do", act="compare", reason=reason)
    for suggester in suggesters.values():
        list(suggester.suggest([FIRST], [[]]))
    tally = Tally()
    seconds = dict.fromkeys(suggesters, 0.0)
    unanswered: Counter[str] = Counter()
    words = 0
    for first in range(0, len(keys), BATCH):
        rows = settled.filter(pk__in=keys[first : first + BATCH]).order_by("document")
        adjudications = list(rows.select_related("document", "gold"))
        texts = texts_of(row.document for row in adjudications)
        golds = layer_views(row.gold for row in adjudications if row.gold is not None)
        for row in adjudications:
            if row.document_id not in texts or row.gold_id is None:
                # The text was withdrawn.
                continue
            text = texts[row.document_id]
            targets = list(dict.fromkeys([*row.document.targets, *corpus.targets]))
            layers = {}
            for side, suggester in suggesters.items():
                started = time.perf_counter()
                (layer,) = suggester.suggest([text], [targets])
                seconds[side] += time.perf_counter() - started
                unanswered[side] += layer is None
                layers[side] = layer or LayerView()
            tally.add(suggester_scores.count(text, golds[row.gold_id], layers, schema))
            words += row.document.words
            progress(tally.articles, len(keys))
            if cancelled():
                break
        if cancelled():
            break
    per_thousand = {side: 1000 * seconds[side] / max(words, 1) for side in suggesters}
    rows_of_scores = suggester_scores.scores(tally, schema)
    usage = {side: suggester.report.take()[1] for side, suggester in suggesters.items()}
    return Comparison(tally.articles, words, rows_of_scores, per_thousand, usage, unanswered)
