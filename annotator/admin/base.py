"""What the lists of Django's admin share: who reviews is shown no more here than elsewhere."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest

from annotator.selectors import withheld
from corpus.admin import ReadOnly


class WithoutWithheld(ReadOnly):
    """A list without what is withheld from who looks.

    `to_document` leads from a row to its document. `asked` are the parameters that it is narrowed
    by: any other lookup could be asked until it says who holds what.
    """

    to_document = "document"
    asked: frozenset[str] = frozenset()

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Return the rows that this person may see."""
        rows = super().get_queryset(request)
        return rows.filter(~withheld.from_lists(request.user, of=self.to_document))

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest | None = None) -> bool:
        """Refuse lookups that no filter of the list makes."""
        return lookup in self.asked


class OfLayers(WithoutWithheld):
    """A list of layers, or of what hangs on them, whose rows name their authors.

    It is for who manages every corpus, and so is told names in all of them. `to_layer` leads from a
    row to its layer, "" for layers.
    """

    to_layer = "layer"
    to_document = "layer__document"

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Show it to admins of the site alone."""
        # Only a user model of one's own has no such field.
        return bool(getattr(request.user, "is_superuser", False))

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Name it to admins of the site alone."""
        return self.has_view_permission(request)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Return the rows without the unfinished work of colleagues."""
        rows = super().get_queryset(request)
        return rows.filter(~withheld.of_colleagues(request.user, self.to_layer))
