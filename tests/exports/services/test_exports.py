"""Exports: JSONL loses nothing, the spaCy folder is the same on every run and reads back span by
span.
"""

from __future__ import annotations

import json
import multiprocessing
import signal
import subprocess
import sys
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
import spacy
from django.core.management import call_command
from django.utils import timezone
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from spacy.tokens import DocBin

from annotator.models import Run
from annotator.services import review
from annotator.services.runs import store
from annotator.suggesters.trained import Trained
from corpus.core.schema import ATTRIBUTION
from corpus.core.span import Span, layer_view
from corpus.importers import Article
from corpus.importers.jsonl import article
from corpus.models import Corpus, Role
from corpus.services.corpora import create_corpus
from corpus.services.members import add_member
from exports.core.manifest import checksums
from exports.core.record import Record, as_row
from exports.encoders import Options, spacy_project
from exports.services import exports
from tests.acts import TEXT, find, submit_as, suggested
from tools.texts import annotated


def export(*args: Any) -> dict[str, Any]:
    out = StringIO()
    call_command("export", *map(str, args), "--json", stdout=out)
    return json.loads(out.getvalue())


@given(annotated())
@hypothesis_settings(max_examples=100)
def test_a_line_of_jsonl_reads_back_as_the_same_layer(case: tuple) -> None:
    text, layer = case
    if "\n" in text[:1] or not text.strip() or "\ufeff" in text[:1]:
        return
    line = json.dumps(as_row(Record("a", text, {"title": "x"}, layer, "gold")), ensure_ascii=False)
    back = article(line.encode(), "f", 1)
    assert isinstance(back, Article)
    assert back.body.text == text
    if layer.spans:
        assert back.layer is not None
        assert dict(back.layer.spans) == dict(layer.spans)
        ends = {(x.kind, x.source, x.target) for x in layer.links.values()}
        assert {(x.kind, x.source, x.target) for x in back.layer.links.values()} == ends


def test_suggestions_leave_and_come_back(document: Any, tmp_path: Path) -> None:
    answer = export(
        "harbour", "--format", "jsonl", "--layer", "suggestions", "--to", tmp_path / "out.jsonl"
    )
    assert answer == {
        "documents": 1,
        "spans": 6,
        "links": 3,
        "dropped": [],
        "files": [str(tmp_path / "out.jsonl")],
    }
    other = create_corpus("other")
    call_command("import_documents", "other", str(tmp_path / "out.jsonl"), stdout=StringIO())
    export("other", "--format", "jsonl", "--layer", "suggestions", "--to", tmp_path / "again.jsonl")
    assert (tmp_path / "again.jsonl").read_bytes() == (tmp_path / "out.jsonl").read_bytes()
    assert other.documents.count() == 1
    (claim,) = [span for span in _spans(tmp_path / "again.jsonl") if "evidence" in span]
    assert claim["evidence"] == {
        "rule": "quotation",
        "cue": "said",
        "why": "quotation before 'said'",
    }


def test_what_a_person_made_of_suggestions_has_no_evidence(
    document: Any, bob: Any, tmp_path: Path
) -> None:
    submit_as(document, bob)
    export("harbour", "--format", "jsonl", "--layer", "bob", "--to", tmp_path / "out.jsonl")
    assert not [span for span in _spans(tmp_path / "out.jsonl") if "evidence" in span]


def _spans(path: Path) -> list[dict[str, Any]]:
    return json.loads(path.read_text(encoding="utf-8"))["spans"]


def test_a_manager_who_reviews_exports_no_work_that_is_withheld_from_them(
    document: Any, alice: Any, bob: Any, carol: Any
) -> None:
    """Neither of a document that they hold or may hold, nor a review that is not handed in."""

    def exported(layer: str) -> dict[str, Any]:
        arguments = {"format": "jsonl", "layer": layer, "split": "80/10/10", "misaligned": ""}
        job = exports.start_export(document.corpus, arguments, by=alice)
        never = {"progress": lambda done, total: None, "cancelled": lambda: False}
        result = exports.run_export_job(job, **never)
        job.delete()
        return result

    submit_as(document, bob)
    assert exported("bob")["documents"] == 1
    add_member(document.corpus, alice, Role.REVIEWER)
    left_out = {"documents": 0, "dropped": [{"reason": "document-withheld", "count": 1}]}
    assert left_out.items() <= exported("bob").items()
    own = review.open_layer(document, by=alice)
    assert left_out.items() <= exported("bob").items()
    assert exported("alice")["documents"] == 1
    review.submit(own, by=alice, at=own.version)
    assert exported("bob")["documents"] == 1


def run_of(document: Any, name: str, *, finished: bool = True, number: int = 1) -> None:
    """Let a suggester suggest one claim of so many characters."""
    schema = document.corpus.schema
    run = Run.objects.create(
        schema=schema,
        suggester=name,
        shown_as=name,
        digest=f"{name} {number}",
        finished_at=timezone.now() if finished else None,
    )
    store(run, document, layer_view([Span(1, "CLAIM", 0, number)]))


@pytest.mark.parametrize(("chosen", "length"), [("one", 2), ("two", 3), ("", 4), ("nobody", 0)])
def test_suggestions_are_those_that_are_shown(
    document: Any, tmp_path: Path, chosen: str, length: int
) -> None:
    run_of(document, "one", number=1)
    run_of(document, "one", number=2)
    run_of(document, "two", number=3)
    run_of(document, "three", number=4)
    run_of(document, "one", number=5, finished=False)
    Corpus.objects.filter(pk=document.corpus.pk).update(shown_suggester=chosen)
    path = tmp_path / "out.jsonl"
    answer = export("harbour", "--format", "jsonl", "--layer", "suggestions", "--to", path)
    [row] = map(json.loads, path.read_text(encoding="utf-8").splitlines())
    if length:
        assert [span["end"] for span in row["spans"]] == [length]
    else:
        # What came along in a file, as reviewers see it.
        assert answer["spans"] == 6


@pytest.mark.parametrize(
    ("args", "code"),
    [
        (("--format", "jsonl"), "nothing-to-do"),
        (("--format", "jsonl", "--layer", "nobody"), "not-found"),
        (("--format", "spacy", "--layer", "suggestions", "--split", "80/30/10"), "split-invalid"),
    ],
)
def test_what_cannot_be_exported_says_why_and_writes_nothing(
    document: Any, tmp_path: Path, args: tuple[str, ...], code: str
) -> None:
    err = StringIO()
    with pytest.raises(SystemExit) as caught:
        call_command("export", "harbour", "--to", str(tmp_path / "out"), *args, stderr=err)
    assert caught.value.code == 1
    assert err.getvalue().startswith(f"[{code}]")
    assert len(err.getvalue().splitlines()) == 1
    assert not (tmp_path / "out").exists()


def records(count: int = 5) -> list[Record]:
    return [Record(f"d{n}", TEXT, {}, suggested(), "gold") for n in range(count)]


def test_the_spacy_folder_is_byte_identical_and_reads_back(tmp_path: Path) -> None:
    options = Options(ATTRIBUTION, "Harbour")
    for name in ("one", "two"):
        report = spacy_project.write(records(), tmp_path / name, options)
    assert checksums(tmp_path / "one", leave_out=()) == checksums(tmp_path / "two", leave_out=())
    assert (report.documents, report.spans, report.links) == (5, 30, 15)
    docs = list(spacy_project.read_back(tmp_path / "one"))
    assert len(docs) == 5
    wanted = {(s.label, s.start, s.end) for s in suggested().spans.values()}
    for doc in docs:
        group = doc.spans["sc"]
        assert doc.text == TEXT
        assert {(s.label_, s.start_char, s.end_char) for s in group} == wanted
        assert group.attrs["spans"]["c1"]["stance"] == "oppose"
        assert {"kind": "said_by", "source": "c1", "target": "s2"} in group.attrs["links"]
        assert {s.id_ for s in group} == {"c1", "s2", "s3", "c4", "s5", "c6"}


@pytest.mark.parametrize(("misaligned", "kept"), [("expand", 2), ("drop", 1)])
def test_a_span_off_token_edges_is_listed_whatever_becomes_of_it(
    tmp_path: Path, misaligned: str, kept: int
) -> None:
    text = "The wall’s unbelievable collapse came."
    layer = layer_view([Span(1, "CLAIM", 13, 20), Span(2, "SPEAKER", 0, 8)])
    options = Options(ATTRIBUTION, "x", misaligned=misaligned)
    report = spacy_project.write(
        [Record("cut", text, {}, layer, "gold")], tmp_path / "out", options
    )
    (row,) = [
        json.loads(line) for line in (tmp_path / "out" / "alignment.jsonl").read_text().splitlines()
    ]
    (doc,) = spacy_project.read_back(tmp_path / "out")
    assert row["text"] == text[13:20]
    assert len(doc.spans["sc"]) == kept
    if misaligned == "drop":
        assert (row["became"], dict(report.dropped)) == (None, {"off-token-edges": 1})
    else:
        assert text[slice(*row["became"])] == "unbelievable"
        assert not report.dropped


def test_refusing_misaligned_spans_writes_nothing(tmp_path: Path) -> None:
    from corpus.core.problems import Problem

    record = Record("cut", "unbelievable things", {}, layer_view([Span(1, "CLAIM", 2, 8)]), "gold")
    with pytest.raises(Problem) as caught:
        spacy_project.write(
            [record], tmp_path / "out", Options(ATTRIBUTION, "x", misaligned="refuse")
        )
    assert caught.value.code == "misaligned"
    assert list(tmp_path.iterdir()) == []


def test_fragments_are_spans_with_one_id(tmp_path: Path) -> None:
    layer = layer_view([Span(1, "CLAIM", 0, 22, ((0, 9), (18, 22)))])
    spacy_project.write(
        [Record("f", "“We will,” he said, “win.” Yes.", {}, layer, "gold")],
        tmp_path / "o",
        Options(ATTRIBUTION, "x", misaligned="expand"),
    )
    (doc,) = spacy_project.read_back(tmp_path / "o")
    assert {s.id_ for s in doc.spans["sc"]} == {"c1"}
    assert len(doc.spans["sc"]) == 2


def test_a_model_trained_from_the_folder_finds_what_it_was_shown(tmp_path: Path) -> None:
    records = [Record(f"d{n}", TEXT, {}, suggested(), "gold") for n in range(4)]
    spacy_project.write(records, tmp_path / "out", Options(ATTRIBUTION, "small"))
    options = [
        "--training.max_steps",
        "120",
        "--training.eval_frequency",
        "60",
        "--training.dropout",
        "0.01",
    ]
    subprocess.run(
        [sys.executable, "-m", "spacy", "train", "config.cfg", "--output", "model", *options],
        cwd=tmp_path / "out",
        check=True,
        capture_output=True,
    )
    [layer] = Trained(str(tmp_path / "out" / "model" / "model-last")).suggest([TEXT])
    spans = {(span.label, span.text(TEXT)) for span in layer.spans.values()}
    assert ("SPEAKER", "Mayor Ilse Brandt") in spans
    assert ("CLAIM", "that the town was broke") in spans


def test_the_ner_variant_keeps_the_longer_of_two_that_overlap_and_counts_the_other(
    tmp_path: Path,
) -> None:
    layer = layer_view(
        [
            Span(1, "CLAIM", *find("“The wall will not hold,”")),
            Span(2, "SPEAKER", *find("The wall")),
        ]
    )
    report = spacy_project.write(
        [Record("a", TEXT, {}, layer, "gold")], tmp_path / "out", Options(ATTRIBUTION, "x")
    )
    assert not report.dropped
    assert (
        json.loads((tmp_path / "out" / "manifest.json").read_text(encoding="utf-8"))[
            "left_out_of_ner"
        ]
        == 1
    )
    [path] = (tmp_path / "out" / "train").glob("*.spacy")
    [doc] = DocBin().from_disk(path).get_docs(spacy.blank("en").vocab)
    assert [(e.label_, e.text) for e in doc.ents] == [("CLAIM", "“The wall will not hold,”")]


def test_the_stance_variant_has_one_text_for_each_claim(tmp_path: Path) -> None:
    spacy_project.write(records(10), tmp_path / "out", Options(ATTRIBUTION, "x"))
    docs = [
        doc
        for path in sorted((tmp_path / "out" / "stance").rglob("*.spacy"))
        for doc in DocBin().from_disk(path).get_docs(spacy.blank("en").vocab)
    ]
    assert len(docs) == 30
    stances = {doc.text.split("\n")[1]: max(doc.cats, key=doc.cats.get) for doc in docs}
    assert stances["that the town was broke"] == "oppose"
    assert set(docs[0].cats) == {"support", "oppose", "neutral", "mixed", "unclear"}


@pytest.mark.parametrize("variant", ["ner", "stance"])
def test_the_variants_train_with_the_same_command(variant: str, tmp_path: Path) -> None:
    spacy_project.write(records(10), tmp_path / "out", Options(ATTRIBUTION, "x"))
    subprocess.run(
        [
            sys.executable,
            "-m",
            "spacy",
            "train",
            "config.cfg",
            "--output",
            "model",
            "--training.max_steps",
            "4",
            "--training.eval_frequency",
            "2",
        ],
        cwd=tmp_path / "out" / variant,
        check=True,
        capture_output=True,
    )
    assert (tmp_path / "out" / variant / "model" / "model-last").is_dir()


def test_what_spacy_says_of_the_data_is_kept(tmp_path: Path) -> None:
    options = Options(ATTRIBUTION, "x", debug_data=True)
    spacy_project.write(records(10), tmp_path / "out", options)
    report = (tmp_path / "out" / "debug-data.txt").read_text(encoding="utf-8")
    assert "8 training docs" in report
    assert "Named Entity Recognition\n2 label(s)" in report
    assert "label 'CLAIM' (24)" in report
    assert "label 'SPEAKER' (24)" in report
    assert str(tmp_path) not in report


def test_an_export_in_a_worker_that_holds_its_signals_leaves_no_process_behind(
    tmp_path: Path,
) -> None:
    before = signal.signal(signal.SIGTERM, lambda *_: None)
    try:
        options = Options(ATTRIBUTION, "x", debug_data=True)
        spacy_project.write(records(10), tmp_path / "out", options)
    finally:
        signal.signal(signal.SIGTERM, before)
    left = multiprocessing.active_children()
    for child in left:
        child.kill()
    assert left == []


def test_an_export_takes_the_place_of_an_earlier_one_and_of_nothing_else(tmp_path: Path) -> None:
    from corpus.core.problems import Problem

    options = Options(ATTRIBUTION, "x")
    for _ in range(2):
        spacy_project.write(records(2), tmp_path / "out", options)
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("Years of work.")
    with pytest.raises(Problem) as caught:
        spacy_project.write(records(2), tmp_path / "mine", options)
    assert caught.value.code == "exists"
    assert (tmp_path / "mine" / "thesis.txt").read_text() == "Years of work."
