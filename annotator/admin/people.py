"""Accounts in Django's admin."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import User
from django.http import HttpRequest

from annotator.services import accounts

admin.site.unregister(User)


@admin.register(User)
class PersonAdmin(UserAdmin):
    """Accounts as Django's admin has them; who may not sign in any more has no tokens left."""

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        """Save, and end the tokens of who left."""
        super().save_model(request, obj, form, change)
        if not obj.is_active:
            accounts.end_tokens(obj)
