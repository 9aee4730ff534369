"""The corpus app."""

from __future__ import annotations

from typing import Any

from django.apps import AppConfig
from django.core.exceptions import ValidationError

from corpus.core.user_names import is_reserved


class CorpusConfig(AppConfig):
    """What Django needs to know of this app."""

    name = "corpus"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Have every form and command that makes an account refuse what layers are called."""
        from django.contrib.auth import get_user_model

        user = get_user_model()
        names: Any = user._meta.get_field(user.USERNAME_FIELD)
        names.validators.append(_not_reserved)


def _not_reserved(name: str) -> None:
    if is_reserved(name):
        raise ValidationError(f"{name!r} is what a layer is called; choose another user name")
