"""PDF files: the running text of their pages, by pdfminer.six.

A PDF can make any reader run for ever or out of memory, so it is read in a process of its own with
limits of both. This module is that process, too: it gets a path and writes what it found as JSON.
"""

from __future__ import annotations

import logging
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

from corpus.core.problems import Problem
from corpus.importers import Article, own_process
from corpus.importers.document import article, check_size
from corpus.importers.reading import Reading

MAX_PAGES = 1000
SECONDS = 120
MEMORY = 2 << 30
TOO_SLOW = f"it takes longer than {SECONDS} seconds to read. Print it to a new PDF"
TOO_LARGE = "it is damaged, or too large to be read. Print it to a new PDF, or split it"
# The share of a page's height at its top and foot where heads and page numbers stand.
MARGIN = 0.12
# A head stands on this share of the pages, and on two at least.
REPEATED = 0.4
LONGEST_HEAD = 150
NUMBER = re.compile(
    r"(?:page|seite|pagina|página|s\.|p\.)?\s*[-–—|]?\s*(?:\d{1,4}|[ivxl]{1,7})\s*[-–—|]?"
    r"(?:\s*(?:/|of|von|de|sur|di)\s*\d{1,4})?",
    re.IGNORECASE,
)
UNNAMED = re.compile(r"\(cid:\d+\)")
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
LIGATURES = str.maketrans(
    {"ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl", "ﬅ": "st", "ﬆ": "st"}
)
NO_NAMES = "signs left out that the PDF does not name"
# What ends a sentence, or a paragraph at least.
ENDS = '.!?:;”“"’»)…'


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a page: its words, where it begins, and how high it stands (1 is the top)."""

    text: str
    left: float
    height: float


Box = list[Line]


def read(path: Path, reading: Reading) -> Iterator[Article | Problem]:
    """Yield the one article of a PDF file."""
    try:
        check_size(path)
        found: dict[str, Any] = own_process.answer(
            __name__, path, seconds=SECONDS, late=TOO_SLOW, failed=TOO_LARGE
        )
        if "pictures" in found:
            raise Problem("text-pictures")
        if "wrong" in found:
            raise Problem("file-unreadable", reason=found["wrong"])
        yield article(path, found["blocks"], found["meta"], found["notes"])
    except Problem as problem:
        yield problem.at(str(path))


def running_text(pages: list[list[Box]]) -> tuple[list[str], Counter[str]]:
    """Return the paragraphs of pages without heads, feet and page numbers, and what was counted."""
    notes: Counter[str] = Counter()
    repeated = _repeated(pages)
    blocks: list[str] = []
    for page in pages:
        for box in page:
            lines = [line for line in box if not _beside(line, repeated, notes)]
            for paragraph in _paragraphs(lines):
                _add(blocks, _joined(paragraph, notes), notes)
    return blocks, notes


def _repeated(pages: list[list[Box]]) -> set[str]:
    """Return the lines in the margins, with any number in them, that stand on page after page."""
    counted: Counter[str] = Counter()
    for page in pages:
        counted.update({_key(line) for box in page for line in box if _in_margin(line)})
    least = max(2, REPEATED * len(pages))
    return {key for key, count in counted.items() if count >= least}


def _key(line: Line) -> str:
    return re.sub(r"\d+", "#", " ".join(line.text.split()))


def _in_margin(line: Line) -> bool:
    at_edge = line.height > 1 - MARGIN or line.height < MARGIN
    return at_edge and len(line.text) <= LONGEST_HEAD


def _beside(line: Line, repeated: set[str], notes: Counter[str]) -> bool:
    """Tell a line that is no part of the text, and count it."""
    if not _in_margin(line):
        return False
    if NUMBER.fullmatch(line.text.strip()):
        notes["page numbers left out"] += 1
        return True
    if _key(line) in repeated:
        notes["running heads and feet left out"] += 1
        return True
    return False


def _paragraphs(lines: Box) -> Iterator[Box]:
    """Yield the paragraphs of a box: one begins where a line is set in after the end of another."""
    if not lines:
        return
    edge = min(line.left for line in lines)
    paragraph: Box = []
    for line in lines:
        is_set_in = line.left > edge + 4
        if paragraph and is_set_in and paragraph[-1].text.rstrip()[-1:] in ENDS:
            yield paragraph
            paragraph = []
        paragraph.append(line)
    yield paragraph


def _joined(lines: Box, notes: Counter[str]) -> str:
    """Return a paragraph on one line, its parted words joined."""
    text = ""
    for line in lines:
        text = _continued(text, line.text.strip(), notes)
    return text


def _continued(text: str, more: str, notes: Counter[str]) -> str:
    """Return a text with what follows on the next line."""
    parted = text[-1:] in ("-", "\xad", "\u2010") and text[-2:-1].isalpha()
    if parted and more[:1].islower():
        notes["words joined that were parted at the end of a line"] += 1
        return text[:-1] + more
    return f"{text} {more}" if text and more else text + more


def _add(blocks: list[str], paragraph: str, notes: Counter[str]) -> None:
    """Add a paragraph; one that goes on over a page or column is joined to what it began as."""
    goes_on = blocks and paragraph[:1].islower() and blocks[-1][-1:] not in ENDS
    if goes_on:
        blocks[-1] = _continued(blocks[-1], paragraph, notes)
    elif paragraph:
        blocks.append(paragraph)


def _extracted(path: str) -> dict[str, Any]:
    """Return what a PDF holds, or what is wrong with it."""
    from pdfminer.high_level import extract_pages
    from pdfminer.layout import LAParams
    from pdfminer.pdfdocument import PDFPasswordIncorrect

    pages: list[list[Box]] = []
    notes: Counter[str] = Counter()
    try:
        meta = _told(path)
        for page in extract_pages(path, laparams=LAParams(), maxpages=MAX_PAGES + 1):
            pages.append(list(_boxes(page, notes)))
    except PDFPasswordIncorrect:
        return {"wrong": "it has a password. Print it to a PDF without one"}
    except RecursionError:
        return {"wrong": "it is nested too deep. Print it to a new PDF"}
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001 - a damaged PDF breaks pdfminer in a hundred ways
        reason = "it is damaged, or no PDF. Open it and print it to a new PDF"
        return {"wrong": reason}
    if len(pages) > MAX_PAGES:
        reason = f"it has more than {MAX_PAGES} pages. Split it"
        return {"wrong": reason}
    blocks, counted = running_text(pages)
    if notes[NO_NAMES] >= sum(map(len, blocks)):
        return {"pictures": True}
    return {"blocks": blocks, "meta": meta, "notes": notes + counted}


def _boxes(page: Any, notes: Counter[str]) -> Iterator[Box]:
    """Yield the boxes of a page, those in figures too, in the order in which they are read."""
    from pdfminer.layout import LTFigure, LTTextBox

    holders = [page, *(item for item in page if isinstance(item, LTFigure))]
    for box in chain.from_iterable(holders):
        if isinstance(box, LTTextBox):
            yield [_line(line, page, notes) for line in box if line.get_text().strip()]


def _line(line: Any, page: Any, notes: Counter[str]) -> Line:
    text, unnamed = UNNAMED.subn("", line.get_text())
    notes[NO_NAMES] += unnamed
    text = CONTROL.sub("", text).translate(LIGATURES)
    return Line(text, line.x0, (line.y0 - page.y0) / (page.height or 1))


def _told(path: str) -> dict[str, str]:
    """Return title, author and day of a PDF, as far as it says them."""
    from pdfminer.pdfdocument import PDFDocument
    from pdfminer.pdfparser import PDFParser
    from pdfminer.pdftypes import resolve1
    from pdfminer.utils import decode_text

    found = {}
    with Path(path).open("rb") as file:
        for info in PDFDocument(PDFParser(file)).info:
            for theirs, ours in (("Title", "title"), ("Author", "author")):
                value = resolve1(info.get(theirs))
                if isinstance(value, bytes):
                    found[ours] = CONTROL.sub("", decode_text(value))
            made = resolve1(info.get("CreationDate"))
            day = re.match(rb"D:(\d{4})(\d\d)(\d\d)", made) if isinstance(made, bytes) else None
            if day:
                found["published"] = b"-".join(day.groups()).decode()
    return found


def _main() -> None:
    logging.disable()
    own_process.say(_extracted, memory=MEMORY, seconds=SECONDS)


if __name__ == "__main__":
    _main()
