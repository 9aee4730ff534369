"""Articles in CSV, as spreadsheets write it."""

from __future__ import annotations

from pathlib import Path

from corpus import importers
from tests.corpus.importers.files import one, problems, write


def test_csv_takes_columns_for_metadata(tmp_path: Path) -> None:
    path = write(
        tmp_path / "news.csv", 'ID;Text;outlet\r\n7;"Rain, said ""Ann"";\r\nwet.";The Post\r\n'
    )
    article = one(path)
    assert (article.id, article.body.text) == ("news-7", 'Rain, said "Ann";\nwet.')
    assert article.meta["outlet"] == "The Post"


def test_csv_rows_that_do_not_fit_the_header_are_named(tmp_path: Path) -> None:
    rows = ["id\ttext", "a\tGood", "b", 'c\t"over\ntwo lines"', "d\tx\ty", "", "e\t", '"f\tend']
    path = write(tmp_path / "t.tsv", "\n".join(rows))
    assert problems(path) == [
        (3, "row-cells"),
        (6, "row-cells"),
        (8, "text-empty"),
        (9, "row-shape"),
    ]


def test_formula_cells_stay_text_on_the_way_in(tmp_path: Path) -> None:
    assert (
        one(write(tmp_path / "f.csv", 'id,text\n=A1,"=HYPERLINK(1)"\n')).body.text
        == "=HYPERLINK(1)"
    )
    assert one(write(tmp_path / "f.csv", "id,text\na,'=quoted\n")).body.text == "'=quoted"


def test_csv_without_a_column_of_ids_comes_in_under_its_texts(tmp_path: Path) -> None:
    path = tmp_path / "texts.csv"
    path.write_text("text,outlet\nIt rained.,Herald\nIt snowed.,Herald\n", encoding="utf-8")
    ids = [article.id for article in importers.read(path)]  # type: ignore[union-attr]
    assert len(set(ids)) == 2 and all(name.startswith("text-") for name in ids)
