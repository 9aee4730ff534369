"""User names that nobody may have."""

from __future__ import annotations

import unicodedata

# What `export --layer` and the API call the layers that are nobody's.
RESERVED = frozenset({"gold", "suggestions"})


def is_reserved(name: str) -> bool:
    """Tell whether a user name, however it is written, is what a layer is called."""
    return unicodedata.normalize("NFKC", name).strip().casefold() in RESERVED
