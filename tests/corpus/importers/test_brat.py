"""brat files as brat, its users and its shared tasks write them."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import pytest

from corpus import importers
from corpus.core.problems import Problem
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


def apart(folder: Path, *names: str) -> list[Path]:
    """Texts and annotations in folders side by side."""
    for part in ("text", "attributions"):
        (folder / part).mkdir()
    write(folder / "text" / "rain_in_may.txt", TEXT)
    lines = "".join(f"{line}\n" for line in EVENTS)
    return [write(folder / "attributions" / name, lines) for name in names]


def test_annotations_in_a_folder_beside_that_of_their_text_are_joined(tmp_path: Path) -> None:
    (path,) = apart(tmp_path, "rain_in_may.ann")
    article = one(path)
    assert (article.id, article.author) == ("rain_in_may", "")
    assert ("Source", "said", "Anna") in links(article)


@pytest.mark.parametrize("packed", [False, True])
def test_annotations_of_several_people_come_in_as_polnear_has_them(
    tmp_path: Path, packed: bool
) -> None:
    paths = apart(tmp_path, "rain_in_may_4b22.ann", "rain_in_may_ef2d.ann")
    read = [paths[0].parent, tmp_path / "text"]
    if packed:
        read = [tmp_path / "dev.zip"]
        with zipfile.ZipFile(read[0], "w") as archive:
            for path in (*paths, tmp_path / "text" / "rain_in_may.txt"):
                archive.write(path, f"data/{path.relative_to(tmp_path)}")
    found = list(importers.articles(read))
    people = [row.author for row in found if isinstance(row, importers.Article) and row.layer]
    assert people == ["4b22", "ef2d"]
    assert {row.id for row in found if isinstance(row, importers.Article)} == {"rain_in_may"}


def problems(path: Path) -> list[str]:
    return [row.code for row in importers.articles([path]) if isinstance(row, Problem)]


def test_annotations_that_fit_several_texts_are_named(tmp_path: Path) -> None:
    (path,) = apart(tmp_path, "rain_in_may.ann")
    (tmp_path / "other").mkdir()
    write(tmp_path / "other" / "rain_in_may.txt", "Another.")
    assert problems(path) == ["file-missing"]


def test_no_text_outside_an_archive_is_joined(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    (tmp_path / "another").mkdir()
    write(tmp_path / "another" / "a.txt", TEXT)
    with zipfile.ZipFile(tmp_path / "in.zip", "w") as archive:
        archive.writestr("a.ann", EVENTS[0])
    assert problems(tmp_path / "in.zip") == ["file-missing"]


def test_a_text_in_another_encoding_is_read_and_noted(tmp_path: Path) -> None:
    text = "Zoë, la présidente, a dit non à Benoît.\n"
    (tmp_path / "a.txt").write_bytes(text.encode("cp1252"))
    lines = "T1\tPerson 5 18\tla présidente\nT2\tPerson 32 38\tBenoît\n"
    (tmp_path / "a.ann").write_bytes(lines.encode("cp1252"))
    article = one(tmp_path / "a.ann")
    assert (article.body.text, article.left) == (text, ())
    assert words(article) == [("Person", "la présidente"), ("Person", "Benoît")]
    assert article.notes == {"read as Windows-1252": 1}
    # brat itself writes UTF-8.
    (tmp_path / "a.ann").write_text(lines, encoding="utf-8")
    assert words(one(tmp_path / "a.ann")) == words(article)


def test_the_two_files_of_a_shared_task_are_read_as_one(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("Ann said no.")
    (tmp_path / "a.a1").write_text("T1\tSource 0 3\tAnn\n")
    (tmp_path / "a.a2").write_text("T2\tCue 4 8\tsaid\nE1\tSay:T2 Source:T1\n")
    (article,) = importers.articles([tmp_path])
    assert isinstance(article, importers.Article) and article.layer is not None
    assert [span.covered("Ann said no.") for span in article.layer.in_order()] == ["Ann", "said"]
    assert [(x.kind, x.source, x.target) for x in article.layer.links.values()] == [
        ("Source", 2, 1)
    ]
