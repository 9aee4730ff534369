"""The one small registry that every seam uses."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any

from .problems import Problem


class Plugins:
    """A table of name → "module:attribute", imported on first use.

    Nothing is imported before `get`, so that a web process starts without spaCy.
    """

    def __init__(self, kind: str, table: dict[str, str]) -> None:
        self.kind = kind
        self._table: dict[str, Any] = dict(table)

    def names(self) -> list[str]:
        """Return the known names in order of registration."""
        return list(self._table)

    def check(self, name: str) -> None:
        """Raise `Problem`, naming the known ones, unless there is a plug-in of this name.

        Nothing is imported.
        """
        if name not in self._table:
            raise Problem("plugin-unknown", kind=self.kind, name=name, known=", ".join(self._table))

    def get(self, name: str) -> Any:
        """Return the plug-in called `name`; an unknown name answers with the known ones."""
        self.check(name)
        plugin = self._table[name]
        if isinstance(plugin, str):
            module, _, attribute = plugin.partition(":")
            plugin = getattr(import_module(module), attribute)
        return plugin

    @contextmanager
    def added(self, name: str, thing: Any) -> Iterator[None]:
        """Add a plug-in for the length of a `with` block."""
        before = self._table.copy()
        self._table[name] = thing
        try:
            yield
        finally:
            self._table = before
