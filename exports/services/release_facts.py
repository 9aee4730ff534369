"""What a release says of itself: its data sheet, and what changed since the one before."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from django.db.models import Count, Max, Min, QuerySet, Sum

from annotator.models import (
    Adjudication,
    AdjudicationState,
    Decision,
    Layer,
    LayerKind,
    LayerState,
)
from annotator.services.agreement import corpus_agreement
from annotator.services.decision_log import refold
from corpus.core.schema import SchemaView
from corpus.models import Corpus, Document, Schema
from corpus.selectors import schema_rows
from exports.core.changes import Change, changes, sentence
from exports.core.dataset_rows import COMPARISON
from exports.core.manifest import digest
from exports.models import Release
from exports.selectors import said_before
from exports.services import origin as origins
from exports.services.pseudonyms import Pseudonyms
from exports.services.release_documents import Pin
from exports.services.release_files import FORMAT

BATCH = 200
# The largest outlets, which a dataset card names.
OUTLETS = 50
# How the documents of a release are parted.
SPLIT = "80/10/10"


@dataclass(frozen=True, slots=True)
class PinnedGold:
    """What a release is made of: gold layers by key with their versions.

    `assisted` documents were left out because a reviewer saw suggestions.
    """

    corpus: Corpus
    schema: Schema
    name: str
    origin: str
    layers: dict[int, int]
    assisted: int


def data_sheet(
    pinned: PinnedGold,
    *,
    documents: int,
    spans: Mapping[str, int],
    left_out: Mapping[int, list[int]],
) -> dict[str, Any]:
    """Return the data sheet of a release of so many documents with so many spans by label.

    `left_out` are the idents of the spans that the release leaves out, by layer.
    """
    corpus = pinned.corpus
    view = schema_rows(pinned.schema).view
    layers = Layer.objects.filter(pk__in=list(pinned.layers))
    released = Document.objects.filter(pk__in=layers.values("document"))
    reviews = _submitted(released).filter(practice=False)
    pseudonyms = Pseudonyms(corpus)
    agreement = corpus_agreement(corpus, documents=released, practice=False, parts=False)
    gaps = _gaps(corpus, released, len(pinned.layers)) | _gaps_of_origin(pinned, left_out)
    return {
        "corpus": corpus.name,
        "documents": documents,
        "origin": pinned.origin,
        "spans": dict(sorted(spans.items())),
        "schema": view.as_json(),
        "schema_version": pinned.schema.version,
        "words": released.aggregate(n=Sum("words"))["n"] or 0,
        "reviewers": _reviewers(reviews, pseudonyms),
        "decided": _deciders(pinned.layers, pseudonyms),
        "suggesters": _suggesters(reviews),
        "agreement": [asdict(m) for m in agreement.measures if m.a is None],
        "licences": _licences(released),
        "guideline": digest(corpus.guideline),
        "gaps": {gap: count for gap, count in gaps.items() if count},
        "changes": _changes_since(pinned, view, left_out, pseudonyms),
    }


def card(pinned: PinnedGold, pins: Sequence[Pin], *, about: Mapping[str, str]) -> dict[str, Any]:
    """Return what a dataset card says beyond the data sheet.

    `about` are words of people by section; where they say nothing, those of the release before
    stand.
    """
    corpus = pinned.corpus
    layers = Layer.objects.filter(pk__in=list(pinned.layers))
    released = Document.objects.filter(pk__in=layers.values("document"))
    outlets = released.exclude(outlet="").values("outlet").annotate(n=Count("pk"))
    published = released.exclude(published="").aggregate(Min("published"), Max("published"))
    submitted = _submitted(released)
    reviews = submitted.filter(practice=False)
    times = reviews.aggregate(Min("opened_at"), Max("submitted_at"))
    return {
        "language": corpus.language,
        "guideline": corpus.guideline,
        "about": {**said_before(corpus), **about},
        "outlets": dict(outlets.order_by("-n", "outlet")[:OUTLETS].values_list("outlet", "n")),
        "published": [day for day in published.values() if day],
        "annotated": [time.date().isoformat() for time in times.values() if time],
        "reviews": sum(len(pin.reviews) for pin in pins),
        "blind": reviews.filter(shown_run__isnull=True).count(),
        "practice": submitted.filter(practice=True).count(),
        "split": SPLIT,
        "comparison": COMPARISON,
        "format": FORMAT,
    }


def _submitted(documents: QuerySet[Document]) -> QuerySet[Layer]:
    reviews = Layer.objects.filter(document__in=documents, kind=LayerKind.REVIEW)
    return reviews.exclude(state__in=(LayerState.OPEN, LayerState.SUPERSEDED))


def _reviewers(reviews: QuerySet[Layer], pseudonyms: Pseudonyms) -> dict[str, int]:
    """Return how many documents each person has reviewed."""
    rows = reviews.values("owner").annotate(n=Count("document", distinct=True))
    counts = {}
    for owner, documents in rows.order_by("owner").values_list("owner", "n"):
        counts[pseudonyms.of(owner)] = documents
    return dict(sorted(counts.items()))


def _deciders(layers: Mapping[int, int], pseudonyms: Pseudonyms) -> dict[str, int]:
    """Return how many decisions of gold each person and each policy has made."""
    decisions = Decision.objects.filter(layer__in=list(layers)).values("user", "policy")
    counts: Counter[str] = Counter()
    for row in decisions.annotate(n=Count("pk")).order_by("user", "policy"):
        counts[pseudonyms.decider(row["user"], row["policy"])] += row["n"]
    return dict(sorted(counts.items()))


def _suggesters(reviews: QuerySet[Layer]) -> dict[str, int]:
    """Return in how many documents the suggestions of each suggester were shown."""
    shown = reviews.filter(shown_run__isnull=False)
    runs = shown.values("shown_run__suggester", "shown_run__digest")
    counts: dict[str, int] = {}
    for row in runs.annotate(n=Count("document", distinct=True)).order_by("shown_run__suggester"):
        counts[f"{row['shown_run__suggester']} {row['shown_run__digest'][:12]}"] = row["n"]
    return counts


def _licences(documents: QuerySet[Document]) -> dict[str, int]:
    counts: Counter[str] = Counter()
    for metadata in documents.values_list("metadata", flat=True).iterator(1000):
        counts[str(metadata.get("licence") or metadata.get("license") or "not stated")] += 1
    return dict(sorted(counts.items()))


def _gaps(corpus: Corpus, released: QuerySet[Document], gold: int) -> dict[str, int]:
    """Return what a release of so many gold layers lacks of the corpus."""
    documents = Document.objects.filter(corpus=corpus)
    current = documents.filter(retired_at__isnull=True)
    retired = documents.filter(retired_at__isnull=False)
    ready = Adjudication.objects.filter(document__in=released, state=AdjudicationState.READY)
    superseded = retired.filter(body__isnull=False, removed_because="")
    return {
        "documents of the corpus without gold": current.count() - gold,
        "disputes still open in documents of this release": (
            ready.aggregate(n=Sum("disputes"))["n"] or 0
        ),
        "documents superseded by a newer version and left out": superseded.count(),
        "documents that were removed from the corpus": retired.exclude(removed_because="").count(),
        "documents whose text was withdrawn": retired.filter(body__isnull=True).count(),
    }


def _gaps_of_origin(pinned: PinnedGold, left_out: Mapping[int, list[int]]) -> dict[str, int]:
    """Return what a release leaves out because of its origin."""
    spans = sum(map(len, left_out.values()))
    return {
        "documents left out because a reviewer saw suggestions": pinned.assisted,
        "spans left out because a suggester had proposed them or what they are part of": spans,
    }


def _changes_since(
    pinned: PinnedGold,
    schema: SchemaView,
    left_out: Mapping[int, list[int]],
    pseudonyms: Pseudonyms,
) -> dict[str, Any] | None:
    """Return what changed since the release of the same origin before, None for the first one.

    It is counted in frames, and by who changed them.
    """
    releases = Release.objects.filter(corpus=pinned.corpus, origin=pinned.origin)
    before = releases.order_by("-pk").first()
    if before is None:
        return None
    if before.schema_id != pinned.schema.pk:
        return _changes_of_schema(pinned, before)
    old_versions = dict(before.items.values_list("layer_id", "layer_version"))
    old_left_out = dict(before.items.exclude(left_out=[]).values_list("layer_id", "left_out"))
    in_both = pinned.layers.keys() & old_versions.keys()
    changed_layers = [
        layer
        for layer in in_both
        if old_versions[layer] != pinned.layers[layer]
        or old_left_out.get(layer, []) != left_out.get(layer, [])
    ]
    counts: Counter[tuple[str, str]] = Counter()
    authors: Counter[str] = Counter()
    layers = Layer.objects.filter(pk__in=changed_layers)
    for layer in layers.select_related("document", "shown_run", "schema").iterator(BATCH):
        since = old_versions[layer.pk]
        old = origins.without(refold(layer, upto=since), old_left_out.get(layer.pk, ()))
        new_gold = refold(layer, upto=pinned.layers[layer.pk])
        new = origins.without(new_gold, left_out.get(layer.pk, ()))
        for change in changes(old, new, schema):
            counts[change.label, change.kind] += 1
            if change.label:
                authors[_author(layer, change, since, pseudonyms)] += 1
    frames = {f"{label} {kind}".strip(): count for (label, kind), count in sorted(counts.items())}
    return {
        "since": before.name,
        "sentence": sentence(counts),
        "frames": frames,
        "by": {who: f"{count} changes" for who, count in sorted(authors.items())},
        "documents_added": len(pinned.layers.keys() - in_both),
        "documents_removed": len(old_versions.keys() - in_both),
    }


def _changes_of_schema(pinned: PinnedGold, before: Release) -> dict[str, Any]:
    """Return what changed since a release of another version of the schema: not frame by frame."""
    released = Layer.objects.filter(pk__in=list(pinned.layers))
    documents = set(released.values_list("document", flat=True))
    old = set(before.items.values_list("document", flat=True))
    return {
        "since": before.name,
        "sentence": f"the schema, from version {before.schema.version} to {pinned.schema.version}",
        "frames": {},
        "by": {},
        "documents_added": len(documents - old),
        "documents_removed": len(old - documents),
    }


def _author(layer: Layer, change: Change, since: int, pseudonyms: Pseudonyms) -> str:
    """Return who made a change, with the reason where one was given.

    That is who made the last decision about its spans.
    """
    decisions = Decision.objects.filter(
        layer=layer, seq__gt=since, subject="span", ident__in=(change.before, change.after)
    )
    last = decisions.order_by("-seq").first()
    if last is None:
        return "what it links to"
    name = pseudonyms.decider(last.user_id, last.policy)
    if last.user_id is None:
        return name
    settled = Decision.objects.filter(layer=layer, group=last.group, subject="dispute").first()
    reason = (settled.after or {}).get("reason") if settled is not None else ""
    return f"{name}: {reason}" if reason else name
