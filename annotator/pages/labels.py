"""The colours of a corpus's labels, as a style sheet of its own.

The Content Security Policy forbids inline style, so the pages of a corpus whose schema names
colours ask for this sheet. It sets `--label` and `--label-fill` on whatever carries the label's
name; the sheets in `static/annotator/css/` paint with them.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_safe

from annotator.web.requests import UserRequest
from corpus.core import colour
from corpus.core.colour import Shades
from corpus.core.schema import SchemaView
from corpus.models import Corpus
from corpus.selectors import corpus_for, schema_rows

A_YEAR = 365 * 24 * 3600


@dataclass(frozen=True, slots=True)
class Painted:
    """A label with its shades; `selector` is its name, escaped for a style sheet."""

    selector: str
    by_day: Shades
    by_night: Shades


@require_safe
def label_colours(request: UserRequest, slug: str) -> HttpResponse:
    """Return the style sheet; its address changes with the schema, so it is kept for a year."""
    corpus = corpus_for(request.user, slug)
    labels = painted(schema_rows(corpus.schema).view) if corpus.schema else []
    context = {"labels": labels}
    response = render(request, "annotator/labels.css", context, content_type="text/css")
    patch_cache_control(response, private=True, max_age=A_YEAR, immutable=True)
    return response


def sheet_of(corpus: Corpus) -> str:
    """Return the address of a corpus's sheet, "" where its schema names no colour."""
    if corpus.schema is None:
        return ""
    # Every page asks; the shades themselves are worked out for the sheet alone.
    labels = schema_rows(corpus.schema).view.labels.values()
    if not any(colour.read(label.colour) for label in labels):
        return ""
    address = reverse("labels", kwargs={"slug": corpus.slug})
    return f"{address}?v={corpus.schema.digest[:12]}"


def painted(schema: SchemaView) -> list[Painted]:
    """Return the labels that have a colour which can be read."""
    labels = []
    for label in schema.labels.values():
        value = colour.read(label.colour)
        if value is not None:
            shades = (colour.by_day(value), colour.by_night(value))
            labels.append(Painted(css_string(label.name), *shades))
    return labels


def css_string(text: str) -> str:
    """Return a text as it stands within quotation marks in a style sheet: CSS Syntax 3, 4.3.7."""
    return "".join(char if char.isalnum() else f"\\{ord(char):x} " for char in text)
