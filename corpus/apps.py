"""The corpus app."""

from __future__ import annotations

from django.apps import AppConfig


class CorpusConfig(AppConfig):
    """What Django needs to know of this app."""

    name = "corpus"
    default_auto_field = "django.db.models.BigAutoField"
