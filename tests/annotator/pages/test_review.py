"""The review page."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from tests.acts import (
    SLUG,
    add_document,
    page,
    submit_as,
)


def test_article_text_is_never_markup(corpus: Any, bob: Any, as_user: Any, tmp_path: Any) -> None:
    evil = "<script>alert(1)</script> </script><img src=x onerror=alert(2)>\n\nBody."
    add_document(corpus, tmp_path, "evil", evil)
    client = as_user(bob)
    for name in ("review", "documents"):
        arguments = {**SLUG, **({"external_id": "evil"} if name == "review" else {})}
        html = client.get(reverse(name, kwargs=arguments)).content.decode()
        assert "<script>alert" not in html and "<img src=x" not in html


def test_a_submitted_review_is_read_only_and_can_be_reopened(
    document: Any, bob: Any, as_user: Any
) -> None:
    client = as_user(bob)
    assert "Submitted: read only." not in page(client, "review", external_id="sea-wall")
    submit_as(document, bob)
    html = page(client, "review", external_id="sea-wall")
    assert "Submitted: read only." in html and 'id="reopen"' in html
