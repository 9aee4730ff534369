"""Releases: gold and its reviews pinned at their versions, written with a data sheet."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from operator import attrgetter
from pathlib import Path
from typing import Any, TextIO

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone

from annotator.core.erasure import ERASED
from annotator.models import Layer, LayerKind
from annotator.services.decision_log import refold
from annotator.services.schema_versions import moving
from corpus import permissions
from corpus.core.callbacks import Progress, unreported
from corpus.core.problems import Problem
from corpus.guideline import without_quotes
from corpus.models import Corpus, Document
from corpus.selectors import schema_rows
from corpus.services import audit
from exports import selectors
from exports.core import dataset_about, split
from exports.core.manifest import canonical, digest
from exports.core.record import Record, as_row, line
from exports.core.spool import Spool
from exports.models import Release, ReleaseItem
from exports.services import origin as origins
from exports.services.release_documents import Pin, submitted_reviews
from exports.services.release_facts import SPLIT, PinnedGold, card, data_sheet
from exports.services.release_files import (
    GOLD,
    form_here,
    new_folder,
    verify_release,
    write_again,
    write_beside,
    write_data,
)
from exports.services.splits import RememberedSplit

__all__ = ["check_name", "mark_withdrawn", "release", "verify_release", "write_again"]

BATCH = 200
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}")


@dataclass(slots=True)
class _Written:
    """What became of gold on its way into a release, by layer."""

    digests: dict[int, str] = field(default_factory=dict)
    names: dict[int, str] = field(default_factory=dict)
    left_out: dict[int, list[int]] = field(default_factory=dict)
    spans: Counter[str] = field(default_factory=Counter)
    parts: Mapping[str, str] = field(default_factory=dict)
    unused: Mapping[str, str] = field(default_factory=dict)


def check_name(corpus: Corpus, name: str) -> None:
    """Raise `Problem` unless a release may have this name: it is one, and no other has it."""
    if not NAME.fullmatch(name):
        reason = f"{name[:80]!r} is no name for a release: letters, digits, . _ and -"
        raise Problem("request-invalid", reason=reason)
    if corpus.releases.filter(name=name).exists():
        raise Problem("exists", what="release", name=name)


def release(
    corpus: Corpus,
    name: str,
    *,
    to: Path,
    origin: str = "all",
    about: Mapping[str, str] | None = None,
    by: permissions.User | None = None,
    progress: Progress = unreported,
) -> Release:
    """Pin gold of every document at its version and write it with its data sheet.

    A name is used once. `origin` keeps to what people found themselves ("people") or to documents
    reviewed without suggestions ("blind"). `about` are words for the sections of the dataset card;
    where it has none, those of the release before stand. `progress` is called for each document
    before it is written, and may raise to stop. The folder appears under its name only when it is
    whole. Raises `Problem` when there is no gold, when the folder or the name is taken, or when the
    folder cannot be written.
    """
    if by is not None:
        permissions.require(by, "release", corpus)
    origins.check(origin)
    gold = dict(_gold(corpus).values_list("pk", "version"))
    schema = corpus.schema
    if not gold or schema is None:
        raise Problem("nothing-to-do", act="release", reason="there is no gold yet")
    check_name(corpus, name)
    if waiting := moving(corpus, before=True).count():
        raise Problem("schema-unfinished", count=waiting)
    layers = origins.blind(gold) if origin == "blind" else gold
    if not layers:
        raise Problem(
            "nothing-to-do", act="release", reason="every document was reviewed with suggestions"
        )
    said = dataset_about.checked(about or {})
    pinned = PinnedGold(corpus, schema, name, origin, layers, assisted=len(gold) - len(layers))
    with new_folder(to) as folder:
        return _release(pinned, folder, said, by, progress)


def mark_withdrawn(
    versions: Sequence[Document], *, texts: Sequence[str], said: re.Pattern[str] | None
) -> list[str]:
    """Mark the releases that hold any of these versions, and return their names.

    Before the versions are erased: what cards say of them goes here. That is lines of the guideline
    that quote the `texts`, outlets that no other document of a release has, and reasons in which
    something stands that was `said`.
    """
    items = ReleaseItem.objects.filter(document__in=versions)
    items.filter(withdrawn_at__isnull=True).update(withdrawn_at=timezone.now())
    holding = list(items.order_by("release").values_list("release", flat=True).distinct())
    names = []
    for made in Release.objects.filter(corpus=versions[0].corpus_id).order_by("pk"):
        card = _card_without(made.card, texts)
        if made.pk in holding:
            names.append(made.name)
            card = _without_outlets(made, card, versions)
        sheet = _sheet_without(made.datasheet, said) if said else made.datasheet
        if card != made.card or sheet != made.datasheet:
            Release.objects.filter(pk=made.pk).update(card=card, datasheet=sheet)
    return names


def _card_without(card: dict[str, Any], texts: Sequence[str]) -> dict[str, Any]:
    if "guideline" not in card:
        return card
    return {**card, "guideline": without_quotes(card["guideline"], texts)}


def _without_outlets(
    made: Release, card: dict[str, Any], versions: Sequence[Document]
) -> dict[str, Any]:
    gone = {document.outlet for document in versions}
    others = made.items.exclude(document__in=versions).filter(document__outlet__in=gone)
    gone -= set(others.values_list("document__outlet", flat=True))
    if "outlets" not in card:
        return card
    kept = {outlet: n for outlet, n in card["outlets"].items() if outlet not in gone}
    return {**card, "outlets": kept}


def _sheet_without(sheet: dict[str, Any], said: re.Pattern[str]) -> dict[str, Any]:
    changed = sheet.get("changes")
    if not changed:
        return sheet
    counts: Counter[str] = Counter()
    for who, told in changed["by"].items():
        name, _, reason = who.partition(": ")
        quoting = bool(said.search(reason))
        counts[f"{name}: {ERASED}" if quoting else who] += int(told.split()[0])
    by = {who: f"{count} changes" for who, count in sorted(counts.items())}
    return {**sheet, "changes": {**changed, "by": by}}


def _gold(corpus: Corpus) -> QuerySet[Layer]:
    return Layer.objects.filter(
        kind=LayerKind.GOLD,
        schema=corpus.schema_id,
        document__corpus=corpus,
        document__retired_at__isnull=True,
    )


def _release(
    pinned: PinnedGold,
    folder: Path,
    about: Mapping[str, str],
    by: permissions.User | None,
    progress: Progress,
) -> Release:
    """Write the files of a release and its rows."""
    parting = RememberedSplit(pinned.corpus, split.parse(SPLIT))
    # Pinned before gold is read, so that a review handed in meanwhile is in the next release.
    reviews = submitted_reviews(pinned.layers)
    written = _write_gold(pinned, parting.split, folder, progress)
    digest_of = {written.names[layer]: value for layer, value in written.digests.items()}
    items = dict(sorted(digest_of.items()))
    pins = _pins(pinned, written, reviews)
    form = form_here()
    rows = write_data(
        pinned.corpus,
        schema_rows(pinned.schema).view,
        pins,
        origin=pinned.origin,
        folder=folder,
        form=form,
        progress=progress,
    )
    sheet = data_sheet(pinned, documents=len(items), spans=written.spans, left_out=written.left_out)
    unused = dict(sorted(Counter(written.unused.values()).items()))
    facts = {**card(pinned, pins, about=about), "rows": rows, "unused": unused}
    progress(len(pins), len(pins))
    with transaction.atomic():
        made = _create(pinned, digest("\n".join(items.values())), sheet, facts, by)
        audit.note(
            pinned.corpus,
            "released",
            by=by,
            release=pinned.name,
            digest=made.digest,
            documents=len(items),
        )
        _create_items(made, pins, items)
        parting.hold()
        # Within the transaction, so that there is no release without its files.
        write_beside(made, items, folder, form)
    return made


def _write_gold(
    pinned: PinnedGold, parting: split.Split, folder: Path, progress: Progress
) -> _Written:
    """Write gold in the lossless form, and part the documents into train, dev and test.

    They are parted as exports part them, by what the corpus remembers; the release keeps what came
    of it for good. Progress is the first half of the work on a release.
    """
    written = _Written()
    with (
        (folder / GOLD).open("w", encoding="utf-8", newline="\n") as out,
        Spool(_written_records(pinned, written, out, progress)) as records,
    ):
        parted = split.assign(records, parting)
    written.parts, written.unused = parted.parts, parted.unused
    return written


def _written_records(
    pinned: PinnedGold, written: _Written, out: TextIO, progress: Progress
) -> Iterator[Record]:
    total = len(pinned.layers)
    for layer, record in _records_of_origin(pinned, written.left_out):
        progress(len(written.digests) // 2, total)
        out.write(line(record))
        written.digests[layer] = digest(canonical(as_row(record)))
        written.names[layer] = record.id
        written.spans.update(span.label for span in record.layer.spans.values())
        yield record


def _pins(
    pinned: PinnedGold, written: _Written, reviews: Mapping[int, list[tuple[int, int]]]
) -> list[Pin]:
    """Return the documents that were written, by external id."""
    rows = Layer.objects.filter(pk__in=list(written.digests))
    document_of = dict(rows.values_list("pk", "document_id"))
    pins = []
    for layer, name in written.names.items():
        pins.append(
            Pin(
                name=name,
                document=document_of[layer],
                gold=layer,
                version=pinned.layers[layer],
                left_out=written.left_out.get(layer, []),
                part=written.parts[name],
                reviews=reviews.get(layer, []),
            )
        )
    return sorted(pins, key=attrgetter("name"))


def _create(
    pinned: PinnedGold,
    value: str,
    sheet: dict[str, Any],
    facts: dict[str, Any],
    by: permissions.User | None,
) -> Release:
    try:
        with transaction.atomic():
            return Release.objects.create(
                corpus=pinned.corpus,
                schema=pinned.schema,
                name=pinned.name,
                origin=pinned.origin,
                digest=value,
                datasheet=sheet,
                card=facts,
                created_by_id=by.pk if by else None,
            )
    except IntegrityError:
        raise Problem("exists", what="release", name=pinned.name) from None


def _create_items(made: Release, pins: list[Pin], digests: Mapping[str, str]) -> None:
    for first in range(0, len(pins), BATCH):
        items = []
        for pin in pins[first : first + BATCH]:
            items.append(
                ReleaseItem(
                    release=made,
                    document_id=pin.document,
                    layer_id=pin.gold,
                    layer_version=pin.version,
                    digest=digests[pin.name],
                    left_out=pin.left_out,
                    part=pin.part,
                    reviews=pin.reviews,
                )
            )
        ReleaseItem.objects.bulk_create(items)


def _records_of_origin(
    pinned: PinnedGold, left_out: dict[int, list[int]]
) -> Iterator[tuple[int, Record]]:
    """Yield what a release holds of each document, and note the spans that it leaves out."""
    schema = schema_rows(pinned.schema).view
    for batch in _pinned_records(pinned.layers):
        if pinned.origin == "people":
            views = {layer: record.layer for layer, record in batch}
            left_out |= origins.proposed(views, schema)
        for layer, record in batch:
            view = origins.without(record.layer, left_out.get(layer, ()))
            yield layer, replace(record, layer=view)


def _pinned_records(versions: dict[int, int]) -> Iterator[list[tuple[int, Record]]]:
    """Yield gold layers as they were at their versions, in batches, by external id.

    A layer that has moved on is refolded.
    """
    rows = Layer.objects.filter(pk__in=list(versions))
    # In Python's order, whatever a database's collation makes of letters.
    ordered = sorted(rows.values_list("document__external_id", "pk", "document_id"))
    for first in range(0, len(ordered), BATCH):
        layer_of = {document: layer for _, layer, document in ordered[first : first + BATCH]}
        layers = Layer.objects.filter(pk__in=list(layer_of.values()))
        by_name = {
            layer.document.external_id: layer
            for layer in layers.select_related("document", "shown_run", "schema")
        }
        batch = []
        for record in selectors.records(layer_of, kind="gold"):
            layer = by_name[record.id]
            if layer.version != versions[layer.pk]:
                record = replace(record, layer=refold(layer, upto=versions[layer.pk]))
            batch.append((layer.pk, record))
        yield batch
