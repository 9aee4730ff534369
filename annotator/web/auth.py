"""Who asks: the session and its person, read for every request and therefore by statements that are
compiled once.
"""

from __future__ import annotations

from typing import Any

from django.contrib.auth import backends, get_user_model
from django.contrib.sessions.backends import db
from django.contrib.sessions.models import Session
from django.utils import timezone

from corpus.db.prepared import Prepared

SESSION = Prepared(lambda key: Session.objects.filter(session_key=key), str)
PERSON = Prepared(lambda pk: get_user_model()._default_manager.filter(pk=pk), int)


class SessionStore(db.SessionStore):
    """Sessions in the database, as Django keeps them."""

    def _get_session_from_db(self) -> Session | None:
        """Return the row of the session, or None when it is over; then nothing else is kept under
        its key.
        """
        found: Session | None = SESSION.first(self.session_key)
        if found is None or found.expire_date <= timezone.now():
            self._session_key = None
            return None
        return found


class ModelBackend(backends.ModelBackend):
    """People with a password, as Django keeps them."""

    def get_user(self, user_id: Any) -> Any:
        """Return the person, or None when they may not sign in."""
        person = PERSON.first(user_id)
        return person if person is not None and self.user_can_authenticate(person) else None
