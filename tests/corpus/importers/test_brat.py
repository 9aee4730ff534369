"""brat files as brat, its users and its shared tasks write them."""

from __future__ import annotations

from pathlib import Path

from tests.corpus.importers.files import left, links, one, words, write

TEXT = "Yes, Anna, the mayor said no to Ben. Carl heard that she had said so.\n"
EVENTS = [
    "T1\tPerson 5 9\tAnna",
    "T2\tSpeaking 21 25\tsaid",
    "T3\tThing 26 28\tno",
    "T4\tHearing 42 47\theard",
    "T5\tThing 32 35\tBen",
    "E1\tSpeaking:T2 Source:T1 Content:T3 Content2:T5",
    "E2\tHearing:T4 Content:E1",
    "A1\tCertainty E1 sure",
    "R1\tafter Arg1:E2 Arg2:E1",
]


def brat(folder: Path, lines: list[str], text: str = TEXT) -> Path:
    write(folder / "a.txt", text)
    return write(folder / "a.ann", "".join(f"{line}\n" for line in lines))


def test_fragments_stand_in_any_order_and_may_touch(tmp_path: Path) -> None:
    lines = [
        "T1\tA 15 20;5 9\tmayor Anna",
        "T2\tB 5 7;7 9\tAn na",
        "T3\tC 21 25;26 28;0 3\tsaid no Yes",
    ]
    article = one(brat(tmp_path, lines))
    assert article.layer is not None
    assert not article.left
    spans = article.layer.spans
    assert spans[1].ranges == ((5, 9), (15, 20))
    assert spans[2].fragments is None
    assert (spans[2].start, spans[2].end) == (5, 9)
    assert spans[3].ranges == ((0, 3), (21, 25), (26, 28))


def test_fragments_with_other_words_are_left_out_with_their_line(tmp_path: Path) -> None:
    lines = ["T1\tA 15 20;5 9\tmajor Anna", "T2\tB 5 9\tAnna"]
    article = one(brat(tmp_path, lines))
    assert words(article) == [("B", "Anna")]
    assert left(article) == [(1, "span-text")]


def test_arguments_of_events_are_links_of_their_triggers(tmp_path: Path) -> None:
    article = one(brat(tmp_path, EVENTS))
    assert not article.left
    assert sorted(links(article)) == [
        ("Content", "heard", "said"),
        ("Content", "said", "Ben"),
        ("Content", "said", "no"),
        ("Source", "said", "Anna"),
        ("after", "heard", "said"),
    ]
    assert article.layer is not None
    assert article.layer.spans[2].attributes == {"Certainty": "sure"}
    assert not article.notes


def test_what_a_layer_cannot_hold_is_counted_with_an_example(tmp_path: Path) -> None:
    lines = [
        "T1\tPerson 5 9\tAnna",
        "N1\tReference T1 Wikipedia:534366\tAnna",
        "N2\tReference T1 Wikipedia:534367\tAnn",
        "*\tEquiv T1 T2",
    ]
    article = one(brat(tmp_path, lines))
    assert article.notes == {"brat normalizations": 2, "brat equivalences": 1}
    assert article.examples == {
        "brat normalizations": "Reference T1 Wikipedia:534366 Anna",
        "brat equivalences": "Equiv T1 T2",
    }


def test_a_mark_of_utf_8_costs_no_annotation(tmp_path: Path) -> None:
    write(tmp_path / "a.txt", "\ufeffAnn left.")
    article = one(write(tmp_path / "a.ann", "\ufeffT1\tPER 0 3\tAnn\r\n"))
    assert words(article) == [("PER", "Ann")]
