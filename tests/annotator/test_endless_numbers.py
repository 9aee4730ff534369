"""Numbers that no database keeps, in every address and filter: a refusal, never a fault."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib import admin as site_admin
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

NUMBER = "9" * 30
WORDS = {"slug": "{slug}", "external_id": "{document}"}
BAD_UTF_8 = "%ff%fe"


def addresses(resolver: URLResolver, before: str = "") -> Iterator[str]:
    """Yield each address of the site, with our number wherever one is wanted."""
    for entry in resolver.url_patterns:
        path = before + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from addresses(entry, path)
        elif isinstance(entry, URLPattern) and "^" not in path and "(?P" not in path:
            yield re.sub(r"<(?:\w+:)?(\w+)>", lambda m: WORDS.get(m[1], NUMBER), path)


def queries() -> Iterator[str]:
    """Yield what the lists of the admin are filtered by, and what pages read of addresses."""
    for model, options in site_admin.site._registry.items():
        path = f"/admin/{model._meta.app_label}/{model._meta.model_name}/"
        relations = {f.name for f in model._meta.fields if f.is_relation}
        filters = {getattr(found, "parameter_name", found) for found in options.list_filter}
        names = {"p", "id__exact", *filters, *(f"{name}__id__exact" for name in relations)}
        for name in sorted(names):
            yield f"{path}?{name}={NUMBER}"
    for path in ("", "documents/", "disputes/", "audit/", "agreement/"):
        for value in (NUMBER, BAD_UTF_8):
            names = ("page", "after", "before", "document", "job", "by", "since", "q", "state")
            yield f"/corpora/{{slug}}/{path}?" + "&".join(f"{name}={value}" for name in names)


@pytest.mark.postgresql
def test_no_address_breaks(document: Any, admin: Any) -> None:
    client = Client(raise_request_exception=False)
    client.force_login(admin)
    asked = ["/" + path for path in addresses(get_resolver())] + list(queries())
    assert len(asked) > 150
    broke = []
    for path in asked:
        path = path.replace("{slug}", document.corpus.slug)
        path = path.replace("{document}", document.external_id)
        answer = client.get(path)
        if answer.status_code >= 500:
            broke.append((path, answer.status_code))
    assert broke == []
