"""Requests in another charset than UTF-8 are refused.

A content type names any codec of Python's, also those that unpack or compute, and Django reads the
address by it before its first middleware: what cannot be read so would be nobody's to answer.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.utils.http import parse_header_parameters

# Where the environment of a request tells that its content type was refused.
REFUSED = "saidby.charset-refused"
CHARSETS = ("utf-8", "utf8", "us-ascii", "ascii")


class Utf8Only:
    """A WSGI application that marks requests in other charsets, and takes theirs away."""

    def __init__(self, application: Any) -> None:
        self.application = application

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Answer as the application does."""
        if not _is_utf_8(environ.get("CONTENT_TYPE", "")):
            environ["CONTENT_TYPE"] = ""
            environ[REFUSED] = True
        answer: Iterable[bytes] = self.application(environ, start_response)
        return answer


def _is_utf_8(content_type: str) -> bool:
    try:
        _, parameters = parse_header_parameters(content_type)
    except ValueError:
        # Longer than any is.
        return False
    return parameters.get("charset", "utf-8").lower() in CHARSETS
