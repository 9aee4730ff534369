"""Spans, layers, decisions, documents and frames as the browser and the API read them: JSON."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from annotator.core.compare import Cluster
from annotator.core.frames import Frame
from annotator.models import Decision
from corpus.core.span import LayerView, Link, Span
from corpus.models import Document

# Languages that are written from right to left.
RIGHT_TO_LEFT = ("ar", "fa", "he", "ur")


def span_json(span: Span) -> dict[str, Any]:
    """Return a span with its attributes and with where it comes from."""
    return {
        "ident": span.ident,
        "label": span.label,
        "start": span.start,
        "end": span.end,
        "fragments": [list(piece) for piece in span.fragments] if span.fragments else None,
        "attributes": dict(span.attributes),
        "score": span.score,
        "evidence": dict(span.evidence) if span.evidence else None,
        "origin": span.origin,
    }


def link_json(link: Link) -> dict[str, Any]:
    """Return a link with the idents of its two spans."""
    return {
        "ident": link.ident,
        "kind": link.kind,
        "source": link.source,
        "target": link.target,
        "attributes": dict(link.attributes),
    }


def layer_json(view: LayerView) -> dict[str, Any]:
    """Return the spans of a layer in the order of the text, its links by ident, the document's
    attributes.
    """
    links = sorted(view.links.values(), key=lambda link: link.ident)
    return {
        "spans": [span_json(span) for span in view.in_order()],
        "links": [link_json(link) for link in links],
        "attributes": dict(view.attributes),
    }


def decision_json(decision: Decision) -> dict[str, Any]:
    """Return a decision as the log of its layer holds it."""
    return {
        "seq": decision.seq,
        "client_id": str(decision.client_id),
        "group": str(decision.group),
        "verb": decision.verb,
        "subject": decision.subject,
        "ident": decision.ident,
        "before": decision.before,
        "after": decision.after,
        "undoes": str(decision.undoes) if decision.undoes else None,
    }


def document_json(document: Document, text: str) -> dict[str, Any]:
    """Return a document with its text; its own targets come before those of the corpus."""
    corpus = document.corpus
    targets = list(dict.fromkeys([*document.targets, *corpus.targets]))
    return {
        "id": document.external_id,
        "title": document.title,
        "outlet": document.outlet,
        "text": text,
        "sha256": document.digest,
        "words": document.words,
        "direction": "rtl" if corpus.language in RIGHT_TO_LEFT else "ltr",
        "targets": targets,
        "default_target": document.targets[0] if document.targets else None,
    }


def frame_json(frame: Frame, text: str, clusters: Sequence[Cluster]) -> dict[str, Any]:
    """Return a frame: its span and its links, each with the words at its other end.

    A link to another frame names its cluster; one to a part of this frame names none. A `reverse`
    link runs from its other end to this span.
    """
    links = []
    for linked in frame.linked:
        anchor = linked.anchor
        links.append(
            {
                "kind": linked.kind,
                "cluster": None if anchor is None else clusters[anchor].ident,
                "span": _with_words(linked.span, text),
                "attributes": dict(linked.attributes),
                "reverse": linked.reverse,
            }
        )
    return {"span": _with_words(frame.head, text), "links": links}


def _with_words(span: Span, text: str) -> dict[str, Any]:
    return {**span_json(span), "text": span.covered(text)}
