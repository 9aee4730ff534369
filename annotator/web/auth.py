"""Who asks: sessions, people, the tokens of scripts, and who is locked out after wrong passwords.

A session and its person are read for every request, and therefore by statements that are compiled
once.
"""

from __future__ import annotations

import ipaddress
from typing import Any

from axes.attempts import get_cool_off_threshold
from axes.handlers.database import AxesDatabaseHandler
from axes.models import AccessAttempt
from django.conf import settings
from django.contrib.auth import backends, get_user_model
from django.contrib.sessions.backends import db
from django.contrib.sessions.models import Session
from django.db.models import Sum
from django.http import HttpRequest
from django.utils import timezone
from rest_framework.authentication import TokenAuthentication
from rest_framework.exceptions import AuthenticationFailed

from annotator.services import accounts
from corpus.db.prepared import Prepared

SESSION = Prepared(lambda key: Session.objects.filter(session_key=key), str)
PERSON = Prepared(lambda pk: get_user_model()._default_manager.filter(pk=pk), int)


class SessionStore(db.SessionStore):
    """Sessions in the database, as Django keeps them."""

    def _get_session_from_db(self) -> Session | None:
        """Return the row of the session, or None when it is over.

        Then nothing else is kept under its key.
        """
        session: Session | None = SESSION.first(self.session_key)
        if session is None or session.expire_date <= timezone.now():
            self._session_key = None
            return None
        return session


class ModelBackend(backends.ModelBackend):
    """People with a password, as Django keeps them."""

    def authenticate(
        self,
        request: HttpRequest | None,
        username: str | None = None,
        password: str | None = None,
        **more: Any,
    ) -> Any:
        """Return the person whose password it is."""
        rows = get_user_model()._default_manager.filter(username=username)
        kept_before = rows.values_list("password", flat=True).first()
        person = super().authenticate(request, username=username, password=password, **more)
        if person is not None and kept_before and person.password != kept_before:
            accounts.carry_tokens(person, kept_before=kept_before)
        return person

    def get_user(self, user_id: Any) -> Any:
        """Return the person, or None when they may not sign in."""
        person = PERSON.first(user_id)
        return person if person is not None and self.user_can_authenticate(person) else None


class HashedTokenAuthentication(TokenAuthentication):
    """`Authorization: Token …`, held against the digests that are kept.

    REST framework's settings import it while `rest_framework.views` is loaded, so that no view may
    stand in this module.
    """

    def authenticate_credentials(self, key: str) -> tuple[Any, Any]:
        """Return the person and the token."""
        token = accounts.owner_of(key)
        if token is None:
            raise AuthenticationFailed(
                "This token does not hold: it ended or has expired. Make a new one."
            )
        return token.user, token


def client_address(request: HttpRequest) -> str | None:
    """Return whom wrong passwords are counted for.

    That is the connection's other end, or what the outermost of the proxies in front saw.
    """
    hops = request.headers.get("X-Forwarded-For", "").split(",")
    try:
        if settings.PROXIES:
            return str(ipaddress.ip_address(hops[-settings.PROXIES :][0].strip()))
    except ValueError:
        pass  # asked from the same machine, past the proxy
    return request.META.get("REMOTE_ADDR") or None


class AxesRequest(HttpRequest):
    """A request as Axes hands it to its handler."""

    axes_ip_address: str | None


class Lockouts(AxesDatabaseHandler):  # type: ignore[misc]  # Axes has no types
    """Axes with a second, higher limit: for all names that are tried from one address."""

    def get_failures(self, request: AxesRequest, credentials: dict[str, Any] | None = None) -> int:
        """Return the failures with this name from this address.

        Those with other names count for a part of one.
        """
        own: int = super().get_failures(request, credentials)
        attempts = AccessAttempt.objects.filter(
            ip_address=request.axes_ip_address, attempt_time__gte=get_cool_off_threshold(request)
        )
        everybody = attempts.aggregate(sum=Sum("failures_since_start"))["sum"] or 0
        return max(own, everybody * settings.AXES_FAILURE_LIMIT // settings.FAILURES_AN_ADDRESS)
