"""Content types that name another charset than UTF-8."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import RequestFactory

from annotator.wsgi import application

KINDS = ("application/x-www-form-urlencoded", "application/json", "multipart/form-data")


def answer_to(path: str, content_type: str) -> tuple[str, bytes]:
    """Return status and body of what the site as it is served answers."""
    factory: Any = RequestFactory()
    environ = factory._base_environ(
        PATH_INFO=path,
        QUERY_STRING="next=/corpora/",
        REQUEST_METHOD="POST",
        CONTENT_TYPE=content_type,
        CONTENT_LENGTH="0",
        HTTP_HOST="127.0.0.1",
    )
    said: list[str] = []
    body = b"".join(application(environ, lambda status, *_: said.append(status)))  # type: ignore
    return said[0], body


@pytest.mark.parametrize("path", ["/login/", "/api/login/", "/admin/"])
@pytest.mark.parametrize("charset", ["zlib", "punycode", "no-such-charset", "utf-16", "x" * 20_000])
def test_another_charset_is_refused(path: str, charset: str, db: None) -> None:
    for kind in KINDS:
        status, body = answer_to(path, f"{kind}; charset={charset}")
        assert status == "400 Bad Request", kind
        assert b"charset must be UTF-8" in body


def test_utf_8_is_read_however_it_is_written(db: None) -> None:
    for charset in ("UTF-8", '"utf-8"', "utf8"):
        status, _ = answer_to("/login/", f"application/x-www-form-urlencoded; charset={charset}")
        assert status == "403 Forbidden"  # a form without its token
