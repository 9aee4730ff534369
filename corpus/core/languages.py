"""The languages that spaCy can tokenize."""

from __future__ import annotations

from functools import cache
from importlib.util import find_spec
from pathlib import Path

from corpus.core.problems import Problem


@cache
def languages() -> tuple[str, ...]:
    """Return the codes of the languages that spaCy knows, without loading it."""
    spec = find_spec("spacy")
    folders = spec.submodule_search_locations if spec else None
    if not folders:
        return ()
    found = Path(next(iter(folders)), "lang").iterdir()
    return tuple(sorted(path.name for path in found if (path / "__init__.py").is_file()))


def check_language(code: str) -> str:
    """Return a language's code, or raise `Problem` when spaCy does not know it."""
    if code not in languages():
        known = ", ".join(languages())
        reason = f"spaCy knows no language {code!r}. It knows {known}"
        raise Problem("request-invalid", reason=reason)
    return code
