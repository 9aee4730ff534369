"""What pages and the API read out of a request: who sends it, keys and moments."""

from __future__ import annotations

from datetime import UTC, datetime

from django.contrib.auth.models import User
from django.http import HttpRequest
from django.utils.dateparse import parse_datetime
from django_htmx.middleware import HtmxDetails


class UserRequest(HttpRequest):
    """A request of somebody who is signed in; LoginRequiredMiddleware lets no other to a page."""

    user: User
    htmx: HtmxDetails


def wants_json(request: HttpRequest) -> bool:
    """Tell whether a script of ours asks for what a page would show, to show it without a load."""
    return request.headers.get("Accept") == "application/json"


def whole_number(text: str) -> int:
    """Read a key out of an address; what is none begins at the beginning."""
    # No key has more digits, and no database compares with a longer one.
    return int(text) if text.isdecimal() and len(text) < 19 else 0


def moment(text: str) -> datetime | None:
    """Read a moment with its time zone out of an address; None begins at the beginning."""
    try:
        found = parse_datetime(text)
        return found.astimezone(UTC) if found is not None and found.tzinfo else None
    except (ValueError, OverflowError):
        return None
