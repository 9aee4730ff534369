"""The house rules: what may import what, who reads and who writes, and how large things may get.

Each rule is a function that yields what breaks it. `test_each_rule_sees_what_breaks_it` gives every
one of them a small example that does.
"""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
APPS = ("corpus", "annotator", "exports")
FREE = (
    "corpus/core",
    "corpus/importers",
    "annotator/core",
    "annotator/nlp",
    "annotator/suggesters",
    "exports/core",
    "exports/encoders",
)

# What may lie at an app's root; everything else has a folder.
AT_ROOT = {
    "corpus": {"models", "permissions", "selectors", "forms", "guideline", "admin"},
    "annotator": {"settings", "urls", "wsgi", "asgi", "models"},
    "exports": {"models", "selectors", "pages", "api", "urls", "admin"},
}
EVERYWHERE = {"__init__", "apps"}

# The layers from below to above: a module imports nothing from a layer above its own.
LAYERS = ("models", "selectors", "services", "web", "shell")
LAYER_OF = {
    "models": "models",
    "db": "models",
    "permissions": "models",
    "selectors": "selectors",
    "services": "services",
    "jobs": "services",
    "webhooks": "services",
    "web": "web",
    "pages": "shell",
    "api": "shell",
    "management": "shell",
    "admin": "shell",
    "urls": "shell",
}

# Methods that belong to managers and querysets alone.
QUERYSET_METHODS = {
    "objects",
    "_default_manager",
    "filter",
    "exclude",
    "order_by",
    "select_related",
    "prefetch_related",
    "annotate",
    "aggregate",
    "values_list",
}
WRITES = {
    "create",
    "bulk_create",
    "bulk_update",
    "get_or_create",
    "update_or_create",
    "save",
    "delete",
    "select_for_update",
}

LONGEST_FILE = 500
COLUMNS = {".py": 100, ".js": 100, ".css": 100, ".html": 120}
# What a release of something else is, as it was written by it.
FOREIGN = ("migrations", "node_modules", "fixtures")

Rule = Callable[[str, str], Iterator[str]]


def sources(*endings: str) -> Iterator[tuple[str, str]]:
    """Yield path and text of the project's own files with these endings."""
    for folder in (*APPS, "tests", "tools"):
        for path in sorted((ROOT / folder).rglob("*")):
            if path.suffix in endings and not set(FOREIGN) & set(path.parts):
                yield path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8")


def imported(source: str) -> set[str]:
    """Return the dotted names that a module imports."""
    names = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return names


def place_of(dotted: str) -> tuple[str, str]:
    """Return the app of a module and the first name below it, both "" for what is not ours."""
    app, _, rest = dotted.partition(".")
    return (app, rest.partition(".")[0]) if app in APPS else ("", "")


def place(path: str) -> tuple[str, str]:
    """Return the app of a file and the folder or module that it lies in."""
    return place_of(path.removesuffix(".py").replace("/", "."))


def roots_are_short(path: str, source: str) -> Iterator[str]:
    """Only a few named modules lie at an app's root."""
    folder, _, name = path.rpartition("/")
    allowed = AT_ROOT.get(folder)
    if allowed is not None and path.endswith(".py"):
        module = name.removesuffix(".py")
        if module not in allowed | EVERYWHERE:
            yield f"{module} has no place at the root of {folder}"


def apps_point_downward(path: str, source: str) -> Iterator[str]:
    """corpus ← annotator ← exports."""
    app, module = place(path)
    if app and module != "urls":
        above = APPS[APPS.index(app) + 1 :]
        yield from (name for name in imported(source) if place_of(name)[0] in above)


def layers_point_downward(path: str, source: str) -> Iterator[str]:
    """models < selectors < services < web < {pages, api, commands, admin}."""
    _, folder = place(path)
    own = LAYER_OF.get(folder)
    if own is None:
        return
    for name in sorted(imported(source)):
        other = LAYER_OF.get(place_of(name)[1])
        if other is not None and LAYERS.index(other) > LAYERS.index(own):
            yield name


def pages_and_api_are_apart(path: str, source: str) -> Iterator[str]:
    """What pages and API both need lies in web, in a selector or in a service."""
    apart = {"pages": "api", "api": "pages"}.get(place(path)[1])
    if apart:
        yield from (name for name in imported(source) if place_of(name)[1] == apart)


def django_stays_out(path: str, source: str) -> Iterator[str]:
    """The core and every plug-in know neither Django nor models."""
    if path.startswith(tuple(f"{folder}/" for folder in FREE)):
        for name in imported(source):
            if name.split(".")[0] in ("django", "rest_framework") or name.endswith("models"):
                yield name


def _attributes(source: str) -> Iterator[ast.Attribute]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Attribute):
            yield node


def shells_ask_selectors(path: str, source: str) -> Iterator[str]:
    """No manager and no queryset call in pages or API, and no write in commands either."""
    folder = place(path)[1]
    wrong = {"pages": QUERYSET_METHODS | WRITES, "api": QUERYSET_METHODS | WRITES}.get(folder)
    if folder == "management":
        wrong = WRITES - {"create"} | {"bulk_create"}
    if wrong:
        yield from (f".{a.attr} in line {a.lineno}" for a in _attributes(source) if a.attr in wrong)


def selectors_write_nothing(path: str, source: str) -> Iterator[str]:
    """Selectors read: no row is written, and `update` is called on no queryset."""
    if place(path)[1] != "selectors":
        return
    yield from (f".{a.attr} in line {a.lineno}" for a in _attributes(source) if a.attr in WRITES)
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            continue
        # A dictionary is updated by another one, a queryset by keywords.
        if node.func.attr == "update" and node.keywords:
            yield f".update in line {node.lineno}"


def models_have_no_rules(path: str, source: str) -> Iterator[str]:
    """No signals and no save of our own: what happens stands in a service."""
    if place(path)[0]:
        yield from (word for word in ("django.dispatch", "def save(") if word in source)


def files_are_short(path: str, source: str) -> Iterator[str]:
    """At most 500 lines a file."""
    lines = source.count("\n")
    if lines > LONGEST_FILE:
        yield f"{lines} lines"


def lines_are_short(path: str, source: str) -> Iterator[str]:
    """100 columns in Python, JavaScript and CSS, 120 in templates."""
    most = COLUMNS["." + path.rpartition(".")[2]]
    for number, line in enumerate(source.splitlines(), start=1):
        # What ruff lets pass: an address, and a word to a checker at the end of a line.
        plain = re.sub(r"  # (noqa|type: ignore).*|https?://\S+", "", line)
        if len(plain) > most:
            yield f"line {number} has {len(line)} columns"


def css_has_one_declaration_a_line(path: str, source: str) -> Iterator[str]:
    """A style sheet is read line by line."""
    if path.endswith(".css"):
        plain = re.sub(r"/\*.*?\*/|\"[^\"]*\"", "", source, flags=re.S)
        for number, line in enumerate(plain.splitlines(), start=1):
            if line.count(";") > 1 or re.search(r"[{;].*:.*[;}]", line.strip()):
                yield f"line {number}"


def formatting_is_switched_off_for_tables_alone(path: str, source: str) -> Iterator[str]:
    """`fmt: skip` and `fmt: off` stand at literal tables, never at code."""
    if not path.endswith(".py") or path == "tests/test_imports.py":
        return
    for number, line in enumerate(source.splitlines(), start=1):
        if "# fmt: skip" in line and not line.lstrip().startswith(("]", ")", "}")):
            yield f"line {number}"


PYTHON_RULES: tuple[Rule, ...] = (
    roots_are_short,
    apps_point_downward,
    layers_point_downward,
    pages_and_api_are_apart,
    django_stays_out,
    shells_ask_selectors,
    selectors_write_nothing,
    models_have_no_rules,
    formatting_is_switched_off_for_tables_alone,
)
TEXT_RULES: tuple[Rule, ...] = (files_are_short, lines_are_short, css_has_one_declaration_a_line)


@pytest.mark.parametrize("rule", PYTHON_RULES, ids=lambda rule: rule.__name__)
def test_no_module_breaks(rule: Rule) -> None:
    broken = {path: list(rule(path, source)) for path, source in sources(".py")}
    assert {path: what for path, what in broken.items() if what} == {}


@pytest.mark.parametrize("rule", TEXT_RULES, ids=lambda rule: rule.__name__)
def test_no_file_breaks(rule: Rule) -> None:
    broken = {path: list(rule(path, source)) for path, source in sources(*COLUMNS)}
    assert {path: what for path, what in broken.items() if what} == {}


@pytest.mark.parametrize(
    ("rule", "path", "source"),
    [
        (roots_are_short, "annotator/helpers.py", ""),
        (apps_point_downward, "corpus/services/x.py", "from annotator.models import Layer"),
        (
            layers_point_downward,
            "annotator/selectors/x.py",
            "from annotator.services import review",
        ),
        (layers_point_downward, "annotator/services/x.py", "from annotator.pages import queue"),
        (layers_point_downward, "annotator/web/x.py", "from annotator.api import base"),
        (pages_and_api_are_apart, "annotator/pages/x.py", "from annotator.api.base import valid"),
        (pages_and_api_are_apart, "exports/api.py", "from annotator.pages import base"),
        (django_stays_out, "annotator/core/x.py", "from django.db import models"),
        (django_stays_out, "exports/encoders/x.py", "from corpus.models import Corpus"),
        (shells_ask_selectors, "annotator/pages/x.py", "corpus.jobs.filter(pk=1)"),
        (shells_ask_selectors, "annotator/api/x.py", "Layer.objects"),
        (shells_ask_selectors, "exports/management/commands/x.py", "layer.save()"),
        (selectors_write_nothing, "annotator/selectors/x.py", "Layer.objects.create()"),
        (selectors_write_nothing, "corpus/selectors.py", "rows.update(state='done')"),
        (models_have_no_rules, "corpus/models.py", "class A:\n    def save(self): ..."),
        (formatting_is_switched_off_for_tables_alone, "corpus/x.py", "x = f(1)  # fmt: skip"),
        (files_are_short, "corpus/x.py", "\n" * 501),
        (lines_are_short, "corpus/x.py", "x" * 101),
        (lines_are_short, "annotator/x.html", "x" * 121),
        (css_has_one_declaration_a_line, "x.css", "a { color: red; margin: 0; }"),
        (css_has_one_declaration_a_line, "x.css", "a { color: red }"),
    ],
)
def test_each_rule_sees_what_breaks_it(rule: Rule, path: str, source: str) -> None:
    assert list(rule(path, source))


def test_every_page_has_a_template_and_a_test_of_its_name() -> None:
    pages = {path.stem for path in (ROOT / "annotator/pages").glob("*.py")} - {"__init__", "base"}
    templates = {path.stem for path in (ROOT / "annotator/templates/annotator").iterdir()}
    tests = {path.stem for path in (ROOT / "tests/annotator/pages").glob("test_*.py")}
    assert pages - templates == set()
    assert {f"test_{page}" for page in pages} - tests == set()


def test_the_django_free_folders_load_with_django_blocked() -> None:
    names = []
    for path, _ in sources(".py"):
        if path.startswith(tuple(f"{folder}/" for folder in FREE)):
            names.append(path.removesuffix(".py").removesuffix("/__init__").replace("/", "."))
    code = (
        "import sys, importlib; sys.modules['django'] = None\n"
        f"for name in {names!r}: importlib.import_module(name)"
    )
    answer = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert answer.returncode == 0, answer.stderr


def test_the_web_process_starts_without_spacy() -> None:
    code = (
        "import os, sys; os.environ['DJANGO_SETTINGS_MODULE'] = 'annotator.settings'\n"
        "import annotator.wsgi, annotator.urls; sys.exit('spacy' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0
