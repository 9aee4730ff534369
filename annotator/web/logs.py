"""What every line of the log gets, the id of the request, and loses, what is a secret."""

from __future__ import annotations

import logging
import re
from contextvars import ContextVar

request_id: ContextVar[str] = ContextVar("request_id", default="-")
SECRET = re.compile(r"(/invitations/)[^/\s]+")
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


def loggable(path: str) -> str:
    """Return a path as it may stand in one line of the log, without what opens an invitation."""
    return CONTROL.sub(lambda match: match[0].encode("unicode_escape").decode(), masked(path))


def masked(text: str) -> str:
    """Return a text without what opens an invitation."""
    return SECRET.sub(r"\1…", text)


class WithRequestId(logging.Filter):
    """Put the id of the request that is being answered on every record."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Add the id; drop nothing."""
        record.request_id = request_id.get()
        return True


class WithoutSecrets(logging.Filter):
    """Take out what opens an invitation, whoever logs it."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Mask the message, and the request that Django's own lines bring along; drop nothing."""
        record.msg, record.args = masked(record.getMessage()), None
        if hasattr(record, "request"):
            record.request = masked(str(record.request))
        return True
