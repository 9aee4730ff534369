"""Exports and releases."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import IntegrityError, transaction

from annotator.models import Layer
from annotator.services.log import refold
from corpus import permissions
from corpus.core.problems import Problem
from corpus.models import Corpus, Job
from corpus.selectors import schema_rows
from exports import selectors
from exports.core import split
from exports.core.manifest import canonical, digest, file_digest
from exports.core.record import Record, Report, as_row
from exports.encoders import MISALIGNED, Options, encoder, jsonl
from exports.models import Release, ReleaseItem


def export(
    corpus: Corpus,
    *,
    format: str,
    to: Path,
    layer: str = "gold",
    shares: str = "80/10/10",
    misaligned: str = "expand",
) -> Report:
    """Write one layer of every document that has it; documents without it are counted as dropped.

    `layer` is gold, suggestions or a user name. Raises `Problem` for an unknown format, layer or split.
    """
    write = encoder(format)
    if misaligned not in MISALIGNED:
        raise Problem("request-invalid", reason=f"--misaligned is one of {', '.join(MISALIGNED)}")
    people = get_user_model().objects
    if layer not in ("gold", "suggestions") and not people.filter(username=layer).exists():
        raise Problem("not-found", what="layer gold, suggestions or of a person called", name=layer)
    found = selectors.layers_of(corpus, layer)
    if not found:
        raise Problem("nothing-to-do", act="export", reason=f"no document of {corpus.slug!r} has the layer {layer!r}")
    kinds = {"gold": "gold", "suggestions": "suggestion"}
    kind = kinds.get(layer, "review")
    records = selectors.records(found, kind=kind, author=layer if kind == "review" else "")
    if corpus.schema is None:
        raise Problem("nothing-to-do", act="export", reason="the corpus has no schema")
    options = Options(schema_rows(corpus.schema).view, corpus.name, split.parse(shares), misaligned)
    try:
        report = write(records, to, options)
    except OSError as error:
        raise Problem("file-unreadable", reason=f"cannot write: {error.strerror}").at(str(to)) from None
    without = selectors.documents(corpus) - len(found)
    if without:
        report.dropped[f"document-without-{kind}"] += without
    return report


def run_export_job(job: Job, *, progress: Callable[[int, int], None], cancelled: Callable[[], bool]) -> dict[str, Any]:
    """Write an export into the data folder, packed into one zip file for download."""
    folder = settings.DATA_DIR / "exports" / str(job.pk)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    name, wanted = job.corpus.slug, job.arguments["format"]
    to = folder / "files" / (f"{name}.jsonl" if wanted == "jsonl" else name)
    report = export(job.corpus, format=wanted, to=to, layer=job.arguments["layer"])
    shutil.make_archive(str(folder / f"{name}-{wanted}"), "zip", folder / "files")
    shutil.rmtree(folder / "files")
    progress(report.documents, report.documents)
    return {**report.as_json(), "files": [f"{name}-{wanted}.zip"]}


def check_export(arguments: dict[str, Any]) -> None:
    """Raise `Problem` when a job could not write this format."""
    encoder(arguments["format"])


def archive(job: Job) -> Path:
    """Return the finished file of an export job, or raise `Problem`."""
    names = job.result.get("files", [])
    path = settings.DATA_DIR / "exports" / str(job.pk) / names[0] if names else Path()
    if job.kind != "export" or job.state != "done" or not path.is_file():
        raise Problem("not-found", what="finished export of job", name=job.pk)
    return path


def release(corpus: Corpus, name: str, *, to: Path, by: permissions.User | None = None) -> Release:
    """Pin gold of every document at its version and write it with its digests; numbered names are used once."""
    layers = selectors.layers_of(corpus, "gold")
    if not layers or corpus.schema is None:
        raise Problem("nothing-to-do", act="release", reason="there is no gold yet")
    if to.exists() and any(to.iterdir()):
        raise Problem("exists", what="folder", name=str(to))
    rows = list(selectors.records(layers, kind="gold"))
    lines = {record.id: canonical(as_row(record)) for record in rows}
    counts = Counter(span.label for record in rows for span in record.layer.spans.values())
    datasheet = {
        "documents": len(rows),
        "spans": dict(sorted(counts.items())),
        "schema": schema_rows(corpus.schema).view.as_json(),
        "schema_version": corpus.schema.version,
    }
    whole = digest("\n".join(digest(lines[ident]) for ident in sorted(lines)))
    with transaction.atomic():
        try:
            with transaction.atomic():
                made = Release.objects.create(
                    corpus=corpus, schema=corpus.schema, name=name, digest=whole, datasheet=datasheet,
                    created_by_id=by.pk if by else None,
                )  # fmt: skip
        except IntegrityError:
            raise Problem("exists", what="release", name=name) from None
        gold = {g.document.external_id: g for g in
                Layer.objects.filter(pk__in=list(layers.values())).select_related("document")}  # fmt: skip
        ReleaseItem.objects.bulk_create(
            ReleaseItem(
                release=made,
                document_id=gold[ident].document_id,
                layer=gold[ident],
                layer_version=gold[ident].version,
                digest=digest(line),
            )
            for ident, line in lines.items()
        )
        to.mkdir(parents=True, exist_ok=True)
        jsonl.write(rows, to / "gold.jsonl", Options(schema_rows(corpus.schema).view))
        sheet = {
            "corpus": corpus.slug,
            "name": name,
            "digest": whole,
            "datasheet": datasheet,
            "items": {ident: digest(line) for ident, line in sorted(lines.items())},
            "files": {"gold.jsonl": file_digest(to / "gold.jsonl")},
        }
        (to / "release.json").write_text(
            json.dumps(sheet, ensure_ascii=False, indent=1, sort_keys=True) + "\n", encoding="utf-8"
        )
    return made


def verify_release(folder: Path) -> dict[str, Any]:
    """Check a release's files against its digests, and its gold against what the log says at the pinned versions."""
    try:
        sheet = json.loads((folder / "release.json").read_text(encoding="utf-8"))
        lines = (folder / "gold.jsonl").read_text(encoding="utf-8").splitlines()
        rows = {row["id"]: digest(canonical(row)) for row in map(json.loads, lines)}
        wanted, name, slug = sheet["items"], sheet["name"], sheet["corpus"]
    except OSError as error:
        raise Problem("file-unreadable", reason=error.strerror or str(error)).at(str(folder)) from None
    except (ValueError, KeyError, TypeError) as error:
        raise Problem("release-invalid", reason=f"its files are damaged: {error!r}").at(str(folder)) from None
    if rows != wanted:
        wrong = sorted(i for i in {*rows, *wanted} if rows.get(i) != wanted.get(i))
        raise Problem("release-invalid", reason=f"these documents differ: {', '.join(wrong[:5])}").at(str(folder))
    if file_digest(folder / "gold.jsonl") != sheet["files"]["gold.jsonl"]:
        raise Problem("release-invalid", reason="gold.jsonl is not the file that was written").at(str(folder))
    made = Release.objects.filter(corpus__slug=slug, name=name).first()
    if made is None:
        raise Problem("not-found", what="release", name=name)
    if made.digest != sheet["digest"]:
        raise Problem("release-invalid", reason="its digest is not the one in the database").at(str(folder))
    items = made.items.select_related("document", "layer__document", "layer__shown_run", "layer__schema")
    for item in items.order_by("pk").iterator(100):
        texts = selectors.texts_of([item.document])
        if item.document_id not in texts:
            raise Problem("release-invalid", reason=f"the text of {item.document} was withdrawn")
        record = Record(
            item.document.external_id, texts[item.document_id], selectors.meta(item.document),
            refold(item.layer, upto=item.layer_version), "gold",
        )  # fmt: skip
        if digest(canonical(as_row(record))) != item.digest:
            raise Problem("release-invalid", reason=f"the log of {item.document} gives another gold")
    return {"release": name, "documents": len(rows), "digest": made.digest}
