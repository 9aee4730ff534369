"""Releases in Django's admin, to look at."""

from __future__ import annotations

from django.contrib import admin

from corpus.admin import ReadOnly
from exports.models import Release


@admin.register(Release)
class ReleaseAdmin(ReadOnly):
    """What was released."""

    list_display = ("name", "corpus", "digest", "created_by", "created_at")
    list_filter = ("corpus",)
