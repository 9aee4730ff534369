"""A reading copy: one HTML page, with the spans marked in the text and listed below it.

It stands alone. Text is escaped and there is no script. Labels have the colours of their schema,
else one of ours, on a light page and on a dark one. Of the metadata the title is shown. Where spans
overlap, the marks of a stretch name all of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from html import escape
from itertools import cycle
from pathlib import Path
from typing import Any

from corpus.core import colour
from corpus.core.schema import SchemaView
from exports.core.loss import EVERYTHING, count_lost
from exports.core.record import Record, Report, as_row
from exports.encoders import Options
from exports.encoders.files import text_file

HOLDS = EVERYTHING - {"metadata"}
# For labels without a colour: the ground by day, and the colour whose shades are shown by night.
COLOURS = (
    ("#fde9c4", (0xE0, 0xA0, 0x30)),
    ("#cfe3fb", (0x4A, 0x90, 0xE2)),
    ("#e3e3e3", (0x99, 0x99, 0x99)),
    ("#d5f0d8", (0x4C, 0xAF, 0x50)),
    ("#f6d6e4", (0xE0, 0x60, 0x9A)),
    ("#e4dcf7", (0x90, 0x70, 0xE0)),
)
POLICY = "default-src 'none'; style-src 'unsafe-inline'"
STYLE = (
    "body{font:1.05rem/1.6 Georgia,serif;max-width:44rem;margin:2rem auto;padding:0 1rem;"
    "color:#1a1a1a}\n"
    "h1,h2,dt,dd,sup{font-family:system-ui,sans-serif}"
    "h2{border-top:1px solid #999;padding-top:2rem}\n"
    ".text{white-space:pre-wrap;overflow-wrap:anywhere}"
    "mark{color:inherit;border-bottom:2px solid #555}\n"
    "sup{font-size:.6rem;color:#444}dl{font-size:.85rem}dt{font-weight:600}"
    "dd{margin:0 0 .6rem 1rem}\n"
)
DARK = f"body{{background:{colour.NIGHT.css};color:#e8e8e8}}sup{{color:#bbb}}"


def write(records: Iterable[Record], to: Path, options: Options) -> Report:
    """Write one page with every document."""
    report = Report(files=[str(to)])
    labels = list(options.schema.labels)
    with text_file(to) as out:
        out.write(_head(options.name or "Articles", options.schema))
        for record in records:
            out.write("".join(_article(record, labels)))
            report.count(record)
            count_lost(record, report, HOLDS)
        out.write("</body></html>\n")
    return report


def _head(name: str, schema: SchemaView) -> str:
    by_day = ""
    by_night = ""
    legend = []
    palette = cycle(COLOURS)
    for number, label in enumerate(schema.labels.values()):
        ground, dark = next(palette)
        own = colour.read(label.colour)
        by_day += f".l{number}"
        by_day += _shades(colour.by_day(own)) if own else f"{{background:{ground}}}"
        by_night += f".l{number}{_shades(colour.by_night(own or colour.Colour(*dark)))}"
        legend.append(f'<mark class="l{number}">{escape(label.name)}</mark>')
    night = f"@media(prefers-color-scheme:dark){{{DARK}{by_night}}}"
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">\n'
        f'<meta name="viewport" content="width=device-width"><title>{escape(name)}</title>\n'
        f"<style>{STYLE}{by_day}\n{night}</style></head><body>\n<h1>{escape(name)}</h1>\n"
        f"<p>{' '.join(legend)}</p>\n"
    )


def _shades(shades: colour.Shades) -> str:
    """Return the rule of a mark: words on its ground, a line of its colour below."""
    return f"{{background:{shades.fill.css};border-color:{shades.ink.css}}}"


def _article(record: Record, labels: list[str]) -> Iterator[str]:
    row = as_row(record)
    title = record.meta.get("title")
    yield f'<article><h2>{escape(str(title or record.id))}</h2>\n<div class="text" dir="auto">'
    yield from _marked(record, row["spans"], labels)
    yield "</div>\n<dl>\n"
    if row.get("attributes"):
        yield f'<dt>Document</dt><dd dir="auto">{escape("; ".join(_said(row)))}</dd>\n'
    for span in row["spans"]:
        about = list(_said(span))
        for link in row["links"]:
            if link["source"] == span["id"]:
                more = f" ({'; '.join(_said(link))})" if link.get("attributes") else ""
                about.append(f"{link['kind']} {link['target']}{more}")
        if "score" in span:
            about.append(f"score: {span['score']}")
        words = " … ".join(record.text[start:end] for start, end in _ranges(span))
        more = f" — {escape('; '.join(about))}" if about else ""
        yield f"<dt>{escape(span['id'])} {escape(span['label'])}</dt>"
        yield f'<dd dir="auto">“{escape(words)}”{more}</dd>\n'
    yield "</dl></article>\n"


def _said(holder: dict[str, Any]) -> Iterator[str]:
    """Yield the attributes of a span, a link or the document as people read them."""
    for name, value in holder["attributes"].items():
        shown = ", ".join(value) if isinstance(value, list) else value
        yield f"{name}: {'yes' if value is True else 'no' if value is False else shown}"


def _ranges(span: dict[str, Any]) -> list[list[int]]:
    return span.get("fragments") or [[span["start"], span["end"]]]


def _marked(record: Record, spans: list[dict[str, Any]], labels: list[str]) -> Iterator[str]:
    """Yield the text in stretches in which no span begins or ends, each marked with its spans."""
    begins: dict[int, list[dict[str, Any]]] = {}
    ends: dict[int, list[dict[str, Any]]] = {}
    for span in spans:
        for start, end in _ranges(span):
            begins.setdefault(start, []).append(span)
            ends.setdefault(end, []).append(span)
    cuts = sorted({0, len(record.text), *begins, *ends})
    covering: dict[str, dict[str, Any]] = {}
    for at, to in zip(cuts, [*cuts[1:], len(record.text)], strict=True):
        for span in ends.get(at, ()):
            covering.pop(span["id"], None)
            yield f"<sup>{escape(span['id'])}</sup>"
        for span in begins.get(at, ()):
            covering[span["id"]] = span
        words = escape(record.text[at:to])
        if covering and words:
            top = list(covering.values())[-1]
            names = " ".join(f"{span['id']} {span['label']}" for span in covering.values())
            number = labels.index(top["label"]) if top["label"] in labels else 0
            yield f'<mark class="l{number}" title="{escape(names)}">{words}</mark>'
        else:
            yield words
