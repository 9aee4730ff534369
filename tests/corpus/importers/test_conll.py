"""CoNLL columns in every scheme of tags and every layout."""

from __future__ import annotations

from pathlib import Path

import pytest

from corpus import importers
from corpus.importers import Article
from corpus.importers.reading import Reading
from tests.corpus.importers.files import one, words, write


def ids(path: Path, reading: Reading) -> list[str | tuple[int, str]]:
    """Return the ids of a file's documents; of what is refused the line and the code."""
    rows = importers.read(path, reading)
    return [row.id if isinstance(row, Article) else (row.line, row.code) for row in rows]


def left(article: Article) -> list[tuple[int, str]]:
    """Return line and code of what was left out."""
    return [(problem.line, problem.code) for problem in article.left]


@pytest.mark.parametrize(
    "tags",
    [
        ("B-SPEAKER", "I-SPEAKER", "O", "B-CLAIM", "B-CLAIM"),
        ("B-SPEAKER", "L-SPEAKER", "O", "U-CLAIM", "U-CLAIM"),
        ("B-SPEAKER", "E-SPEAKER", "O", "S-CLAIM", "S-CLAIM"),
        ("I-SPEAKER", "I-SPEAKER", "O", "I-CLAIM", "B-CLAIM"),
    ],
)
def test_conll_in_every_scheme(tmp_path: Path, tags: tuple[str, ...]) -> None:
    tokens = ["#1", "Ann", "said", "rain", "falls"]
    rows = "\n".join(f"{token} NN {tag}" for token, tag in zip(tokens, tags, strict=True))
    article = one(
        write(tmp_path / "x.conll", f"-DOCSTART- -X- O\n\n{rows}\n\nThe NN O\nend NN O\n")
    )
    assert article.body.text == "#1 Ann said rain falls\nThe end"
    assert words(article) == [("SPEAKER", "#1 Ann"), ("CLAIM", "rain"), ("CLAIM", "falls")]


def test_labels_alone_are_tags_where_other_words_are_o(tmp_path: Path) -> None:
    article = one(write(tmp_path / "x.conll", "Ann\tPER\nLee\tPER\nsaid\tO\nBo\tPER\n"))
    assert words(article) == [("PER", "Ann Lee"), ("PER", "Bo")]


def test_a_line_that_is_none_is_left_out_with_its_number(tmp_path: Path) -> None:
    text = (
        "# newdoc id = a\nAnn\tB-SPEAKER\n\n# newdoc id = b\nBo\tB-\nran\tO\n\n"
        "# newdoc id = c\nCy\tO\nDi\nEd\tO\n"
    )
    first, second, third = importers.read(write(tmp_path / "x.iob2", text))
    assert isinstance(first, Article) and words(first) == [("SPEAKER", "Ann")]
    assert isinstance(second, Article) and second.body.text == "Bo ran"
    assert left(second) == [(5, "row-shape")]
    assert isinstance(third, Article) and third.body.text == "Cy Ed"
    assert left(third) == [(10, "row-cells")]


def test_one_stray_line_of_many_costs_itself_alone(tmp_path: Path) -> None:
    lines = [f"word{number}\tO" for number in range(1, 501)]
    lines[400] = "stray"
    article = one(write(tmp_path / "x.conll", "\n".join([*lines, "Ann\tB-PER", "\ufeff"])))
    assert left(article) == [(401, "row-cells"), (502, "row-cells")]
    assert words(article) == [("PER", "Ann")]
    assert len(article.body.text.split()) == 500


@pytest.mark.parametrize(
    "beside", ["-X- -X- O", "-X- O O", "-DOCSTART- O", "O", "-X- -X- O ner", ""]
)
def test_the_columns_beside_docstart_are_no_name(tmp_path: Path, beside: str) -> None:
    text = f"-DOCSTART- {beside}\n\nAnn NNP B-NP B-PER\n\n" * 3
    path = write(tmp_path / "train.conll", text)
    assert ids(path, Reading()) == ["train-1", "train-2", "train-3"]


def test_a_name_in_brackets_is_the_documents(tmp_path: Path) -> None:
    path = write(tmp_path / "x.conll", "-DOCSTART- (Rain in Bonn)\n\nAnn B-PER\n")
    assert ids(path, Reading()) == ["Rain in Bonn"]


def test_numbered_tokens_have_all_columns_of_tags_and_tabbed_comments(tmp_path: Path) -> None:
    text = "#\thttp://x\t[2009]\t\n1\tAnna\tB-PER\tO\n2\tsagt\tO\tO\n3\tBonner\tB-LOCderiv\tB-X\n"
    article = one(write(tmp_path / "germ.conll", text))
    assert article.body.text == "Anna sagt Bonner"
    assert words(article) == [("PER", "Anna"), ("LOCderiv", "Bonner"), ("X", "Bonner")]
    assert not article.left


def test_conll_u_gives_its_words_with_the_spaces_that_they_have(tmp_path: Path) -> None:
    def row(number: str, form: str, misc: str = "_") -> str:
        return "\t".join([number, form, form, *"_" * 6, misc])

    rows = [
        *("# newdoc id = d1", "# sent_id = 1", "# text = Don’t say it, Anna."),
        *(row("1-2", "Don’t"), row("1", "Do"), row("2", "n’t"), row("3", "say")),
        *(row("4", "it", "SpaceAfter=No"), row("5", ","), row("5.1", "you")),
        *(row("6", "Anna", "SpaceAfter=No"), row("7", ".")),
    ]
    article = one(write(tmp_path / "u.conllu", "\n".join(rows) + "\n\n"))
    assert (article.id, article.body.text) == ("d1", "Don’t say it, Anna.")
    assert article.notes["CoNLL documents without tags"] == 1


def test_one_long_file_is_parted_where_that_is_asked_for(tmp_path: Path) -> None:
    path = write(tmp_path / "long.conll", "Ann B-PER\nsaid O\n\n" * 501)
    article = one(path)
    assert article.id == "long"
    assert any("--split-every" in reason for reason in article.notes)
    assert ids(path, Reading(split_every=200)) == ["long-1", "long-2", "long-3"]
    first, *_ = importers.read(path, Reading(split_every=200))
    assert isinstance(first, Article) and first.body.text.count("\n") == 199


def test_a_document_that_is_too_large_leaves_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("corpus.importers.conll.MAX_CHARACTERS", 20)
    long = "word O\n" * 9
    path = write(tmp_path / "x.conll", f"-DOCSTART- O\n\n{long}\n-DOCSTART- O\n\nAnn B-PER\n")
    assert ids(path, Reading()) == [(1, "text-too-large"), "x-2"]


def test_no_break_spaces_belong_to_words(tmp_path: Path) -> None:
    article = one(write(tmp_path / "x.conll", "10\u00a0000 B-N\neuros O\n"))
    assert words(article) == [("N", "10\u00a0000")]


TOKENS = ("Ann\tB-PER", "Lee\tI-PER", "said\tO", "", "rain\tO", "")


@pytest.mark.parametrize("name", ["a.txt", "a.tsv", "a.text"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("head", ["", "\ufeff", "-DOCSTART-\tO\n\n", "#\thttp://x\t[2010]\n"])
def test_tokens_with_tags_are_told_from_texts_and_tables(
    tmp_path: Path, name: str, end: str, head: str
) -> None:
    path = write(tmp_path / name, (head + "\n".join(TOKENS)).replace("\n", end))
    assert importers.guess(path) == "conll"
    article = one(path)
    assert (article.body.text, words(article)) == ("Ann Lee said\nrain", [("PER", "Ann Lee")])


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.txt", "Ann O\nSaid it\nO no\nO O\n"),
        ("a.txt", "O\nO\nO\nO\n"),
        ("a.txt", "One B-52\nTwo B-52\nThree B-52\n"),
        ("a.tsv", "text\tblood\nAnn said\tO\nBo said\tO\nEve said\tO\n"),
    ],
)
def test_texts_and_tables_that_look_nearly_so_stay_what_they_are(
    tmp_path: Path, name: str, text: str
) -> None:
    assert importers.guess(write(tmp_path / name, text)) in ("text", "csv")


@pytest.mark.parametrize("pattern", ["{0}|{2}", "{0}|{1}|{2}"])
def test_a_sentence_in_a_line_is_read_word_by_word(tmp_path: Path, pattern: str) -> None:
    lines = [
        [("Ann", "NNP", "B-PER"), ("a|b", "X", "O"), ("left", "VBD", "O")],
        [("Bo", "NNP", "B-PER"), ("Lee", "NNP", "I-PER"), ("too", "RB", "O")],
    ]
    text = "\n".join(" ".join(pattern.format(*word) for word in line) for line in lines)
    article = one(write(tmp_path / "a.iob", text))
    assert article.body.text.splitlines()[0] == "Ann a|b left"
    assert words(article) == [("PER", "Ann"), ("PER", "Bo Lee")]
    assert left(article) == []


def test_sentences_in_a_line_are_parted_as_others_are(tmp_path: Path) -> None:
    path = write(tmp_path / "a.iob", "Ann|B-PER left|O\nBo|B-PER too|O\nAll|O gone|O\n")
    assert ids(path, Reading(split_every=2)) == ["a-1", "a-2"]
