"""Releases: gold pinned at its versions, written with its data sheet, and rebuilt from the log to
verify it.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Count, Sum
from django.utils import timezone

from annotator.models import Adjudication, AdjudicationState, Layer, LayerKind, LayerState
from annotator.models import Decision as DecisionRow
from annotator.services import assignments
from annotator.services.agreement import corpus_agreement
from annotator.services.decision_log import refold
from corpus import permissions
from corpus.core.problems import Problem
from corpus.core.progress import Progress, unreported
from corpus.core.schema import SchemaView
from corpus.models import Corpus, Document, DocumentText, Schema
from corpus.selectors import schema_rows
from corpus.services import audit
from exports import selectors
from exports.core import datasheet
from exports.core.changes import Change, changes, sentence
from exports.core.manifest import canonical, digest, file_digest
from exports.core.record import Record, as_row, line
from exports.encoders.files import whole_folder
from exports.models import Release, ReleaseItem
from exports.services import origin as origins

BATCH = 200
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}")
GOLD, ABOUT = "gold.jsonl", "release.json"


def check_name(corpus: Corpus, name: str) -> None:
    """Raise `Problem` unless a release may have this name: it is one, and no other has it."""
    if not NAME.fullmatch(name):
        raise Problem(
            "request-invalid",
            reason=f"{name[:80]!r} is no name for a release: letters, digits, . _ and -",
        )
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
    """Pin gold of every document at its version and write it with its data sheet; a name is used
    once.

    `origin` keeps to what people found themselves ("people") or to documents reviewed without
    suggestions ("blind"). `progress` is told of each document before it is written, and may raise
    to stop. The folder appears under its name only when it is whole. Raises `Problem` when there is
    no gold, when the folder or the name is taken, or when the folder cannot be written.
    """
    if by is not None:
        permissions.require(by, "release", corpus)
    origins.check(origin)
    pinned = dict(_gold(corpus).values_list("pk", "version"))
    schema = corpus.schema
    if not pinned or schema is None:
        raise Problem("nothing-to-do", act="release", reason="there is no gold yet")
    check_name(corpus, name)
    seen = 0
    if origin == "blind":
        seen = len(pinned)
        pinned = origins.blind(pinned)
        seen -= len(pinned)
    if not pinned:
        raise Problem(
            "nothing-to-do", act="release", reason="every document was reviewed with suggestions"
        )
    with _folder(to) as part:
        return _release(Pins(corpus, schema, name, origin, pinned, seen), part, by, progress)


@dataclass(frozen=True, slots=True)
class Pins:
    """What a release is made of: gold layers by key with their versions; `seen` documents were left
    out of it.
    """

    corpus: Corpus
    schema: Schema
    name: str
    origin: str
    layers: dict[int, int]
    seen: int


@contextmanager
def _folder(to: Path) -> Iterator[Path]:
    try:
        with whole_folder(to) as part:
            yield part
    except OSError as error:
        raise Problem("file-unreadable", reason=f"cannot write: {error.strerror}").at(
            str(to)
        ) from None


def _gold(corpus: Corpus) -> Any:
    return Layer.objects.filter(
        kind=LayerKind.GOLD, document__corpus=corpus, document__retired_at__isnull=True
    )


def _release(pins: Pins, folder: Path, by: permissions.User | None, progress: Progress) -> Release:
    corpus, schema, pinned = pins.corpus, pins.schema, pins.layers
    view = schema_rows(schema).view
    digests: dict[int, str] = {}
    names: dict[int, str] = {}
    left_out: dict[int, list[int]] = {}
    spans: Counter[str] = Counter()
    with (folder / GOLD).open("w", encoding="utf-8", newline="\n") as out:
        for done, (layer, record) in enumerate(_of_origin(pins, left_out)):
            progress(done, len(pinned))
            out.write(line(record))
            digests[layer], names[layer] = digest(canonical(as_row(record))), record.id
            spans.update(span.label for span in record.layer.spans.values())
    progress(len(pinned), len(pinned))
    items = dict(sorted((names[layer], value) for layer, value in digests.items()))
    facts = _facts(corpus, pinned)
    facts["gaps"] |= _left(pins, left_out)
    sheet = {
        "corpus": corpus.name,
        "documents": len(items),
        "origin": pins.origin,
        "spans": dict(sorted(spans.items())),
        "schema": view.as_json(),
        "schema_version": schema.version,
        **facts,
        "changes": _changes_since(pins, view, left_out),
    }
    with transaction.atomic():
        try:
            with transaction.atomic():
                made = Release.objects.create(
                    corpus=corpus,
                    schema=schema,
                    name=pins.name,
                    origin=pins.origin,
                    digest=digest("\n".join(items.values())),
                    datasheet=sheet,
                    created_by_id=by.pk if by else None,
                )
        except IntegrityError:
            raise Problem("exists", what="release", name=pins.name) from None
        audit.note(
            corpus, "released", by=by, release=pins.name, digest=made.digest, documents=len(items)
        )
        documents = dict(
            Layer.objects.filter(pk__in=list(digests)).values_list("pk", "document_id")
        )
        ReleaseItem.objects.bulk_create(
            (
                ReleaseItem(
                    release=made,
                    document_id=documents[layer],
                    layer_id=layer,
                    layer_version=pinned[layer],
                    digest=value,
                    left_out=left_out.get(layer, []),
                )
                for layer, value in digests.items()
            ),
            batch_size=BATCH,
        )
        _write_about(made, items, folder)
    return made


def _of_origin(pins: Pins, left_out: dict[int, list[int]]) -> Iterator[tuple[int, Record]]:
    """Yield what a release holds of each document, and note the spans that it leaves out."""
    sources = frozenset(kind.source for kind in schema_rows(pins.schema).view.links.values())
    for batch in pinned_records(pins.layers):
        if pins.origin == "people":
            left_out |= origins.proposed({layer: record.layer for layer, record in batch}, sources)
        for layer, record in batch:
            yield (
                layer,
                replace(record, layer=origins.without(record.layer, left_out.get(layer, ()))),
            )


def _left(pins: Pins, left_out: dict[int, list[int]]) -> dict[str, int]:
    gaps = {
        "documents left out because a reviewer saw suggestions": pins.seen,
        "spans left out because a suggester had proposed them or their claims": sum(
            map(len, left_out.values())
        ),
    }
    return {gap: count for gap, count in gaps.items() if count}


def _write_about(made: Release, items: dict[str, str], folder: Path) -> None:
    """Write what goes beside the gold of a release: its data sheet and the digests."""
    for name, words in _about(made, items, file_digest(folder / GOLD)).items():
        (folder / name).write_text(words, encoding="utf-8", newline="\n")


def _about(made: Release, items: dict[str, str], gold: str) -> dict[str, str]:
    """Return the files beside the gold of a release, whose digest is `gold`, by their names."""
    page = datasheet.page(made.name, made.datasheet["corpus"], made.digest, made.datasheet)
    told = {
        "corpus": made.corpus.slug,
        "name": made.name,
        "digest": made.digest,
        "datasheet": made.datasheet,
        "items": items,
        "files": {"DATASHEET.md": digest(page), GOLD: gold},
    }
    return {
        "DATASHEET.md": page,
        ABOUT: json.dumps(told, ensure_ascii=False, indent=1, sort_keys=True) + "\n",
    }


def write_again(made: Release, *, to: Path, progress: Progress = unreported) -> None:
    """Write the files of a release anew from the log; raise `Problem` when a text was withdrawn
    meanwhile.
    """
    items: dict[str, str] = {}
    total = made.items.count()
    with _folder(to) as part:
        with (part / GOLD).open("w", encoding="utf-8", newline="\n") as out:
            for item, record in _rebuilt(made):
                progress(len(items), total)
                items[record.id] = item.digest
                out.write(line(record))
        progress(total, total)
        _write_about(made, items, part)


def _rebuilt(made: Release) -> Iterator[tuple[ReleaseItem, Record]]:
    """Yield what the log gives for each document of a release; raise `Problem` where it gives
    something else.
    """
    items = made.items.select_related(
        "document", "layer__document", "layer__shown_run", "layer__schema"
    )
    ordered = [key for _, key in sorted(made.items.values_list("document__external_id", "pk"))]
    batches = (ordered[first : first + BATCH] for first in range(0, len(ordered), BATCH))
    for item in (found[key] for keys in batches for found in [items.in_bulk(keys)] for key in keys):
        ident = item.document.external_id
        texts = selectors.texts_of([item.document])
        if item.document_id not in texts:
            raise Problem("release-invalid", reason=f"the text of {ident} was withdrawn")
        view = origins.without(refold(item.layer, upto=item.layer_version), item.left_out)
        record = Record(ident, texts[item.document_id], selectors.meta(item.document), view, "gold")
        if digest(canonical(as_row(record))) != item.digest:
            raise Problem("release-invalid", reason=f"the log of {ident} gives another gold")
        yield item, record


def pinned_records(pinned: dict[int, int]) -> Iterator[list[tuple[int, Record]]]:
    """Yield gold layers as they were at their pinned versions, by external id; one that has moved
    on is refolded.
    """
    # In Python's order, whatever a database's collation makes of letters.
    rows = Layer.objects.filter(pk__in=list(pinned)).values_list(
        "document__external_id", "pk", "document_id"
    )
    ordered = [(layer, document) for _, layer, document in sorted(rows)]
    for first in range(0, len(ordered), BATCH):
        batch = dict(ordered[first : first + BATCH])
        found = selectors.records(
            {document: layer for layer, document in batch.items()}, kind="gold"
        )
        layers = Layer.objects.filter(pk__in=list(batch)).select_related(
            "document", "shown_run", "schema"
        )
        now = {layer.document.external_id: layer for layer in layers}
        told = []
        for record in found:
            layer = now[record.id]
            if layer.version != pinned[layer.pk]:
                record = replace(record, layer=refold(layer, upto=pinned[layer.pk]))
            told.append((layer.pk, record))
        yield told


def _facts(corpus: Corpus, pinned: dict[int, int]) -> dict[str, Any]:
    """Return what a data sheet tells beside the spans."""
    documents = Document.objects.filter(
        pk__in=Layer.objects.filter(pk__in=list(pinned)).values("document")
    )
    reviews = Layer.objects.filter(document__in=documents, kind=LayerKind.REVIEW).exclude(
        state=LayerState.OPEN
    )
    decided = DecisionRow.objects.filter(layer__in=list(pinned)).values("user__username", "policy")
    runs = reviews.filter(shown_run__isnull=False).values(
        "shown_run__suggester", "shown_run__digest"
    )
    licences = Counter(
        str(data.get("licence") or data.get("license") or "not stated")
        for data in documents.values_list("metadata", flat=True).iterator(1000)
    )
    current = corpus.documents.filter(retired_at__isnull=True)
    retired = corpus.documents.exclude(retired_at=None)
    open_disputes = Adjudication.objects.filter(
        document__in=documents, state=AdjudicationState.READY
    )
    gaps = {
        "documents of the corpus without gold": current.count() - len(pinned),
        "disputes still open in documents of this release": open_disputes.aggregate(
            n=Sum("disputes")
        )["n"]
        or 0,
        "documents superseded by a newer version and left out": retired.filter(
            body__isnull=False
        ).count(),
        "documents whose text was withdrawn": retired.filter(body__isnull=True).count(),
    }
    return {
        "words": documents.aggregate(n=Sum("words"))["n"] or 0,
        "reviewers": dict(
            reviews.values("owner__username")
            .annotate(n=Count("document", distinct=True))
            .order_by("owner__username")
            .values_list("owner__username", "n")
        ),
        "decided": {
            row["user__username"] or f"policy {row['policy']}": row["n"]
            for row in decided.annotate(n=Count("pk")).order_by("user__username", "policy")
        },
        "suggesters": {
            f"{row['shown_run__suggester']} {row['shown_run__digest'][:12]}": row["n"]
            for row in runs.annotate(n=Count("document", distinct=True)).order_by(
                "shown_run__suggester"
            )
        },
        "agreement": [
            asdict(m) for m in corpus_agreement(corpus, documents=documents).measures if m.a is None
        ],
        "licences": dict(sorted(licences.items())),
        "guideline": digest(corpus.guideline),
        "gaps": {gap: count for gap, count in gaps.items() if count},
    }


def _changes_since(
    pins: Pins, schema: SchemaView, left_out: dict[int, list[int]]
) -> dict[str, Any] | None:
    """Return what changed since the release of the same origin before: in how many frames, and by
    whom.

    None for the first one.
    """
    pinned = pins.layers
    before = pins.corpus.releases.filter(origin=pins.origin).order_by("-pk").first()
    if before is None:
        return None
    old = dict(before.items.values_list("layer_id", "layer_version"))
    gone = dict(before.items.exclude(left_out=[]).values_list("layer_id", "left_out"))
    counts: Counter[tuple[str, str]] = Counter()
    by: Counter[str] = Counter()
    moved = [
        layer
        for layer, version in pinned.items()
        if layer in old
        and (old[layer] != version or gone.get(layer, []) != left_out.get(layer, []))
    ]
    rows = Layer.objects.filter(pk__in=moved).select_related("document", "shown_run", "schema")
    for layer in rows.iterator(BATCH):
        was = origins.without(refold(layer, upto=old[layer.pk]), gone.get(layer.pk, ()))
        now = origins.without(refold(layer, upto=pinned[layer.pk]), left_out.get(layer.pk, ()))
        for change in changes(was, now, schema):
            counts[change.label, change.kind] += 1
            if change.label:
                by[_author(layer, change, old[layer.pk])] += 1
    return {
        "since": before.name,
        "sentence": sentence(counts),
        "frames": {
            f"{label} {kind}".strip(): count for (label, kind), count in sorted(counts.items())
        },
        "by": {who: f"{count} changes" for who, count in sorted(by.items())},
        "documents_added": len(set(pinned) - set(old)),
        "documents_removed": len(set(old) - set(pinned)),
    }


def _author(layer: Layer, change: Change, since: int) -> str:
    """Return who made a change, and the reason where one was given: the last decision about its
    spans.
    """
    row = (
        DecisionRow.objects.filter(
            layer=layer, seq__gt=since, subject="span", ident__in=(change.before, change.after)
        )
        .select_related("user")
        .order_by("-seq")
        .first()
    )
    if row is None:
        return "its speakers' mentions"
    if row.user is None:
        return f"policy {row.policy}"
    settled = DecisionRow.objects.filter(layer=layer, group=row.group, subject="dispute").first()
    reason = (settled.after or {}).get("reason") if settled is not None else ""
    return f"{row.user.get_username()}: {reason}" if reason else str(row.user.get_username())


def withdraw(document: Document, *, by: permissions.User | None = None) -> int:
    """Erase the text of a document for good and mark the releases that hold it; return how many
    they are.

    Its layers and its log stay: they hold offsets and never a word of the text. The document leaves
    the lists.
    """
    if by is not None:
        permissions.require(by, "manage", document.corpus)
    now = timezone.now()
    with transaction.atomic():
        DocumentText.objects.filter(document=document).delete()
        Document.objects.filter(pk=document.pk, retired_at__isnull=True).update(retired_at=now)
        assignments.let_go([document])
        audit.note(document.corpus, "withdrawn", by=by, document=document.external_id)
        held = ReleaseItem.objects.filter(document=document, withdrawn_at__isnull=True)
        return int(held.update(withdrawn_at=now))


def verify_release(folder: Path) -> dict[str, Any]:
    """Rebuild a release from the log at its pinned versions and compare it with its files, byte for
    byte.
    """
    try:
        told = json.loads((folder / ABOUT).read_text(encoding="utf-8"))
        slug, name = str(told["corpus"]), str(told["name"])
        there = {
            path.relative_to(folder).as_posix() for path in folder.rglob("*") if not path.is_dir()
        }
    except OSError as error:
        raise Problem("file-unreadable", reason=error.strerror or str(error)).at(
            str(folder)
        ) from None
    except (ValueError, KeyError, TypeError) as error:
        raise Problem("release-invalid", reason=f"{ABOUT} is damaged: {error!r}").at(
            str(folder)
        ) from None
    made = Release.objects.select_related("corpus").filter(corpus__slug=slug, name=name).first()
    if made is None:
        raise Problem("not-found", what="release", name=name)
    for file in sorted(there ^ {GOLD, ABOUT, "DATASHEET.md"}):
        reason = f"{file} was not released" if file in there else f"{file} is missing"
        raise Problem("release-invalid", reason=reason).at(str(folder))
    try:
        count = _compare(made, folder)
    except OSError as error:
        raise Problem("file-unreadable", reason=error.strerror or str(error)).at(
            str(folder)
        ) from None
    return {"release": name, "documents": count, "digest": made.digest}


def _compare(made: Release, folder: Path) -> int:
    """Compare every file of a release with what the log gives; return how many documents there are."""
    items: dict[str, str] = {}
    with (folder / GOLD).open("rb") as lines:
        for item, record in _rebuilt(made):
            items[record.id] = item.digest
            if lines.readline() != line(record).encode():
                raise Problem("release-invalid", reason=f"these documents differ: {record.id}").at(
                    str(folder)
                )
        if lines.read(1):
            raise Problem(
                "release-invalid", reason=f"{GOLD} has documents that were not released"
            ).at(str(folder))
    for name, words in _about(made, items, file_digest(folder / GOLD)).items():
        if (folder / name).read_bytes() != words.encode():
            raise Problem("release-invalid", reason=f"{name} is not the file that was written").at(
                str(folder)
            )
    return len(items)
