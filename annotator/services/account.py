"""What people do with their own account."""

from __future__ import annotations

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from rest_framework.authtoken.models import Token


def renew_token(user: AbstractBaseUser) -> str:
    """Make a new API token for a person and return it; an earlier one ends."""
    with transaction.atomic():
        Token.objects.filter(user_id=user.pk).delete()
        return str(Token.objects.create(user_id=user.pk).key)


def drop_token(user: AbstractBaseUser) -> None:
    """End a person's API token."""
    Token.objects.filter(user_id=user.pk).delete()


def has_token(user: AbstractBaseUser) -> bool:
    """Tell whether a person has an API token."""
    return bool(Token.objects.filter(user_id=user.pk).exists())
