"""Releases: gold pinned at its versions, written with its data sheet, and rebuilt from the log to verify it."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Count, Sum
from django.utils import timezone

from annotator.models import Adjudication, AdjudicationState, Layer, LayerKind, LayerState
from annotator.models import Decision as DecisionRow
from annotator.services.agreement import corpus_agreement
from annotator.services.log import refold
from corpus import permissions
from corpus.core.problems import Problem
from corpus.core.schema import SchemaView
from corpus.core.span import LayerView
from corpus.models import Corpus, Document, DocumentText, Schema
from corpus.selectors import schema_rows
from exports import selectors
from exports.core import datasheet
from exports.core.changes import Change, changes, sentence
from exports.core.manifest import canonical, digest, file_digest
from exports.core.record import Record, as_row, line
from exports.models import Release, ReleaseItem

BATCH = 200


def release(corpus: Corpus, name: str, *, to: Path, by: permissions.User | None = None) -> Release:
    """Pin gold of every document at its version and write it with its data sheet; a name is used once.

    The folder appears under its name only when it is whole. Raises `Problem` when there is no gold, when the folder
    or the name is taken, or when the folder cannot be written.
    """
    if by is not None:
        permissions.require(by, "export", corpus)
    pinned = dict(_gold(corpus).values_list("pk", "version"))
    schema = corpus.schema
    if not pinned or schema is None:
        raise Problem("nothing-to-do", act="release", reason="there is no gold yet")
    if to.exists() and any(to.iterdir()):
        raise Problem("exists", what="folder", name=str(to))
    if corpus.releases.filter(name=name).exists():
        raise Problem("exists", what="release", name=name)
    part = to.with_name(to.name + ".part")
    try:
        shutil.rmtree(part, ignore_errors=True)
        part.mkdir(parents=True)
        made = _release(corpus, schema, name, pinned, part, by)
        if to.exists():
            to.rmdir()
        part.rename(to)
    except OSError as error:
        raise Problem("file-unreadable", reason=f"cannot write: {error.strerror}").at(str(to)) from None
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return made


def _gold(corpus: Corpus) -> Any:
    return Layer.objects.filter(kind=LayerKind.GOLD, document__corpus=corpus, document__retired_at__isnull=True)


def _release(
    corpus: Corpus, schema: Schema, name: str, pinned: dict[int, int], folder: Path, by: permissions.User | None
) -> Release:
    digests: dict[int, str] = {}
    names: dict[int, str] = {}
    spans: Counter[str] = Counter()
    with (folder / "gold.jsonl").open("w", encoding="utf-8", newline="\n") as out:
        for layer, record in pinned_records(pinned):
            out.write(line(record))
            digests[layer], names[layer] = digest(canonical(as_row(record))), record.id
            spans.update(span.label for span in record.layer.spans.values())
    items = dict(sorted((names[layer], value) for layer, value in digests.items()))
    whole = digest("\n".join(items.values()))
    sheet = {
        "documents": len(items),
        "spans": dict(sorted(spans.items())),
        "schema": schema_rows(schema).view.as_json(),
        "schema_version": schema.version,
        **_facts(corpus, pinned),
        "changes": _changes_since(corpus, schema_rows(schema).view, pinned),
    }
    (folder / "DATASHEET.md").write_text(datasheet.page(name, corpus.name, whole, sheet), encoding="utf-8")
    with transaction.atomic():
        try:
            with transaction.atomic():
                made = Release.objects.create(
                    corpus=corpus, schema=schema, name=name, digest=whole, datasheet=sheet,
                    created_by_id=by.pk if by else None,
                )  # fmt: skip
        except IntegrityError:
            raise Problem("exists", what="release", name=name) from None
        documents = dict(Layer.objects.filter(pk__in=list(digests)).values_list("pk", "document_id"))
        ReleaseItem.objects.bulk_create(
            (
                ReleaseItem(
                    release=made, document_id=documents[layer], layer_id=layer, layer_version=pinned[layer],
                    digest=value,
                )
                for layer, value in digests.items()
            ),
            batch_size=BATCH,
        )  # fmt: skip
        told = {
            "corpus": corpus.slug,
            "name": name,
            "digest": whole,
            "datasheet": sheet,
            "items": items,
            "files": {file: file_digest(folder / file) for file in ("DATASHEET.md", "gold.jsonl")},
        }
        (folder / "release.json").write_text(
            json.dumps(told, ensure_ascii=False, indent=1, sort_keys=True) + "\n", encoding="utf-8"
        )
    return made


def pinned_records(pinned: dict[int, int]) -> Iterator[tuple[int, Record]]:
    """Yield gold layers as they were at their pinned versions, by external id; one that has moved on is refolded."""
    rows = Layer.objects.filter(pk__in=list(pinned)).order_by("document__external_id").values_list("pk", "document_id")
    ordered = list(rows)
    for first in range(0, len(ordered), BATCH):
        batch = dict(ordered[first : first + BATCH])
        found = selectors.records({document: layer for layer, document in batch.items()}, kind="gold")
        records = {record.id: record for record in found}
        layers = Layer.objects.filter(pk__in=list(batch)).select_related("document", "shown_run", "schema")
        now = {layer.document.external_id: layer for layer in layers}
        for name, record in records.items():
            layer = now[name]
            if layer.version != pinned[layer.pk]:
                record = Record(name, record.text, record.meta, _at(layer, pinned[layer.pk]), "gold")
            yield layer.pk, record


def _at(layer: Layer, version: int) -> LayerView:
    return refold(layer, upto=version)


def _facts(corpus: Corpus, pinned: dict[int, int]) -> dict[str, Any]:
    """Return what a data sheet tells beside the spans."""
    documents = Document.objects.filter(pk__in=Layer.objects.filter(pk__in=list(pinned)).values("document"))
    reviews = Layer.objects.filter(document__in=documents, kind=LayerKind.REVIEW).exclude(state=LayerState.OPEN)
    decided = DecisionRow.objects.filter(layer__in=list(pinned)).values("user__username", "policy")
    runs = reviews.filter(shown_run__isnull=False).values("shown_run__suggester", "shown_run__digest")
    licences = Counter(
        str(data.get("licence") or data.get("license") or "not stated")
        for data in documents.values_list("metadata", flat=True).iterator(1000)
    )
    current = corpus.documents.filter(retired_at__isnull=True)
    open_disputes = Adjudication.objects.filter(document__in=documents, state=AdjudicationState.READY)
    gaps = {
        "documents of the corpus without gold": current.count() - len(pinned),
        "disputes still open in documents of this release": open_disputes.aggregate(n=Sum("disputes"))["n"] or 0,
        "documents superseded by a newer version and left out": corpus.documents.exclude(retired_at=None).count(),
    }
    return {
        "words": documents.aggregate(n=Sum("words"))["n"] or 0,
        "reviewers": dict(
            reviews.values("owner__username").annotate(n=Count("document", distinct=True))
            .order_by("owner__username").values_list("owner__username", "n")
        ),
        "decided": {
            row["user__username"] or f"policy {row['policy']}": row["n"]
            for row in decided.annotate(n=Count("pk")).order_by("user__username", "policy")
        },
        "suggesters": {
            f"{row['shown_run__suggester']} {row['shown_run__digest'][:12]}": row["n"]
            for row in runs.annotate(n=Count("document", distinct=True)).order_by("shown_run__suggester")
        },
        "agreement": [asdict(m) for m in corpus_agreement(corpus, documents=documents).measures if m.a is None],
        "licences": dict(sorted(licences.items())),
        "guideline": digest(corpus.guideline),
        "gaps": {gap: count for gap, count in gaps.items() if count},
    }  # fmt: skip


def _changes_since(corpus: Corpus, schema: SchemaView, pinned: dict[int, int]) -> dict[str, Any] | None:
    """Return what changed since the release before: in how many frames, and by whom; None for the first release."""
    before = corpus.releases.order_by("-pk").first()
    if before is None:
        return None
    old = dict(before.items.values_list("layer_id", "layer_version"))
    counts: Counter[tuple[str, str]] = Counter()
    by: Counter[str] = Counter()
    moved = [layer for layer, version in pinned.items() if old.get(layer, version) != version]
    rows = Layer.objects.filter(pk__in=moved).select_related("document", "shown_run", "schema")
    for layer in rows.iterator(BATCH):
        was, now = refold(layer, upto=old[layer.pk]), refold(layer, upto=pinned[layer.pk])
        for change in changes(was, now, schema):
            counts[change.label, change.kind] += 1
            if change.label:
                by[_author(layer, change, old[layer.pk])] += 1
    return {
        "since": before.name,
        "sentence": sentence(counts),
        "frames": {f"{label} {kind}".strip(): count for (label, kind), count in sorted(counts.items())},
        "by": {who: f"{count} changes" for who, count in sorted(by.items())},
        "documents_added": len(set(pinned) - set(old)),
        "documents_removed": len(set(old) - set(pinned)),
    }


def _author(layer: Layer, change: Change, since: int) -> str:
    """Return who made a change, and the reason where one was given: the last decision about its spans."""
    row = (
        DecisionRow.objects.filter(layer=layer, seq__gt=since, subject="span", ident__in=(change.before, change.after))
        .select_related("user").order_by("-seq").first()
    )  # fmt: skip
    if row is None:
        return "its speakers' mentions"
    if row.user is None:
        return f"policy {row.policy}"
    settled = DecisionRow.objects.filter(layer=layer, group=row.group, subject="dispute").first()
    reason = (settled.after or {}).get("reason") if settled is not None else ""
    return f"{row.user.get_username()}: {reason}" if reason else str(row.user.get_username())


def withdraw(document: Document, *, by: permissions.User | None = None) -> int:
    """Erase the text of a document for good and mark the releases that hold it; return how many they are.

    Its layers and its log stay: they hold offsets and never a word of the text. The document leaves the lists.
    """
    if by is not None:
        permissions.require(by, "manage", document.corpus)
    now = timezone.now()
    with transaction.atomic():
        DocumentText.objects.filter(document=document).delete()
        Document.objects.filter(pk=document.pk, retired_at__isnull=True).update(retired_at=now)
        held = ReleaseItem.objects.filter(document=document, withdrawn_at__isnull=True)
        return int(held.update(withdrawn_at=now))


def verify_release(folder: Path) -> dict[str, Any]:
    """Rebuild a release from the log at its pinned versions and compare it with its files, byte for byte."""
    try:
        sheet = json.loads((folder / "release.json").read_text(encoding="utf-8"))
        wanted, name, slug, files = sheet["items"], sheet["name"], sheet["corpus"], sheet["files"]
        digests = {file: file_digest(folder / file) for file in files}
    except OSError as error:
        raise Problem("file-unreadable", reason=error.strerror or str(error)).at(str(folder)) from None
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise Problem("release-invalid", reason=f"its files are damaged: {error!r}").at(str(folder)) from None
    made = Release.objects.filter(corpus__slug=slug, name=name).first()
    if made is None:
        raise Problem("not-found", what="release", name=name)
    if made.digest != sheet["digest"]:
        raise Problem("release-invalid", reason="its digest is not the one in the database").at(str(folder))
    count = _compare(made, wanted, folder)
    changed = sorted(file for file, value in digests.items() if value != files[file])
    if changed:
        reason = f"{', '.join(changed)} is not the file that was written"
        raise Problem("release-invalid", reason=reason).at(str(folder))
    return {"release": name, "documents": count, "digest": made.digest}


def _compare(made: Release, wanted: dict[str, str], folder: Path) -> int:
    """Compare each line of a release's gold with what the log gives; return how many there are."""
    items = made.items.select_related("document", "layer__document", "layer__shown_run", "layer__schema")
    count = 0
    with (folder / "gold.jsonl").open("rb") as lines:
        for item in items.order_by("document__external_id").iterator(BATCH):
            ident = item.document.external_id
            texts = selectors.texts_of([item.document])
            if item.document_id not in texts:
                raise Problem("release-invalid", reason=f"the text of {ident} was withdrawn")
            record = Record(
                ident, texts[item.document_id], selectors.meta(item.document), _at(item.layer, item.layer_version),
                "gold",
            )  # fmt: skip
            if digest(canonical(as_row(record))) != item.digest or wanted.get(ident) != item.digest:
                raise Problem("release-invalid", reason=f"the log of {ident} gives another gold")
            if lines.readline() != line(record).encode():
                raise Problem("release-invalid", reason=f"these documents differ: {ident}").at(str(folder))
            count += 1
        if lines.read(1) or count != len(wanted):
            raise Problem("release-invalid", reason="gold.jsonl has documents that were not released").at(str(folder))
    return count
