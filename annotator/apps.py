"""The annotator app."""

from __future__ import annotations

from django.apps import AppConfig


class AnnotatorConfig(AppConfig):
    """What Django needs to know of this app."""

    name = "annotator"
    default_auto_field = "django.db.models.BigAutoField"
