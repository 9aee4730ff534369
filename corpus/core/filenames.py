"""Document ids as file names, and back."""

from __future__ import annotations

import hashlib
from urllib.parse import quote, unquote

SAFE = "-_. !#$&'()+,;=@[]{}^`~"


def file_name(ident: str) -> str:
    """Return a document id as a file name without ending: what no name may hold is percent-encoded.

    Letters and digits of any script stay. An id whose name would have more than 200 bytes becomes a
    digest.
    """
    name = "".join(c if c.isalnum() or c in SAFE else quote(c, safe="") for c in ident)
    if name.startswith("."):
        name = "%2E" + name[1:]
    if len(name.encode()) > 200:
        return f"sha256-{hashlib.sha256(ident.encode()).hexdigest()[:32]}"
    return name


def ident_of(name: str) -> str:
    """Return the document id of a file name without ending.

    A name that `file_name` never gives is the id itself.
    """
    ident = unquote(name)
    return ident if file_name(ident) == name else name
