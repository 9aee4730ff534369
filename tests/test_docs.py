"""The documentation names all commands, settings, formats and endpoints, and only such as exist."""

from __future__ import annotations

import json
import re
from fnmatch import fnmatch
from pathlib import Path

import pytest
import spacy
import yaml
from django.core.management import get_commands, load_command_class
from django.core.management.base import BaseCommand
from drf_spectacular.generators import SchemaGenerator

from annotator.core import patterns
from annotator.core.merge import BOUNDARIES, POLICIES
from annotator.nlp.pipeline import pipeline
from annotator.web.body_limits import largest_body
from corpus.core import schema_file
from corpus.importers import IMPORTERS, Article
from corpus.importers.jsonl import article
from exports.core.split import parse
from exports.encoders import FORMATS, MISALIGNED

ROOT = Path(__file__).parent.parent
PAGES = sorted((ROOT / "docs").glob("*.md"))
FILES = [
    ROOT / "README.md",
    *PAGES,
    ROOT / "CONTRIBUTING.md",
    ROOT / "SECURITY.md",
    ROOT / "CHANGELOG.md",
]
TEXTS = {path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8") for path in FILES}
README = TEXTS["README.md"]
DOCS = "\n".join(text for name, text in TEXTS.items() if name.startswith("docs/"))
ADMINISTRATORS = TEXTS["docs/administrators.md"]
# What tells people how to use Saidby: all but the changelog, which tells of the past.
GUIDES = "\n".join(text for name, text in TEXTS.items() if name != "CHANGELOG.md")
CODE = re.compile(r"```.*?```|`[^`\n]+`", re.DOTALL)

OURS = sorted(n for n, app in get_commands().items() if app in ("corpus", "annotator", "exports"))
# What Django and axes bring along and an administrator needs.
THEIRS = {"createsuperuser", "axes_reset"}


def section(text: str, heading: str) -> str:
    """Return what stands under a heading, up to the next one of its level or above."""
    level = len(heading) - len(heading.lstrip("#"))
    after = text.split(f"\n{heading}\n")[1]
    return re.split(rf"\n#{{1,{level}}} ", after)[0]


def anchors(text: str) -> set[str]:
    """Return the anchors of a page's headings, made as GitHub makes them."""
    found: set[str] = set()
    for title in re.findall(r"^#+ (.+)$", re.sub(r"```.*?```", "", text, flags=re.DOTALL), re.M):
        words = re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", title).lower()
        anchor = re.sub(r"[^\w\- ]", "", words).replace(" ", "-")
        number = 0
        while anchor + (f"-{number}" if number else "") in found:
            number += 1
        found.add(anchor + (f"-{number}" if number else ""))
    return found


def broken_links(folder: Path, text: str) -> list[str]:
    """Return the relative links of a text that lead to no file, or to no heading of a page."""
    broken = []
    for link in re.findall(r"\]\(([^)\s]+)\)", CODE.sub("", text)):
        if re.match(r"[a-z]+:", link):
            continue
        name, _, anchor = link.partition("#")
        target = (folder / name).resolve() if name else None
        if target is not None and not target.exists():
            broken.append(link)
        elif anchor:
            page = target.read_text(encoding="utf-8") if target else text
            if anchor not in anchors(page):
                broken.append(link)
    return broken


def test_every_command_is_documented_and_every_documented_command_exists() -> None:
    assert set(re.findall(r"manage\.py (\w+)", GUIDES)) == {*OURS, *THEIRS}
    assert get_commands().keys() >= THEIRS
    rows = re.findall(r"^\| `manage\.py (\w+)", section(ADMINISTRATORS, "## Commands"), re.M)
    assert sorted(rows) == sorted({*OURS, *THEIRS})


@pytest.mark.parametrize("name", OURS)
def test_every_command_takes_help_and_every_option_named_exists(
    name: str,
    capsys: pytest.CaptureFixture,
) -> None:
    command = load_command_class(get_commands()[name], name)
    with pytest.raises(SystemExit) as caught:
        command.run_from_argv(["manage.py", name, "--help"])
    assert caught.value.code == 0
    text = capsys.readouterr().out
    rows = re.findall(rf"manage\.py {name}\b(.*)$", GUIDES, re.M)
    assert rows
    for option in {o for row in rows for o in re.findall(r"--[a-z]+(?:-[a-z]+)*", row)}:
        assert option in text, option


@pytest.mark.parametrize("name", sorted({*OURS} - {"migrate"}))
def test_every_option_is_documented(name: str) -> None:
    """Of `migrate`, which is Django's with a copy before it, the options are Django's own."""
    command = load_command_class(get_commands()[name], name)
    shared = BaseCommand().create_parser("manage.py", name)
    common = {o for action in shared._actions for o in action.option_strings}
    (row,) = re.findall(rf"^\| `manage\.py {name}\b.*$", ADMINISTRATORS, re.M)
    options = set()
    for action in command.create_parser("manage.py", name)._actions:
        options |= {o for o in action.option_strings if o.startswith("--")} - common
    if "--json" in options:
        options.remove("--json")
    else:
        assert name in re.findall(r"`(\w+)`", ADMINISTRATORS.split("`--json`")[1].split("\n")[0])
    assert options <= set(re.findall(r"--[a-z]+(?:-[a-z]+)*", row))


def test_every_setting_is_documented() -> None:
    used = set()
    for folder in ("corpus", "annotator", "exports", "tests", "tools"):
        for path in (ROOT / folder).rglob("*.py"):
            names = re.findall(r'"((?:SAIDBY|SPACY|DATABASE)_[A-Z_]+)"', path.read_text("utf-8"))
            used |= set(names)
    table = section(ADMINISTRATORS, "## Settings")
    assert used == set(re.findall(r"\| `([A-Z_]+)` \|", table))
    assert used >= set(re.findall(r"\bSAIDBY_[A-Z_]+", GUIDES))


def test_every_format_and_policy_is_documented() -> None:
    formats = TEXTS["docs/formats.md"]
    for name in [*IMPORTERS.names(), *FORMATS, *MISALIGNED]:
        assert f"`{name}`" in formats, name
    policies = section(TEXTS["docs/managers.md"], "## Settling by policy")
    for name in POLICIES.names():
        assert re.search(rf"^\| `{name}\b", policies, re.M), name
    named = set(re.findall(r"^\| `\+(\w+)` \|", policies, re.M))
    assert named == set(BOUNDARIES.names())


def test_every_way_to_split_that_is_named_can_be_asked_for(tmp_path: Path) -> None:
    (tmp_path / "train.txt").write_text("a\n", encoding="utf-8")
    part = section(TEXTS["docs/formats.md"], "### Train, dev and test")
    named = re.findall(r"^\| `([^`-][^`]*)` \|", part, re.M)
    ways = {parse(name.replace("FOLDER", str(tmp_path))).by for name in named}
    assert ways == {"shares", "folds", "date", "outlet", "lists"}


def test_the_json_example_is_what_the_importer_reads() -> None:
    part = section(TEXTS["docs/formats.md"], "## JSONL, lossless")
    row = json.loads(part.split("```json")[1].split("```")[0])
    read = article(json.dumps(row).encode(), "formats.md", 1)
    assert isinstance(read, Article)
    assert read.layer is not None and len(read.layer.spans) == 2


def test_the_example_of_patterns_is_what_is_read() -> None:
    about = section(TEXTS["docs/formats.md"], "## Patterns")
    (example,) = re.findall(r"```jsonl\n(.*?)```", about, re.S)
    named = {"name": "SPEAKER", "attributes": [{"name": "name", "kind": "text"}]}
    found, problems = patterns.read(
        example, schema_file.parse({"labels": [named, {"name": "ORGANISATION"}]})
    )
    assert (len(found), problems) == (3, [])
    assert patterns.write(found) == example


def test_every_json_example_is_json() -> None:
    examples = re.findall(r"```json\n(.*?)```", GUIDES, re.DOTALL)
    assert len(examples) >= 3
    for example in examples:
        assert json.loads(example)


def test_the_python_example_runs(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture,
) -> None:
    source = pipeline()
    fresh = type(source).from_config(source.config).from_bytes(source.to_bytes())
    monkeypatch.setattr(spacy, "load", lambda name: fresh)
    (example,) = re.findall(r"```python\n(.*?)```", TEXTS["docs/developers.md"], re.DOTALL)
    exec(example, {})
    assert capsys.readouterr().out.startswith("['Ilse Brandt'] [“The wall will not hold,”]")


def test_every_endpoint_is_documented_and_every_documented_endpoint_exists() -> None:
    schema = SchemaGenerator().get_schema(request=None, public=True)
    there = set()
    for path, operations in schema["paths"].items():
        there |= {f"{method.upper()} {path}" for method in operations}
    rows = re.findall(r"^\| `((?:GET|POST|PUT|PATCH|DELETE) [^`]+)` \|", TEXTS["docs/api.md"], re.M)
    assert sorted(rows) == sorted(there)


def test_every_make_target_named_exists() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    named = set()
    for code in CODE.findall(GUIDES):
        named |= set(re.findall(r"^`*(?:\w+=\w+ )?make (\w+)", code, re.M))
    assert named >= {"demo", "test", "bench", "eval", "screenshots", "lock", "lint"}
    for target in named:
        assert re.search(rf"^{target}:", makefile, re.M), target


def test_every_path_and_module_named_exists() -> None:
    root = r"(?:corpus|annotator|exports|seeds|tests|tools|docs|\.ci)"
    for name in set(re.findall(rf"`({root}/[\w./-]*)(?: \w+)?`", GUIDES)):
        assert (ROOT / name).exists(), name
    for name in set(re.findall(r"`([A-Z]\w+\.md|\w+\.py|Makefile|Dockerfile)`", README + DOCS)):
        assert (ROOT / name).exists(), name
    for name in set(re.findall(r"python -m ((?:tests|tools)\.\w+)", GUIDES)):
        assert (ROOT / name.replace(".", "/")).with_suffix(".py").is_file(), name


@pytest.mark.parametrize("name", TEXTS)
def test_every_relative_link_resolves(name: str) -> None:
    assert broken_links((ROOT / name).parent, TEXTS[name]) == []


def test_links_that_lead_nowhere_are_found() -> None:
    text = "# One `two`\n\n[a](#one-two) [b](#three) [c](README.md#start) [d](README.md#x) [e](x)"
    assert broken_links(ROOT, text) == ["#three", "README.md#x", "x"]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_page_is_linked_says_whom_it_is_for_and_leads_back(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert f"](docs/{page.name})" in README
    assert re.match(r"# .+\n\n\*This page is for people who .+", text)
    assert "](../README.md" in text
    listed = re.findall(r"\]\(#([\w-]+)\)", text.split("\n## ")[0])
    assert listed == [anchors(title).pop() for title in re.findall(r"^## .+$", text, re.M)]


def test_every_problem_message_formats_and_stays_on_one_line() -> None:
    from corpus.core.problems import MESSAGES, STATUS

    assert set(STATUS) <= set(MESSAGES)
    used = set()
    for folder in ("corpus", "annotator", "exports"):
        for path in (ROOT / folder).rglob("*.py"):
            used |= set(re.findall(r'Problem\(\s*"([a-z-]+)"', path.read_text(encoding="utf-8")))
    assert used == set(MESSAGES)
    assert all("\n" not in message for message in MESSAGES.values())


def test_every_test_that_the_security_page_names_exists() -> None:
    page = TEXTS["docs/security.md"]
    named = set(re.findall(r"`(tests/[^`]*)`", page))
    assert named
    for name in sorted(named):
        path, _, function = name.partition("::")
        assert re.fullmatch(r"test_\w+", function), name
        assert re.search(rf"^def {function}\(", (ROOT / path).read_text("utf-8"), re.M), name


def test_every_line_of_the_security_page_has_a_test_or_says_why_not() -> None:
    page = TEXTS["docs/security.md"]
    chapters = re.findall(r"^## V(\d+) ", page, re.M)
    assert chapters == [str(number) for number in range(1, 15)]
    rows = re.findall(r"^\| (\d+\.[\d.–, ]+) \|.*\| (.+) \|$", page, re.M)
    assert len(rows) == len(re.findall(r"^\| \d", page, re.M))
    for number, test in rows:
        assert re.match(r"`tests/|No test|Not met|In part|Not applicable", test), number
    assert {number.split(".")[0] for number, _ in rows} == set(chapters)


def test_the_deployment_files_name_commands_that_exist() -> None:
    folder = ROOT / "docs" / "deploy"
    texts = {path.name: path.read_text(encoding="utf-8") for path in folder.iterdir()}
    files = ["compose.yaml", "nginx.conf", "saidby-web.service", "saidby-worker.service"]
    assert sorted(texts) == files
    for name, text in texts.items():
        assert set(re.findall(r'manage\.py[", ]+(\w+)', text)) <= set(OURS), name
    compose = yaml.safe_load(texts["compose.yaml"])
    settings = (ROOT / "annotator" / "settings.py").read_text(encoding="utf-8")
    for service in ("migrate", "web", "worker"):
        assert (folder / compose["services"][service]["build"]).resolve() == ROOT
        for variable in compose["services"][service]["environment"]:
            assert f'"{variable}"' in settings
    largest = re.findall(r"client_max_body_size (\d+)m;", texts["nginx.conf"])
    assert [int(size) * 1_000_000 for size in largest] == [largest_body(upload=True)]


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
