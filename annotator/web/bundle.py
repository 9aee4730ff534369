"""One script and one style sheet for each kind of page, joined when static files are looked for.

The sources stay plain ES modules, which tests import one by one, and small style sheets. A page
would need a request for each of them, for modules one after another as the browser discovers the
imports; joined they are one. Only the syntax that the sources use is understood, and anything else
is refused, so that a bundle is never silently wrong.
"""

from __future__ import annotations

import functools
import posixpath
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import BaseFinder
from django.core.files.storage import FileSystemStorage

from annotator.web.static_files import digest, write_whole

SOURCES = Path(__file__).parent.parent / "static" / "annotator"
PAGES = {
    "annotator/review.bundle.js": "review/review.js",
    "annotator/adjudicate.bundle.js": "adjudicate/adjudicate.js",
}
# In the order of the cascade: of two rules alike, the later one holds.
SHEETS = {
    "annotator/saidby.css": (
        "css/tokens.css",
        "css/base.css",
        "css/components.css",
        "css/tables.css",
        "css/charts.css",
        "css/controls.css",
        "css/forms.css",
        "css/schema.css",
        "css/import.css",
        "css/tour.css",
    ),
    "annotator/review.css": (
        "css/workspace.css",
        "css/queue.css",
        "css/marks.css",
        "css/cards.css",
        "css/guideline.css",
        "css/keybar.css",
        "css/disputes.css",
        "css/dialogs.css",
        "css/touch.css",
    ),
}

IMPORT = re.compile(
    r"^import (?:\{(?P<names>[^}]*)\}|\* as (?P<whole>\w+))"
    r' from "(?P<path>(?:\./|(?:\.\./)+)(?:\w+/)*\w+\.js)";$',
    re.MULTILINE | re.ASCII,
)
EXPORT = re.compile(
    r"^export (?=(?:async )?function\*? (\w+)|class (\w+)|const (\w+))", re.MULTILINE
)
OTHER = re.compile(r"^\s*(?:import|export)\b|\bimport\s*\(", re.MULTILINE)
COMMENT = re.compile(r"^\s*(?:/\*(?:(?!\*/).)*\*/|//[^\n]*)\n", re.MULTILINE | re.DOTALL)

SHEET_COMMENT = re.compile(r"^\s*/\*(?:(?!\*/).)*\*/\n", re.MULTILINE | re.DOTALL)
# An address would be read from where the joined sheet is; these rules count at a sheet's top only.
MISPLACED = re.compile(r"url\(|@(?:import|charset|namespace|layer)\b")

# Types stand in comments within a line too, and may name modules.
INLINE = re.compile(r"/\*(?:(?!\*/).)*\*/|^\s*//[^\n]*", re.MULTILINE | re.DOTALL)


class BundleError(Exception):
    """A file that cannot be joined: unknown syntax, a missing file, or a ring of imports."""


def bundle(entry: str, *, folder: Path = SOURCES) -> str:
    """Join a module and all that it imports, each in a scope of its own, in the order they run.

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
            line = left[strange.start() :].strip().splitlines()[0]
            raise BundleError(f"{name}: cannot join {line!r}")
        body = COMMENT.sub("", body).strip()
        names = ", ".join(exported)
        parts[name] = f"const {_scope(name)} = (() => {{\n{body}\nreturn {{ {names} }};\n}})();\n"
    return "".join(parts.values())


def join_sheets(names: Iterable[str], *, folder: Path = SOURCES) -> str:
    """Join style sheets in the order given, without the comments that stand alone on their lines.

    Raises `BundleError`.
    """
    parts = []
    for name in names:
        rules = SHEET_COMMENT.sub("", _read(name, folder))
        if misplaced := MISPLACED.search(rules):
            raise BundleError(f"{name}: cannot join {misplaced[0]!r}")
        parts.append(rules.strip() + "\n")
    return "".join(parts)


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
        raise BundleError(f"{name}: no such file") from None


def _resolve(importer: str, path: str) -> str:
    """Name the module that another imports, from the folder of the sources."""
    name = posixpath.normpath(posixpath.join(posixpath.dirname(importer), path))
    if name.startswith("../"):
        raise BundleError(f"{importer}: {path!r} leaves the folder of the scripts")
    return name


def _scope(name: str) -> str:
    """Name the constant that holds what a module exports, for each path another.

    No name of a module has a "$".
    """
    return "module_" + name.removesuffix(".js").replace("/", "$")


def _destructure(importer: str, statement: re.Match[str]) -> str:
    scope = _scope(_resolve(importer, statement["path"]))
    if statement["whole"]:
        return f"const {statement['whole']} = {scope};"
    return f"const {{ {statement['names'].replace(' as ', ': ').strip()} }} = {scope};"


class BundleFinder(BaseFinder):
    """Finds the bundles, which it writes into the data folder when a source has changed.

    Each content has a folder of its own: a server that still runs with an older version goes on
    serving what that version was.
    """

    def check(self, **kwargs: Any) -> list[Any]:
        """Find nothing wrong; a bundle that cannot be made says so when it is asked for."""
        return []

    def find(self, path: str, find_all: bool = False, **kwargs: Any) -> Any:
        """Return where a bundle is."""
        if path not in PAGES and path not in SHEETS:
            return []
        place = str(self._write(path) / path)
        return [place] if find_all else place

    def list(self, ignore_patterns: Any) -> Iterator[tuple[str, FileSystemStorage]]:
        """Yield every bundle."""
        for path in (*PAGES, *SHEETS):
            yield path, FileSystemStorage(location=self._write(path))

    def _write(self, path: str) -> Path:
        """Return the folder that holds a bundle as the sources make it."""
        content = (bundle(PAGES[path]) if path in PAGES else join_sheets(SHEETS[path])).encode()
        folder = Path(settings.BUNDLES) / digest(content)[:12]
        if not (folder / path).exists():
            write_whole(folder / path, content)
        return folder
