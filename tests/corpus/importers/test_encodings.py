"""Texts in other encodings than UTF-8: read by a guess that is named, or as somebody says."""

from __future__ import annotations

from pathlib import Path

import pytest

from corpus import importers
from corpus.core.problems import Problem
from corpus.importers import Article
from corpus.importers.columns import columns
from corpus.importers.reading import Reading
from tests.corpus.importers.files import one

TEXTS = {
    "German": "Die Ministerin erklärte am Montag, die Maßnahmen seien „längst überfällig“ gewesen.",
    "French": "Le ministre a déclaré que l’arrêté était « nécessaire ». L’opposition est déçue.",
    "Spanish": "El señor García dijo ayer: ¿Cuándo llegará la solución económica?",
    "Danish": "Statsministeren sagde, at det er på høje tid at få en løsning i København.",
    "English": "“We won’t accept it,” said the minister — and left.",
    "one word": "Straße",
    "Polish": "Minister powiedział w poniedziałek, że środki są konieczne. Opozycja żąda zmian.",
    "Czech": "Ministr v pondělí řekl, že opatření jsou nezbytná. Opozice požaduje větší změny.",
    "Hungarian": "A miniszter hétfőn azt mondta, hogy a döntő lépések szükségesek, és csalódott.",
    "Icelandic": "Ráðherrann sagði á mánudag að aðgerðirnar væru nauðsynlegar, þó óvinsælar.",
    "Turkish": "Bakan önlemlerin gerekli olduğunu söyledi. Muhalefet değişiklikler istiyor.",
    "Lithuanian": "Ministras pirmadienį pareiškė, kad priemonės yra būtinos, ir laukia pokyčių.",
    "Russian": "Министр заявил в понедельник, что меры необходимы.",
    "Greek": "Ο υπουργός δήλωσε τη Δευτέρα ότι τα μέτρα είναι απαραίτητα.",
    "Hebrew": "השר אמר ביום שני כי הצעדים הכרחיים.",
    "Arabic": "قال الوزير يوم الاثنين إن الإجراءات ضرورية.",
    "Japanese": "大臣は月曜日、「対策は必要だ」と述べた。野党はより大きな変更を求めている。",
    "Chinese": "部长星期一表示，这些措施是必要的。反对党要求更大的改变，并对政府的决定表示失望。",
    "Korean": "장관은 월요일 조치가 필요하다고 말했다. 야당은 더 큰 변화를 요구하고 있다.",
}


@pytest.mark.parametrize(
    ("language", "encoding", "name"),
    [
        ("German", "cp1252", "Windows-1252"),
        ("French", "cp1252", "Windows-1252"),
        ("French", "mac_roman", "Macintosh"),
        ("Spanish", "latin-1", "Windows-1252"),
        ("Danish", "cp1252", "Windows-1252"),
        ("English", "cp1252", "Windows-1252"),
        ("one word", "cp1252", "Windows-1252"),
        ("Polish", "cp1250", "Windows-1250"),
        ("Czech", "cp1250", "Windows-1250"),
        ("Hungarian", "cp1250", "Windows-1250"),
        ("Icelandic", "cp1252", "Windows-1252"),
        ("Turkish", "cp1254", "Windows-1254"),
        ("Lithuanian", "cp1257", "Windows-1257"),
        ("Russian", "cp1251", "Windows-1251"),
        ("Russian", "koi8-r", "KOI8-R"),
        ("Greek", "cp1253", "Windows-1253"),
        ("Hebrew", "cp1255", "Windows-1255"),
        ("Arabic", "cp1256", "Windows-1256"),
        ("Japanese", "shift-jis", "Shift-JIS"),
        ("Chinese", "gb18030", "GB18030"),
        ("Korean", "cp949", "EUC-KR"),
        ("German", "utf-16", "UTF-16"),
        ("German", "utf-16-le", "UTF-16"),
        ("Russian", "utf-16-be", "UTF-16"),
        ("Japanese", "utf-16", "UTF-16"),
        ("German", "utf-32", "UTF-32"),
    ],
)
def test_a_text_in_any_encoding_is_read_and_the_guess_is_named(
    language: str, encoding: str, name: str, tmp_path: Path
) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(TEXTS[language].encode(encoding))
    found = one(path)
    assert found.body.text == TEXTS[language]
    assert dict(found.notes) == {f"read as {name}": 1}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_nothing_is_said_of_utf_8(encoding: str, tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(TEXTS["Polish"].encode(encoding))
    assert (one(path).body.text, dict(one(path).notes)) == (TEXTS["Polish"], {})


def test_a_guess_can_be_changed(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes("ŕ".encode("cp1250"))
    (found,) = importers.read(path, Reading(encoding="windows-1250"))
    assert isinstance(found, Article) and found.body.text == "ŕ"
    assert dict(found.notes) == {"read as Windows-1250": 1}
    path.write_bytes("Ä".encode())
    (found,) = importers.read(path, Reading(encoding="windows-1250"))
    assert isinstance(found, Article) and found.body.text == "Ä"


@pytest.mark.parametrize("name", ["windows-99", "hex", "rot13", "punycode", "a b", "\0", "x" * 999])
def test_what_is_no_encoding_is_refused(name: str, tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes("Ä".encode("latin-1"))
    (found,) = importers.read(path, Reading(encoding=name))
    assert isinstance(found, Problem) and found.code == "encoding-unknown"


def test_damaged_utf_8_stays_utf_8_and_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(TEXTS["Polish"].encode() + b"\xff")
    (found,) = importers.read(path)
    assert isinstance(found, Problem) and found.code == "text-encoding"
    assert found.details["encoding"] == "UTF-8"


def test_a_page_is_read_as_it_says_of_itself_unless_a_mark_says_otherwise(tmp_path: Path) -> None:
    said = "".join(f"<p>{TEXTS['Russian']} {n}</p>" for n in range(5))
    page = (
        f"<html><head><meta charset='koi8-r'></head><body><article>{said}</article></body></html>"
    )
    path = tmp_path / "a.html"
    for encoding in ("koi8-r", "utf-8-sig"):
        path.write_bytes(page.encode(encoding))
        assert TEXTS["Russian"] in one(path).body.text
        assert dict(one(path).notes) == {}
    path.write_bytes(page.replace("<meta charset='koi8-r'>", "").encode("cp1251"))
    assert TEXTS["Russian"] in one(path).body.text
    assert dict(one(path).notes) == {"read as Windows-1251": 1}


@pytest.mark.parametrize("encoding", ["cp1252", "utf-16", "utf-16-le"])
@pytest.mark.parametrize("name", ["a.csv", "a.jsonl", "a.json"])
def test_tables_and_json_are_read_in_any_encoding(name: str, encoding: str, tmp_path: Path) -> None:
    path = tmp_path / name
    row = f'{{"id": "a", "text": "{TEXTS["German"]}"}}\n'
    data = f'id,text\nb,Straße\na,"{TEXTS["German"]}"\n' if name == "a.csv" else row
    path.write_bytes(data.encode(encoding))
    rows = list(importers.read(path))
    article = next(row for row in reversed(rows) if isinstance(row, Article))
    assert article.body.text == TEXTS["German"]
    assert article.file == str(path)
    marked_table = (name, encoding) == ("a.csv", "utf-16")
    said = {reason for row in rows if isinstance(row, Article) for reason in row.notes}
    called = "Windows-1252" if encoding == "cp1252" else "UTF-16"
    assert (f"read as {called}" in said) != marked_table


def test_a_refused_row_of_a_file_in_another_encoding_names_that_file(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes('{"text": "Straße"}\n{broken\n'.encode("cp1252"))
    good, bad = importers.read(path)
    assert isinstance(good, Article) and isinstance(bad, Problem)
    assert (bad.file, bad.line, bad.code) == (str(path), 2, "row-json")


def test_columns_of_tokens_in_a_named_encoding_are_decoded_once(tmp_path: Path) -> None:
    for ending in (".conll", ".conllu", ".bioes"):
        path = tmp_path / f"a{ending}"
        path.write_bytes("Åsa\tB-SPEAKER\n".encode("latin-1"))
        (found,) = importers.read(path, Reading(encoding="latin-1"))
        assert isinstance(found, Article), found
        assert found.body.text == "Åsa"


def test_a_table_of_a_guessed_encoding_may_hold_its_free_bytes(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"id,text\na,Stra\xdfe \x81 frei\n")
    assert one(path).body.text == "Straße \x81 frei"


def test_columns_are_asked_for_in_the_encoding_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes("Größe,Wörter\n1,Der Bürgermeister lehnte das ab.\n".encode("latin-1"))
    assert [column.name for column in columns([path], Reading())] == ["größe", "wörter"]
