"""`manage.py patterns`: read from a file, shown and written."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from corpus.models import Corpus
from tests.acts import audit_log

GOOD = '{"label": "SPEAKER", "pattern": "Ilse Brandt"}\n'


def told(*arguments: str) -> tuple[dict[str, Any], str]:
    out, err = StringIO(), StringIO()
    call_command("patterns", "harbour", "--json", *arguments, stdout=out, stderr=err)
    return json.loads(out.getvalue()), err.getvalue()


def test_patterns_come_in_from_a_file_and_go_out_the_same(corpus: Corpus, tmp_path: Path) -> None:
    assert told()[0] == {"version": 0, "patterns": 0, "digest": ""}
    file = tmp_path / "patterns.jsonl"
    file.write_text("\ufeff" + GOOD + "{\n", encoding="utf-8")
    answer, err = told("--import", str(file))
    assert (answer["version"], answer["patterns"]) == (1, 1)
    assert [(row["line"], row["code"]) for row in answer["errors"]] == [(2, "row-json")]
    assert f"{file}:2" in err and err.startswith("[row-json]")
    assert audit_log(corpus)[-1] == ("", "saved version 1 of the patterns: 1")
    told("--export", str(file))
    assert file.read_text(encoding="utf-8") == GOOD
    assert told()[0]["digest"] == answer["digest"]


def test_a_file_without_a_pattern_replaces_nothing(corpus: Corpus, tmp_path: Path) -> None:
    file = tmp_path / "patterns.jsonl"
    file.write_text("{", encoding="utf-8")
    for given in (str(file), str(tmp_path / "nowhere")):
        with pytest.raises(SystemExit) as ended:
            told("--import", given)
        assert ended.value.code == 1
    assert told()[0]["version"] == 0
