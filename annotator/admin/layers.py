"""Layers, their log and the runs behind suggestions in Django's admin, to look at."""

from __future__ import annotations

from django.contrib import admin

from annotator.admin.base import OfLayers
from annotator.models import Decision, Layer, Run
from corpus.admin import ReadOnly


@admin.register(Layer)
class LayerAdmin(OfLayers):
    """Layers and their versions."""

    to_layer = ""
    to_document = "document"
    asked = frozenset({"kind__exact", "state__exact"})

    list_display = (
        "document",
        "kind",
        "owner",
        "run",
        "state",
        "version",
        "elapsed_ms",
        "submitted_at",
    )
    list_filter = ("kind", "state")
    list_select_related = ("document", "owner", "run")
    show_full_result_count = False


@admin.register(Decision)
class DecisionAdmin(OfLayers):
    """The log; only ever added to."""

    asked = frozenset({"verb"})

    list_display = (
        "layer",
        "seq",
        "user",
        "policy",
        "verb",
        "subject",
        "ident",
        "elapsed_ms",
        "at",
    )
    list_filter = ("verb",)
    list_select_related = ("layer__document", "user")
    show_full_result_count = False


@admin.register(Run)
class RunAdmin(ReadOnly):
    """Where suggestions come from."""

    list_display = ("suggester", "schema", "digest", "created_at", "finished_at")
