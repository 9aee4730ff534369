"""What the review and the adjudication page start from: their JSON and the addresses they call."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.models import AbstractBaseUser
from django.urls import reverse

from annotator.models import Adjudication, Dispute, Layer
from annotator.selectors import disputes
from annotator.selectors.disputes import DisputeFilter
from annotator.selectors.workspace import earlier_of, reading_of, workspace_of
from annotator.services import adjudicate
from corpus import permissions
from corpus.core import practice
from corpus.models import Corpus, Document
from corpus.selectors import schema_rows


def review_urls(layer: Layer) -> dict[str, str]:
    """Return where the review page sends what."""
    corpus = {"slug": layer.document.corpus.slug}
    document = {**corpus, "external_id": layer.document.external_id}
    names = ["workspace", "decisions", "ahead", "submit", "comments", "flags", "settled-before"]
    if layer.version == 0 and layer.shown_run_id is None:
        names.append("awaited")
    if not layer.final:
        names.append("reopen")
    urls = {name: reverse(f"api-{name}", kwargs=document) for name in names}
    urls["corpus"] = reverse("corpus", kwargs=corpus)
    if practice.round_for(schema_rows(layer.schema).view) is not None:
        urls["practice"] = reverse("practice", kwargs=corpus)
    if layer.owner is not None and permissions.allows(
        layer.owner, "patterns", layer.document.corpus
    ):
        urls["patterns"] = reverse("api-patterns", kwargs=corpus)
    urls["guideline"] = reverse("guideline", kwargs=corpus)
    return urls


def workspace_json(layer: Layer) -> dict[str, Any]:
    """Return the workspace of a layer with its addresses."""
    urls = review_urls(layer)
    return {**workspace_of(layer), "guideline": urls["guideline"], "urls": urls}


def reading_json(document: Document, *, owner: str) -> dict[str, Any]:
    """Return a document with its suggestions, for who reads it without a review of their own."""
    kwargs = {"slug": document.corpus.slug}
    here = reverse("read", kwargs={**kwargs, "external_id": document.external_id})
    urls = {"decisions": here, "guideline": reverse("guideline", kwargs=kwargs)}
    urls["corpus"] = reverse("corpus", kwargs=kwargs)
    return {**reading_of(document, owner=owner), "guideline": urls["guideline"], "urls": urls}


def earlier_json(
    text: Document, layer: Layer | None, *, owner: str, with_suggestions: bool
) -> dict[str, Any]:
    """Return an earlier text of a document with a layer made on it, for who may read both.

    `with_suggestions` tells whether they may read what its author was shown, too.
    """
    kwargs = {"slug": text.corpus.slug}
    document = {**kwargs, "external_id": text.external_id, "sha256": text.digest}
    urls = {"decisions": reverse("earlier", kwargs=document)}
    urls["guideline"] = reverse("guideline", kwargs=kwargs)
    urls["corpus"] = reverse("corpus", kwargs=kwargs)
    page = earlier_of(text, layer, owner=owner, with_suggestions=with_suggestions)
    return {**page, "guideline": urls["guideline"], "urls": urls}


def disputes_json(
    adjudication: Adjudication, gold: Layer, *, by: AbstractBaseUser
) -> dict[str, Any]:
    """Return the disputes of a document with their addresses.

    `own` tells that this person may not settle them, because they annotated the document.
    """
    document = adjudication.document
    corpus = {"slug": document.corpus.slug}
    names = ("settle", "undo", "reason", "close", "disputes", "flags", "precedents")
    kwargs = {**corpus, "external_id": document.external_id}
    urls = {name: reverse(f"api-{name}", kwargs=kwargs) for name in names}
    urls["list"] = reverse("disputes", kwargs=corpus)
    own = not adjudicate.may_settle(document, by=by)
    return {**disputes.of_document(adjudication, gold), "own": own, "urls": urls}


def dispute_url(corpus: Corpus, dispute: Dispute, wanted: DisputeFilter) -> str:
    """Return the adjudication page at a dispute, from which one goes on by the filtered queue."""
    document = dispute.adjudication.document
    page = reverse("adjudicate", kwargs={"slug": corpus.slug, "external_id": document.external_id})
    return f"{page}?{urlencode({'queue': wanted.query, 'at': dispute.ident})}"
