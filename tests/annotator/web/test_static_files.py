"""Static files: hashed names that are kept for good, and compressed copies."""

from __future__ import annotations

import gzip
import re
from typing import Any

import pytest
from django.templatetags.static import static
from django.test import Client

# The end of a request looks after its database connection.
pytestmark = pytest.mark.django_db

KEPT = "max-age=315360000, public, immutable"
TEXTS = [
    "annotator/saidby.css",
    "annotator/review.css",
    "annotator/review.bundle.js",
    "annotator/pages/schema.js",
    "admin/css/base.css",
]


def asked(address: str, accept: str = "") -> tuple[Any, bytes]:
    """Return an answer and what it sent."""
    answer: Any = Client().get(address, headers={"Accept-Encoding": accept})
    sent = b"".join(answer.streaming_content)
    answer.close()
    return answer, sent


@pytest.mark.parametrize("name", TEXTS)
def test_a_file_is_served_compressed_under_a_name_that_browsers_keep(name: str) -> None:
    stem, ending = name.rsplit(".", 1)
    address = static(name)
    assert re.fullmatch(rf"/static/{re.escape(stem)}\.[0-9a-f]{{12}}\.{ending}", address)
    plain, content = asked(address)
    assert (plain.status_code, plain["Cache-Control"]) == (200, KEPT)
    assert "Content-Encoding" not in plain
    packed, sent = asked(address, "gzip, br")
    assert (packed["Content-Encoding"], packed["Vary"]) == ("gzip", "Accept-Encoding")
    assert gzip.decompress(sent) == content
    assert len(sent) < len(content) / 2


def test_a_plain_name_is_asked_for_again_after_a_minute() -> None:
    answer, _ = asked("/static/annotator/review.css", "gzip")
    assert answer["Cache-Control"] == "max-age=60, public"
    assert answer["Content-Encoding"] == "gzip"


def test_the_hash_of_another_version_gets_this_one_and_is_not_kept() -> None:
    answer, sent = asked("/static/annotator/review.0123456789ab.css")
    assert (answer.status_code, answer["Cache-Control"]) == (200, "max-age=60, public")
    assert sent == asked(static("annotator/review.css"))[1]
    assert Client().get("/static/annotator/nothing.0123456789ab.css").status_code == 404


def test_a_file_that_is_not_there_keeps_its_plain_name() -> None:
    assert static("annotator/nothing.css") == "/static/annotator/nothing.css"


def test_while_one_develops_names_are_plain(settings: Any) -> None:
    settings.DEBUG = True
    assert static("annotator/review.css") == "/static/annotator/review.css"


def test_pages_name_their_files_by_hash() -> None:
    html = Client().get("/login/").content.decode()
    named = re.findall(r'(?:href|src)="(/static/[^"]+)"', html)
    assert named and all(re.search(r"\.[0-9a-f]{12}\.\w+$", address) for address in named)
