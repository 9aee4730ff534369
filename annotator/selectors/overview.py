"""What a corpus adds up to: the reads behind its dashboard.

A small corpus is counted when it is looked at. A larger one is counted in the background, by
`annotator.services.overview`, and pages read the stored `Overview`; nothing that a page reads grows
with the corpus.
"""

from __future__ import annotations

import datetime
import statistics
from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from django.db import connection
from django.db.models import Avg, Count, Exists, F, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.fields.json import KeyTextTransform
from django.utils import timezone

from annotator.models import (
    Activity,
    Adjudication,
    AdjudicationState,
    Assignment,
    AssignmentState,
    Decision,
    Layer,
    LayerKind,
    LayerState,
    Overview,
    Span,
)
from annotator.selectors.withheld import NOT_FINAL, OPEN
from corpus import permissions
from corpus.core.schema import DOCUMENT, Attribute, SchemaView
from corpus.db.prepared import Prepared
from corpus.models import Corpus, Document
from corpus.selectors import memberships_of, schema_rows

LIVE_UP_TO = 500
FRESH = datetime.timedelta(seconds=60)
DAYS = 30
NEWEST_REVIEWS = 100
# Enough to say how much of what was suggested people leave.
NEWEST_HANDED_IN = 2000
OUTLETS = 100
MOST_CHARTS = 12

# Plain SQL, because every opening of a document asks it. It counts no further than it has to.
DOCUMENTS = (
    "SELECT COUNT(*) FROM (SELECT 1 FROM corpus_document"
    " WHERE corpus_id = %s AND retired_at IS NULL LIMIT %s) AS first"
)
POSITION = Prepared(
    lambda corpus, user, document: Corpus.objects.filter(pk=corpus).values_list(
        Subquery(
            Assignment.objects.filter(corpus=corpus, user=user, state=AssignmentState.DONE)
            .exclude(document=document)
            .values("user")
            .annotate(n=Count("pk"))
            .values("n")
        ),
        "overview__numbers__progress__documents",
    ),
    int,
    int,
    int,
)


@dataclass(frozen=True, slots=True)
class DocumentCounts:
    """How many documents there are, by state, and how many of the planned reviews are in."""

    documents: int = 0
    waiting: int = 0
    ready: int = 0
    settled: int = 0
    slots: int = 0
    slots_done: int = 0

    @property
    def percent(self) -> int:
        """Return the share of planned reviews that are in."""
        return 100 * self.slots_done // self.slots if self.slots else 0

    def as_json(self) -> dict[str, int]:
        """Return the counts by name."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Contents:
    """Spans by label, and choices of attributes by value, in submitted reviews and in gold.

    `values` holds the attributes as `LABEL.name`, those of the document as `.name`.
    """

    labels: dict[str, dict[str, int]] = field(default_factory=dict)
    values: dict[str, dict[str, dict[str, int]]] = field(default_factory=dict)


def progress_of(keys: Collection[int], *, all_in: bool = False) -> dict[int, DocumentCounts]:
    """Return the progress of several corpora by their keys, in a handful of queries.

    With `all_in` only documents whose reviews are all in count as ready or settled, and only their
    reviews as done.
    """
    if not keys:
        return {}
    stored = Overview.objects.filter(corpus__in=keys).values_list("corpus", "numbers")
    counts = {key: _stored_progress(numbers, all_in=all_in) for key, numbers in stored}
    live = [key for key in keys if key not in counts or counts[key].documents <= LIVE_UP_TO]
    return {**counts, **count_progress(live, all_in=all_in)} if live else counts


def _stored_progress(numbers: dict[str, Any], *, all_in: bool) -> DocumentCounts:
    """Return the progress as it was counted."""
    counts = DocumentCounts(**numbers["progress"])
    if not all_in:
        return counts
    told = numbers.get("all_in", {}).get("progress")
    # Nothing was counted so before an update; the next count does.
    none = {"waiting": counts.documents, "ready": 0, "settled": 0, "slots_done": 0}
    return DocumentCounts(**told) if told else replace(counts, **none)


def count_progress(keys: Collection[int], *, all_in: bool = False) -> dict[int, DocumentCounts]:
    """Count the queues of these corpora; `all_in` as in `progress_of`."""
    current = {
        "corpus__in": keys,
        "document__retired_at__isnull": True,
        "schema": F("corpus__schema"),
    }
    rows = Adjudication.objects.filter(**current)
    # What somebody skipped was opened to others; practice was never planned.
    planned = Assignment.objects.filter(**current, practice=False)
    planned = planned.exclude(state=AssignmentState.SKIPPED)
    documents, places = _by_state(rows, keys), _by_state(planned, keys)
    told, done = documents, places
    if all_in:
        known = documents_all_in(keys)
        told = _by_state(rows.filter(document__in=known), keys)
        done = _by_state(planned.filter(document__in=known), keys)
    counts = {}
    for key in keys:
        number, ready, settled = documents[key].total(), told[key]["ready"], told[key]["done"]
        counts[key] = DocumentCounts(
            documents=number,
            waiting=number - ready - settled,
            ready=ready,
            settled=settled,
            slots=places[key].total(),
            slots_done=done[key]["done"],
        )
    return counts


def progress_for(user: permissions.User, corpora: Iterable[Corpus]) -> dict[int, DocumentCounts]:
    """Return the progress of several corpora by their keys, as a person is told it.

    Who reviews in one is told there of documents whose reviews are all in.
    """
    keys = {corpus.pk for corpus in corpora}
    roles = permissions.ACTS["review"]
    reviewed = {row.corpus_id for row in memberships_of(user) if row.role in roles}
    return {**progress_of(keys - reviewed), **progress_of(keys & reviewed, all_in=True)}


def _by_state(rows: QuerySet[Any, Any], keys: Collection[int]) -> dict[int, Counter[str]]:
    """Count rows by corpus and state."""
    counts: dict[int, Counter[str]] = {key: Counter() for key in keys}
    for key, state, n in rows.order_by().values_list("corpus", "state").annotate(n=Count("pk")):
        counts[key][state] = n
    return counts


def count_contents(corpus: Corpus, *, all_in: bool = False) -> Contents:
    """Count the spans of submitted reviews and of gold by label, and their choices by value.

    With `all_in` only of documents that nobody holds, or may come to hold: reviewers may know it.
    """
    layers = _layers_counted(corpus)
    if all_in:
        layers = layers.filter(document__in=documents_all_in([corpus.pk]))
    spans = Span.objects.filter(layer__in=layers)
    contents = Contents({"review": {}, "gold": {}})
    by_label = spans.order_by().values_list("layer__kind", "label__name").annotate(n=Count("pk"))
    for kind, label, n in by_label:
        contents.labels[kind][label] = n
    if corpus.schema is not None:
        for label, attribute in charted(schema_rows(corpus.schema).view):
            if label:
                counts = _by_choice(spans.filter(label__name=label), "layer__kind", attribute.name)
            else:
                counts = _by_choice(layers, "kind", attribute.name)
            contents.values[f"{label}.{attribute.name}"] = counts
    return contents


def charted(schema: SchemaView) -> list[tuple[str, Attribute]]:
    """Return the attributes with one choice that a dashboard shows, each with its label.

    Those of the document come last, with the label "".
    """
    holders = [(label.name, label.attributes) for label in schema.labels.values()]
    shown = []
    for holder, attributes in (*holders, (DOCUMENT, schema.attributes)):
        shown += [(holder, one) for one in attributes if one.kind == "choice" and not one.fold]
    return shown[:MOST_CHARTS]


def _layers_counted(corpus: Corpus) -> QuerySet[Layer]:
    layers = Layer.objects.filter(
        schema=corpus.schema_id,
        kind__in=(LayerKind.REVIEW, LayerKind.GOLD),
        document__retired_at__isnull=True,
    )
    return layers.exclude(kind=LayerKind.REVIEW, state=LayerState.OPEN)


def documents_all_in(corpora: Collection[int]) -> QuerySet[Adjudication, Any]:
    """Return the documents of these corpora whose every review is in, by key.

    Samples are never among them: everybody holds them at some time, and what left the counts on
    that day would be theirs.
    """
    places = Assignment.objects.filter(document=OuterRef("document"))
    reviews = Layer.objects.filter(document=OuterRef("document"), kind=LayerKind.REVIEW)
    # Who practised may open that again, until they were shown what others made of it.
    may_change = OPEN | (NOT_FINAL & Q(practice=True))
    rows = Adjudication.objects.filter(
        ~Exists(places.exclude(state=AssignmentState.DONE)),
        ~Exists(reviews.filter(may_change)),
        corpus__in=corpora,
        schema=F("corpus__schema"),
        document__sample__isnull=True,
    )
    return rows.exclude(state=AdjudicationState.WAITING).values("document")


def _by_choice(rows: QuerySet[Any, Any], kind: str, name: str) -> dict[str, dict[str, int]]:
    """Count rows by the kind of their layer and the value that they have of an attribute."""
    counts: dict[str, dict[str, int]] = {"review": {}, "gold": {}}
    chosen = rows.annotate(chosen=KeyTextTransform(name, "attributes")).exclude(chosen=None)
    for of, value, n in chosen.order_by().values_list(kind, "chosen").annotate(n=Count("pk")):
        counts[of][value] = n
    return counts


def _stored_contents(corpus: Corpus, numbers: dict[str, Any]) -> Contents:
    """Return the contents as they were counted; once the only value counted was the stance."""
    values = numbers.get("values")
    if values is None and corpus.schema is not None:
        shown = charted(schema_rows(corpus.schema).view)
        labels = [label for label, attribute in shown if attribute.name == "stance"]
        values = {f"{label}.stance": numbers["stances"] for label in labels[:1]}
    return Contents(numbers["labels"], values or {})


def count(corpus: Corpus) -> dict[str, Any]:
    """Count everything that an `Overview` holds; takes as long as the corpus is large."""
    documents = Document.objects.filter(corpus=corpus, retired_at__isnull=True).exclude(outlet="")
    most = documents.values("outlet").annotate(n=Count("pk")).order_by("-n", "outlet")
    contents = count_contents(corpus)
    all_in = count_contents(corpus, all_in=True)
    return {
        "all_in": {
            "labels": all_in.labels,
            "values": all_in.values,
            "progress": count_progress([corpus.pk], all_in=True)[corpus.pk].as_json(),
        },
        "progress": count_progress([corpus.pk])[corpus.pk].as_json(),
        "labels": contents.labels,
        "values": contents.values,
        "outlets": sorted(most.values_list("outlet", flat=True)[:OUTLETS]),
    }


@dataclass(frozen=True, slots=True)
class Totals:
    """What a dashboard says of a corpus; `counted_at` is null when it was counted just now."""

    progress: DocumentCounts
    contents: Contents
    counted_at: datetime.datetime | None = None

    @property
    def stale(self) -> bool:
        """Tell whether it is time to count again."""
        return self.counted_at is not None and timezone.now() - self.counted_at > FRESH


def totals(corpus: Corpus, *, all_in: bool = False) -> Totals:
    """Return the totals of a corpus: stored ones, or counted now while the corpus is small.

    With `all_in` they are those of documents whose reviews are all in.
    """
    stored = Overview.objects.filter(corpus=corpus).first()
    if stored is not None and stored.numbers["progress"]["documents"] > LIVE_UP_TO:
        numbers = stored.numbers
        contents = _stored_all_in(numbers) if all_in else _stored_contents(corpus, numbers)
        progress = _stored_progress(numbers, all_in=all_in)
        return Totals(progress, contents, stored.counted_at)
    progress = count_progress([corpus.pk], all_in=all_in)[corpus.pk]
    return Totals(progress, count_contents(corpus, all_in=all_in))


def _stored_all_in(numbers: dict[str, Any]) -> Contents:
    # Nothing was counted so before an update; the next count does.
    kept = numbers.get("all_in", {"labels": {"review": {}, "gold": {}}, "values": {}})
    return Contents(kept["labels"], kept["values"])


def totals_for(user: permissions.User, corpus: Corpus) -> Totals:
    """Return the totals of a corpus as a person is told them.

    Who reviews there is told of documents whose reviews are all in, lest the numbers tell what a
    colleague did with one that they hold themselves.
    """
    return totals(corpus, all_in=permissions.allows(user, "review", corpus))


def position(document: Document, person: int) -> tuple[int, int]:
    """Return how many other documents a person has done in the corpus, and how many it has.

    These are counted now when there were few of them at the last count or none was made, and else
    as counted then.
    """
    done, stored = POSITION.first(document.corpus_id, person, document.pk)
    if stored is None or stored <= LIVE_UP_TO:
        # A method of this site's own database backends.
        with connection.prepared_cursor() as cursor:  # type: ignore[attr-defined]
            cursor.execute(DOCUMENTS, [document.corpus_id, LIVE_UP_TO + 1])
            stored = cursor.fetchone()[0]
    return done or 0, stored


def outlets(corpus: Corpus) -> list[str]:
    """Return the outlets with the most documents, as counted last, in alphabetical order."""
    stored = Overview.objects.filter(corpus=corpus).values_list("numbers", flat=True).first()
    return stored["outlets"] if stored else []


@dataclass(frozen=True, slots=True)
class PersonTotal:
    """What one person did in the last `DAYS` days.

    `accepted` are accepts of suggestions whose words the page timed, and `hasty` those of them that
    were faster than anybody reads.
    """

    name: str
    decisions: int = 0
    submitted: int = 0
    elapsed_ms: int = 0
    accepted: int = 0
    hasty: int = 0

    @property
    def decision_ms(self) -> int:
        """Return the mean milliseconds of a decision."""
        return self.elapsed_ms // self.decisions if self.decisions else 0

    @property
    def document_ms(self) -> int:
        """Return the mean milliseconds of a document that was handed in."""
        return self.elapsed_ms // self.submitted if self.submitted > 0 else 0


def recent_days() -> list[datetime.date]:
    """Return the last `DAYS` days, today last."""
    today = timezone.now().date()
    return [today - datetime.timedelta(days=n) for n in reversed(range(DAYS))]


def activity(
    corpus: Corpus, *, of: permissions.User | None = None
) -> tuple[dict[datetime.date, int], list[PersonTotal]]:
    """Return the decisions of each recent day, and each person's work, the busiest first.

    With `of` only that person's.
    """
    days = dict.fromkeys(recent_days(), 0)
    people: dict[str, PersonTotal] = {}
    rows = Activity.objects.filter(corpus=corpus, day__gte=min(days)).order_by()
    if of is not None:
        rows = rows.filter(user=of.pk)
    for day, name, decisions, submitted, elapsed_ms, accepted, hasty in rows.values_list(
        "day", "user__username", "decisions", "submitted", "elapsed_ms", "accepted", "hasty"
    ):
        days[day] = days.get(day, 0) + decisions
        before = people.get(name, PersonTotal(name))
        people[name] = PersonTotal(
            name,
            decisions=before.decisions + decisions,
            submitted=before.submitted + submitted,
            elapsed_ms=before.elapsed_ms + elapsed_ms,
            accepted=before.accepted + accepted,
            hasty=before.hasty + hasty,
        )
    return days, sorted(people.values(), key=lambda total: (-total.decisions, total.name))


def _newest_reviews(corpus: Corpus, user: permissions.User) -> QuerySet[Layer]:
    """Return the reviews that were handed in, the newest first.

    Who reviews there is told of documents whose reviews are all in.
    """
    newest = Layer.objects.filter(
        schema=corpus.schema_id, kind=LayerKind.REVIEW, submitted_at__isnull=False
    ).order_by("-submitted_at")
    if permissions.allows(user, "review", corpus):
        newest = newest.filter(document__in=documents_all_in([corpus.pk]))
    return newest


def not_looked_at(corpus: Corpus, *, by: permissions.User) -> dict[str, tuple[int, int]]:
    """Return by person how many suggested frames their newest reviews left, and of how many."""
    newest = _newest_reviews(corpus, by)
    rows = newest.values_list("owner__username", "untouched", "suggested")[:NEWEST_HANDED_IN]
    people: dict[str, tuple[int, int]] = {}
    for name, untouched, suggested in rows:
        before = people.get(name, (0, 0))
        people[name] = (before[0] + untouched, before[1] + suggested)
    return people


@dataclass(frozen=True, slots=True)
class Times:
    """Milliseconds of the newest reviews, and of their decisions: (verb, number, mean)."""

    documents: list[int]
    verbs: list[tuple[str, int, int]]

    @property
    def median_ms(self) -> int:
        """Return the median time of a document, 0 without one."""
        return int(statistics.median(self.documents)) if self.documents else 0


def times(corpus: Corpus, *, by: permissions.User) -> Times:
    """Return the times of the newest submitted reviews, of those that were made on the page."""
    newest = _newest_reviews(corpus, by).filter(elapsed_ms__gt=0)
    reviews = dict(newest.values_list("pk", "elapsed_ms")[:NEWEST_REVIEWS])
    decisions = Decision.objects.filter(layer__in=list(reviews), elapsed_ms__gt=0).order_by()
    by_verb = decisions.values_list("verb").annotate(n=Count("pk"), mean=Avg("elapsed_ms"))
    verbs = [(verb, n, round(mean)) for verb, n, mean in by_verb.order_by("-n", "verb")]
    return Times(list(reviews.values()), verbs)


def times_by_document(documents: Iterable[Document]) -> dict[int, int]:
    """Return the milliseconds that people spent on each document, all layers together."""
    keys = [document.pk for document in documents]
    layers = Layer.objects.filter(document__in=keys, elapsed_ms__gt=0).order_by()
    return dict(layers.values_list("document").annotate(n=Sum("elapsed_ms")))
