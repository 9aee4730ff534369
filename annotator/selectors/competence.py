"""How far the people of a corpus are to be trusted, from all their reviews that are compared."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from django.db.models import F

from annotator.core import weighted
from annotator.core.competence import Ballots
from annotator.core.merge import Policy, policy_called
from annotator.models import Adjudication, Layer, LayerKind
from annotator.selectors import comparison
from corpus.core.callbacks import Cancelled, never_cancelled
from corpus.models import Corpus
from corpus.selectors import schema_rows

# So many documents tell enough; of more, these are spread evenly.
MOST = 2000
BATCH = 100


def needs_estimate(policy: str) -> bool:
    """Tell whether a policy compares the whole corpus before it settles anything."""
    return isinstance(policy_called(policy), weighted.Weighted)


def fitted(corpus: Corpus, policy: str, *, cancelled: Cancelled = never_cancelled) -> Policy:
    """Return a policy, with the competence of the corpus's people where it asks for that."""
    decide = policy_called(policy)
    if not isinstance(decide, weighted.Weighted):
        return decide
    reviews = Layer.objects.filter(document__corpus=corpus, kind=LayerKind.REVIEW, practice=False)
    people = {str(key): str(owner) for key, owner in reviews.values_list("pk", "owner_id")}
    ballots = Ballots()
    documents = 0
    for adjudication in _compared(corpus):
        if cancelled():
            break
        documents += 1
        schema = schema_rows(adjudication.schema).view
        for cluster in comparison.clusters(adjudication):
            weighted.count(ballots, cluster, schema, people)
    return replace(decide, competence=ballots.competence(documents=documents), people=people)


def _compared(corpus: Corpus) -> Iterator[Adjudication]:
    """Yield the documents with all their reviews in, or so many of them spread evenly."""
    current = Adjudication.objects.filter(corpus=corpus, document__retired_at__isnull=True)
    ready = current.filter(submitted__gte=F("needed")).order_by("pk")
    keys = list(ready.values_list("pk", flat=True))
    keys = keys[:: 1 + max(0, len(keys) - 1) // MOST]
    for first in range(0, len(keys), BATCH):
        rows = ready.filter(pk__in=keys[first : first + BATCH])
        yield from rows.select_related("document__corpus", "schema")
