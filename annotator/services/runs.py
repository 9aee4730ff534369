"""Runs of suggesters and of files, and the layers of suggestions that they wrote."""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Mapping, Sequence
from dataclasses import replace
from importlib import metadata
from operator import attrgetter
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

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
from corpus.core.span import LayerView, Link, Span
from corpus.models import Corpus, Document, Schema
from corpus.selectors import schema_rows
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
    """Have reviewers see what ran first, until a manager chooses another."""
    nothing_yet = Corpus.objects.filter(pk=run.schema.corpus_id, shown_suggester="")
    nothing_yet.update(shown_suggester=run.shown_as)


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
    spans, idents = _lacking_spans(own, view)
    links = _lacking_links(own, view, idents)
    attributes = {**view.attributes, **own.attributes}
    lacking = len(spans) + len(links) + len(attributes) - len(own.attributes)
    if not lacking:
        return 0
    if Layer.objects.filter(document=layer.document_id, shown_run=layer.run_id).exists():
        return lacking
    merged = LayerView({**own.spans, **spans}, {**own.links, **links}, attributes=attributes)
    write_rows(layer, merged, set(spans), set(links), schema=schema_rows(layer.schema))
    return 0


def _lacking_spans(own: LayerView, view: LayerView) -> tuple[dict[int, Span], dict[int, int]]:
    """Return the spans of a view that a layer lacks, or lacks attributes of.

    Beside them, for each span of the view, the ident that it has in the layer then.
    """
    ident_of = {(span.label, span.ranges): span.ident for span in own.spans.values()}
    last = max(own.spans, default=0)
    spans: dict[int, Span] = {}
    idents: dict[int, int] = {}
    for span in view.in_order():
        place = (span.label, span.ranges)
        if place not in ident_of:
            last += 1
            ident_of[place] = last
            spans[last] = replace(span, ident=last)
        ident = ident_of[place]
        idents[span.ident] = ident
        held = spans.get(ident) or own.spans[ident]
        if span.attributes.keys() - held.attributes.keys():
            spans[ident] = replace(held, attributes={**span.attributes, **held.attributes})
    return spans, idents


def _lacking_links(own: LayerView, view: LayerView, idents: Mapping[int, int]) -> dict[int, Link]:
    """Return the links of a view that a layer lacks, or lacks attributes of."""
    held = {(link.kind, link.source, link.target): link for link in own.links.values()}
    last = max(own.links, default=0)
    links: dict[int, Link] = {}
    for link in sorted(view.links.values(), key=attrgetter("kind", "source", "target")):
        ends = (link.kind, idents[link.source], idents[link.target])
        if ends not in held:
            last += 1
            links[last] = held[ends] = Link(last, *ends, link.attributes)
        elif link.attributes.keys() - held[ends].attributes.keys():
            attributes = {**link.attributes, **held[ends].attributes}
            held[ends] = replace(held[ends], attributes=attributes)
            links[held[ends].ident] = held[ends]
    return links


def program_run(schema: Schema, name: str) -> Run:
    """Return the run of the suggestions that a program of this name pushes."""
    suggester = f"api:{name}"[:100]
    run = _run(schema, suggester, {}, {}, shown_as=suggester)
    _show_if_first(run)
    return run
