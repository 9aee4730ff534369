"""`create_corpus`: with a template, a file, or neither."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from corpus.core.schema_templates import TEMPLATES
from corpus.models import Corpus
from corpus.selectors import schema_rows


def labels_of(slug: str) -> list[str]:
    corpus = Corpus.objects.get(slug=slug)
    assert corpus.schema is not None
    return list(schema_rows(corpus.schema).view.labels)


@pytest.mark.parametrize("name", list(TEMPLATES))
def test_a_template_brings_schema_and_guideline(db: None, name: str) -> None:
    call_command("create_corpus", "news", template=name)
    assert labels_of("news") == list(TEMPLATES[name].schema.labels)
    assert Corpus.objects.get(slug="news").guideline == TEMPLATES[name].guideline


def test_without_either_it_is_who_said_what(db: None) -> None:
    call_command("create_corpus", "news")
    assert labels_of("news") == ["SPEAKER", "CLAIM", "CUE"]


def test_help_names_the_templates(capsys: Any) -> None:
    with pytest.raises(SystemExit):
        call_command("create_corpus", "--help")
    shown = " ".join(capsys.readouterr().out.split())
    for template in TEMPLATES.values():
        assert f"{template.name}: {template.title.lower()}" in shown


def test_an_unknown_template_is_refused_with_those_there_are(db: None, capsys: Any) -> None:
    with pytest.raises(SystemExit):
        call_command("create_corpus", "news", template="who")
    said = capsys.readouterr().err
    assert "no template 'who'" in said
    assert "relations" in said


def test_a_file_and_a_template_exclude_each_other(db: None, tmp_path: Path) -> None:
    path = tmp_path / "schema.json"
    path.write_text(json.dumps({"labels": [{"name": "A"}]}), encoding="utf-8")
    with pytest.raises(CommandError):
        call_command("create_corpus", "news", "--template", "entities", "--schema", str(path))


def test_mistakes_of_a_file_are_said_with_its_name(db: None, tmp_path: Path, capsys: Any) -> None:
    path = tmp_path / "schema.json"
    keys = [{"name": "A", "key": "1"}, {"name": "B", "key": "1"}]
    path.write_text(json.dumps({"labels": keys}), encoding="utf-8")
    with pytest.raises(SystemExit):
        call_command("create_corpus", "news", schema=path)
    said = capsys.readouterr().err
    assert f"[schema-invalid] {path}: " in said
    assert "label 'B', key: '1' is also that of label 'A'" in said
    assert not Corpus.objects.exists()


def test_a_schema_is_made_of_what_files_hold(db: None, tmp_path: Path, capsys: Any) -> None:
    (tmp_path / "a.txt").write_text("Ada met Bo in Rome.", encoding="utf-8")
    path = tmp_path / "a.ann"
    path.write_text(
        "T1\tPER 0 3\tAda\nT2\tPER 8 10\tBo\nT3\tLOC 14 18\tRome\nR1\tmet Arg1:T1 Arg2:T2\n",
        encoding="utf-8",
    )
    call_command("create_corpus", "people", schema_from=path)
    said = capsys.readouterr().out
    assert "PER (2)" in said
    assert "met (1)" in said
    corpus = Corpus.objects.get(slug="people")
    assert corpus.schema is not None
    view = schema_rows(corpus.schema).view
    assert [(label.name, label.key) for label in view.labels.values()] == [
        ("PER", "1"),
        ("LOC", "2"),
    ]
    assert view.links["met"].sources == ("PER",)
    assert len({label.colour for label in view.labels.values()}) == 2


def test_files_with_other_names_are_read_as_they_are_said_to_be(
    db: None, tmp_path: Path, capsys: Any
) -> None:
    spans = [{"label": "PER", "start": 0, "end": 3}]
    rows = [
        {
            "teaser": "Ada met Bo in Rome for no reason at all.",
            "b": "Ada!",
            "spans": spans,
        },
        {"teaser": "One more word.", "b": ""},
    ]
    path = tmp_path / "rows.jsonl"
    path.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    call_command("create_corpus", "people", schema_from=path, field=["text=b"])
    out, err = capsys.readouterr()
    assert "PER (1)" in out
    assert f"[text-empty] {path}:2" in err
    assert labels_of("people") == ["PER"]
    with pytest.raises(SystemExit):
        call_command("create_corpus", "more", schema_from=path, field=["text=body"])
    assert "[field-missing]" in capsys.readouterr().err


@pytest.mark.parametrize("how", [{"field": ["text=b"]}, {"encoding": "latin-1"}])
def test_how_files_are_read_is_said_of_files_alone(db: None, how: Any, capsys: Any) -> None:
    with pytest.raises(SystemExit):
        call_command("create_corpus", "news", **how)
    assert "--schema-from" in capsys.readouterr().err
    assert not Corpus.objects.exists()
