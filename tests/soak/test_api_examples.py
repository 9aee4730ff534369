"""The examples in docs/api.md, run as they stand there against a live server."""

from __future__ import annotations

import json
import re
import subprocess
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.acts import PASSWORD, TEXT
from tests.sites import free_port, serve
from tests.soak.test_generated_client import PEOPLE

PAGE = (Path(__file__).parents[2] / "docs" / "api.md").read_text(encoding="utf-8")
PLACEHOLDER = "https://saidby.example.org"


def examples(heading: str, language: str) -> list[str]:
    """Return the code in a section of the page."""
    section = PAGE.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    return re.findall(rf"```{language}\n(.*?)```", section, re.DOTALL)


def token_of(url: str, name: str) -> str:
    answer = httpx.post(f"{url}/api/token/", json={"username": name, "password": PASSWORD})
    token: str = answer.json()["token"]
    return token


def made_for(code: str, url: str, token: str) -> str:
    """Return an example with the address of a site and a token where it leaves them open."""
    code = code.replace(PLACEHOLDER, url)
    return code.replace("TOKEN=...", f"TOKEN={token}").replace(
        'TOKEN = "..."', f'TOKEN = "{token}"'
    )


def test_the_examples_run_as_they_stand(
    manage: Callable[..., Any],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    manage(code=PEOPLE)
    port = free_port()
    serve(manage, port)
    url = f"http://127.0.0.1:{port}"
    alice, bob, carol = (token_of(url, name) for name in ("alice", "bob", "carol"))
    rows = [{"id": "sea-wall", "text": TEXT}, {"id": "pier", "text": f"{TEXT}Once more.\n"}]
    lines = "".join(json.dumps(row) + "\n" for row in rows)
    (tmp_path / "articles.jsonl").write_text(lines, encoding="utf-8")
    monkeypatch.chdir(tmp_path)

    run_curl(url, alice, tmp_path)
    scope: dict[str, Any] = {}
    for example in examples("With Python", "py"):
        exec(made_for(example, url, alice), scope)
    told = capsys.readouterr().out.splitlines()
    read = [f"{row['id']} {len(row['text'])}" for row in rows]
    assert told[-4:] == [*read, "s1 stored ", "s2 refused span-label"]
    scope["api"]("POST", "/corpora/news/members/", {"username": "carol", "role": "reviewer"})
    scope["review"](bob, "oppose")
    scope["review"](carol, "support")
    for row in rows:
        scope["settle"](row["id"])
    scope["publish"]("1.0", "release.zip")
    told = capsys.readouterr().out.splitlines()
    assert told[0].startswith("sea-wall done ") and told[1].startswith("pier done ")
    assert any(line.startswith("span_f1_exact ") for line in told)
    with zipfile.ZipFile("release.zip") as files:
        assert "news-1.0/gold.jsonl" in files.namelist()
    with pytest.raises(RuntimeError, match="not-found"):
        scope["api"]("GET", "/corpora/newz/")


def run_curl(url: str, token: str, folder: Path) -> None:
    """Run the examples with curl, and look at what they fetched."""
    first, *others = examples("With curl", "bash")
    # The first of a generated client fetches the description; what follows installs.
    description = examples("A generated client", "bash")[0].splitlines()[0]
    code = "\necho\n".join([made_for(first, url, token), *others, description])
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", code],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, (done.stdout, done.stderr)
    for said in ('"slug":"news"', '"text":"Sea wall vote', '"author":"rules.v1"', '"stored":1'):
        assert said in done.stdout, said
    with zipfile.ZipFile(folder / "news.zip") as files:
        assert files.namelist() == ["news.jsonl"]
    assert json.loads((folder / "openapi.json").read_text())["info"]["title"] == "Saidby"
