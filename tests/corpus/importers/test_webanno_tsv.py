"""WebAnno TSV 3: spans, relations, slots and chains in the columns of tokens."""

from __future__ import annotations

from pathlib import Path

import pytest

from corpus import importers
from corpus.importers import Article
from corpus.importers.reading import Reading
from tests.corpus.importers.files import left, links, one, problems, words, write

HEAD = "#FORMAT=WebAnno TSV 3.3\n"
SPAN = "#T_SP=custom.Span|note|value\n"


def table(path: Path, layers: str, *lines: str) -> Article:
    return one(write(path / "a.tsv", f"{HEAD}{layers}\n\n" + "\n".join(lines) + "\n"))


def test_offsets_are_utf_16_and_sentences_stand_as_far_apart_as_they_say(tmp_path: Path) -> None:
    article = table(
        tmp_path,
        SPAN,
        "#Text=Ann 😀 said it.",
        "1-1\t0-3\tAnn\tfirst\tSPEAKER[1]\t",
        "1-2\t4-6\t😀\t_\tSPEAKER[1]\t",
        "1-3\t7-11\tsaid\t*\tCUE\t",
        "1-4\t12-14\tit\t_\t_\t",
        "1-5\t14-15\t.\t_\t_\t",
        "",
        "#Text=😀 again",
        "2-1\t17-19\t😀\t_\t_\t",
        "2-2\t20-25\tagain\t_\tCUE\t",
    )
    assert article.id == "a"
    assert article.body.text == "Ann 😀 said it.\n\n😀 again"
    assert words(article) == [("SPEAKER", "Ann 😀"), ("CUE", "said"), ("CUE", "again")]
    assert article.layer is not None
    assert [dict(s.attributes) for s in article.layer.in_order()] == [{"note": "first"}, {}, {}]
    assert article.left == () and article.notes == {}


def test_parts_of_tokens_stacked_and_escaped_values_are_spans_of_their_own(tmp_path: Path) -> None:
    article = table(
        tmp_path,
        SPAN,
        "#Text=unsaid house",
        "1-1\t0-6\tunsaid\t_\t_\t",
        "1-1.1\t2-6\tsaid\t_\tCUE\t",
        "1-2\t7-12\thouse\ta\\|b\\[1\\]|*|\\*\tA[3]|B[4]|C[5]\t",
    )
    assert words(article) == [("CUE", "said"), ("A", "house"), ("B", "house"), ("C", "house")]
    assert article.layer is not None
    notes = [span.attributes.get("note") for span in article.layer.in_order()]
    assert notes == [None, "a|b[1]", None, "*"]


def test_a_backslash_that_is_escaped_escapes_nothing(tmp_path: Path) -> None:
    article = table(
        tmp_path,
        "#T_SP=custom.Span|note|value|ROLE_custom.Span:to_custom.Link|custom.Span\n",
        "#Text=a house of it",
        "1-1\t0-1\ta\tC:\\\\|x\\\\\\|y|z\\\\[7]\tA[5]|B[6]|C[7]\t_\t_\t",
        "1-2\t2-7\thouse\tD:\\->1-1\tD\tin\\\\;of\\;\t1-1[5];1-1[6]\t",
    )
    assert article.layer is not None
    spans = article.layer.in_order()
    notes = [(span.label, span.attributes.get("note")) for span in spans]
    assert notes == [("A", "C:\\"), ("B", "x\\|y"), ("C", "z\\"), ("D", "D:->1-1")]
    assert links(article) == [("in\\", "house", "a"), ("of;", "house", "a")]


def test_sentences_without_tokens_are_text_all_the_same(tmp_path: Path) -> None:
    article = table(
        tmp_path,
        SPAN,
        "#Text=A head",
        "",
        "#Text=Ann said",
        "1-1\t8-11\tAnn\t_\tSPEAKER\t",
        "1-2\t12-16\tsaid\t_\t_\t",
        "",
        "#Text=The",
        "#Text=end",
    )
    assert article.body.text == "A head\n\nAnn said\nThe\nend"
    assert words(article) == [("SPEAKER", "Ann")]


def test_relations_slots_and_chains_are_links(tmp_path: Path) -> None:
    article = table(
        tmp_path,
        "#T_SP=custom.Claim|value|ROLE_custom.Claim:speakers_custom.Link|custom.Person\n"
        "#T_SP=custom.Person|\n"
        "#T_RL=custom.Rel|kind|BT_custom.Person\n"
        "#T_CH=de.tudarmstadt.ukp.dkpro.core.api.coref.type.CoreferenceLink|referenceRelation"
        "|referenceType\n",
        "#Text=Ann Ben left she",
        "1-1\t0-3\tAnn\t_\t_\t_\t*[1]|*[2]\t_\t_\tnew->1-1\tname[8]\t",
        "1-2\t4-7\tBen\t_\t_\t_\t*\tknows\t1-1[2_0]\t_\t_\t",
        "1-3\t8-12\tleft\tX\tsaid_by;*\t1-1[1];1-2\t_\t_\t_\t_\t_\t",
        "1-4\t13-16\tshe\t_\t_\t_\t_\t_\t_\t*->1-2\tpronoun[8]\t",
    )
    assert sorted(links(article)) == [
        ("knows", "Ann", "Ben"),
        ("next", "Ann", "she"),
        ("said_by", "left", "Ann"),
        ("speakers", "left", "Ben"),
    ]
    assert words(article).count(("Person", "Ann")) == 2
    assert article.layer is not None
    chained = [s for s in article.layer.in_order() if s.label == "CoreferenceLink"]
    assert [dict(span.attributes) for span in chained] == [
        {"referenceRelation": "new", "referenceType": "name"},
        {"referenceType": "pronoun"},
    ]


def test_what_does_not_fit_is_counted_or_named_with_its_line(tmp_path: Path) -> None:
    article = table(
        tmp_path,
        "#T_SP=de.tudarmstadt.ukp.dkpro.core.api.segmentation.type.Lemma|value\n"
        "#T_SP=custom.Span|value\n"
        "#T_RL=custom.Rel|kind|BT_custom.Span\n",
        "#Text=Ann said",
        "1-1\t0-3\tAnn\tann\tA\t_\t_\t",
        "1-2\t4-8\tother\t_\tA\t_\t_\t",
        "1-3\t4-8\tsaid\t_\tB\tof\t7-7\t",
        "1-3.1\t6-6\t\t_\tC\t_\t_\t",
    )
    assert words(article) == [("A", "Ann"), ("B", "said")]
    reason = "WebAnno annotations of the type Lemma"
    assert article.notes == {reason: 1} and article.examples == {reason: "Ann"}
    assert left(article) == [
        (9, "row-shape"),
        (11, "span-range"),
        (10, "link-ends"),
    ]


@pytest.mark.parametrize(
    "head",
    ["#FORMAT=WebAnno TSV 3.1\n", "#FORMAT=WebAnno TSV 3.3\r\n", "\ufeff#FORMAT=WebAnno TSV 3\n"],
)
def test_it_is_told_from_tables_by_its_first_line(tmp_path: Path, head: str) -> None:
    path = write(tmp_path / "a.tsv", f"{head}\n#Text=Ann\n1-1\t0-3\tAnn\t\n")
    assert importers.guess(path) == "webannotsv"
    assert one(path).body.text == "Ann"
    assert importers.guess(write(tmp_path / "b.tsv", "id\ttext\na\tAnn\n")) == "csv"


def test_a_version_without_offsets_says_what_to_export_instead(tmp_path: Path) -> None:
    for text in ("#id=1\n#text=Ann\n1\tAnn\t_\n", " # custom.Span | value\n#id=1\n"):
        assert problems(write(tmp_path / "a.tsv", text)) == [(0, "inception-format")]


def test_without_spans_the_text_alone_is_read(tmp_path: Path) -> None:
    path = write(tmp_path / "a.tsv", f"{HEAD}{SPAN}\n#Text=Ann\n1-1\t0-3\tAnn\t_\tA\t\n")
    (article,) = importers.read(path, Reading(spans=False))
    assert isinstance(article, Article) and article.layer is None
