"""Comments and flags in Django's admin, to look at."""

from __future__ import annotations

from django.contrib import admin

from annotator.admin.base import OfLayers
from annotator.models import Comment, Flag


@admin.register(Comment)
class CommentAdmin(OfLayers):
    """What people say about frames."""

    list_display = ("layer", "ident", "user", "body", "at")
    list_select_related = ("layer__document", "user")
    show_full_result_count = False


@admin.register(Flag)
class FlagAdmin(OfLayers):
    """What is flagged for a guideline; the corpus's Flags page is where it is dealt with."""

    asked = frozenset({"corpus__id__exact"})
    list_display = ("corpus", "section", "layer", "ident", "user", "note", "at", "done_at")
    list_filter = ("corpus",)
    list_select_related = ("corpus", "layer__document", "user")
    show_full_result_count = False
