"""Releases: gold pinned at its versions and written; rebuilt from the log to verify it."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone

from annotator.models import Layer, LayerKind
from annotator.services import assignments
from annotator.services.decision_log import refold
from corpus import permissions
from corpus.core.callbacks import Progress, unreported
from corpus.core.problems import Problem
from corpus.models import Corpus, Document
from corpus.selectors import schema_rows, texts_of
from corpus.services import audit, documents
from exports import selectors
from exports.core import datasheet
from exports.core.manifest import canonical, digest, file_digest
from exports.core.record import Record, as_row, line
from exports.encoders.files import whole_folder
from exports.models import Release, ReleaseItem
from exports.services import origin as origins
from exports.services.release_facts import PinnedGold, data_sheet

BATCH = 200
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}")
# The files of a release.
GOLD = "gold.jsonl"
ABOUT = "release.json"
SHEET = "DATASHEET.md"


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
    by: permissions.User | None = None,
    progress: Progress = unreported,
) -> Release:
    """Pin gold of every document at its version and write it with its data sheet.

    A name is used once. `origin` keeps to what people found themselves ("people") or to documents
    reviewed without suggestions ("blind"). `progress` is called for each document before it is
    written, and may raise to stop. The folder appears under its name only when it is whole. Raises
    `Problem` when there is no gold, when the folder or the name is taken, or when the folder cannot
    be written.
    """
    if by is not None:
        permissions.require(by, "release", corpus)
    origins.check(origin)
    gold = dict(_gold(corpus).values_list("pk", "version"))
    schema = corpus.schema
    if not gold or schema is None:
        raise Problem("nothing-to-do", act="release", reason="there is no gold yet")
    check_name(corpus, name)
    layers = origins.blind(gold) if origin == "blind" else gold
    if not layers:
        raise Problem(
            "nothing-to-do", act="release", reason="every document was reviewed with suggestions"
        )
    pinned = PinnedGold(corpus, schema, name, origin, layers, assisted=len(gold) - len(layers))
    with _folder(to) as folder:
        return _release(pinned, folder, by, progress)


def write_again(made: Release, *, to: Path, progress: Progress = unreported) -> None:
    """Write the files of a release anew from the log.

    Raises `Problem` when a text was withdrawn meanwhile.
    """
    digests: dict[str, str] = {}
    total = made.items.count()
    with _folder(to) as folder:
        with (folder / GOLD).open("w", encoding="utf-8", newline="\n") as out:
            for item, record in _rebuilt(made):
                progress(len(digests), total)
                digests[record.id] = item.digest
                out.write(line(record))
        progress(total, total)
        _write_beside(made, digests, folder)


def withdraw(document: Document, *, by: permissions.User | None = None) -> int:
    """Erase the text of a document for good; return how many releases hold it.

    Those are marked, and the document leaves the lists.
    """
    if by is not None:
        permissions.require(by, "manage", document.corpus)
    with transaction.atomic():
        documents.withdraw_text(document)
        assignments.let_go([document])
        audit.note(document.corpus, "withdrawn", by=by, document=document.external_id)
        holding = ReleaseItem.objects.filter(document=document, withdrawn_at__isnull=True)
        return holding.update(withdrawn_at=timezone.now())


def verify_release(folder: Path) -> dict[str, Any]:
    """Rebuild a release from the log at its pinned versions and compare it with its files.

    They must be the same byte for byte.
    """
    try:
        about = json.loads((folder / ABOUT).read_text(encoding="utf-8"))
        slug, name = str(about["corpus"]), str(about["name"])
        paths = [path for path in folder.rglob("*") if not path.is_dir()]
    except OSError as error:
        raise _unreadable(folder, error) from None
    except (ValueError, KeyError, TypeError) as error:
        problem = Problem("release-invalid", reason=f"{ABOUT} is damaged: {error!r}")
        raise problem.at(str(folder)) from None
    made = Release.objects.select_related("corpus").filter(corpus__slug=slug, name=name).first()
    if made is None:
        raise Problem("not-found", what="release", name=name)
    there = {path.relative_to(folder).as_posix() for path in paths}
    for file in sorted(there ^ {GOLD, ABOUT, SHEET}):
        reason = f"{file} was not released" if file in there else f"{file} is missing"
        raise Problem("release-invalid", reason=reason).at(str(folder))
    try:
        count = _compare(made, folder)
    except OSError as error:
        raise _unreadable(folder, error) from None
    return {"release": name, "documents": count, "digest": made.digest}


def _gold(corpus: Corpus) -> QuerySet[Layer]:
    return Layer.objects.filter(
        kind=LayerKind.GOLD, document__corpus=corpus, document__retired_at__isnull=True
    )


@contextmanager
def _folder(to: Path) -> Iterator[Path]:
    """Yield a folder that becomes `to` when it is whole."""
    try:
        with whole_folder(to) as folder:
            yield folder
    except OSError as error:
        problem = Problem("file-unreadable", reason=f"cannot write: {error.strerror}")
        raise problem.at(str(to)) from None


def _release(
    pinned: PinnedGold, folder: Path, by: permissions.User | None, progress: Progress
) -> Release:
    """Write the files of a release and its rows."""
    digests: dict[int, str] = {}
    names: dict[int, str] = {}
    left_out: dict[int, list[int]] = {}
    spans: Counter[str] = Counter()
    total = len(pinned.layers)
    with (folder / GOLD).open("w", encoding="utf-8", newline="\n") as out:
        for layer, record in _records_of_origin(pinned, left_out):
            progress(len(digests), total)
            out.write(line(record))
            digests[layer] = digest(canonical(as_row(record)))
            names[layer] = record.id
            spans.update(span.label for span in record.layer.spans.values())
    progress(total, total)
    items = dict(sorted((names[layer], value) for layer, value in digests.items()))
    sheet = data_sheet(pinned, documents=len(items), spans=spans, left_out=left_out)
    with transaction.atomic():
        made = _create(pinned, digest("\n".join(items.values())), sheet, by)
        audit.note(
            pinned.corpus,
            "released",
            by=by,
            release=pinned.name,
            digest=made.digest,
            documents=len(items),
        )
        _create_items(made, pinned, digests, left_out)
        # Within the transaction, so that there is no release without its files.
        _write_beside(made, items, folder)
    return made


def _create(
    pinned: PinnedGold, value: str, sheet: dict[str, Any], by: permissions.User | None
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
                created_by_id=by.pk if by else None,
            )
    except IntegrityError:
        raise Problem("exists", what="release", name=pinned.name) from None


def _create_items(
    made: Release,
    pinned: PinnedGold,
    digests: dict[int, str],
    left_out: dict[int, list[int]],
) -> None:
    rows = Layer.objects.filter(pk__in=list(digests))
    document_of = dict(rows.values_list("pk", "document_id"))
    items = [
        ReleaseItem(
            release=made,
            document_id=document_of[layer],
            layer_id=layer,
            layer_version=pinned.layers[layer],
            digest=value,
            left_out=left_out.get(layer, []),
        )
        for layer, value in digests.items()
    ]
    ReleaseItem.objects.bulk_create(items, batch_size=BATCH)


def _records_of_origin(
    pinned: PinnedGold, left_out: dict[int, list[int]]
) -> Iterator[tuple[int, Record]]:
    """Yield what a release holds of each document, and note the spans that it leaves out."""
    links = schema_rows(pinned.schema).view.links.values()
    sources = frozenset(kind.source for kind in links)
    for batch in _pinned_records(pinned.layers):
        if pinned.origin == "people":
            views = {layer: record.layer for layer, record in batch}
            left_out |= origins.proposed(views, sources)
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


def _rebuilt(made: Release) -> Iterator[tuple[ReleaseItem, Record]]:
    """Yield what the log gives for each document of a release.

    Raises `Problem` where it gives something else than was released.
    """
    rows = made.items.select_related(
        "document", "layer__document", "layer__shown_run", "layer__schema"
    )
    ordered = [key for _, key in sorted(made.items.values_list("document__external_id", "pk"))]
    for first in range(0, len(ordered), BATCH):
        keys = ordered[first : first + BATCH]
        items = rows.in_bulk(keys)
        for key in keys:
            yield items[key], _rebuilt_record(items[key])


def _rebuilt_record(item: ReleaseItem) -> Record:
    name = item.document.external_id
    text = texts_of([item.document]).get(item.document_id)
    if text is None:
        raise Problem("release-invalid", reason=f"the text of {name} was withdrawn")
    view = origins.without(refold(item.layer, upto=item.layer_version), item.left_out)
    record = Record(name, text, selectors.meta(item.document), view, "gold")
    if digest(canonical(as_row(record))) != item.digest:
        raise Problem("release-invalid", reason=f"the log of {name} gives another gold")
    return record


def _write_beside(made: Release, items: dict[str, str], folder: Path) -> None:
    """Write what goes beside the gold of a release: its data sheet and the digests."""
    for name, text in _files_beside(made, items, file_digest(folder / GOLD)).items():
        (folder / name).write_text(text, encoding="utf-8", newline="\n")


def _files_beside(made: Release, items: dict[str, str], gold: str) -> dict[str, str]:
    """Return the files beside the gold of a release, whose digest is `gold`, by their names."""
    page = datasheet.page(made.name, made.datasheet["corpus"], made.digest, made.datasheet)
    about = {
        "corpus": made.corpus.slug,
        "name": made.name,
        "digest": made.digest,
        "datasheet": made.datasheet,
        "items": items,
        "files": {SHEET: digest(page), GOLD: gold},
    }
    return {
        SHEET: page,
        ABOUT: json.dumps(about, ensure_ascii=False, indent=1, sort_keys=True) + "\n",
    }


def _compare(made: Release, folder: Path) -> int:
    """Compare every file of a release with what the log gives; return how many documents it has.

    Raises `Problem` at the first difference.
    """
    items: dict[str, str] = {}
    with (folder / GOLD).open("rb") as lines:
        for item, record in _rebuilt(made):
            items[record.id] = item.digest
            if lines.readline() != line(record).encode():
                raise _differs(folder, f"these documents differ: {record.id}")
        if lines.read(1):
            raise _differs(folder, f"{GOLD} has documents that were not released")
    for name, text in _files_beside(made, items, file_digest(folder / GOLD)).items():
        if (folder / name).read_bytes() != text.encode():
            raise _differs(folder, f"{name} is not the file that was written")
    return len(items)


def _differs(folder: Path, reason: str) -> Problem:
    return Problem("release-invalid", reason=reason).at(str(folder))


def _unreadable(folder: Path, error: OSError) -> Problem:
    return Problem("file-unreadable", reason=error.strerror or str(error)).at(str(folder))
