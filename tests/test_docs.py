"""The documentation names every command, setting, format, policy and suggester, and no file that is not there."""

from __future__ import annotations

import json
import re
from fnmatch import fnmatch
from pathlib import Path

import pytest
import yaml
from django.core.management import get_commands, load_command_class

from annotator.core.merge import BOUNDARIES, POLICIES
from corpus.importers import IMPORTERS, Article
from corpus.importers.jsonl import article
from exports.encoders import FORMATS, MISALIGNED

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
OURS = sorted(name for name, app in get_commands().items() if app in ("corpus", "annotator", "exports"))

# What Django and axes bring along and an administrator needs.
THEIRS = {"createsuperuser", "axes_reset"}


def test_every_command_is_documented_and_every_documented_command_exists() -> None:
    assert set(re.findall(r"manage\.py (\w+)", README)) == {*OURS, *THEIRS}
    assert get_commands().keys() >= THEIRS


@pytest.mark.parametrize("name", OURS)
def test_every_command_takes_help_and_every_option_named_exists(name: str, capsys: pytest.CaptureFixture) -> None:
    command = load_command_class(get_commands()[name], name)
    with pytest.raises(SystemExit) as caught:
        command.run_from_argv(["manage.py", name, "--help"])
    assert caught.value.code == 0
    text = capsys.readouterr().out
    rows = [line for line in README.splitlines() if f"manage.py {name} " in line]
    for option in {o for row in rows for o in re.findall(r"--[a-z]+", row)}:
        assert option in text, option


def test_every_setting_is_documented() -> None:
    sources = [
        ROOT / "annotator/settings.py",
        ROOT / "annotator/management/commands/seed.py",
        ROOT / "tests/evaluate.py",
    ]
    used = {n for p in sources for n in re.findall(r'"((?:SAIDBY|SPACY|DATABASE)_[A-Z_]+)"', p.read_text())}
    table = README.split("### Settings")[1].split("###")[0]
    assert used == set(re.findall(r"\| `([A-Z_]+)` \|", table))


def test_every_format_and_policy_is_documented() -> None:
    for name in [*IMPORTERS.names(), *FORMATS, *MISALIGNED, *POLICIES.names(), *BOUNDARIES.names()]:
        assert re.search(rf"\b{name}\b", README), name


def test_the_json_example_is_what_the_importer_reads() -> None:
    example = README.split("```json")[1].split("```")[0]
    row = json.loads(example)
    read = article(json.dumps(row).encode(), "README.md", 1)
    assert isinstance(read, Article)
    assert read.layer is not None and len(read.layer.spans) == 2


def test_every_make_target_named_exists() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in set(re.findall(r"make (demo|test|bench|eval|screenshots|lock|lint)", README + CONTRIBUTING)):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target


def test_every_path_named_in_the_guides_exists() -> None:
    for name in set(re.findall(r"`((?:corpus|annotator|exports|seeds|tests|docs)/[\w./-]*)`", README + CONTRIBUTING)):
        assert (ROOT / name).exists(), name
    for name in re.findall(r"\]\((docs/[^)]+)\)", README):
        assert (ROOT / name).exists(), name


def test_every_problem_message_formats_and_stays_on_one_line() -> None:
    from corpus.core.problems import MESSAGES, STATUS

    assert set(STATUS) <= set(MESSAGES)
    used = set()
    for folder in ("corpus", "annotator", "exports"):
        for path in (ROOT / folder).rglob("*.py"):
            used |= set(re.findall(r'Problem\(\s*"([a-z-]+)"', path.read_text(encoding="utf-8")))
    assert used == set(MESSAGES)
    assert all("\n" not in message for message in MESSAGES.values())


def test_the_deployment_files_name_commands_that_exist() -> None:
    folder = ROOT / "docs" / "deploy"
    texts = {path.name: path.read_text(encoding="utf-8") for path in folder.iterdir()}
    assert sorted(texts) == ["compose.yaml", "saidby-web.service", "saidby-worker.service"]
    for name, text in texts.items():
        assert set(re.findall(r'manage\.py[", ]+(\w+)', text)) <= set(OURS), name
    compose = yaml.safe_load(texts["compose.yaml"])
    settings = (ROOT / "annotator" / "settings.py").read_text(encoding="utf-8")
    for service in ("migrate", "web", "worker"):
        assert (folder / compose["services"][service]["build"]).resolve() == ROOT
        for variable in compose["services"][service]["environment"]:
            assert f'"{variable}"' in settings


def test_the_image_holds_the_program_and_no_more_rights_than_it_needs() -> None:
    lines = (ROOT / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ").splitlines()
    copied = {name for line in lines if line.startswith("COPY ") for name in line.split()[1:-1]}
    apps = {path.parent.name for path in ROOT.glob("*/apps.py")}
    assert copied == apps | {
        "seeds",
        "requirements.txt",
        "manage.py",
        "gunicorn.conf.py",
        "LICENSE",
    }
    assert all((ROOT / name).exists() for name in copied)
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").split("\n")
    for pattern in filter(None, ignored):
        assert not any(fnmatch(name, pattern) for name in copied), pattern
    assert {"tests", "docs", "data", ".*", "**/*.sqlite3*"} <= set(ignored)
    installs = [line for line in lines if "pip install" in line]
    assert installs and all("--require-hashes" in line for line in installs)
    (user,) = [at for at, line in enumerate(lines) if line.startswith("USER ")]
    assert lines[user] == "USER saidby"
    assert not any(line.startswith(("RUN ", "COPY ")) for line in lines[user:])
