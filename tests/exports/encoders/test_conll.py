"""CoNLL files as `spacy convert` and seqeval read them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import spacy
from seqeval.metrics import f1_score
from seqeval.metrics.sequence_labeling import get_entities
from seqeval.scheme import IOB2
from spacy.tokens import Doc, DocBin

from corpus import importers
from corpus.core.span import Span, layer_view
from corpus.importers import Article
from corpus.importers.reading import Reading
from exports.core.record import Record
from exports.core.tokens import MAX_PIECES, pieces, sentences, tokens
from tests.exports.encoders.sample import RECORDS, SPANS, TEXT, export


def converted(path: Path, folder: Path) -> list[Doc]:
    """What `spacy convert FILE FOLDER` makes of a file."""
    folder.mkdir()
    command = [sys.executable, "-m", "spacy", "convert", str(path), str(folder)]
    subprocess.run(command, check=True, capture_output=True)
    vocab = spacy.blank("xx").vocab
    return list(DocBin().from_disk(folder / f"{path.stem}.spacy").get_docs(vocab))


def tagged(path: Path) -> tuple[list[list[str]], list[list[str]]]:
    """The words and the tags of each sentence, as readers of CoNLL-2003 take them."""
    words: list[list[str]] = []
    tags: list[list[str]] = []
    for sentence in path.read_text(encoding="utf-8").split("\n\n"):
        lines = [line.split(" ") for line in sentence.split("\n") if line]
        if lines and lines[0][0] != "-DOCSTART-":
            words.append([line[0] for line in lines])
            tags.append([line[-1] for line in lines])
    return words, tags


def test_spacy_convert_reads_documents_sentences_and_spans(tmp_path: Path) -> None:
    export("conll", tmp_path / "out.conll")
    docs = converted(tmp_path / "out.conll", tmp_path / "spacy")
    assert [len(list(doc.sents)) for doc in docs] == [3, 4]
    assert [(ent.label_, ent.text) for ent in docs[0].ents] == [
        ("שלום", "Ann Lee"),
        ("CLAIM", "that Bo said “ it 😀 rained ” in Bonn"),
        ("NEWS_x20_ORG", "The Post"),
        ("CLAIM", "it did"),
    ]


def test_spacy_convert_reads_every_span_of_a_label_from_its_file(tmp_path: Path) -> None:
    report = export("conll", tmp_path / "out.conll")
    names = sorted(Path(file).name for file in report.files)
    assert names == [
        *("out.CLAIM.ner", "out.NEWS ORG.ner", "out.conll"),
        *("out.documents", "out.שלום.ner"),
    ]
    docs = converted(tmp_path / "out.שלום.ner", tmp_path / "spacy")
    assert [(ent.label_, ent.text) for ent in docs[0].ents] == [
        ("שלום", "Ann Lee"),
        ("שלום", "Bo"),
    ]


def test_without_overlap_there_is_one_file_of_tags(tmp_path: Path) -> None:
    export("conll", tmp_path / "out.conll")
    export("conll", tmp_path / "out.conll", RECORDS[1:])
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out.conll", "out.documents"]


def test_seqeval_takes_the_tags_as_strict_iob2(tmp_path: Path) -> None:
    export("conll", tmp_path / "out.conll")
    for path in tmp_path.glob("*.[cn]*"):
        words, tags = tagged(path)
        assert f1_score(tags, tags, mode="strict", scheme=IOB2) == 1.0
        assert "#" not in [word for sentence in words for word in sentence]
    # seqeval counts an end of a sentence as a token.
    _, tags = tagged(tmp_path / "out.CLAIM.ner")
    assert get_entities(tags)[:2] == [("CLAIM", 3, 12), ("CLAIM", 19, 20)]


@pytest.mark.parametrize(
    "text", ["word " * 3000, "Donaudampfschifffahrt " * 900, "他说今天下雨了" * 400, "a1!" * 3000]
)
def test_no_sentence_is_longer_than_a_model_takes(text: str, tmp_path: Path) -> None:
    long = Span(1, "CLAIM", 0, len(text.rstrip()))
    report = export("conll", tmp_path / "o.conll", [Record("a", text, {}, layer_view([long]), "")])
    words, tags = tagged(tmp_path / "o.conll")
    assert all(sum(map(pieces, sentence)) <= MAX_PIECES for sentence in words)
    # The span is cut, each piece begins anew, and that is counted.
    assert {sentence[0] for sentence in tags} == {"B-CLAIM"}
    assert report.dropped == {"spans-cut": 1}


def test_sentences_end_at_stops_and_lines_but_not_within_a_span() -> None:
    text = "Ann said. “It rained.” And e.g. this: 3.5 mm\nHe left。她走了。「好。」他说"
    places = tokens(text)

    def shown(whole: list[tuple[int, int]]) -> list[str]:
        found = sentences(text, places, whole)
        return [text[places[first][0] : places[end - 1][1]] for first, end in found]

    assert shown([]) == [
        *("Ann said.", "“It rained.”", "And e.g. this: 3.5 mm", "He left。", "她走了。"),
        *("「好。」", "他说"),
    ]
    assert shown([(1, 5)])[0] == "Ann said. “It rained.”"


def test_scripts_without_spaces_have_a_token_for_each_character() -> None:
    text = "她说「今天雨」ok ไทย"
    assert [text[start:end] for start, end in tokens(text)] == [
        *("她", "说", "「", "今", "天", "雨", "」", "ok", "ไ", "ท", "ย"),
    ]


def back(path: Path) -> list[Article]:
    rows = list(importers.articles([path], Reading(format="conll")))
    assert all(isinstance(row, Article) for row in rows), rows
    return [row for row in rows if isinstance(row, Article)]


def test_ids_texts_metadata_and_nested_spans_come_back(tmp_path: Path) -> None:
    export("conll", tmp_path / "out.conll")
    first, second = back(tmp_path / "out.conll")
    assert (first.id, first.body.text, first.meta["language"]) == ("a/1", TEXT, "en")
    assert first.layer is not None
    assert second.id == "b"
    spans = {(span.label, span.ranges) for span in first.layer.spans.values()}
    assert spans == {(span.label, span.ranges) for span in SPANS}
    # A folder and a zip file hold two documents, however many files that are.
    assert [row.id for row in importers.articles([tmp_path]) if isinstance(row, Article)] == [
        "a/1",
        "b",
    ]


def test_a_file_alone_is_still_read(tmp_path: Path) -> None:
    export("conll", tmp_path / "out.conll")
    (tmp_path / "out.documents").unlink()
    first, second = back(tmp_path / "out.conll")
    assert [first.id, second.id] == ["out-1", "out-2"]
    assert first.body.text.startswith("Ann Lee said that Bo said “ it 😀 rained ” in Bonn .\nThe")


def test_files_of_before_are_still_read(tmp_path: Path) -> None:
    (tmp_path / "old.conll").write_text(
        "# global.columns = FORM SPEAKER CLAIM\n"
        '# newdoc\n# document = {"id": "a", "text": "Ann: it\\nrained", "meta": {"x": 1}}\n'
        "Ann\tB-SPEAKER\tO\n:\tO\tO\nit\tO\tB-CLAIM\nrained\tO\tI-CLAIM\n\n",
        encoding="utf-8",
    )
    (article,) = back(tmp_path / "old.conll")
    assert (article.id, article.body.text, article.meta["x"]) == ("a", "Ann: it\nrained", 1)
    assert article.layer is not None
    assert [span.label for span in article.layer.in_order()] == ["SPEAKER", "CLAIM"]


def test_label_files_of_another_document_are_refused(tmp_path: Path) -> None:
    export("conll", tmp_path / "out.conll")
    (tmp_path / "out.CLAIM.ner").write_text("-DOCSTART- -X- O O\n\nAnn O\n", encoding="utf-8")
    rows = list(importers.articles([tmp_path / "out.conll"], Reading(format="conll")))
    assert "other tokens" in str(rows[0])
