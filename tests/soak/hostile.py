"""Files that are small and want long work: each maker writes one of a size, for one importer.

Four times the size is four times the bytes, so a reader that is linear takes about four times as
long.
"""

from __future__ import annotations

import json
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
from cassis import Cas, TypeSystem
from pyarrow import parquet

from tests.corpus.importers import office_files

Maker = Callable[[Path, int], Path]
WORD = "word "
TEXT = "Ann said it rained.\n"


def _written(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def _text(piece: str, *, name: str = "a.txt", before: str = "Said ", after: str = "") -> Maker:
    """Return the maker of a file that says a piece again and again."""
    return lambda folder, size: _written(folder / name, before + piece * size + after)


def _row(make: Callable[[int], Any], name: str = "a.jsonl") -> Maker:
    """Return the maker of a file with one row of JSON."""
    return lambda folder, size: _written(folder / name, json.dumps(make(size)) + "\n")


def _spans(size: int) -> list[dict[str, Any]]:
    return [{"id": f"s{n}", "label": "CLAIM", "start": 0, "end": 4} for n in range(size)]


def _lossless(size: int) -> dict[str, Any]:
    ends = {"kind": "said_by", "source": "s0", "target": "s1"}
    return {"id": "a", "text": TEXT, "spans": _spans(size), "links": [ends] * size}


def _lossless_pieces(size: int) -> dict[str, Any]:
    pieces = [[5 * n, 5 * n + 4] for n in range(size)]
    span = {"id": "s1", "label": "CLAIM", "start": 0, "end": 5 * size - 1, "fragments": pieces}
    return {"id": "a", "text": WORD * size, "spans": [span]}


def _lossless_words(size: int) -> dict[str, Any]:
    """Return spans that each say other words than stand there, in a text counted in three ways."""
    said = [{**span, "text": "none", "end": 5 * size} for span in _spans(20)]
    return {"id": "a", "text": "wörd\U0001f600" * size, "spans": said}


def _lossless_flags(size: int) -> dict[str, Any]:
    """Return spans that each say other words than stand there, in a text of flags alone."""
    said = [{**span, "text": "none", "end": 2 * size} for span in _spans(20)]
    return {"id": "a", "text": "\U0001f1e9\U0001f1ea" * size, "spans": said}


def _brat(text: Callable[[int], str], lines: Callable[[int], str]) -> Maker:
    def make(folder: Path, size: int) -> Path:
        _written(folder / "a.txt", text(size))
        return _written(folder / "a.ann", lines(size))

    return make


def _overlapping(size: int) -> str:
    """Return one span in pieces that all overlap."""
    return "T1\tCLAIM " + ";".join(f"{n} {5 * size}" for n in range(size)) + "\twords\n"


def _apart(size: int) -> str:
    """Return one span in a piece a line."""
    return "T1\tCLAIM " + ";".join(f"{5 * n} {5 * n + 4}" for n in range(size)) + "\twords\n"


def _attributes(size: int) -> str:
    lines = [f"A{n}\tKind T1 v{n}\n" for n in range(size)]
    return "T1\tCLAIM 0 4\tword\n" + "".join(lines)


def _notes(size: int) -> str:
    note = json.dumps({"fragments": [[0, 4 * size]]})
    return "T1\tCLAIM 0 4\tword\n" + f"#1\tNote T1\t{note}\n" * size


def _page(piece: str, close: str = "") -> Maker:
    """Return the maker of a web page."""

    def make(folder: Path, size: int) -> Path:
        inner = f"{piece * size}{TEXT}{close * size}"
        page = f"<html><body><article><p>{TEXT * 40}</p>{inner}</article></body></html>"
        return _written(folder / "a.html", page)

    return make


def _docx(piece: str, close: str = "") -> Maker:
    def make(folder: Path, size: int) -> Path:
        body = piece * size + office_files.p(TEXT) + close * size
        return office_files.docx(folder / "a.docx", body)

    return make


def _odt(piece: str, close: str = "") -> Maker:
    def make(folder: Path, size: int) -> Path:
        body = piece * size + f"<text:p>{TEXT}</text:p>" + close * size
        return office_files.odt(folder / "a.odt", body)

    return make


def _parts(folder: Path, size: int) -> Path:
    """Write an e-mail of parts in parts."""
    lines = ["From: a@example.org", "MIME-Version: 1.0"]
    for number in range(size):
        lines += [f'Content-Type: multipart/mixed; boundary="b{number}"', "", f"--b{number}"]
    lines += ["Content-Type: text/plain", "", TEXT]
    return _written(folder / "a.eml", "\n".join(lines))


def _docbin(folder: Path, size: int) -> Path:
    """Write a DocBin that unpacks to a thousand times its size."""
    path = folder / "a.spacy"
    path.write_bytes(zlib.compress(b"\0" * 1000 * size))
    return path


def _nested_folders(folder: Path, size: int) -> Path:
    path = folder / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("d/" * size + "a.txt", TEXT)
    return path


def _many_files(folder: Path, size: int) -> Path:
    path = folder / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(size):
            archive.writestr(f"f{number}/a.txt", TEXT)
    return path


def _quotes(size: int) -> list[dict[str, Any]]:
    """Return annotations that say where they are by a quotation, each of which stands once."""
    return [
        {
            "body": {"value": "CLAIM", "purpose": "tagging"},
            "target": {"selector": {"type": "TextQuoteSelector", "exact": f"word{n} "}},
        }
        for n in range(size)
    ]


def _web(folder: Path, size: int) -> Path:
    _written(folder / "a.txt", "".join(f"word{n} " for n in range(size)))
    return _written(folder / "a.jsonld", json.dumps({"items": _quotes(size)}))


def _tsv(lines: Callable[[int], str]) -> Maker:
    """Return the maker of a file of WebAnno's."""
    head = "#FORMAT=WebAnno TSV 3.3\n#T_SP=custom.Span|value\n\n"
    return lambda folder, size: _written(folder / "a.tsv", head + lines(size))


def _sentences(size: int) -> str:
    place = "#Text=a\n{n}-1\t{a}-{b}\ta\tX\t\n\n"
    return "".join(place.format(n=n + 1, a=2 * n, b=2 * n + 1) for n in range(size))


def _absent(size: int) -> str:
    """Return a sentence with tokens that it does not hold."""
    return f"#Text={WORD * size}\n" + "1-1\t0-1\tq\tX\t\n" * size


def _studio(size: int) -> list[dict[str, Any]]:
    value = {"start": 0, "end": 4, "labels": ["CLAIM"]}
    result = [
        {"id": f"r{n}", "type": "labels", "from_name": "l", "to_name": "t", "value": value}
        for n in range(size)
    ]
    return [{"id": 1, "data": {"text": TEXT}, "annotations": [{"id": 1, "result": result}]}]


def _tokens(size: int) -> list[dict[str, Any]]:
    tokens = [{"orth": "word", "ner": "U-CLAIM"}] * size
    return [{"id": 0, "paragraphs": [{"raw": WORD * size, "sentences": [{"tokens": tokens}]}]}]


def _prodigy(size: int) -> dict[str, Any]:
    return {"text": TEXT, "_input_hash": 1, "spans": _spans(size), "answer": "accept"}


def _prodigy_relations(size: int) -> dict[str, Any]:
    """Return spans within each other, and relations that name their tokens."""
    tokens = [{"text": "word", "start": 5 * n, "end": 5 * n + 4, "id": n} for n in range(size)]
    spans = [{"label": "X", "start": 5 * n, "end": 5 * size - 1} for n in range(size)]
    relations = [{"label": "r", "head": n, "child": size - 1} for n in range(size)]
    row = {"text": WORD * size, "_input_hash": 1, "tokens": tokens, "answer": "accept"}
    return {**row, "spans": spans, "relations": relations}


def _doccano(size: int) -> dict[str, Any]:
    return {"id": 1, "text": TEXT, "label": [[0, 4, "CLAIM"]] * size}


def _parquet(folder: Path, size: int) -> Path:
    """Write rows of one text and its spans, which Parquet packs to next to nothing."""
    spans = [{"label": "CLAIM", "start": 0, "end": 4}] * 20
    path = folder / "a.parquet"
    rows = {"text": [TEXT * 50] * size, "spans": [spans] * size}
    parquet.write_table(pa.table(rows), path, compression="zstd")
    return path


def _parquet_text(folder: Path, size: int) -> Path:
    """Write one long text again and again."""
    path = folder / "a.parquet"
    parquet.write_table(pa.table({"text": [WORD * size] * 50}), path, compression="zstd")
    return path


def _cas(size: int) -> Cas:
    """Return annotations that all stand at one place, in a chain."""
    types = TypeSystem()
    mention = types.create_type("custom.Mention", "uima.tcas.Annotation")
    types.create_feature(mention, "next", "custom.Mention")
    cas = Cas(types)
    cas.sofa_string = TEXT
    cas.sofa_mime = "text/plain"
    last = None
    for _ in range(size):
        last = mention(begin=0, end=3, next=last)
        cas.add(last)
    return cas


def _xmi(folder: Path, size: int) -> Path:
    cas = _cas(size)
    cas.typesystem.to_xml(folder / "TypeSystem.xml")
    cas.to_xmi(folder / "a.xmi")
    return folder / "a.xmi"


def _json_cas(folder: Path, size: int) -> Path:
    _cas(size).to_json(folder / "a.json")
    return folder / "a.json"


def _inception(folder: Path, size: int) -> Path:
    """Write a project in which many people worked on one document."""
    path = folder / "a.zip"
    work = _cas(2).to_json()
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("exportedproject1.json", "{}")
        archive.writestr("source/a.txt", TEXT)
        for number in range(size):
            archive.writestr(f"annotation/a.txt/p{number}.json", work)
    return path


def _pdf_lines(folder: Path, size: int) -> Path:
    lines = [(700 - n % 600, "Ann said it rained.") for n in range(40)]
    return office_files.pdf(folder / "a.pdf", *[lines] * size)


def _pdf_arrays(folder: Path, size: int) -> Path:
    return _written(folder / "a.pdf", "%PDF-1.4\n1 0 obj\n" + "[" * size + "\nendobj\n")


def _sheet(folder: Path, size: int) -> Path:
    return office_files.xlsx(folder / "a.xlsx", [["id", "text"], *[["a", TEXT]] * size])


def _columns(folder: Path, size: int) -> Path:
    names: list[str | float] = [f"c{n}" for n in range(size)]
    return office_files.xlsx(folder / "a.xlsx", [["text", *names], ["Said", *names]])


# Of each case the file and the size that takes about a second of a reader that is linear.
CASES: dict[str, tuple[Maker, int]] = {
    "text of line ends": (_text("\r\n"), 1_000_000),
    "JSON in JSON": (_text("[", name="a.jsonl", before=""), 400_000),
    "objects in objects": (_text('{"a":', name="a.jsonl", before=""), 400_000),
    "a list left open": (_text('{"a": "', name="a.json", before="["), 400_000),
    "spans at one place": (_row(_lossless), 8_000),
    "one span in pieces": (_row(_lossless_pieces), 60_000),
    "spans that say other words": (_row(_lossless_words), 30_000),
    "flags": (_row(_lossless_flags), 100_000),
    "quotes left open": (_text('"\n', name="a.csv", before="id,text\n"), 100_000),
    "many columns": (_text("a,", name="a.csv", before="text,"), 400_000),
    "brat pieces that overlap": (_brat(lambda n: WORD * n, _overlapping), 500),
    "brat pieces apart": (_brat(lambda n: WORD * n, _apart), 50_000),
    "brat pieces at line ends": (_brat(lambda n: "word\n" * n, _apart), 50_000),
    "brat attributes": (_brat(lambda n: TEXT, _attributes), 30_000),
    "brat notes": (_brat(lambda n: "wor\n" * n, _notes), 1_000),
    "brat lines of one span": (_brat(lambda n: TEXT, lambda n: "T1\tX 0 4\tword\n" * n), 50_000),
    "CoNLL spans": (_text("word\tB-CLAIM\n", name="a.conll", before=""), 50_000),
    "CoNLL columns": (_text("\tO", name="a.conll", before="word"), 300_000),
    "CoNLL documents": (_text("#newdoc\nword\tO\n", name="a.conll", before=""), 10_000),
    "CoNLL words of words": (_text("1-2\tword\tO\n", name="a.conllu", before=""), 30_000),
    "WebAnno sentences": (_tsv(_sentences), 100_000),
    "WebAnno words that are not there": (_tsv(_absent), 20_000),
    "WebAnno values in a cell": (
        _tsv(lambda n: f"#Text=a\n1-1\t0-1\ta\t{'x|' * n}\t\n"),
        50_000,
    ),
    "WebAnno signs in a value": (
        _tsv(lambda n: f"#Text=a\n1-1\t0-1\ta\t{'[1->1' * n}\t\n"),
        100_000,
    ),
    "a DocBin bomb": (_docbin, 100_000),
    "Prodigy spans": (_row(_prodigy), 10_000),
    "Prodigy relations": (_row(_prodigy_relations), 3_000),
    "doccano spans": (_row(_doccano), 10_000),
    "Label Studio results": (_row(_studio, "a.json"), 5_000),
    "spaCy tokens": (_row(_tokens, "a.json"), 10_000),
    "quotations": (_web, 1_000),
    "HTML in HTML": (_page("<div>", "</div>"), 2_000),
    "HTML in inline HTML": (_page("<b>", "</b>"), 2_000),
    "HTML paragraphs": (_page("<p>Ann said so.</p>"), 5_000),
    "HTML links": (_page('<a href="x">Ann said so.</a>'), 5_000),
    "HTML lists": (_page("<ul><li>Ann said so.", "</li></ul>"), 500),
    "HTML tables": (_page("<table><tr><td>Ann said so.", "</td></tr></table>"), 500),
    "HTML comments": (_page("<!--"), 50_000),
    "HTML line breaks": (_page("<br/>"), 10_000),
    "Word runs": (_docx(office_files.p("Ann said so.")), 10_000),
    # Deeper, a parser of XML refuses them: twice as many just pass.
    "Word tables in tables": (_docx("<w:tbl><w:tr><w:tc>", "</w:tc></w:tr></w:tbl>"), 15),
    "Word controls": (_docx("<w:sdt><w:sdtContent>", "</w:sdtContent></w:sdt>"), 15),
    "OpenDocument paragraphs": (_odt("<text:p>Ann said so.</text:p>"), 10_000),
    "OpenDocument tables in tables": (
        _odt(
            "<table:table><table:table-row><table:table-cell>",
            "</table:table-cell></table:table-row></table:table>",
        ),
        25,
    ),
    "OpenDocument lists in lists": (
        _odt("<text:list><text:list-item>", "</text:list-item></text:list>"),
        60,
    ),
    "RTF groups": (_text("{", name="a.rtf", before="{\\rtf1 Said "), 100_000),
    "RTF signs": (_text("\\u8364?", name="a.rtf", before="{\\rtf1 Said "), 50_000),
    "RTF words": (_text("\\par Ann said.\n", name="a.rtf", before="{\\rtf1 "), 20_000),
    "Markdown brackets": (_text("[", name="a.md"), 10_000),
    "Markdown links": (_text("[a](", name="a.md"), 5_000),
    "Markdown stars": (_text("*a **b ", name="a.md"), 5_000),
    "Markdown quotations": (_text("> ", name="a.md", before="", after="Said"), 10_000),
    "Markdown backticks": (_text("`a``b```", name="a.md"), 5_000),
    "Markdown lists": (_text("- ", name="a.md", before="", after="Said"), 5_000),
    "Markdown references": (_text("[a]: b\n", name="a.md", before=""), 10_000),
    "Markdown table": (_text("|a", name="a.md", before="a|b\n-|-\n"), 20_000),
    "e-mail parts": (_parts, 2_000),
    "e-mail headers": (_text("X: y\n", name="a.eml", before="", after="\nSaid\n"), 10_000),
    "e-mail names": (_text('"', name="a.eml", before="From: ", after="\n\nSaid\n"), 20_000),
    "e-mail addresses": (_text("(", name="a.eml", before="From: ", after="\n\nSaid\n"), 3_000),
    "folders in folders": (_nested_folders, 700),
    "files in a zip": (_many_files, 2_000),
    "Parquet rows": (_parquet, 2_000),
    "Parquet texts": (_parquet_text, 100_000),
    "CAS as XMI": (_xmi, 10_000),
    "CAS as JSON": (_json_cas, 10_000),
    "people of a project": (_inception, 200),
    "PDF pages": (_pdf_lines, 30),
    "PDF arrays in arrays": (_pdf_arrays, 200_000),
    "rows of a sheet": (_sheet, 40_000),
    "columns of a sheet": (_columns, 20_000),
}
