"""What the review page needs of one layer: text, suggestions, the owner's work and its log."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from annotator.models import Decision, Layer, LayerKind, LayerState
from annotator.selectors import earlier_texts, layers, overview, review_log, wire
from annotator.selectors.earlier_texts import LeftBehind
from corpus.core.span import LayerView
from corpus.db.prepared import Prepared
from corpus.models import Document, Schema
from corpus.selectors import schema_of, schema_rows, text_of

# Of the newest decisions, for undo and for the list of what was done.
HISTORY = 500

LOG = Prepared(lambda layer: Decision.objects.filter(layer=layer).order_by("-seq")[:HISTORY], int)


def workspace_of(layer: Layer) -> dict[str, Any]:
    """Return a review layer with all that its page shows."""
    document = layer.document
    corpus = document.corpus
    newest: list[Decision] = LOG.all(layer.pk) if layer.version else []
    history = newest[::-1]
    # Most logs are short, and then need not be read twice.
    whole_log = history if len(history) < HISTORY else None
    view = layers.view_at(layer, layer.version, decisions=whole_log)
    suggestions = layers.suggestions_of(layer)
    return {
        "document": {
            **wire.document_json(document, text_of(document)),
            # Only gold and suggestions have no owner.
            **place_of(document, layer.owner_id or 0),
        },
        "corpus": {"slug": corpus.slug, "name": corpus.name},
        "schema": schema_rows(layer.schema).view.as_json(),
        "layer": {
            "version": layer.version,
            "state": layer.state,
            "blind": layer.shown_run_id is None,
            "awaits_suggestions": layers.awaited_state(layer) != "none",
            "owner": str(layer.owner),
        },
        "suggestions": wire.layer_json(suggestions),
        **wire.layer_json(view),
        "rejected": sorted(view.rejected),
        "unaccepted": review_log.unaccepted(layer, suggestions, log=whole_log),
        "history": [wire.decision_json(decision) for decision in history],
        "left_behind": [left.as_json() for left in _left_behind(layer, whole_log)],
    }


def _left_behind(layer: Layer, log: list[Decision] | None) -> list[LeftBehind]:
    """Return what did not come along to a corrected text, while its author may still mend it."""
    if layer.state != LayerState.OPEN or not layer.version:
        return []
    return earlier_texts.left_of_review(layer, log=log)


def earlier_of(
    text: Document, layer: Layer | None, *, owner: str, with_suggestions: bool
) -> dict[str, Any]:
    """Return an earlier text of a document with a layer that was made on it, for reading.

    A review stands among the suggestions that its author was shown, if the reader may see them.
    """
    view = suggestions = LayerView()
    if layer is not None and layer.kind == LayerKind.SUGGESTION:
        suggestions = layers.layer_view(layer)
    elif layer is not None:
        view = layers.layer_view(layer)
        if layer.kind == LayerKind.GOLD:
            # It was settled, not added by a reviewer: each span stands as it was proposed.
            spans = {ident: replace(span, origin=ident) for ident, span in view.spans.items()}
            suggestions = view = replace(view, spans=spans)
        elif with_suggestions:
            suggestions = layers.suggestions_of(layer)
    schema = schema_of(text.corpus) if layer is None else layer.schema
    return _read_only(text, schema, owner=owner, suggestions=suggestions, view=view)


def reading_of(document: Document, *, owner: str) -> dict[str, Any]:
    """Return a document with what is suggested for it, as its review would begin; for reading."""
    corpus = document.corpus
    run, suggestions = layers.shown_suggestions(document)
    schema = run.schema if run else schema_of(corpus)
    page = _read_only(document, schema, owner=owner, suggestions=suggestions, view=LayerView())
    page["layer"]["awaits_suggestions"] = run is None and layers.are_being_made(corpus)
    return {**page, "suggested_by": run.shown_as if run else ""}


def _read_only(
    document: Document, schema: Schema, *, owner: str, suggestions: LayerView, view: LayerView
) -> dict[str, Any]:
    """Return what a page shows of a document on which nothing can be changed."""
    corpus = document.corpus
    return {
        "document": wire.document_json(document, text_of(document)),
        "corpus": {"slug": corpus.slug, "name": corpus.name},
        "schema": schema_rows(schema).view.as_json(),
        "layer": {
            "version": 0,
            "state": "open",
            "blind": False,
            "awaits_suggestions": False,
            "owner": owner,
        },
        "suggestions": wire.layer_json(suggestions),
        **wire.layer_json(view),
        "rejected": sorted(view.rejected),
        "history": [],
        "reading": True,
    }


def place_of(document: Document, person: int) -> dict[str, int]:
    """Return the number of a document among those that a person reviews, and how many there are."""
    done, total = overview.position(document, person)
    return {"position": done + 1, "total": max(done + 1, total)}
