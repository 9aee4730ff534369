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

from tests.sites import ROOT, site

KEPT = sorted((ROOT / "tests" / "fixtures" / "releases").iterdir())


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
    for file in [path for path in folder.rglob("*") if path.is_file()]:
        whole = file.read_bytes()
        file.write_bytes(whole.replace(b"o", b"0", 1))
        with pytest.raises(AssertionError, match=r"release-invalid|not-found"):
            run("verify_release", str(folder))
        file.write_bytes(whole)
    next(site_of, None)
