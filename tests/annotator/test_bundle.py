"""The joined scripts: the same modules in the order they run, and a refusal for what cannot be joined."""

from __future__ import annotations

import gzip
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from django.contrib.staticfiles import finders
from django.core.management import call_command

from annotator.bundle import PAGES, BundleError, bundle


@pytest.fixture(autouse=True)
def _own_bundles(tmp_path: Path, settings: Any) -> None:
    settings.BUNDLES = tmp_path / "bundles"


def written(folder: Path, **modules: str) -> Path:
    return written_at(folder, {f"{name}.js": code for name, code in modules.items()})


def written_at(folder: Path, modules: dict[str, str]) -> Path:
    for path, code in modules.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(code, encoding="utf-8")
    return folder


def printed(code: str) -> str | None:
    """Run a script and return what it prints; None without node, which CI has to have."""
    node = shutil.which("node")
    assert node or os.environ.get("CI") != "true"
    return subprocess.run([node, "-e", code], capture_output=True, text=True, check=True).stdout if node else None


def test_modules_run_in_order_each_in_its_own_scope(tmp_path: Path) -> None:
    folder = written(
        tmp_path,
        page='import { one as first } from "./a.js";\nimport * as b from "./b.js";\nconst hidden = 3;\n'
        "/** @type {number} */ (globalThis).sum = first + b.two() + hidden;\nconsole.log(globalThis.sum);\n",
        a='import { two } from "./b.js";\n/* comment */\nconst hidden = 1;\nexport const one = hidden * 10 + two();\n',
        b="// comment\nconst hidden = 2;\nexport function two() {\n  return hidden;\n}\nexport class Unused {}\n",
    )
    joined = bundle("page.js", folder=folder)
    assert joined.index("module_b =") < joined.index("module_a =") < joined.index("module_page =")
    assert joined.count("module_b =") == 1
    assert "comment" not in joined
    assert printed(joined) in ("17\n", None)


def test_modules_of_one_name_in_different_folders_have_scopes_of_their_own(tmp_path: Path) -> None:
    modules = {
        "review/page.js": 'import { keys as own } from "./keys.js";\nimport { keys } from "../ui/keys.js";\n'
        'import * as words from "../text/words.js";\nconsole.log(own, keys, words.both);\n',
        "review/keys.js": 'export const keys = "review";\n',
        "ui/keys.js": 'export const keys = "ui";\n',
        "ui_keys.js": 'export const keys = "flat";\n',
        "text/words.js": 'import { keys } from "../ui_keys.js";\nimport { keys as ui } from "../ui/./keys.js";\n'
        "export const both = keys + ui;\n",
    }
    # A path has one way to be written, else a module could run twice.
    with pytest.raises(BundleError, match="cannot join"):
        bundle("review/page.js", folder=written_at(tmp_path, modules))
    modules["text/words.js"] = modules["text/words.js"].replace("/./", "/")
    joined = bundle("review/page.js", folder=written_at(tmp_path, modules))
    assert joined.count(" = (() => {") == len(modules)
    assert printed(joined) in ("review ui flatui\n", None)


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("../../outside.js", "review/page.js: '../../outside.js' leaves the folder"),
        ("../review/page.js", "review/page.js → review/page.js"),
        ("../text/ring.js", "review/page.js → text/ring.js → review/page.js"),
        ("../text/nowhere.js", "text/nowhere.js: no such module"),
        ("/text/ring.js", "cannot join"),
        ("text/ring.js", "cannot join"),
    ],
)
def test_an_import_through_folders_that_cannot_be_joined_is_refused(tmp_path: Path, path: str, reason: str) -> None:
    (tmp_path / "outside.js").write_text("export const a = 1;\n", encoding="utf-8")
    modules = {
        "review/page.js": f'import {{ a }} from "{path}";\n',
        "text/ring.js": 'import { a } from "../review/page.js";\n',
    }
    with pytest.raises(BundleError) as caught:
        bundle("review/page.js", folder=written_at(tmp_path / "scripts", modules))
    assert reason in str(caught.value)


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("export default 1;\n", "export default 1;"),
        ("const a = 1;\nexport { a };\n", "export { a };"),
        ("export let a = 1;\n", "export let a = 1;"),
        ('import "./a.js";\n', 'import "./a.js";'),
        ('const a = await import("./a.js");\n', "import("),
        ('import { a } from "./nowhere.js";\n', "nowhere.js: no such module"),
        ('import { a } from "./page.js";\n', "page.js → page.js"),
    ],
)
def test_what_cannot_be_joined_is_refused(tmp_path: Path, code: str, reason: str) -> None:
    with pytest.raises(BundleError) as caught:
        bundle("page.js", folder=written(tmp_path, page=code))
    assert reason in str(caught.value)


@pytest.mark.parametrize("path", PAGES)
def test_every_page_has_its_script_found_served_and_collected(path: str, tmp_path: Path, settings: Any) -> None:
    found = Path(str(finders.find(path)))
    code = found.read_bytes()
    assert gzip.decompress(found.with_name(f"{found.name}.gz").read_bytes()) == code
    assert b"\nimport " not in code and b"\nexport " not in code
    settings.STATIC_ROOT = tmp_path / "collected"
    call_command("collectstatic", interactive=False, verbosity=0)
    assert (tmp_path / "collected" / path).read_bytes() == code
    assert (tmp_path / "collected" / f"{path}.gz").exists()


def test_a_changed_module_changes_the_script(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    path = next(iter(PAGES))
    first = Path(str(finders.find(path))).read_bytes()
    monkeypatch.setattr("annotator.bundle.bundle", lambda entry: f"// {entry}, changed\n")
    found = Path(str(finders.find(path)))
    assert found.read_bytes() != first
    assert gzip.decompress(found.with_name(f"{found.name}.gz").read_bytes()) == found.read_bytes()
