"""The import rules: corpus ← annotator ← exports, a core without Django, reads and writes apart."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
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
THIN = ("api.py", "views.py", "management/")


def modules(*folders: str) -> Iterator[Path]:
    for folder in folders:
        yield from sorted(p for p in (ROOT / folder).rglob("*.py") if "migrations" not in p.parts)


def imported(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found


@pytest.mark.parametrize("app", APPS)
def test_no_app_imports_upward(app: str) -> None:
    above = APPS[APPS.index(app) + 1 :]
    for path in modules(app):
        assert not [name for name in imported(path) if name.split(".")[0] in above], path


def test_the_django_free_folders_name_neither_django_nor_models() -> None:
    for path in modules(*FREE):
        wrong = [
            n
            for n in imported(path)
            if n.split(".")[0] in ("django", "rest_framework") or n.endswith("models")
        ]
        assert not wrong, path


def test_the_django_free_folders_load_with_django_blocked() -> None:
    names = [
        ".".join(p.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        for p in modules(*FREE)
    ]
    code = f"import sys, importlib; sys.modules['django'] = None\nfor n in {names!r}: importlib.import_module(n)"
    answer = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert answer.returncode == 0, answer.stderr


def test_pages_the_api_and_commands_write_through_services() -> None:
    for path in modules(*APPS):
        relative = path.relative_to(ROOT).as_posix()
        if any(part in relative for part in THIN):
            source = path.read_text(encoding="utf-8")
            assert not [
                w for w in (".create(", ".bulk_create(", ".save(", ".delete(") if w in source
            ], path


def test_models_have_no_rules_of_their_own() -> None:
    for path in modules(*APPS):
        source = path.read_text(encoding="utf-8")
        assert "django.dispatch" not in source and "def save(" not in source, path


def test_the_web_process_starts_without_spacy() -> None:
    code = (
        "import os, sys; os.environ['DJANGO_SETTINGS_MODULE'] = 'annotator.settings'\n"
        "import annotator.wsgi, annotator.urls; sys.exit('spacy' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0


def test_no_module_is_over_500_lines() -> None:
    long = {
        p.name: n
        for p in modules(*APPS, "tests")
        if (n := len(p.read_text(encoding="utf-8").splitlines())) > 500
    }
    assert not long
