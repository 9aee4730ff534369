"""Importing from files: bad input gets a coded line naming file and line, the rest goes in, nothing
is half-written.
"""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from annotator.models import Adjudication, Assignment, Layer
from annotator.selectors.layers import layer_views
from corpus.models import Document, DocumentText
from tools.evaluate import GOLD

pytestmark = pytest.mark.postgresql


def run(*args: Any, code: int = 0) -> tuple[dict[str, Any], list[str]]:
    out, err = StringIO(), StringIO()
    if code:
        with pytest.raises(SystemExit) as caught:
            call_command("import_documents", *map(str, args), "--json", stdout=out, stderr=err)
        assert caught.value.code == code
    else:
        call_command("import_documents", *map(str, args), "--json", stdout=out, stderr=err)
    return json.loads(out.getvalue() or "null"), err.getvalue().splitlines()


def row(ident: str = "a1", text: str = "Ann said it rained.", **more: Any) -> str:
    return json.dumps({"id": ident, "text": text, **more})


SPAN = {
    "id": "s1",
    "label": "SPEAKER",
    "start": 0,
    "end": 3,
    "text": "Ann",
    "attributes": {"name": "Ann"},
}


def test_a_folder_goes_in_and_its_bad_files_are_named(corpus: Any, tmp_path: Path) -> None:
    (tmp_path / "good.txt").write_bytes("Title\r\n\r\nText 😀".encode())
    (tmp_path / "latin.txt").write_bytes("Łódź, ".encode() + b"caf\xe9")
    (tmp_path / "nul.txt").write_bytes(b"a\0b")
    (tmp_path / "empty.txt").write_bytes(b"")
    (tmp_path / "ignored.bin").write_bytes(b"\0")
    with (tmp_path / "huge.txt").open("wb") as file:
        file.truncate(50_000_000)
    answer, lines = run("harbour", tmp_path)
    assert answer["imported"] == 1
    found = {Path(e["file"]).name: e["code"] for e in answer["errors"]}
    assert found == {
        "latin.txt": "text-encoding",
        "nul.txt": "text-nul",
        "empty.txt": "text-empty",
        "huge.txt": "file-too-large",
    }
    assert len(lines) == 4
    assert all(line.startswith("[") for line in lines)
    assert DocumentText.objects.get().text == "Title\n\nText 😀"
    assert (Assignment.objects.count(), Adjudication.objects.count()) == (2, 1)


def test_bad_rows_are_named_by_line_and_the_rest_goes_in(corpus: Any, tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    rows = [
        row("a1", spans=[SPAN]),
        row("a2", spans=[{**SPAN, "text": "Bob"}]),
        "{not json",
        "[1, 2]",
        row("a3", spans=[{**SPAN, "end": 99}]),
        row("a4", spans=[{**SPAN, "label": "THING"}]),
        row("a5", spans=[{**SPAN, "attributes": {"mood": "x"}}]),
        row("a6", text=7),  # type: ignore[arg-type]
        json.dumps({"text": "no id"}),
        "",
        row("a7", text="a\ud800"),
        row("a1", text="Another text."),
        row("a8", spans=[SPAN], links=[{"kind": "said_by", "source": "s1", "target": "zz"}]),
        row("a9", text="Ann\r\nsaid", spans=[SPAN]),
        row("a10"),
        "[" * 100_000,
    ]
    path.write_text("\n".join(rows), encoding="utf-8")
    answer, _ = run("harbour", path)
    assert {(e["line"], e["code"]) for e in answer["errors"]} == {
        (3, "row-json"),
        (4, "row-json"),
        (8, "row-field"),
        (11, "text-surrogate"),
        (12, "duplicate-id"),
        (16, "row-json"),
    }
    # An annotation that cannot be read, or that the schema does not know, is left out, not its
    # document.
    assert {(e["line"], e["code"], e["count"]) for e in answer["left_out"]} == {
        (2, "span-text", 1),
        (5, "span-range", 1),
        (13, "link-ends", 1),
        (6, "span-label", 1),
        (7, "span-attribute", 1),
    }
    assert answer["unknown"] == {
        "labels": {"THING": 1},
        "links": {},
        "attributes": {"THING.name": 1, "SPEAKER.mood": 1},
        "values": {},
    }
    found = Document.objects.values_list("external_id", flat=True)
    *known, made = sorted(found)
    taken = {"a1", "a2", "a3", "a4", "a5", "a8", "a9", "a10"}
    assert set(known) == taken and made.startswith("text-")
    layers = Layer.objects.values_list("document__external_id", "run__suggester")
    assert set(layers) == {(ident, "file:rows.jsonl") for ident in ("a1", "a5", "a8", "a9")}


def test_spans_can_be_left_out(corpus: Any, tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text(row(spans=[SPAN]), encoding="utf-8")
    assert run("harbour", path, "--spans", "ignore")[0]["imported"] == 1
    assert not Layer.objects.exists()


THEIRS = {
    "id": "p1",
    "text": "Ann said it rained.",
    "spans": [
        {"id": "s1", "label": "Source", "start": 0, "end": 3, "attributes": {"Name": "Ann"}},
        {"id": "c2", "label": "Content", "start": 9, "end": 18, "attributes": {"stance": "PRO"}},
        {"id": "c3", "label": "Discard", "start": 4, "end": 8},
    ],
    "links": [{"kind": "source_of", "source": "c2", "target": "s1"}],
}
MAP = {
    "labels": {"Source": "SPEAKER", "Content": "CLAIM", "Discard": None},
    "links": {"source_of": "said_by"},
    "attributes": {"Source.Name": "name"},
    "values": {"stance": {"PRO": "support"}},
}


def test_what_the_schema_does_not_know_is_listed_at_once_and_mapped(
    corpus: Any, tmp_path: Path
) -> None:
    path = tmp_path / "theirs.jsonl"
    path.write_text(json.dumps(THEIRS), encoding="utf-8")
    answer, lines = run("harbour", path, "--write-map", tmp_path / "map.json")
    assert (answer["imported"], answer["errors"]) == (1, [])
    assert answer["unknown"] == {
        "labels": {"Source": 1, "Content": 1, "Discard": 1},
        "links": {"source_of": 1},
        "attributes": {"Source.Name": 1, "Content.stance": 1},
        "values": {"stance": {"PRO": 1}},
        "roles": {"Content": {"source_of": 1}},
    }
    assert [line.split("]")[0] for line in lines] == ["[span-label", "[link-kind"]
    written = json.loads((tmp_path / "map.json").read_text(encoding="utf-8"))
    assert written == {
        "labels": {"Source": "SPEAKER", "Content": "CLAIM", "Discard": None},
        "links": {"source_of": None},
        "attributes": {"Source.Name": "name", "Content.stance": "stance"},
        "values": {"stance": {"PRO": None}},
        "frames": {},
    }
    assert not Layer.objects.exists()
    (tmp_path / "ours.json").write_text(json.dumps(MAP), encoding="utf-8")
    answer, lines = run("harbour", path, "--map", tmp_path / "ours.json")
    assert ("unknown" in answer, lines) == (False, [])
    assert answer["notes"] == [{"reason": "left out by the map: label Discard", "count": 1}]
    (view,) = layer_views(Layer.objects.all()).values()
    assert [(s.label, dict(s.attributes)) for s in view.in_order()] == [
        ("SPEAKER", {"name": "Ann"}),
        ("CLAIM", {"stance": "support"}),
    ]
    assert [link.kind for link in view.links.values()] == ["said_by"]


def test_a_map_that_leads_nowhere_is_refused_with_all_its_mistakes(
    corpus: Any, tmp_path: Path
) -> None:
    (tmp_path / "in.jsonl").write_text(json.dumps(THEIRS), encoding="utf-8")
    wrong = {"labels": {"Source": "PERSON"}, "values": {"stance": {"PRO": "pro"}}, "label": {}}
    (tmp_path / "map.json").write_text(json.dumps(wrong), encoding="utf-8")
    _, lines = run("harbour", tmp_path / "in.jsonl", "--map", tmp_path / "map.json", code=1)
    assert len(lines) == 1 and lines[0].startswith("[label-map]")
    assert all(name in lines[0] for name in ("'PERSON'", "'pro'", "'label'", "map.json"))
    assert not Document.objects.exists()


def test_a_review_with_names_that_nobody_knows_waits_for_a_map(corpus: Any, tmp_path: Path) -> None:
    path = tmp_path / "theirs.jsonl"
    path.write_text(json.dumps(THEIRS), encoding="utf-8")
    run("harbour", path, "--spans", "ignore")
    (tmp_path / "ours.json").write_text(json.dumps(MAP), encoding="utf-8")
    out, err = StringIO(), StringIO()
    layer = ("import_layer", "harbour", str(path), "--as", "eve", "--json")
    with pytest.raises(SystemExit):
        call_command(*layer, stdout=out, stderr=err)
    answer = json.loads(out.getvalue())
    assert [e["code"] for e in answer["errors"]] == ["span-label"]
    assert answer["unknown"]["labels"] == {"Source": 1, "Content": 1, "Discard": 1}
    assert not Layer.objects.filter(owner__username="eve", version__gt=0).exists()
    call_command(*layer, "--map", str(tmp_path / "ours.json"), stdout=StringIO(), stderr=err)
    (view,) = layer_views(Layer.objects.filter(owner__username="eve")).values()
    assert [span.label for span in view.in_order()] == ["SPEAKER", "CLAIM"]


def test_the_same_file_twice_adds_nothing(corpus: Any, tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text(row(spans=[SPAN]), encoding="utf-8")
    report = run("harbour", path)[0]
    assert (report["imported"], report["skipped"], report["errors"]) == (1, 0, [])
    report = run("harbour", path)[0]
    assert (report["imported"], report["skipped"], report["errors"]) == (0, 1, [])
    assert (Document.objects.count(), Layer.objects.count(), Assignment.objects.count()) == (
        1,
        1,
        2,
    )


def test_other_text_under_an_id_supersedes(corpus: Any, tmp_path: Path) -> None:
    path = tmp_path / "story.txt"
    for text in ("First version.", "Second version.", "First version."):
        path.write_text(text, encoding="utf-8")
        report = run("harbour", path, "--update")[0]
        assert report["imported"] + report["replaced"] == 1
        current = Document.objects.get(retired_at__isnull=True)
        assert current.body.text == text
    assert Document.objects.count() == 2


def test_nothing_usable_is_exit_1(corpus: Any, tmp_path: Path) -> None:
    answer, lines = run("harbour", tmp_path / "nowhere", code=1)
    assert (answer["imported"], answer["errors"][0]["code"]) == (0, "file-missing")
    assert len(lines) == 1
    _, lines = run("atlantis", tmp_path, code=1)
    assert lines == ["[not-found] there is no corpus 'atlantis' here"]


@pytest.mark.parametrize("name", GOLD)
def test_our_own_gold_goes_in_whole(corpus: Any, name: str) -> None:
    path = Path(__file__).parents[3] / "seeds" / name
    answer, _ = run(corpus.slug, path)
    assert (answer["imported"], answer["errors"]) == (
        len(path.read_text(encoding="utf-8").splitlines()),
        [],
    )


def test_a_file_that_came_alone_is_there_when_its_namesake_comes(
    corpus: Any, tmp_path: Path
) -> None:
    paths = []
    for folder, text in (("A", "Rain."), ("B", "Snow.")):
        path = tmp_path / folder / "report.txt"
        path.parent.mkdir()
        path.write_text(text)
        paths.append(path)
    assert run("harbour", paths[0])[0]["imported"] == 1
    answer, _ = run("harbour", *paths)
    assert (answer["imported"], answer["skipped"], answer["errors"]) == (1, 1, [])
    answer, _ = run("harbour", *reversed(paths))
    assert (answer["imported"], answer["skipped"], answer["errors"]) == (0, 2, [])
    assert run("harbour", paths[1])[0]["skipped"] == 1
    found = Document.objects.values_list("external_id", flat=True)
    assert sorted(found) == ["B-report", "report"]
