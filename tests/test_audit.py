"""The audit of what is locked, against a registry of our own."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from tools import audit

PAGES: dict[str, Any] = {
    "/holed/": {
        "files": [
            {"filename": "holed-1.2.0-py3-none-any.whl", "yanked": "a hole, take 1.2.1"},
            {"filename": "holed-1.2.0.tar.gz", "yanked": "a hole, take 1.2.1"},
            {"filename": "holed-1.2.1.tar.gz", "yanked": False},
        ],
        "versions": ["1.2.0", "1.2.1"],
    },
    "/two-words/": {
        "files": [{"filename": "Two_Words-5.2.9-py3-none-any.whl", "yanked": False}],
        "versions": ["5.2.9", "5.2.10", "5.2.11rc1", "5.3.0", "6.0"],
    },
    "/well/": {"files": [{"filename": "well-2.0.tar.gz", "yanked": False}], "versions": ["2.0"]},
}


class Registry(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        page = PAGES.get(self.path)
        self.send_response(200 if page else 404)
        self.end_headers()
        self.wfile.write(json.dumps(page).encode())

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def registry() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Registry)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_pins_are_read_with_their_markers_and_hashes_left_out() -> None:
    text = 'rq==3.0.0 \\\n    --hash=sha256:ab\ncffi==2.1.1 ; platform == "x" \\\n# via rq==1\n'
    assert audit.locked(text) == [("cffi", "2.1.1"), ("rq", "3.0.0")]


@pytest.mark.parametrize(
    ("pin", "said", "fails"),
    [
        (("holed", "1.2.0"), "was withdrawn: a hole, take 1.2.1", True),
        (("two-words", "5.2.9"), "5.2.10 is there", False),
        (("nowhere", "1.0"), "the registry answered 404", False),
    ],
)
def test_a_withdrawn_release_fails_and_a_newer_one_is_told(
    registry: str, pin: tuple[str, str], said: str, fails: bool
) -> None:
    found = audit.look_up(registry, *pin)
    assert found and (found.said, found.fails) == (said, fails)


def test_nothing_is_said_of_a_release_that_is_well(registry: str) -> None:
    assert audit.look_up(registry, "well", "2.0") is None
    assert audit.licence("Django", "") is None


def test_a_registry_that_does_not_answer_is_told_and_fails_nothing() -> None:
    found = audit.look_up("http://127.0.0.1:9", "well", "2.0")
    assert found and found.said.startswith("the registry told nothing") and not found.fails
