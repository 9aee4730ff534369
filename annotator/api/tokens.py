"""Tokens on the way in: who a script is. Imported by REST framework's settings, so that no view may
stand here.
"""

from __future__ import annotations

from typing import Any

from rest_framework.authentication import TokenAuthentication
from rest_framework.exceptions import AuthenticationFailed

from annotator.services import accounts


class HashedTokenAuthentication(TokenAuthentication):
    """`Authorization: Token …`, held against the digests that are kept."""

    def authenticate_credentials(self, key: str) -> tuple[Any, Any]:
        """Return the person and the token."""
        token = accounts.owner_of(key)
        if token is None:
            raise AuthenticationFailed(
                "This token does not hold: it ended or has expired. Make a new one."
            )
        return token.user, token
