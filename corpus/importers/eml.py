"""E-mails: the text that was written, without headers and attachments."""

from __future__ import annotations

import email
import re
from collections import Counter
from collections.abc import Iterator
from email import policy
from email.message import EmailMessage, MIMEPart
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

from corpus.core.encodings import decoded
from corpus.core.problems import Problem
from corpus.importers import Article
from corpus.importers.document import article, check_size
from corpus.importers.html import running_text
from corpus.importers.notes import STUMBLES
from corpus.importers.reading import Reading

MAX_BYTES = 50_000_000
MAX_HEADERS = 100_000
# Python takes ever longer for each sign of a header that is read, so each has a limit.
MAX_HEADER = 10_000
END_OF_HEADERS = re.compile(rb"\r?\n\r?\n")


class Bounded(policy.EmailPolicy):
    """Reads no header that is long, of a message or of its parts."""

    def header_fetch_parse(self, name: str, value: str) -> Any:
        """Return the header as Python reads it; raise `Problem` for a long one."""
        if len(value) > MAX_HEADER:
            raise Problem("part-too-large", what=f"a header ({name})", limit=f"{MAX_HEADER} signs")
        return super().header_fetch_parse(name, value)


def read(path: Path, reading: Reading) -> Iterator[Article | Problem]:
    """Yield the one article of an e-mail."""
    try:
        check_size(path, MAX_BYTES)
        try:
            yield _article(path, reading.encoding)
        except STUMBLES as error:
            reason = f"it is no e-mail that can be read ({error}). Save its text as .txt"
            raise Problem("file-unreadable", reason=reason) from None
    except Problem as problem:
        yield problem.at(str(path))


def _article(path: Path, encoding: str) -> Article:
    raw = path.read_bytes()
    end = END_OF_HEADERS.search(raw)
    size = end.start() if end else len(raw)
    if size > MAX_HEADERS:
        raise Problem("part-too-large", what="headers", limit=f"{MAX_HEADERS} bytes")
    message = email.message_from_bytes(raw, policy=Bounded())
    if not isinstance(message, EmailMessage) or not message.keys():
        reason = "it has no headers, so it is no e-mail. Save it as .txt"
        raise Problem("file-unreadable", reason=reason)
    body = message.get_body(preferencelist=("plain", "html"))
    if body is None:
        raise Problem("text-empty")
    text, notes = _text(body, encoding)
    notes["attachments left out"] = sum(1 for _ in message.iter_attachments())
    meta = {
        "title": str(message["Subject"] or ""),
        "author": str(message["From"] or ""),
        "published": _day(message),
    }
    return article(path, [text], meta, notes)


def _text(body: MIMEPart, encoding: str) -> tuple[str, Counter[str]]:
    """Return the words of the part that holds them."""
    payload = body.get_payload(decode=True)
    raw = payload if isinstance(payload, bytes) else b""
    charset = body.get_content_charset("")
    found = decoded(raw, said=encoding, told=charset)
    # What a message says itself is no guess.
    notes = Counter({} if charset else found.notes)
    if body.get_content_type() == "text/html":
        return running_text(found.text)[0].text, notes
    text = found.text.replace("\r\n", "\n")
    if str(body.get_param("format", "")).lower() == "flowed":
        text = _unfolded(text)
    return text, notes


def _unfolded(text: str) -> str:
    """Return a text whose lines go on where they end with a space (RFC 3676)."""
    lines = []
    for line in text.split("\n"):
        plain = line.removeprefix(" ")
        flows = plain.endswith(" ") and plain != "-- "
        lines.append(plain if flows else f"{plain}\n")
    return "".join(lines)


def _day(message: EmailMessage) -> str:
    try:
        return parsedate_to_datetime(str(message["Date"] or "")).date().isoformat()
    except STUMBLES:
        return ""
