"""Releases of every format that there was verify for ever, on sites that came up to this version.

Each folder of `tests/fixtures/releases` is a release with the tables of the SQLite site that made
it, written by the program of its time. None is ever made anew.
"""

from __future__ import annotations

import gzip
import json
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from exports.services.release_files import FORMAT
from tests.sites import ROOT, site

KEPT = sorted((ROOT / "tests" / "fixtures" / "releases").iterdir())
# Changes one byte of each file in turn, and says of which the release is still taken for whole.
CHANGE = """
import json, sys
from pathlib import Path
from corpus.core.problems import Problem
from exports.services.releases import verify_release
folder = Path({folder!r})
passed = []
for file in sorted(path for path in folder.rglob("*") if path.is_file()):
    whole = file.read_bytes()
    file.write_bytes(whole.replace(b"o", b"0", 1))
    try:
        verify_release(folder)
    except Problem as problem:
        assert problem.code in ("release-invalid", "not-found"), problem
    else:
        passed.append(file.name)
    file.write_bytes(whole)
print(json.dumps(passed))
"""


def test_a_release_of_every_format_is_kept() -> None:
    assert [folder.name for folder in KEPT] == [f"format-{n + 1}" for n in range(FORMAT)]


@pytest.mark.parametrize("kept", KEPT, ids=lambda folder: folder.name)
def test_a_kept_release_verifies_and_with_other_data_does_not(kept: Path, tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "site.sqlite3")) as database:
        database.executescript(gzip.decompress((kept / "site.sql.gz").read_bytes()).decode())
    site_of = site(f"sqlite:///{tmp_path}/site.sqlite3", tmp_path)
    run = next(site_of)
    run("migrate", "-v0")
    folder = tmp_path / "release"
    shutil.copytree(kept / "release", folder)
    about = json.loads((folder / "release.json").read_text(encoding="utf-8"))
    answer = json.loads(run("verify_release", str(folder), "--json"))
    assert answer["digest"] == about["digest"]
    assert answer["documents"] == len(about["items"]) > 1
    assert json.loads(run(code=CHANGE.format(folder=str(folder)))) == []
    next(site_of, None)
