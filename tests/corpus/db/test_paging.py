"""Pages hold every row once, and the last of them says so."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from corpus.db.paging import keyset_page
from corpus.models import Corpus

pytestmark = pytest.mark.django_db


@pytest.fixture
def corpora() -> list[Corpus]:
    return [Corpus.objects.create(slug=f"c{n}", name=f"Corpus {n}") for n in range(5)]


def test_no_rows_make_an_empty_last_page() -> None:
    assert keyset_page(Corpus.objects.order_by("pk"), 3) == ([], 0)


@pytest.mark.parametrize(("size", "more"), [(4, True), (5, False), (6, False)])
def test_a_page_names_a_key_only_when_rows_follow(
    corpora: list[Corpus], size: int, more: bool
) -> None:
    page, following = keyset_page(Corpus.objects.order_by("pk"), size)
    assert page == corpora[:size]
    assert following == (page[-1].pk if more else 0)


def test_pages_together_hold_every_row_once(corpora: list[Corpus]) -> None:
    pages = []
    after = 0
    while not pages or after:
        page, after = keyset_page(Corpus.objects.filter(pk__gt=after).order_by("pk"), 2)
        pages.append(page)
    assert pages == [corpora[:2], corpora[2:4], corpora[4:]]


def test_a_page_goes_on_from_the_key_that_it_is_ordered_by(corpora: list[Corpus]) -> None:
    first = datetime(2024, 5, 1, tzinfo=UTC)
    for n, corpus in enumerate(corpora):
        Corpus.objects.filter(pk=corpus.pk).update(deleted_at=first + timedelta(days=n))
    newest = Corpus.objects.order_by("-deleted_at")
    page, following = keyset_page(newest, 2, key=lambda row: row.deleted_at, end=None)
    assert page == [corpora[4], corpora[3]]
    assert following == first + timedelta(days=3)
    rest, following = keyset_page(
        newest.filter(deleted_at__lt=following), 3, key=lambda row: row.deleted_at, end=None
    )
    assert (rest, following) == (corpora[2::-1], None)


def test_one_query_reads_a_page(corpora: list[Corpus], django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(1):
        keyset_page(Corpus.objects.order_by("pk"), 2)
