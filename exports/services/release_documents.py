"""The documents of a release with all that the log says of them: gold, reviews, who decided what.

Everything is folded from the log at the pinned versions, so that a release made today and its files
written anew in years are the same.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from operator import attrgetter
from typing import Any

from annotator.core.compare import Suggestions
from annotator.core.decisions import Decision, fold, not_looked_at
from annotator.models import Decision as DecisionRow
from annotator.models import Layer, LayerKind, LayerState
from annotator.selectors.layers import layer_views
from corpus.core.problems import Problem
from corpus.core.span import LayerView
from corpus.models import Corpus, Document
from corpus.selectors import schema_rows, texts_of
from exports import selectors
from exports.core.dataset_rows import Annotated, Decided, Review
from exports.core.record import Record
from exports.models import Release
from exports.services import origin as origins
from exports.services.pseudonyms import Pseudonyms

BATCH = 100
SUBMITTED = (LayerState.SUBMITTED, LayerState.CLOSED)


@dataclass(frozen=True, slots=True)
class Pin:
    """A document of a release: gold and reviews by layer key and version, and its part.

    `made_at` is when it was pinned, None while the release is being made.
    """

    name: str
    document: int
    gold: int
    version: int
    left_out: Sequence[int]
    part: str
    reviews: Sequence[tuple[int, int]]
    made_at: datetime | None = None


@dataclass(slots=True)
class _Log:
    """What the log of one layer says up to a version."""

    decisions: list[Decision] = field(default_factory=list)
    decided: dict[tuple[str, int], Decided] = field(default_factory=dict)


def submitted_reviews(gold: Iterable[int]) -> dict[int, list[tuple[int, int]]]:
    """Return the keys and versions of the reviews that count, by gold layer.

    Practice stays out: reviews of checks are among it, and they would say which documents are
    hidden checks.
    """
    rows = Layer.objects.filter(pk__in=list(gold)).values_list("document", "schema", "pk")
    gold_of = {(document, schema): layer for document, schema, layer in rows}
    submitted = Layer.objects.filter(
        document__in={document for document, _ in gold_of},
        kind=LayerKind.REVIEW,
        practice=False,
        state__in=SUBMITTED,
    ).order_by("pk")
    reviews: defaultdict[int, list[tuple[int, int]]] = defaultdict(list)
    for document, schema, layer, version in submitted.values_list(
        "document", "schema", "pk", "version"
    ):
        if (document, schema) in gold_of:
            reviews[gold_of[document, schema]].append((layer, version))
    return reviews


def pins_of(made: Release) -> list[Pin]:
    """Return the documents of a release by external id."""
    pins = []
    for item in made.items.select_related("document").order_by("pk"):
        pins.append(
            Pin(
                name=item.document.external_id,
                document=item.document_id,
                gold=item.layer_id,
                version=item.layer_version,
                left_out=item.left_out,
                part=item.part,
                reviews=[(layer, version) for layer, version in item.reviews],
                made_at=made.created_at,
            )
        )
    # In Python's order, whatever a database's collation makes of letters.
    return sorted(pins, key=attrgetter("name"))


def annotated_documents(
    corpus: Corpus, pins: Sequence[Pin], *, origin: str, abstentions: bool = True
) -> Iterator[tuple[Pin, Annotated]]:
    """Yield each document of a release in the order of its pins.

    Without `abstentions` a suggestion that nobody looked at counts as not marked, as once it did.
    """
    pseudonyms = Pseudonyms(corpus)
    for first in range(0, len(pins), BATCH):
        batch = _Batch(pins[first : first + BATCH], pseudonyms, origin, abstentions)
        yield from batch.documents()


class _Batch:
    """Some documents of a release; a handful of queries reads all that belongs to them."""

    def __init__(
        self, pins: Sequence[Pin], pseudonyms: Pseudonyms, origin: str, abstentions: bool
    ) -> None:
        self._pins = pins
        self._pseudonyms = pseudonyms
        self._origin = origin
        self._abstentions = abstentions
        self._document_of = Document.objects.in_bulk([pin.document for pin in pins])
        for pin in pins:
            if pin.made_at is not None:
                selectors.as_said_at(self._document_of[pin.document], pin.made_at)
        self._text_of = texts_of(self._document_of.values())
        versions = {pin.gold: pin.version for pin in pins}
        for pin in pins:
            versions.update(dict(pin.reviews))
        self._layer_of = Layer.objects.select_related("shown_run", "schema").in_bulk(list(versions))
        self._log_of = self._logs(versions)
        self._suggested = self._suggestions()

    def documents(self) -> Iterator[tuple[Pin, Annotated]]:
        """Yield the documents in the order of their pins."""
        for pin in self._pins:
            yield pin, self._annotated(pin)

    def _logs(self, versions: Mapping[int, int]) -> Mapping[int, _Log]:
        logs: defaultdict[int, _Log] = defaultdict(_Log)
        rows = DecisionRow.objects.filter(layer__in=list(versions)).order_by("layer", "seq")
        fields = ("layer_id", "seq", "user_id", "policy", "verb", "subject", "ident", "after")
        for layer, seq, user, policy, verb, subject, ident, after in rows.values_list(*fields):
            if seq <= versions[layer]:
                log = logs[layer]
                log.decisions.append(Decision(verb, subject, ident, after))
                by = self._pseudonyms.decider(user, policy)
                log.decided[subject, ident] = Decided(by, verb)
        return logs

    def _suggestions(self) -> dict[tuple[int, int | None], LayerView]:
        """Return the suggestions that were shown, by document and run."""
        runs = {layer.shown_run_id for layer in self._layer_of.values() if layer.shown_run_id}
        rows = Layer.objects.filter(
            kind=LayerKind.SUGGESTION, document__in=list(self._document_of), run__in=runs
        )
        layers = list(rows)
        views = layer_views(layers)
        return {(layer.document_id, layer.run_id): views[layer.pk] for layer in layers}

    def _annotated(self, pin: Pin) -> Annotated:
        document = self._document_of[pin.document]
        text = self._text_of.get(pin.document)
        if text is None:
            raise Problem("release-invalid", reason=f"the text of {pin.name} was withdrawn")
        log = self._log_of[pin.gold]
        gold = fold(log.decisions)
        released = origins.without(gold, pin.left_out)
        return Annotated(
            record=Record(pin.name, text, selectors.meta(document), released, "gold"),
            gold=gold,
            target=document.targets[0] if document.targets else None,
            reviews=self._reviews(pin),
            decided=_of_subject(log, "span"),
            settled=_of_subject(log, "dispute"),
            whole=self._origin != "people",
        )

    def _reviews(self, pin: Pin) -> tuple[Review, ...]:
        """Return the reviews of a document by pseudonym, an order that tells nothing."""
        reviews = [self._review(pin, layer) for layer, _ in pin.reviews]
        return tuple(sorted(reviews, key=attrgetter("annotator")))

    def _review(self, pin: Pin, key: int) -> Review:
        layer = self._layer_of.get(key)
        if layer is None or layer.owner_id is None:
            raise Problem("release-invalid", reason=f"a review of {pin.name} is gone")
        run = layer.shown_run
        suggested = LayerView()
        if run is not None:
            suggested = self._suggested.get((pin.document, run.pk), suggested)
        log = self._log_of[key].decisions
        view = fold(log, origins=frozenset(suggested.spans))
        shown = None
        if self._abstentions and (left := not_looked_at(log)):
            shown = Suggestions(suggested.spans, left)
        released = view
        if self._origin == "people":
            released = origins.without(
                view, origins.proposed_in(view, schema_rows(layer.schema).view)
            )
            suggested = LayerView()
        return Review(
            layer=str(key),
            annotator=self._pseudonyms.of(layer.owner_id),
            view=view,
            released=released,
            suggester=f"{run.suggester} {run.digest[:12]}" if run is not None else "",
            suggested=suggested,
            shown=shown,
        )


def _of_subject(log: _Log, subject: str) -> dict[int, Any]:
    return {ident: decided for (kind, ident), decided in log.decided.items() if kind == subject}
