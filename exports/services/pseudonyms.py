"""What stands for people in files: a name that is the same in all releases of a corpus.

It is keyed by a secret of the corpus, without which nobody can work out from a list of accounts who
is meant, or that somebody worked on two corpora. The secret stands in the database, as the key of
the site may be changed, and a release must be rebuilt byte for byte after that too.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from typing import Any

from django.contrib.auth import get_user_model

from corpus.models import Corpus
from exports.models import PseudonymKey

DIGITS = 12


class Pseudonyms:
    """The pseudonyms of one corpus."""

    def __init__(self, corpus: Corpus) -> None:
        row, _ = PseudonymKey.objects.get_or_create(
            corpus=corpus, defaults={"secret": secrets.token_hex(32)}
        )
        self._key = bytes.fromhex(row.secret)

    def of(self, user: int) -> str:
        """Return what stands for the account with this key."""
        digest = hmac.new(self._key, str(user).encode(), hashlib.sha256).hexdigest()
        return f"person-{digest[:DIGITS]}"

    def decider(self, user: int | None, policy: str) -> str:
        """Return what stands for a person or a policy that decided something."""
        return f"policy {policy}" if user is None else self.of(user)


def with_names(corpus: Corpus, sheet: dict[str, Any]) -> dict[str, Any]:
    """Return a data sheet with the names of people, for those who may know them.

    A data sheet from before there were pseudonyms has the names already.
    """
    pseudonyms = Pseudonyms(corpus)
    people = get_user_model().objects.values_list("pk", "username")
    names = {pseudonyms.of(pk): name for pk, name in people.iterator()}

    def named(counts: dict[str, Any]) -> dict[str, Any]:
        return {_named(who, names): count for who, count in counts.items()}

    changes = sheet["changes"]
    if changes:
        changes = {**changes, "by": named(changes["by"])}
    return {
        **sheet,
        "reviewers": named(sheet["reviewers"]),
        "decided": named(sheet["decided"]),
        "changes": changes,
    }


def _named(who: str, names: dict[str, str]) -> str:
    """Return a name, with the reason that may follow it."""
    pseudonym, colon, reason = who.partition(":")
    return names.get(pseudonym, pseudonym) + colon + reason
