"""Corpora, members and documents in Django's admin.

What a log or a frozen row rules is read-only here.
"""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from corpus import guideline
from corpus.models import Corpus, Document, Event, Job, Membership, Schema
from corpus.services import audit


class ReadOnly(admin.ModelAdmin):
    """A list to look at: a write here would pass the services by."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Refuse."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse."""
        return False


class MembershipInline(admin.TabularInline):
    """Who belongs to a corpus.

    A role is given or taken, never changed into another, as on the page *Members*.
    """

    model = Membership
    extra = 1
    autocomplete_fields = ("user",)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse."""
        return False


@admin.register(Corpus)
class CorpusAdmin(admin.ModelAdmin):
    """Name, guideline, targets and members of a corpus."""

    list_display = (
        "name",
        "slug",
        "language",
        "reviewers_per_document",
        "created_at",
        "deleted_at",
    )
    search_fields = ("name", "slug")
    # Pages that apply them change the plan (*Assignments*) and what suggests (*Suggestions*).
    readonly_fields = (
        "slug",
        "schema",
        "created_at",
        "deleted_at",
        "reviewers_per_document",
        "shared_percent",
        "blind_percent",
        "check_percent",
        "lease_hours",
        "chosen_suggesters",
        "threshold",
        "language_models_allowed",
    )
    inlines = (MembershipInline,)

    def formfield_for_dbfield(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        """Hold a guideline to its length, as the page *Settings* does."""
        if db_field.name == "guideline":
            kwargs["max_length"] = guideline.LONGEST
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def save_model(self, request: Any, obj: Corpus, form: Any, change: bool) -> None:
        """Save and note it."""
        super().save_model(request, obj, form, change)
        if form.changed_data:
            audit.note(obj, "changed", by=request.user, fields=", ".join(form.changed_data))

    def save_formset(self, request: Any, form: Any, formset: Any, change: bool) -> None:
        """Save who belongs to it and note that."""
        super().save_formset(request, form, formset, change)
        for membership in formset.new_objects:
            self._note_role(request, "role-given", membership)
        for membership in formset.deleted_objects:
            self._note_role(request, "role-taken", membership)

    def _note_role(self, request: HttpRequest, act: str, membership: Membership) -> None:
        name = membership.user.get_username()
        audit.note(membership.corpus, act, by=request.user, name=name, role=membership.role)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Refuse: `create_corpus` makes the schema as well."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse: a corpus holds other people's work."""
        return False


@admin.register(Schema)
class SchemaAdmin(ReadOnly):
    """Versions of schemas."""

    list_display = ("corpus", "version", "frozen_at", "digest")


@admin.register(Document)
class DocumentAdmin(ReadOnly):
    """Documents, without their text."""

    list_display = ("external_id", "title", "outlet", "words", "corpus", "retired_at")
    list_filter = ("corpus",)
    search_fields = ("external_id__istartswith", "title__istartswith")
    show_full_result_count = False


@admin.register(Job)
class JobAdmin(ReadOnly):
    """Background work."""

    list_display = ("kind", "corpus", "state", "done", "total", "created_by", "created_at", "error")
    list_filter = ("state", "kind", "corpus")


@admin.register(Event)
class EventAdmin(ReadOnly):
    """What people did, over all corpora; the page of each corpus has it as CSV."""

    list_display = ("at", "corpus", "name", "sentence")
    list_filter = ("act", "corpus")
    search_fields = ("name__istartswith",)
    show_full_result_count = False
    list_select_related = ("corpus",)

    @admin.display(description="did")
    def sentence(self, event: Event) -> str:
        """Return the sentence of the audit page."""
        return audit.sentence(event)
