"""Word, OpenDocument, PDF, RTF, Markdown, e-mails and spreadsheets: the text as a reader has it,
the rest counted, and what cannot be read refused with what to do.
"""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import pytest

from corpus import importers
from corpus.core.problems import Problem
from corpus.importers import Article, document, pdf
from corpus.importers.reading import Reading
from tests.corpus.importers import office_files as made
from tests.corpus.importers.files import one, write
from tests.corpus.importers.office_files import p

STORY = "Dockers in the harbour voted to stop work."
SAID = "Nobody called, said Ann Lee."
BOTH = f"{STORY}\n\n{SAID}"


def refusal(path: Path) -> Problem:
    (found,) = importers.read(path)
    assert isinstance(found, Problem), found
    return found


def twelve(folder: Path) -> dict[str, Path]:
    """Make a file of each kind that a newsroom has, all with the same two paragraphs."""
    page = f"<html><body><article><p>{STORY}</p><p>{SAID}</p></article></body></html>"
    rows = f'text,outlet\n"{STORY}\n\n{SAID}",Post\n'
    word = made.docx(folder / "docx.docx", p(STORY) + p(SAID))
    with zipfile.ZipFile(folder / "zip.zip", "w") as archive:
        archive.write(word, "inside.docx")
    return {
        "txt": write(folder / "txt.txt", BOTH),
        "md": write(folder / "md.md", f"**Dockers**{STORY[7:]}\n\n{SAID}\n"),
        "html": write(folder / "html.html", page),
        "docx": word,
        "odt": made.odt(folder / "odt.odt", f"<text:p>{STORY}</text:p><text:p>{SAID}</text:p>"),
        "pdf": made.pdf(folder / "pdf.pdf", [(600, STORY), (560, SAID)]),
        "rtf": write(folder / "rtf.rtf", rf"{{\rtf1\ansi {STORY}\par {SAID}\par}}"),
        "eml": made.eml(folder / "eml.eml", BOTH),
        "csv": write(folder / "csv.csv", rows),
        "tsv": write(folder / "tsv.tsv", rows.replace(",outlet", "\toutlet").replace(",P", "\tP")),
        "xlsx": made.xlsx(folder / "xlsx.xlsx", [["Text", "Outlet"], [BOTH, "Post"]]),
        "jsonl": write(folder / "jsonl.jsonl", {"text": BOTH}),
        "zip": folder / "zip.zip",
    }


def test_each_kind_of_file_that_a_newsroom_has_gives_the_same_text(tmp_path: Path) -> None:
    for kind, path in twelve(tmp_path).items():
        (found,) = importers.articles([path])
        assert isinstance(found, Article), (kind, str(found))
        blank = "\n" if kind == "html" else "\n\n"
        assert found.body.text.strip() == BOTH.replace("\n\n", blank), kind


def test_a_word_document_reads_as_with_all_changes_accepted(tmp_path: Path) -> None:
    item = "<w:pPr><w:numPr/></w:pPr>"
    table = (
        f"<w:tbl><w:tr><w:tc>{p('Yes')}</w:tc><w:tc>{p('612')}</w:tc></w:tr>"
        f"<w:tr><w:tc>{p('No')}</w:tc><w:tc>{p('9')}</w:tc></w:tr></w:tbl>"
    )
    changed = (
        "<w:p><w:r><w:t>They </w:t></w:r><w:del><w:r><w:delText>did not</w:delText></w:r></w:del>"
        "<w:ins><w:r><w:t>will</w:t></w:r></w:ins><w:r><w:t> strike.</w:t></w:r>"
        "<w:r><w:footnoteReference w:id='2'/></w:r><w:r><w:rPr><w:vanish/></w:rPr>"
        "<w:t>secret</w:t></w:r></w:p>"
    )
    head = f'<w:hdr xmlns:w="{made.W}">{p("Draft 3")}</w:hdr>'
    comments = f'<w:comments xmlns:w="{made.W}"><w:comment>{p("Check")}</w:comment></w:comments>'
    body = p("The vote") + p("First", item) + p("Second", item) + table + changed
    found = one(made.docx(tmp_path / "vote.docx", body, header1=head, comments=comments))
    assert found.body.text == (
        "The vote\n\n- First\n- Second\n\nYes | 612\nNo | 9\n\nThey will strike."
    )
    assert dict(found.meta) == {
        "title": "Dockers vote",
        "author": "Ann Lee",
        "published": "2026-05-03",
    }
    assert dict(found.notes) == {
        "deleted passages left out": 1,
        "footnotes left out": 1,
        "hidden passages left out": 1,
        "comments left out": 1,
        "running heads and feet left out": 1,
    }


def test_an_opendocument_text_keeps_lists_tables_and_spaces(tmp_path: Path) -> None:
    text = (
        "<text:tracked-changes><text:changed-region><text:deletion><text:p>gone</text:p>"
        "</text:deletion></text:changed-region></text:tracked-changes>"
        "<text:h>The vote</text:h>"
        "<text:list><text:list-item><text:p>First</text:p><text:list><text:list-item>"
        "<text:p>Inner</text:p></text:list-item></text:list></text:list-item></text:list>"
        "<table:table><table:table-row><table:table-cell><text:p>Yes</text:p></table:table-cell>"
        "<table:table-cell><text:p>612</text:p></table:table-cell></table:table-row></table:table>"
        "<text:p>They <text:span>will\n strike</text:span>.<text:note><text:p>Note</text:p>"
        "</text:note><text:line-break/>Soon<text:s text:c='2'/>now.</text:p>"
    )
    found = one(made.odt(tmp_path / "vote.odt", text))
    assert found.body.text == (
        "The vote\n\n- First\n- Inner\n\nYes | 612\n\nThey will strike.\nSoon  now."
    )
    assert found.meta["author"] == "Ann Lee"
    assert dict(found.notes) == {"deleted passages left out": 1, "footnotes left out": 1}


def test_a_pdf_loses_page_numbers_and_heads_and_joins_parted_words(tmp_path: Path) -> None:
    pages = []
    for number in (1, 2, 3):
        lines = [(770, f"Harbour Post, 3 May, {number}"), (600, "The union an-")]
        lines += [(586, "nounced a strike"), (572, f"on day {number}."), (30, f"- {number} -")]
        pages.append(lines)
    found = one(made.pdf(tmp_path / "vote.pdf", *pages))
    assert found.body.text == "\n\n".join(
        f"The union announced a strike on day {number}." for number in (1, 2, 3)
    )
    assert dict(found.notes) == {
        "page numbers left out": 3,
        "running heads and feet left out": 3,
        "words joined that were parted at the end of a line": 3,
    }
    assert found.meta["title"] == "Dockers vote" and found.meta["published"] == "2026-05-03"


def test_markdown_loses_its_marks_and_says_its_title(tmp_path: Path) -> None:
    text = (
        "---\ntitle: Dockers vote\nauthor: Ann Lee\ndate: 2026-05-03\n---\n# The vote\n\n"
        "They *will* strike, [she](http://x.example) said,\nand soon. ![a](b.png)\n\n"
        "- First\n- Second\n\n| a | b |\n|---|---|\n| Yes | 612 |\n\n> Quoted.\n"
    )
    found = one(write(tmp_path / "vote.md", text))
    assert found.body.text == (
        "The vote\n\nThey will strike, she said, and soon.\n\n- First\n- Second\n\n"
        "a | b\nYes | 612\n\nQuoted."
    )
    assert found.meta["title"] == "Dockers vote" and found.meta["published"] == "2026-05-03"
    assert dict(found.notes) == {"pictures left out": 1}


def test_rich_text_keeps_its_letters_and_its_author(tmp_path: Path) -> None:
    text = (
        r"{\rtf1\ansi\ansicpg1252{\info{\title Dockers vote}{\author Ann Lee}}"
        r"\'93Stra\'dfe\'94 \u8364?5\par Second.\par}"
    )
    found = one(write(tmp_path / "vote.rtf", text))
    assert found.body.text == "“Straße” €5\n\nSecond."
    assert dict(found.meta) == {"title": "Dockers vote", "author": "Ann Lee"}


def test_an_e_mail_gives_its_plain_text_and_counts_what_is_attached(tmp_path: Path) -> None:
    page = f"<html><body><p>{STORY}</p><p>{SAID}</p></body></html>"
    both = one(made.eml(tmp_path / "a.eml", BOTH, html=page, attached="vote.pdf"))
    assert both.body.text == BOTH
    assert dict(both.meta) == {
        "title": "Dockers vote",
        "author": "Ann Lee <ann@example.org>",
        "published": "2026-05-03",
    }
    assert dict(both.notes) == {"attachments left out": 1}
    assert STORY in one(made.eml(tmp_path / "b.eml", "", html=page)).body.text


def test_a_spreadsheet_is_a_table_with_numbers_as_they_read(tmp_path: Path) -> None:
    rows: list[list[str | float]] = [["ID", "Text", "Outlet"], [7, STORY, "Post"], [8.5, SAID, ""]]
    path = made.xlsx(tmp_path / "rows.xlsx", rows, [["other"], ["sheet"]])
    first, second = importers.read(path)
    assert isinstance(first, Article) and isinstance(second, Article)
    assert [first.body.text, second.body.text] == [STORY, SAID]
    assert [(a.bare_id or a.id).rpartition("-")[2] for a in (first, second)] == ["7", "8.5"]
    assert first.meta["outlet"] == "Post" and first.line == 2
    assert first.notes["other sheets left out"] == 1


@pytest.mark.parametrize(
    ("name", "data", "says"),
    [
        ("a.doc", b"\xd0\xcf\x11\xe0", "save it as .docx"),
        ("a.pages", b"PK", "save it as .docx"),
        ("a.pptx", b"PK", "save its text"),
        ("a.jpg", b"\xff\xd8", "text recognition"),
        ("a.mp3", b"ID3", "transcribed"),
        ("a.msg", b"\xd0\xcf", ".eml"),
        ("a.7z", b"7z", ".zip"),
        ("a.docx", b"\xd0\xcf\x11\xe0 password", "without a password"),
        ("b.docx", b"PK\x03\x04 cut off", "save it again"),
        ("c.docx", b"", "save it again"),
        ("a.odt", b"no zip", "save it again"),
        ("a.xlsx", b"no zip", "save it as .xlsx"),
        ("b.xlsx", b"\xd0\xcf\x11\xe0 password", "without a password"),
        ("a.pdf", b"%PDF-1.4 cut off", "print it"),
        ("b.pdf", b"", "print it"),
        ("a.rtf", b"Words.", "save it again"),
        ("a.eml", b"", "Save it as .txt"),
    ],
)
def test_each_refusal_says_what_to_do(name: str, data: bytes, says: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    assert says in refusal(path).message


def test_a_pdf_of_pictures_asks_for_text_recognition(tmp_path: Path) -> None:
    problem = refusal(made.pdf(tmp_path / "scan.pdf", []))
    assert problem.code == "text-pictures" and "OCR" in problem.message


def test_a_pdf_that_takes_too_long_or_too_much_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = made.pdf(tmp_path / "long.pdf", [(600, STORY)])
    monkeypatch.setattr(pdf, "SECONDS", 0.01)
    assert "takes longer" in refusal(path).message


def test_bombs_and_entities_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(document, "SMALL", 1000)
    bomb = made.docx(tmp_path / "bomb.docx", p("0" * 5_000_000))
    assert refusal(bomb).code == "zip-invalid"
    entities = (
        '<!DOCTYPE d [<!ENTITY a "ha"><!ENTITY b "&a;&a;"><!ENTITY f SYSTEM "file:///etc/passwd">]>'
        f'<w:document xmlns:w="{made.W}"><w:body>{p("&b;&f;")}</w:body></w:document>'
    )
    path = made.zipped(tmp_path / "entities.docx", {"word/document.xml": entities})
    assert refusal(path).code == "file-unreadable"
    rows: list[list[str | float]] = [["text"], ["0" * 60_000_000]]
    assert refusal(made.xlsx(tmp_path / "bomb.xlsx", rows)).code == "zip-invalid"


def test_deep_nesting_ends_in_a_refusal(tmp_path: Path) -> None:
    deep = "<w:sdt>" * 240 + p("x") + "</w:sdt>" * 240
    assert refusal(made.docx(tmp_path / "deep.docx", deep)).code == "file-unreadable"
    sections = "<text:section>" * 240 + "<text:p>x</text:p>" + "</text:section>" * 240
    assert refusal(made.odt(tmp_path / "deep.odt", sections)).code == "file-unreadable"
    write(tmp_path / "deep.md", ">" * 20_000 + " x")
    list(importers.read(tmp_path / "deep.md"))


def test_an_encrypted_opendocument_text_says_so(tmp_path: Path) -> None:
    manifest = "<manifest><file-entry><encryption-data/></file-entry></manifest>"
    problem = refusal(made.odt(tmp_path / "a.odt", "<text:p>x</text:p>", manifest))
    assert "password" in problem.message


def test_a_damaged_office_file_never_stops_an_import(tmp_path: Path) -> None:
    kinds = twelve(tmp_path)
    for kind in ("docx", "odt", "rtf", "eml", "xlsx", "md"):
        whole = kinds[kind].read_bytes()
        for cut in range(1, len(whole), max(1, len(whole) // 12)):
            path = tmp_path / f"cut.{kind}"
            path.write_bytes(whole[:cut] + bytes([whole[cut] ^ 0x55]) + whole[cut + 1 :])
            rows: list[Any] = list(importers.read(path, Reading()))
            assert rows
