"""The list of documents."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from tests.acts import (
    DOC,
    SLUG,
    page,
    shorter,
    submit_as,
)


def test_htmx_gets_the_part_that_changes(document: Any, bob: Any, as_user: Any) -> None:
    url, client = reverse("documents", kwargs=SLUG), as_user(bob)
    whole = client.get(url)
    part = client.get(url, headers={"HX-Request": "true"})
    rows = client.get(url, {"part": "rows"}, headers={"HX-Request": "true"})
    assert b"<html" in whole.content and b"<html" not in part.content
    assert (
        part.content.startswith(b'<div id="found"')
        and b"<tr" in rows.content
        and b"<table" not in rows.content
    )
    assert "HX-Request" in whole.headers["Vary"]
    back = client.get(url, headers={"HX-Request": "true", "HX-History-Restore-Request": "true"})
    assert b"<html" in back.content


def test_the_state_of_a_document_and_what_to_do_with_it_depend_on_who_asks(
    document: Any, alice: Any, bob: Any, carol: Any, as_user: Any
) -> None:
    assert "Review<" in page(as_user(bob), "documents")
    submit_as(document, bob)
    html = page(as_user(bob), "documents")
    assert "See your review" in html and "Waiting for reviews" in html
    assert "1 of 2 in" in page(as_user(alice), "documents") and "1 of 2 in" not in html
    submit_as(document, carol, change=shorter)
    assert "2 open" in page(as_user(alice), "documents")
    assert reverse("adjudicate", kwargs=DOC) in page(as_user(alice), "documents")
    assert reverse("adjudicate", kwargs=DOC) not in page(as_user(bob), "documents")
