"""Tables with a token a row, as CSV from Kaggle and elsewhere has them, as lines of CoNLL.

A column has the words and one their tags; a column of sentences says where each begins, by another
value than before, or by any where the cells below stay empty.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from corpus.importers.fields import plain
from corpus.importers.tags import TAG

WORDS = ("word", "words", "token", "tokens", "form")
TAGS = ("tag", "tags", "ner", "nertag", "nertags", "label", "labels", "entity", "iob", "bio")
SENTENCES = ("sentence", "sentenceid", "sentenceidx", "sentencenumber", "sentid", "sentidx")
# So much of a header is looked at, and so many rows, of which each has a tag.
HEAD = 1000
ROWS = 20


@dataclass(frozen=True, slots=True)
class TokenTable:
    """What separates the cells, and the numbers of the columns; -1 is none."""

    separator: str
    word: int
    tag: int
    sentence: int


def found_in(path: Path) -> TokenTable | None:
    """Return how a table in UTF-8 holds tokens; None where it holds something else."""
    with path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
        header = file.readline(HEAD)
        separator = max("\t,;", key=header.count)
        names = [plain(name) for name in header.rstrip("\r\n").split(separator)]
        columns = [_first(names, known) for known in (WORDS, TAGS, SENTENCES)]
        table = TokenTable(separator, *columns)
        if table.word < 0 or table.tag < 0 or "text" in names:
            return None
        try:
            rows = list(islice(csv.reader(file, delimiter=separator), ROWS))
        except csv.Error:
            return None
    tags = [row[table.tag] for row in rows if len(row) == len(names)]
    return table if tags and all(map(TAG.fullmatch, tags)) else None


def _first(names: list[str], known: tuple[str, ...]) -> int:
    return next((names.index(name) for name in known if name in names), -1)


def lines(path: Path, table: TokenTable) -> Iterator[tuple[int, str]]:
    """Yield the tokens with their tags as lines of CoNLL, with the lines of the table."""
    current = ""
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.reader(file, delimiter=table.separator)
        width = len(next(reader, []))
        for cells in reader:
            if len(cells) != width:
                # Of the wrong width here as there: it is left out by its line.
                yield reader.line_num, "\t".join(cells)
                continue
            sentence = cells[table.sentence] if table.sentence >= 0 else ""
            if sentence and sentence != current:
                yield reader.line_num, ""
                current = sentence
            yield reader.line_num, f"{cells[table.word]}\t{cells[table.tag]}"
