"""One script for each page: the ES modules that a page uses, joined when static files are looked for.

The sources stay plain modules, which tests import one by one. A page would need a request for each of them, one after
another as the browser discovers the imports; joined they are one. Only the module syntax that the sources use is
understood, and anything else is refused, so that a bundle is never silently wrong.
"""

from __future__ import annotations

import functools
import gzip
import os
import posixpath
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import BaseFinder
from django.core.files.storage import FileSystemStorage

SOURCES = Path(__file__).parent / "static" / "annotator"
PAGES = {
    "annotator/review.bundle.js": "review/review.js",
    "annotator/adjudicate.bundle.js": "adjudicate/adjudicate.js",
}

IMPORT = re.compile(
    r"^import (?:\{(?P<names>[^}]*)\}|\* as (?P<whole>\w+))"
    r' from "(?P<path>(?:\./|(?:\.\./)+)(?:\w+/)*\w+\.js)";$',
    re.MULTILINE | re.ASCII,
)
EXPORT = re.compile(r"^export (?=(?:async )?function\*? (\w+)|class (\w+)|const (\w+))", re.MULTILINE)
OTHER = re.compile(r"^\s*(?:import|export)\b|\bimport\s*\(", re.MULTILINE)
COMMENT = re.compile(r"^\s*(?:/\*(?:(?!\*/).)*\*/|//[^\n]*)\n", re.MULTILINE | re.DOTALL)

# Types stand in comments within a line too, and may name modules.
INLINE = re.compile(r"/\*(?:(?!\*/).)*\*/|^\s*//[^\n]*", re.MULTILINE | re.DOTALL)


class BundleError(Exception):
    """A module that cannot be joined: unknown syntax, a missing file, or modules that import one another in a ring."""


def bundle(entry: str, *, folder: Path = SOURCES) -> str:
    """Join a module and all that it imports, each in a scope of its own, in the order in which they run.

    Raises `BundleError`. Comments that stand alone on their lines are left out.
    """
    parts: dict[str, str] = {}
    for name in _order(entry, folder):
        code = _read(name, folder)
        exported = [next(filter(None, export.groups())) for export in EXPORT.finditer(code)]
        imported = IMPORT.sub(functools.partial(_destructure, name), code)
        body = EXPORT.sub("", imported)
        left = INLINE.sub("", body)
        if strange := OTHER.search(left):
            raise BundleError(f"{name}: cannot join {left[strange.start() :].strip().splitlines()[0]!r}")
        body = COMMENT.sub("", body).strip()
        parts[name] = f"const {_scope(name)} = (() => {{\n{body}\nreturn {{ {', '.join(exported)} }};\n}})();\n"
    return "".join(parts.values())


def _order(entry: str, folder: Path) -> Iterator[str]:
    """Yield the names of modules, each after those it imports."""
    done: set[str] = set()

    def visit(name: str, above: tuple[str, ...]) -> Iterator[str]:
        if name in above:
            raise BundleError(f"{' → '.join([*above, name])}: modules import one another in a ring")
        if name in done:
            return
        for statement in IMPORT.finditer(_read(name, folder)):
            yield from visit(_resolve(name, statement["path"]), (*above, name))
        done.add(name)
        yield name

    yield from visit(entry, ())


def _read(name: str, folder: Path) -> str:
    try:
        return (folder / name).read_text(encoding="utf-8")
    except FileNotFoundError:
        raise BundleError(f"{name}: no such module") from None


def _resolve(importer: str, path: str) -> str:
    """Name the module that another imports, from the folder of the sources."""
    name = posixpath.normpath(posixpath.join(posixpath.dirname(importer), path))
    if name.startswith("../"):
        raise BundleError(f"{importer}: {path!r} leaves the folder of the scripts")
    return name


def _scope(name: str) -> str:
    """Name the constant that holds what a module exports; "$" stands in no module's name, so no two are alike."""
    return "module_" + name.removesuffix(".js").replace("/", "$")


def _destructure(importer: str, statement: re.Match[str]) -> str:
    scope = _scope(_resolve(importer, statement["path"]))
    if statement["whole"]:
        return f"const {statement['whole']} = {scope};"
    return f"const {{ {statement['names'].replace(' as ', ': ').strip()} }} = {scope};"


class BundleFinder(BaseFinder):
    """Finds the bundles, which it writes beside a compressed copy into the data folder when a source has changed."""

    def check(self, **kwargs: Any) -> list[Any]:
        """Find nothing wrong; a bundle that cannot be made says so when it is asked for."""
        return []

    def find(self, path: str, find_all: bool = False, **kwargs: Any) -> Any:
        """Return where a bundle is."""
        if path not in PAGES:
            return []
        found = str(self._write(path))
        return [found] if find_all else found

    def list(self, ignore_patterns: Any) -> Iterator[tuple[str, FileSystemStorage]]:
        """Yield every bundle with the compressed copy that is served to browsers that take it."""
        storage = FileSystemStorage(location=settings.BUNDLES)
        for path in PAGES:
            self._write(path)
            yield path, storage
            yield f"{path}.gz", storage

    def _write(self, path: str) -> Path:
        content = bundle(PAGES[path]).encode()
        target = Path(settings.BUNDLES) / path
        if not target.exists() or target.read_bytes() != content:
            target.parent.mkdir(parents=True, exist_ok=True)
            _replace(target.with_name(f"{target.name}.gz"), gzip.compress(content, mtime=0))
            _replace(target, content)
        return target


def _replace(target: Path, content: bytes) -> None:
    """Write a file whole or not at all, since several server processes start at once."""
    handle, name = tempfile.mkstemp(dir=target.parent)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
    os.chmod(name, 0o644)
    os.replace(name, target)
