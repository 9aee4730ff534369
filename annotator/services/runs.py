"""Runs of suggesters and of files, and the layers of suggestions that they wrote."""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Sequence
from importlib import metadata
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from annotator.core.lacking import lacking
from annotator.models import Layer, Run
from annotator.selectors.layers import FROM_FILE, layer_view
from annotator.services import assignments
from annotator.services.layers import (
    NewSuggestions,
    add_suggestions,
    suggestions_for,
    write_rows,
)
from annotator.suggesters import Suggester
from corpus.core.span import LayerView
from corpus.models import Corpus, Document, Schema
from corpus.selectors import schema_rows
from corpus.services import corpora
from corpus.services.schemas import freeze_schema


def run_for(schema: Schema, suggester: Suggester) -> Run:
    """Return the run of a suggester with its config in this environment, made when it is new."""
    environment = {
        "python": platform.python_version(),
        "spacy": metadata.version("spacy"),
        "model": suggester.config.get("model", settings.SPACY_MODEL),
    }
    run = _run(
        schema,
        suggester.name,
        dict(suggester.config),
        environment,
        shown_as=suggester.shown_as,
    )
    _show_if_first(run)
    return run


def _show_if_first(run: Run) -> None:
    """Have reviewers see what ran first, until a manager chooses another.

    Of the suggester that is shown, that is the run which was begun last, also when it ran before.
    """
    nothing_yet = Corpus.objects.filter(pk=run.schema.corpus_id, shown_suggester="")
    nothing_yet.update(shown_suggester=run.shown_as)
    shown = Run.objects.filter(pk=run.pk, schema__corpus__shown_suggester=run.shown_as)
    shown.update(shown_at=timezone.now())


def show(corpus: Corpus, run: Run) -> None:
    """Show what a run made in whatever is opened from now on.

    Where it has made nothing yet, what was shown before stays.
    """
    if corpus.shown_suggester != run.shown_as:
        before = Run.objects.filter(
            schema__corpus=corpus, shown_as=corpus.shown_suggester, shown_at=None
        )
        before.update(shown_at=timezone.now())
    Run.objects.filter(pk=run.pk).update(shown_at=timezone.now())
    corpora.set_shown(corpus, run.shown_as)


def file_run(schema: Schema, name: str) -> Run:
    """Return the run of the suggestions that came along in a file of this name."""
    suggester = file_suggester(name)
    return _run(schema, suggester, {}, {}, shown_as=suggester)


def file_suggester(name: str) -> str:
    """Return what the suggester of a run from a file of this name is called."""
    return f"{FROM_FILE}{name}"[:100]


def _run(
    schema: Schema,
    suggester: str,
    config: dict[str, Any],
    environment: dict[str, Any],
    *,
    shown_as: str,
) -> Run:
    canonical = json.dumps([suggester, config, environment], sort_keys=True)
    run, made = Run.objects.get_or_create(
        schema=schema,
        digest=hashlib.sha256(canonical.encode()).hexdigest(),
        defaults={
            "suggester": suggester,
            "shown_as": shown_as,
            "config": config,
            "environment": environment,
        },
    )
    if made:
        freeze_schema(schema)
    return run


def copy_runs(old: Schema, new: Schema) -> dict[int, Run]:
    """Return a run under a new version of a schema for each run under the old one, by its key.

    They are made in the order of the old ones, so that the newest stays the newest.
    """
    copies = {}
    for run in Run.objects.filter(schema=old).order_by("pk"):
        copy, _ = Run.objects.get_or_create(
            schema=new,
            digest=run.digest,
            defaults={
                "suggester": run.suggester,
                "shown_as": run.shown_as,
                "config": run.config,
                "environment": run.environment,
                "finished_at": run.finished_at,
                "shown_at": run.shown_at,
            },
        )
        copies[run.pk] = copy
    return copies


def finish(run: Run) -> None:
    """Note that a run has gone through all it was to do."""
    Run.objects.filter(pk=run.pk).update(finished_at=timezone.now())


def store(run: Run, document: Document, view: LayerView) -> Layer:
    """Write a run's layer of one document; one that is there stays as it is."""
    layer, made = suggestions_for(document, run)
    if made:
        write_rows(layer, view, set(view.spans), set(view.links), schema=schema_rows(run.schema))
        assignments.set_priorities({document.pk: _doubt(view)})
    return layer


def store_all(suggestions: Sequence[tuple[Run, Document, LayerView]]) -> None:
    """Write runs' layers of documents that have none by them, in a few statements for all."""
    if not suggestions:
        return
    new = [
        NewSuggestions(run, document, view, schema_rows(run.schema))
        for run, document, view in suggestions
    ]
    try:
        with transaction.atomic():
            add_suggestions(new)
            assignments.set_priorities({s.document.pk: _doubt(s.view) for s in new})
    except IntegrityError:
        # Somebody stores the same run at this moment: one by one, what is there stays.
        for run, document, view in suggestions:
            store(run, document, view)


def _doubt(view: LayerView) -> float:
    """Return how little sure a suggester was, from 0 to 1: reviewers' hours go where it doubts."""
    scores = [span.score for span in view.spans.values() if span.score is not None]
    return 1 - sum(scores) / len(scores) if scores else 0


def extend(layer: Layer, view: LayerView) -> int:
    """Add to a run's layer what it lacks of a view; return how many parts it goes on lacking.

    A layer that a reviewer was shown stays as it is.
    """
    own = layer_view(layer)
    more = lacking(own, view)
    if not more:
        return 0
    if Layer.objects.filter(document=layer.document_id, shown_run=layer.run_id).exists():
        new = len(more.attributes.keys() - own.attributes.keys())
        return len(more.spans) + len(more.links) + new
    schema = schema_rows(layer.schema)
    write_rows(layer, more.onto(own), set(more.spans), set(more.links), schema=schema)
    return 0


def program_run(schema: Schema, name: str) -> Run:
    """Return the run of the suggestions that a program of this name pushes."""
    suggester = f"api:{name}"[:100]
    run = _run(schema, suggester, {}, {}, shown_as=suggester)
    _show_if_first(run)
    return run
