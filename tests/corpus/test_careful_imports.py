"""What importers must not lose, and names that a document cannot have."""

from __future__ import annotations

import json
import zipfile
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from annotator.models import Layer
from annotator.selectors import layer_views
from annotator.services import intake, review
from corpus import importers
from corpus.core.problems import Problem
from corpus.importers import Article
from corpus.models import Corpus, Document


def codes(found: list[Article | Problem]) -> list[str]:
    return [x.code if isinstance(x, Problem) else x.id for x in found]


@pytest.mark.parametrize("ident", ["a\nb", "a\rb", "a\u2028b", "..", "a/../b", "./a", "tab\there"])
def test_an_id_that_no_address_can_hold_is_refused(tmp_path: Path, ident: str) -> None:
    path = tmp_path / "in.jsonl"
    path.write_text(json.dumps({"id": ident, "text": "hello"}) + "\n" + '{"id": "good", "text": "x"}\n')
    assert codes(list(importers.read(path))) == ["row-field", "good"]


def test_an_odd_name_in_a_zip_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "in.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a\nb.txt", "hello")
        archive.writestr("good.txt", "hello")
    assert sorted(codes(list(importers.articles([path])))) == ["good", "row-field"]
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(".", "hello")
    assert codes(list(importers.articles([path]))) == ["zip-invalid"]


def question(label: str, start: int, end: int) -> str:
    span = {"start": start, "end": end, "label": label}
    return json.dumps({"text": "Ann said it rained.", "_input_hash": 7, "spans": [span], "answer": "accept"}) + "\n"


def test_one_question_a_row_gives_the_spans_of_all_rows(corpus: Corpus, bob: Any, tmp_path: Path) -> None:
    path = tmp_path / "in.jsonl"
    path.write_text(question("SPEAKER", 0, 3) + question("CUE", 4, 8) + question("SPEAKER", 0, 3))
    for _ in range(2):
        report = intake.import_documents(corpus, [path], format="prodigy")
        assert report.problems == []
        (view,) = layer_views(Layer.objects.filter(kind="suggestion")).values()
        assert [(s.label, s.start, s.end) for s in view.in_order()] == [("SPEAKER", 0, 3), ("CUE", 4, 8)]
    # What a reviewer was shown does not change under their hands.
    review.open_layer(Document.objects.select_related("corpus").get(), by=bob)
    path.write_text(path.read_text() + question("CLAIM", 9, 18))
    report = intake.import_documents(corpus, [path], format="prodigy")
    assert [(p.code, p.line) for p in report.problems] == [("spans-kept", 4)]
    assert Layer.objects.get(kind="suggestion").spans.count() == 2


def test_a_row_with_a_bad_quote_does_not_end_a_table(tmp_path: Path) -> None:
    path = tmp_path / "in.csv"
    path.write_text('id,text\n1,"hello"x\n2,good\n3,also good\n')
    assert codes(list(importers.read(path))) == ["row-shape", "2", "3"]


@pytest.mark.parametrize("charset", ["undefined", "punycode", "idna", "no-such"])
def test_a_page_that_names_an_odd_encoding_is_answered_in_words(tmp_path: Path, charset: str) -> None:
    path = tmp_path / "in.html"
    path.write_bytes(f'<meta charset="{charset}"><p>caf\xe9 \u2026 long enough to be a text.</p>'.encode())
    assert codes(list(importers.read(path))) == ["text-encoding"]


@pytest.mark.parametrize("charset", ["iso-8859-1", "latin1", "ISO_8859-1", "us-ascii", "windows-1252"])
def test_a_page_in_latin_1_keeps_its_curly_quotes(tmp_path: Path, charset: str) -> None:
    path = tmp_path / "in.html"
    said = "“The wall will not hold,” said Ann – who hadn’t seen it in the café for 20 €."
    page = f'<html><head><meta charset="{charset}"></head><body><article><p>{said}</p></article></body></html>'
    path.write_bytes(page.encode("windows-1252"))
    (found,) = importers.read(path)
    assert isinstance(found, Article) and found.body.text == said
    path.write_bytes(page.encode("windows-1252").replace(b"caf\xe9", b"caf\x81"))
    assert codes(list(importers.read(path))) == ["in"]


def test_every_page_of_annotations_is_read(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("Ann said it rained.")

    def page(number: int, start: int, end: int) -> dict[str, Any]:
        selector = {"type": "TextPositionSelector", "start": start, "end": end}
        item = {"id": f"n{number}", "type": "Annotation", "body": [{"value": "SPEAKER", "purpose": "tagging"}],
                "target": {"source": "a", "selector": selector}}  # fmt: skip
        return {"type": "AnnotationPage", "items": [item], **({"next": "elsewhere"} if number == 2 else {})}

    path = tmp_path / "a.jsonld"
    path.write_text(json.dumps([page(1, 0, 3), page(2, 9, 11)]))
    (found,) = importers.read(path, format="webannotation")
    assert isinstance(found, Article) and found.layer is not None
    assert [(s.start, s.end) for s in found.layer.in_order()] == [(0, 3), (9, 11)]
    assert found.notes["Web Annotation pages that are elsewhere"] == 1


def test_an_export_deletes_no_file_that_it_did_not_write(
    document: Any, bob: Any, carol: Any, tmp_path: Path, monkeypatch: Any
) -> None:
    to = tmp_path / "mine"
    to.mkdir()
    (to / "manifest.json").write_text("{}")
    (to / "thesis.txt").write_text("years of work")
    err = StringIO()

    def export(*more: str) -> None:
        call_command("export", "harbour", "--layer", "suggestions", *more, stdout=StringIO(), stderr=err)

    with pytest.raises(SystemExit):
        export("--format", "spacy", "--to", str(to))
    assert "folder-holds-more" in err.getvalue() and (to / "thesis.txt").read_text() == "years of work"
    fresh = tmp_path / "fresh"
    export("--format", "spacy", "--to", str(fresh))
    export("--format", "spacy", "--to", str(fresh))
    (fresh / "model-best").mkdir()
    (fresh / "model-best" / "weights").write_text("hours of work")
    with pytest.raises(SystemExit):
        export("--format", "spacy", "--to", str(fresh))
    assert (fresh / "model-best" / "weights").is_file()
    empty = tmp_path / "empty"
    empty.mkdir()
    monkeypatch.chdir(empty)
    with pytest.raises(SystemExit):
        export("--format", "jsonl", "--to", ".")
    assert "[exists]" in err.getvalue()


def test_cas_keeps_the_kind_of_a_claim(document: Any, tmp_path: Path) -> None:
    call_command("export", "harbour", "--layer", "suggestions", "--format", "cas", "--to", str(tmp_path / "cas"),
                 stdout=StringIO())  # fmt: skip
    found = [a for a in importers.articles([tmp_path / "cas"], format="cas") if isinstance(a, Article)]
    assert found and found[0].layer is not None
    assert {s.attributes["kind"] for s in found[0].layer.spans.values() if s.label == "CLAIM"} == {"direct", "indirect"}
