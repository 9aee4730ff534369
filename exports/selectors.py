"""Reads of layers on their way out, streamed by document."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypedDict

from django.db.models import Count, F, Q, QuerySet

from annotator.models import (
    Adjudication,
    AdjudicationState,
    Dispute,
    DisputeState,
    Layer,
    LayerKind,
    LayerState,
)
from annotator.selectors import withheld
from annotator.selectors.layers import FROM_FILE, layer_views
from corpus.core.problems import Problem
from corpus.core.span import LayerView, Range
from corpus.db.paging import keyset_page
from corpus.models import Corpus, Document, Job, JobState
from corpus.permissions import User
from corpus.selectors import texts_of
from exports.core.record import Record
from exports.models import Release, ReleaseItem

if TYPE_CHECKING:
    from django_stubs_ext import WithAnnotations

BATCH = 500


@dataclass(slots=True)
class Disputed:
    """What reviewers still differ on in a document: in how many frames, and where.

    `linked` is where the spans stand that somebody linked to from there.
    """

    frames: int = 0
    ranges: list[Range] = field(default_factory=list)
    linked: list[Range] = field(default_factory=list)

    def beside(self, gold: LayerView) -> tuple[Range, ...]:
        """Return what gold does not settle: a linked span may be in it by another frame."""
        settled = {place for span in gold.spans.values() for place in span.ranges}
        return (*self.ranges, *sorted(set(self.linked) - settled))


class Withdrawn(TypedDict):
    """What a query adds to a release: how many of its texts were withdrawn."""

    withdrawn: int


def layers_of(corpus: Corpus, which: str) -> dict[int, int]:
    """Return the key of the asked layer of each current document, by document key.

    `which` is "gold", "suggestions" or a user name. Suggestions are those that reviewers are
    shown: of the suggester chosen for the corpus, the run that is finished and was chosen last,
    else what was shown before or came along in a file. Where none is chosen, they are of the newest
    run. Documents that wait for a change of the schema have none.
    """
    layers = Layer.objects.filter(
        schema=corpus.schema_id, document__corpus=corpus, document__retired_at__isnull=True
    )
    if which == "gold":
        layers = layers.filter(kind=LayerKind.GOLD)
    elif which == "suggestions":
        return _suggestions(layers.filter(kind=LayerKind.SUGGESTION), corpus.shown_suggester)
    else:
        layers = layers.filter(kind=LayerKind.REVIEW, owner__username=which)
    return dict(layers.order_by("document_id", "run_id", "pk").values_list("document_id", "pk"))


def withheld_documents(layers: dict[int, int], user: User) -> set[int]:
    """Return the documents, by key, whose layers among these are withheld from who reviews."""
    theirs = Q(kind=LayerKind.GOLD) | Q(kind=LayerKind.REVIEW) & ~Q(owner=user.pk)
    hidden = withheld.from_lists(user) | withheld.of_colleagues(user, layer="")
    found: set[int] = set()
    keys = list(layers.values())
    for first in range(0, len(keys), BATCH):
        rows = Layer.objects.filter(theirs, hidden, pk__in=keys[first : first + BATCH])
        found.update(rows.values_list("document_id", flat=True))
    return found


def _suggestions(layers: QuerySet[Layer], shown: str) -> dict[int, int]:
    """Return the key of the suggestions that are shown, by document key.

    A run that is not finished counts where there is no other.
    """
    # What came along in a file was whole when it was written.
    from_file = Q(run__suggester__startswith=FROM_FILE)
    chosen = Q(run__shown_as=shown)
    if shown:
        layers = layers.filter(chosen | Q(run__shown_at__isnull=False) | from_file)
    layers = layers.alias(chosen=chosen, whole=Q(run__finished_at__isnull=False) | from_file)
    # Of a document, the last one stays.
    chosen_last = F("run__shown_at").asc(nulls_first=True)
    rows = layers.order_by("document_id", "chosen", "whole", chosen_last, "run_id", "pk")
    return dict(rows.values_list("document_id", "pk"))


def document_count(corpus: Corpus) -> int:
    """Return how many current documents a corpus has."""
    return Document.objects.filter(corpus=corpus, retired_at__isnull=True).count()


def open_dispute_counts(corpus: Corpus, layers: dict[int, int]) -> dict[int, int]:
    """Return by document in how many frames reviewers still differ; these are not in gold.

    `layers` are the gold layers by document; documents without open disputes are left out.
    """
    ready = Adjudication.objects.filter(
        corpus=corpus, gold__isnull=False, state=AdjudicationState.READY, disputes__gt=0
    )
    rows = ready.order_by("document_id").values_list("document_id", "gold_id", "disputes")
    return {key: count for key, gold, count in rows if layers.get(key) == gold}


def waiting_documents(corpus: Corpus, layers: dict[int, int]) -> set[int]:
    """Return the keys of documents that have gold while they still wait for reviews."""
    waiting = Adjudication.objects.filter(
        corpus=corpus, gold__isnull=False, state=AdjudicationState.WAITING
    )
    rows = waiting.values_list("document_id", "gold_id")
    return {key for key, gold in rows if layers.get(key) == gold}


def disputed(gold: Iterable[int]) -> dict[int, Disputed]:
    """Return what is in dispute beside these gold layers, by document key.

    That is the words of each open or deferred dispute, and of what a reviewer linked to from there:
    the speakers of a disputed claim are not in gold either.
    """
    rows = Dispute.objects.filter(
        adjudication__gold__in=gold, state__in=(DisputeState.OPEN, DisputeState.DEFERRED)
    )
    places: dict[int, Disputed] = {}
    ordered = rows.order_by("adjudication__document_id", "start", "end")
    for key, start, end in ordered.values_list("adjudication__document_id", "start", "end"):
        place = places.setdefault(key, Disputed())
        place.frames += 1
        place.ranges.append((start, end))
    reviews = Layer.objects.filter(
        document__in=places,
        kind=LayerKind.REVIEW,
        practice=False,
        state__in=(LayerState.SUBMITTED, LayerState.CLOSED),
    )
    reviews = reviews.order_by("pk")
    views = layer_views(reviews) if places else {}
    for layer in reviews:
        place = places[layer.document_id]
        place.linked.extend(_linked(views[layer.pk], place.ranges))
    return places


def _linked(view: LayerView, ranges: list[Range]) -> list[Range]:
    """Return where the spans stand that a layer links to from spans within these ranges."""
    linked: list[Range] = []
    for link in view.links.values():
        source = view.spans[link.source]
        if any(start <= source.start and source.end <= end for start, end in ranges):
            linked.extend(view.spans[link.target].ranges)
    return linked


def as_said_at(document: Document, moment: datetime) -> Document:
    """Return a document with what was said of it at a moment, as a release pins it."""
    for said in document.said_before:
        if datetime.fromisoformat(said["until"]) > moment:
            for name, value in said.items():
                if name != "until":
                    setattr(document, name, value)
            break
    return document


def meta(document: Document) -> dict[str, Any]:
    """Return a document's metadata as the lossless form holds it."""
    named = {
        "title": document.title,
        "outlet": document.outlet,
        "published": document.published,
        "url": document.url,
        "targets": document.targets,
    }
    return {**{key: value for key, value in named.items() if value}, **document.metadata}


def records(
    layers: dict[int, int], *, kind: str, author: str = "", with_disputes: bool = False
) -> Iterator[Record]:
    """Yield documents with their layer by external id; a few queries and the texts for each batch.

    When asked `with_disputes`, they say what reviewers still differ on.
    """
    ordered = _ordered(layers)
    for first in range(0, len(ordered), BATCH):
        keys = ordered[first : first + BATCH]
        documents = Document.objects.in_bulk(keys)
        texts = texts_of(documents.values())
        views = layer_views(Layer.objects.filter(pk__in=[layers[key] for key in keys]))
        disputes = disputed(layers[key] for key in keys) if with_disputes else {}
        for key in keys:
            # A text that was withdrawn meanwhile is not there.
            if key in texts:
                document = documents[key]
                view = views[layers[key]]
                place = disputes.get(key, Disputed())
                yield Record(
                    document.external_id,
                    texts[key],
                    meta(document),
                    view,
                    kind,
                    author,
                    disputed=place.beside(view),
                    disputes=place.frames,
                )


def _ordered(layers: dict[int, int]) -> list[int]:
    """Return the keys of documents in the order of their external ids."""
    names: list[tuple[str, int]] = []
    keys = list(layers)
    for first in range(0, len(keys), BATCH):
        rows = Document.objects.filter(pk__in=keys[first : first + BATCH])
        names.extend(rows.values_list("external_id", "pk"))
    return [key for _, key in sorted(names)]


def release_called(corpus: Corpus, name: str) -> Release:
    """Return the release of this name, or raise `Problem`."""
    rows = Release.objects.filter(corpus=corpus, name=name)
    release = rows.select_related("created_by", "corpus").first()
    if release is None:
        raise Problem("not-found", what="release", name=name)
    return release


def releases_of(
    corpus: Corpus, *, before: int = 0, size: int = 50
) -> tuple[list[WithAnnotations[Release, Withdrawn]], int]:
    """Return a page of releases, newest first, and the key that the next page stands before.

    The key is 0 at the end. Each release has `withdrawn`, how many of its texts were withdrawn.
    """
    rows = Release.objects.filter(corpus=corpus).select_related("created_by").order_by("-pk")
    if before:
        rows = rows.filter(pk__lt=before)
    withdrawn = Count("items", filter=Q(items__withdrawn_at__isnull=False))
    return keyset_page(rows.annotate(withdrawn=withdrawn).order_by("-pk"), size)


def next_name(corpus: Corpus) -> str:
    """Return the number that a further release would have."""
    names = corpus.releases.values_list("name", flat=True).order_by("-pk")[:50]
    # A longer one is a date or the like, no number that was counted up.
    numbers = [int(name) for name in names if name.isdecimal() and len(name) < 9]
    return str(max(numbers, default=0) + 1)


def said_before(corpus: Corpus) -> dict[str, str]:
    """Return what people said of the newest release, by section of its data sheet."""
    cards = Release.objects.filter(corpus=corpus).order_by("-pk").values_list("card", flat=True)
    about: dict[str, str] = (cards.first() or {}).get("about", {})
    return about


def said_last(corpus: Corpus) -> dict[str, str]:
    """Return what people said last, also where no release came of it: nobody types it twice."""
    newest = Release.objects.filter(corpus=corpus).order_by("-pk").first()
    jobs = Job.objects.filter(corpus=corpus, kind="release", arguments__has_key="about")
    jobs = jobs.exclude(state=JobState.DONE)
    if newest is not None:
        jobs = jobs.filter(created_at__gt=newest.created_at)
    last = jobs.order_by("-pk").first()
    if last is None:
        return said_before(corpus)
    return {**said_before(corpus), **last.arguments["about"]}


def withdrawn_texts(release: Release) -> int:
    """Return how many texts of a release were withdrawn."""
    return ReleaseItem.objects.filter(release=release, withdrawn_at__isnull=False).count()
