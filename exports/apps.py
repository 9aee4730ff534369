"""The exports app."""

from __future__ import annotations

from django.apps import AppConfig


class ExportsConfig(AppConfig):
    """What Django needs to know of this app."""

    name = "exports"
    default_auto_field = "django.db.models.BigAutoField"
