"""Joined scripts and style sheets: the sources in order, a refusal for what cannot be joined."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from django.contrib.staticfiles import finders
from django.core.management import call_command

from annotator.web.bundle import PAGES, SHEETS, SOURCES, BundleError, bundle, join_sheets


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
    return (
        subprocess.run([node, "-e", code], capture_output=True, text=True, check=True).stdout
        if node
        else None
    )


def test_modules_run_in_order_each_in_its_own_scope(tmp_path: Path) -> None:
    folder = written(
        tmp_path,
        page='import { one as first } from "./a.js";\nimport * as b from "./b.js";\n'
        "const hidden = 3;\n"
        "/** @type {number} */ (globalThis).sum = first + b.two() + hidden;\n"
        "console.log(globalThis.sum);\n",
        a='import { two } from "./b.js";\n/* comment */\nconst hidden = 1;\n'
        "export const one = hidden * 10 + two();\n",
        b="// comment\nconst hidden = 2;\nexport function two() {\n  return hidden;\n}\n"
        "export class Unused {}\n",
    )
    joined = bundle("page.js", folder=folder)
    assert joined.index("module_b =") < joined.index("module_a =") < joined.index("module_page =")
    assert joined.count("module_b =") == 1
    assert "comment" not in joined
    assert printed(joined) in ("17\n", None)


def test_modules_of_one_name_in_different_folders_have_scopes_of_their_own(tmp_path: Path) -> None:
    modules = {
        "review/page.js": 'import { keys as own } from "./keys.js";\n'
        'import { keys } from "../ui/keys.js";\nimport * as words from "../text/words.js";\n'
        "console.log(own, keys, words.both);\n",
        "review/keys.js": 'export const keys = "review";\n',
        "ui/keys.js": 'export const keys = "ui";\n',
        "ui_keys.js": 'export const keys = "flat";\n',
        "text/words.js": 'import { keys } from "../ui_keys.js";\n'
        'import { keys as ui } from "../ui/./keys.js";\n'
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
        ("../text/nowhere.js", "text/nowhere.js: no such file"),
        ("/text/ring.js", "cannot join"),
        ("text/ring.js", "cannot join"),
    ],
)
def test_an_import_through_folders_that_cannot_be_joined_is_refused(
    tmp_path: Path, path: str, reason: str
) -> None:
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
        ('import { a } from "./nowhere.js";\n', "nowhere.js: no such file"),
        ('import { a } from "./page.js";\n', "page.js → page.js"),
    ],
)
def test_what_cannot_be_joined_is_refused(tmp_path: Path, code: str, reason: str) -> None:
    with pytest.raises(BundleError) as caught:
        bundle("page.js", folder=written(tmp_path, page=code))
    assert reason in str(caught.value)


@pytest.mark.parametrize("path", [*PAGES, *SHEETS])
def test_every_bundle_is_found_served_and_collected(
    path: str, tmp_path: Path, settings: Any
) -> None:
    found = Path(str(finders.find(path)))
    code = found.read_bytes()
    assert b"\nimport " not in code and b"\nexport " not in code
    settings.STATIC_ROOT = tmp_path / "collected"
    call_command("collectstatic", interactive=False, verbosity=0)
    assert (tmp_path / "collected" / path).read_bytes() == code


def test_a_changed_module_changes_the_script(monkeypatch: pytest.MonkeyPatch) -> None:
    path = next(iter(PAGES))
    before = Path(str(finders.find(path)))
    first = before.read_bytes()
    monkeypatch.setattr("annotator.web.bundle.bundle", lambda entry: f"// {entry}, changed\n")
    found = Path(str(finders.find(path)))
    assert found.read_bytes() != first
    # A server that began with the other one serves that, to its end.
    assert before.read_bytes() == first


def test_sheets_are_joined_in_the_order_given_without_comments(tmp_path: Path) -> None:
    sheets = {
        "css/late.css": "/* Why: * and / stand here. */\n\n.card {\n  color: red; /* kept */\n}\n",
        "css/early.css": "/*\n * Many\n * lines.\n */\n.card {\n  color: blue;\n}\n",
    }
    joined = join_sheets(["css/early.css", "css/late.css"], folder=written_at(tmp_path, sheets))
    assert joined == ".card {\n  color: blue;\n}\n.card {\n  color: red; /* kept */\n}\n"


@pytest.mark.parametrize(
    "rule",
    [
        '@import "other.css";',
        "a {\n  background: url(dot.png);\n}",
        '@charset "utf-8";',
        "@layer base;",
    ],
)
def test_a_sheet_that_means_something_else_when_joined_is_refused(
    tmp_path: Path, rule: str
) -> None:
    folder = written_at(tmp_path, {"css/a.css": f"{rule}\n"})
    with pytest.raises(BundleError, match=r"css/a\.css: cannot join"):
        join_sheets(["css/a.css"], folder=folder)


def test_a_sheet_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BundleError, match=r"css/a\.css: no such file"):
        join_sheets(["css/a.css"], folder=tmp_path)


def test_every_sheet_is_in_one_bundle_and_no_source_has_the_address_of_a_bundle() -> None:
    joined = [name for names in SHEETS.values() for name in names]
    assert sorted(joined) == sorted(f"css/{path.name}" for path in SOURCES.glob("css/*.css"))
    assert not [path for path in (*PAGES, *SHEETS) if (SOURCES.parent / path).exists()]


def test_every_module_is_joined_or_loaded_by_a_page_itself() -> None:
    """A module that no page reaches is dead; the test of the bundle would not notice it."""
    scopes = {
        scope
        for entry in PAGES.values()
        for scope in re.findall(r"^const module_(\S+) =", bundle(entry), re.M)
    }
    modules = {
        path.relative_to(SOURCES).with_suffix("").as_posix() for path in SOURCES.rglob("*.js")
    }
    assert {scope.replace("$", "/") for scope in scopes} == {
        name for name in modules if not name.startswith("pages/")
    }
