"""Documents of offices, made by hand and small: what Word, Writer, Excel and others write."""

from __future__ import annotations

import zipfile
from email.message import EmailMessage
from pathlib import Path

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
OFFICE = "urn:oasis:names:tc:opendocument:xmlns"
CORE = (
    '<cp:coreProperties xmlns:cp="urn:cp" xmlns:dc="http://purl.org/dc/elements/1.1/" '
    'xmlns:dcterms="http://purl.org/dc/terms/"><dc:title>Dockers vote</dc:title>'
    "<dc:creator>Ann Lee</dc:creator><dcterms:created>2026-05-03T08:00:00Z</dcterms:created>"
    "</cp:coreProperties>"
)


def zipped(path: Path, parts: dict[str, str]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
    return path


def p(words: str, before: str = "") -> str:
    return f"<w:p>{before}<w:r><w:t>{words}</w:t></w:r></w:p>"


def docx(path: Path, body: str, **more: str) -> Path:
    document = f'<w:document xmlns:w="{W}"><w:body>{body}</w:body></w:document>'
    parts = {"word/document.xml": document, "docProps/core.xml": CORE}
    return zipped(path, {**parts, **{f"word/{name}.xml": text for name, text in more.items()}})


def odt(path: Path, text: str, manifest: str = "<manifest/>") -> Path:
    names = ("office", "text", "table", "meta", "draw", "manifest")
    spaces = " ".join(f'xmlns:{name}="{OFFICE}:{name}:1.0"' for name in names)
    content = (
        f"<office:document-content {spaces}><office:body><office:text>{text}</office:text>"
        "</office:body></office:document-content>"
    )
    meta = (
        f'<office:document-meta {spaces} xmlns:dc="http://purl.org/dc/elements/1.1/"><office:meta>'
        "<dc:title>Dockers vote</dc:title><meta:initial-creator>Ann Lee</meta:initial-creator>"
        "<meta:creation-date>2026-05-03T08:00:00</meta:creation-date>"
        "</office:meta></office:document-meta>"
    )
    parts = {"content.xml": content, "meta.xml": meta, "META-INF/manifest.xml": manifest}
    return zipped(path, parts)


def xlsx(path: Path, *sheets: list[list[str | float]]) -> Path:
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    rel = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006"
    named = []
    related = []
    parts = {}
    for number, rows in enumerate(sheets, start=1):
        named.append(f'<sheet name="S{number}" sheetId="{number}" r:id="r{number}"/>')
        related.append(
            f'<Relationship Id="r{number}" Type="{rel}/worksheet" '
            f'Target="worksheets/sheet{number}.xml"/>'
        )
        lines = []
        for row in rows:
            cells = []
            for cell in row:
                if isinstance(cell, str):
                    cells.append(f'<c t="inlineStr"><is><t>{cell}</t></is></c>')
                else:
                    cells.append(f"<c><v>{cell}</v></c>")
            lines.append(f"<row>{''.join(cells)}</row>")
        parts[f"xl/worksheets/sheet{number}.xml"] = (
            f'<worksheet xmlns="{main}"><sheetData>{"".join(lines)}</sheetData></worksheet>'
        )
    parts["xl/workbook.xml"] = (
        f'<workbook xmlns="{main}" xmlns:r="{rel}"><sheets>{"".join(named)}</sheets></workbook>'
    )
    parts["xl/_rels/workbook.xml.rels"] = (
        f'<Relationships xmlns="{package}/relationships">{"".join(related)}</Relationships>'
    )
    parts["_rels/.rels"] = (
        f'<Relationships xmlns="{package}/relationships"><Relationship Id="r1" '
        f'Type="{rel}/officeDocument" Target="xl/workbook.xml"/></Relationships>'
    )
    parts["[Content_Types].xml"] = f'<Types xmlns="{package}/content-types"/>'
    return zipped(path, parts)


def pdf(path: Path, *pages: list[tuple[int, str]]) -> Path:
    """Write a PDF: each page is a list of lines with their height in points, of 800."""
    objects = ["<< /Type /Catalog /Pages 2 0 R >>", ""]
    objects.append("<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>")
    kids = []
    for page in pages:
        shown = "".join(f"1 0 0 1 72 {y} Tm ({words}) Tj " for y, words in page)
        stream = f"BT /F1 12 Tf {shown}ET"
        objects.append(f"<< /Length {len(stream)} >>\nstream\n{stream}\nendstream")
        objects.append(
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] "
            f"/Resources << /Font << /F1 3 0 R >> >> /Contents {len(objects)} 0 R >>"
        )
        kids.append(f"{len(objects)} 0 R")
    objects[1] = f"<< /Type /Pages /Kids [{' '.join(kids)}] /Count {len(kids)} >>"
    objects.append("<< /Title (Dockers vote) /Author (Ann Lee) /CreationDate (D:20260503080000) >>")
    data = "%PDF-1.4\n"
    places = []
    for number, content in enumerate(objects, start=1):
        places.append(len(data))
        data += f"{number} 0 obj\n{content}\nendobj\n"
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    size = len(objects) + 1
    data += (
        f"xref\n0 {size}\n0000000000 65535 f \n{table}trailer\n<< /Size {size} /Root 1 0 R "
        f"/Info {len(objects)} 0 R >>\nstartxref\n{len(data)}\n%%EOF"
    )
    path.write_bytes(data.encode("latin-1"))
    return path


def eml(path: Path, plain: str, *, html: str = "", attached: str = "") -> Path:
    message = EmailMessage()
    message["Subject"] = "Dockers vote"
    message["From"] = "Ann Lee <ann@example.org>"
    message["Date"] = "Sun, 03 May 2026 08:00:00 +0200"
    if plain:
        message.set_content(plain)
    if html and plain:
        message.add_alternative(html, subtype="html")
    elif html:
        message.set_content(html, subtype="html")
    if attached:
        message.add_attachment(b"%PDF", maintype="application", subtype="pdf", filename=attached)
    path.write_bytes(bytes(message))
    return path
