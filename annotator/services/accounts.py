"""Accounts that commands make, and the tokens that people's scripts send."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta

from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractBaseUser, User
from django.utils import timezone

from corpus.core.problems import Problem
from corpus.core.user_names import is_reserved
from corpus.models import Token

# How long a token may last, and how many a person has at most.
DAYS = (7, 30, 90, 365)
MOST = 20
HINT = 6
BY_SCRIPT = "made by a script"
SCRIPTS = 5


def account(
    username: str, *, password: str | None = None, admin: bool = False
) -> tuple[User, bool]:
    """Return the account of a user name, and whether it was made now.

    One that is there stays as it is. Without a password nobody can sign in with a new one. Raises
    `Problem` for a name that a layer has.
    """
    if is_reserved(username):
        reason = f"{username!r} is what a layer is called; choose another user name"
        raise Problem("request-invalid", reason=reason)
    user, made = get_user_model().objects.get_or_create(
        username=username, defaults={"is_staff": admin, "is_superuser": admin}
    )
    if made:
        user.set_password(password)
        user.save(update_fields=["password"])
    return user, made


def make_token(user: AbstractBaseUser, *, name: str, days: int = 90) -> str:
    """Return a new API token of a person, which is kept nowhere and cannot be told again.

    Tokens that hold no more go. Raises `Problem` without a name, for another time than `DAYS`, and
    beyond `MOST`.
    """
    name = " ".join(name.split())
    if not 0 < len(name) <= 100:
        raise Problem("request-invalid", reason="give the token a name of up to 100 characters")
    if days not in DAYS:
        raise Problem("request-invalid", reason=f"a token lasts {', '.join(map(str, DAYS))} days")
    own = Token.objects.filter(user_id=user.pk)
    own.exclude(expires_at__gt=timezone.now(), password_digest=digest(user.password)).delete()
    if own.count() >= MOST:
        raise Problem("request-invalid", reason=f"you have {MOST} tokens; end one first")
    secret = secrets.token_urlsafe(30)
    Token.objects.create(
        user_id=user.pk,
        name=name,
        digest=digest(secret),
        hint=secret[:HINT],
        password_digest=digest(user.password),
        expires_at=timezone.now() + timedelta(days=days),
    )
    return secret


def script_token(user: AbstractBaseUser) -> str:
    """Return a new token for a script that signed in with the password.

    Of such tokens the newest few hold.
    """
    own = Token.objects.filter(user_id=user.pk, name=BY_SCRIPT)
    newest = list(own.order_by("-pk").values_list("pk", flat=True)[: SCRIPTS - 1])
    own.exclude(pk__in=newest).delete()
    return make_token(user, name=BY_SCRIPT, days=DAYS[0])


def end_token(user: AbstractBaseUser, pk: int) -> None:
    """End one of a person's tokens; ending it twice is once."""
    Token.objects.filter(user_id=user.pk, pk=pk).delete()


def end_tokens(user: AbstractBaseUser) -> None:
    """End all tokens of a person."""
    Token.objects.filter(user_id=user.pk).delete()


def carry_tokens(user: AbstractBaseUser, *, kept_before: str) -> None:
    """Let tokens go on when the same password is kept in another way.

    Django does that at the next signing in after its way of keeping passwords has changed.
    """
    own = Token.objects.filter(user_id=user.pk, password_digest=digest(kept_before))
    own.update(password_digest=digest(user.password))


def tokens_of(user: AbstractBaseUser) -> list[Token]:
    """Return a person's tokens that still hold, newest first."""
    valid = Token.objects.filter(user_id=user.pk, expires_at__gt=timezone.now())
    return list(valid.filter(password_digest=digest(user.password)).order_by("-pk"))


def owner_of(secret: str) -> Token | None:
    """Return the token that a script sent, with its person, or None when it does not hold.

    The day of use is noted.
    """
    valid = Token.objects.filter(expires_at__gt=timezone.now(), user__is_active=True)
    token = valid.select_related("user").filter(digest=digest(secret)).first()
    if token is not None and token.password_digest != digest(token.user.password):
        return None
    today = timezone.now().date()
    if token is not None and token.used_on != today:
        Token.objects.filter(pk=token.pk).update(used_on=today)
    return token


def digest(secret: str) -> str:
    """Return what is kept of a token, or of what is kept of a password.

    Both are random and long, so a fast digest cannot be guessed back.
    """
    return hashlib.sha256(secret.encode()).hexdigest()
