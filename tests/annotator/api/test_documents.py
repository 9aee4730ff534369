"""The documents of a corpus over the API, narrowed and a page at a time."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from annotator.services import imports, review
from corpus import selectors as corpus_selectors
from corpus.models import Corpus, Document
from tests.acts import (
    SLUG,
    TEXT,
    fill,
)


def ids(client: Client, **asked: Any) -> tuple[list[str], int | None]:
    answer = client.get(reverse("api-documents", kwargs=SLUG), asked).json()
    return [d["id"] for d in answer["documents"]], answer["next"]


def test_pages_of_documents_follow_one_another_without_a_gap(
    corpus: Corpus, bob: Any, as_user: Any, tmp_path: Path
) -> None:
    fill(corpus, tmp_path, 120)
    client, seen, after = as_user(bob), [], 0
    while after is not None:
        page, after = ids(client, after=after)
        seen += page
    assert seen == [f"d{n:03}" for n in range(120)]


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"query": "news 7"}, ["d007"]),
        ({"query": "D011"}, ["d011"]),
        ({"query": "harbour 3 news"}, ["d003"]),
        ({"query": "nowhere"}, []),
        ({"outlet": "post 0"}, ["d000", "d003", "d006", "d009"]),
        ({"since": "2026-01-11"}, ["d010", "d011"]),
        ({"until": "2026-01-02"}, ["d000", "d001"]),
        ({"since": "2026-01-03", "until": "2026-01-03"}, ["d002"]),
        ({"outlet": "Post 1", "since": "2026-01-08"}, ["d007", "d010"]),
        ({"state": "ready"}, []),
        ({"mine": "taken"}, ["d004"]),
        (
            {"state": "waiting", "mine": "none", "query": "d00", "outlet": "Post 1"},
            ["d001", "d007"],
        ),
    ],
)
def test_documents_are_narrowed_by_every_filter(
    corpus: Corpus,
    bob: Any,
    as_user: Any,
    tmp_path: Path,
    asked: dict[str, str],
    expected: list[str],
) -> None:
    fill(corpus, tmp_path, 12)
    review.open_layer(Document.objects.select_related("corpus").get(external_id="d004"), by=bob)
    if "query" in asked and asked["query"] == "news 7":
        assert ids(as_user(bob), **asked)[0] == expected
    else:
        assert ids(as_user(bob), **asked) == (expected, None)


def test_a_filter_looks_at_a_part_and_goes_on_from_there(
    corpus: Corpus, bob: Any, as_user: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(corpus, tmp_path, 30)
    monkeypatch.setattr(corpus_selectors, "SCANNED", 10)
    client, seen, after, requests = as_user(bob), [], 0, 0
    while after is not None:
        page, after = ids(client, query="news 2", after=after)
        seen += page
        requests += 1
    assert seen == ["d002", "d012", *(f"d{n:03}" for n in range(20, 30))]
    assert requests == 3


@pytest.mark.parametrize("asked", [{"state": "lost"}, {"since": "yesterday"}, {"query": "x" * 201}])
def test_a_filter_that_cannot_be_is_refused(
    corpus: Corpus, bob: Any, as_user: Any, asked: dict[str, str]
) -> None:
    answer = as_user(bob).get(reverse("api-documents", kwargs=SLUG), asked)
    assert (answer.status_code, answer.json()["code"]) == (400, "request-invalid")
    assert as_user(bob).get(reverse("documents", kwargs=SLUG), asked).status_code == 200


@pytest.mark.parametrize("after", ["", "x", "-1", "²", "9" * 40])
def test_a_place_that_is_none_begins_at_the_beginning(
    document: Any, bob: Any, as_user: Any, after: str
) -> None:
    assert ids(as_user(bob), after=after) == (["sea-wall"], None)
    assert as_user(bob).get(reverse("documents", kwargs=SLUG), {"after": after}).status_code == 200


def test_a_document_is_read_with_its_text_and_state(
    corpus: Corpus, bob: Any, as_user: Any, tmp_path: Path
) -> None:
    fill(corpus, tmp_path, 1, url="https://example.org/1", desk="city", targets=["the wall"])
    url = reverse("api-document", kwargs={**SLUG, "external_id": "d000"})
    client = as_user(bob)
    read = client.get(url).json()
    assert (read["text"], read["title"]) == (f"{TEXT}0", "Harbour news 0")
    assert read["length"] == len(read["text"])
    assert read["sha256"] == hashlib.sha256(read["text"].encode()).hexdigest()
    assert (read["meta"], read["targets"]) == ({"desk": "city"}, ["the wall"])
    assert (read["outlet"], read["published"]) == ("Post 0", "2026-01-01")
    assert (read["state"], read["mine"]) == ("waiting", None)
    client.get(reverse("api-workspace", kwargs={**SLUG, "external_id": "d000"}))
    assert client.get(url).json()["mine"] == "taken"


def test_a_document_whose_id_holds_a_slash_is_read(
    corpus: Corpus, bob: Any, as_user: Any, tmp_path: Path
) -> None:
    path = tmp_path / "one.jsonl"
    path.write_text(json.dumps({"id": "2026/01/gold", "text": TEXT}) + "\n", encoding="utf-8")
    assert imports.import_documents(corpus, [path]).imported == 1
    client = as_user(bob)
    for address in ("2026/01/gold", "2026%2F01%2Fgold"):
        read = client.get(f"/api/corpora/harbour/documents/{address}/text/")
        assert read.json()["id"] == "2026/01/gold"
