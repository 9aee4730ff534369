"""Exports: one layer of a corpus through an encoder, at once or as a job."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model

from corpus.core.problems import Problem
from corpus.models import Corpus, Job
from corpus.selectors import schema_rows
from exports import selectors
from exports.core import split
from exports.core.record import Report
from exports.encoders import ENDINGS, MISALIGNED, Options, encoder


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
    to = folder / "files" / f"{name}{ENDINGS.get(wanted, '')}"
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
