"""The id of the request that is being answered, on every line that is logged meanwhile."""

from __future__ import annotations

import logging
from contextvars import ContextVar

request_id: ContextVar[str] = ContextVar("request_id", default="-")


class WithRequestId(logging.Filter):
    """Put the id of the request that is being answered on every record."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Add the id; drop nothing."""
        record.request_id = request_id.get()
        return True
