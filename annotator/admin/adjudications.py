"""Documents with disagreements in Django's admin."""

from __future__ import annotations

from django.contrib import admin
from django.urls import reverse
from django.utils.html import format_html

from annotator.admin.base import WithoutWithheld
from annotator.admin.filters import KindFilter, OpenFilter, ReviewerFilter
from annotator.models import Adjudication, AdjudicationState


@admin.register(Adjudication)
class AdjudicationAdmin(WithoutWithheld):
    """Documents with open disputes; each row leads to the page that settles them."""

    asked = frozenset({"show", "corpus__id__exact", "kind", "reviewer"})
    list_display = (
        "document",
        "corpus",
        "state",
        "disputes",
        "kinds_listed",
        "agreed",
        "frames",
        "settle",
    )
    list_filter = (OpenFilter, "corpus", KindFilter, ReviewerFilter)
    search_fields = ("document__external_id__istartswith", "document__title__istartswith")
    list_select_related = ("document", "corpus")
    list_display_links = None
    show_full_result_count = False

    @admin.display(description="kinds")
    def kinds_listed(self, row: Adjudication) -> str:
        """Return the kinds of open dispute with their counts."""
        return ", ".join(f"{kind} {count}" for kind, count in sorted(row.kinds.items()))

    @admin.display(description="")
    def settle(self, row: Adjudication) -> str:
        """Return a link to the adjudication page."""
        if row.state == AdjudicationState.WAITING:
            return ""
        url = reverse("adjudicate", args=[row.corpus.slug, row.document.external_id])
        return format_html('<a href="{}">{}</a>', url, "Settle" if row.disputes else "See gold")
