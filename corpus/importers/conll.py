"""CoNLL columns: a token a line, tags in IOB1, IOB2, BIOES or BILOU, an empty line between
sentences.

The tags stand in the last column, or in all columns of tags when `# global.columns = …` names the
columns. A document begins at `-DOCSTART-` or `# newdoc id = …`. Text is what the tokens give,
joined by spaces, sentences by line ends. Our export keeps id, text and metadata in a file
`NAME.documents` beside it (once in a comment `# document = {…}`), and the tokens are found in that
text; of the labels that have a file of their own beside it, the spans are taken from there.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Any

from corpus.core.escapes import unescaped
from corpus.core.problems import Problem
from corpus.core.text import MAX_CHARACTERS
from corpus.importers import Article
from corpus.importers.reading import Reading
from corpus.importers.rows import Row, RowWithNotes, articles, get
from corpus.importers.stream import MAX_LINE, loads, values

COMMENT = re.compile(r"#\s*([\w.]+(?: id)?)(?:\s*=\s?(.*))?")
# What stands in the columns beside `-DOCSTART-`.
NO_NAME = ("O", "-X-", "_", "-")
TAG = re.compile(r"[O_-]|([BILUES])-(\S+)")


@dataclass(slots=True)
class Block:
    """The lines of one document: sentences of tokens of cells, and what its comments say."""

    ident: str
    document: Row = field(default_factory=dict)
    columns: tuple[str, ...] = ()
    sentences: list[list[list[str]]] = field(default_factory=lambda: [[]])
    size: int = 0
    # The same document in the files that hold one label each.
    by_label: dict[str, Block] = field(default_factory=dict)

    @property
    def begun(self) -> bool:
        """Tell whether a token has come."""
        return self.size > 0

    def add(self, cells: list[str]) -> None:
        """Add a token."""
        self.sentences[-1].append(cells)
        self.size += len(cells[0]) + 1
        if self.size > MAX_CHARACTERS:
            raise Problem("text-too-large", limit=MAX_CHARACTERS)


def read(path: Path, reading: Reading) -> Iterator[Article | Problem]:
    """Yield an article for each document of the file."""
    yield from articles(path, "CoNLL", _documents(path), _row)


def _documents(path: Path) -> Iterator[tuple[int, Any]]:
    """Yield each document with its first line, and with what files beside it say of it."""
    beside = path.with_suffix(".documents")
    kept = values(beside) if beside.is_file() else iter(())
    _, head = next(kept, (0, None))
    labels = head.get("labels") if isinstance(head, dict) else None
    if not isinstance(labels, dict):
        # None of ours, whatever it is.
        yield from _blocks(path)
        return
    others = _label_files(path, labels)
    for line, block in _blocks(path):
        _, row = next(kept, (0, None))
        if isinstance(block, Block):
            block.document = row if isinstance(row, dict) else block.document
            for label, blocks in others.items():
                _, other = next(blocks, (0, None))
                if not isinstance(other, Block):
                    reason = f"the file of {label} has fewer documents"
                    yield line, other or Problem("row-shape", format="CoNLL", reason=reason)
                    return
                block.by_label[label] = other
        yield line, block


def _label_files(path: Path, names: Row) -> dict[str, Iterator[tuple[int, Any]]]:
    """Return the documents of the files that hold one label each, by label."""
    beside = {file.name: file for file in path.parent.iterdir() if file.is_file()}
    files = {}
    for label, name in names.items():
        if isinstance(name, str) and name in beside and name != path.name:
            files[label] = _blocks(beside[name])
    return files


def _blocks(path: Path) -> Iterator[tuple[int, Any]]:
    """Yield each document with its first line; a line that cannot be read ends the file."""
    count = 1
    first = 1
    block = Block(path.stem)
    line = at = after = 0
    try:
        with path.open("rb") as file:
            while raw := file.readline(MAX_LINE):
                line += 1
                at = after
                after += len(raw)
                text = raw.decode().rstrip("\r\n")
                text = text.removeprefix("\ufeff") if line == 1 else text
                comment = COMMENT.fullmatch(text) if "\t" not in text else None
                name = _document_name(text, comment)
                if name is not None:
                    if block.begun or block.document:
                        yield first, block
                        count += 1
                        first = line
                        block = Block(f"{path.stem}-{count}", columns=block.columns)
                    block.ident = name or block.ident
                elif comment and _said(block, comment[1], comment[2] or ""):
                    continue
                elif text.strip():
                    block.add(text.split("\t") if "\t" in text else text.split())
                elif block.sentences[-1]:
                    block.sentences.append([])
    except UnicodeDecodeError as error:
        yield line, Problem("text-encoding", encoding="UTF-8", byte=at + error.start)
        return
    except Problem as problem:
        yield line, problem
        return
    if block.begun or block.document:
        yield first, block


def _document_name(text: str, comment: re.Match[str] | None) -> str | None:
    """Return the name of the document that a line begins, empty when it has none.

    None when the line begins no document.
    """
    if comment is not None and comment[1] in ("newdoc", "newdoc id"):
        return comment[2] or ""
    if text.startswith("-DOCSTART-"):
        words = [word for word in text[10:].split() if word not in NO_NAME]
        return " ".join(words).strip("()")
    return None


def _said(block: Block, key: str, value: str) -> bool:
    """Take what a comment says; tell whether it is one, and not a token that begins with #."""
    if key == "document":
        block.document = loads(value.encode())
    elif key == "global.columns":
        block.columns = tuple(value.split())
    return bool(value) or key.startswith("new")


def _row(block: Block) -> Iterator[RowWithNotes]:
    notes: Counter[str] = Counter()
    word = _word_column(block)
    text = get(block.document, "text", str, "") or _joined(block, word)
    places = _places(block, word, text)
    spans: list[Row] = []
    for label, first, last in _all_chunks(block, word, notes):
        spans.append(
            {
                "id": f"t{len(spans) + 1}",
                "label": unescaped(label),
                "start": places[first][0],
                "end": places[last][1],
            }
        )
    row = {
        "id": block.document.get("id", block.ident),
        "text": text,
        "meta": get(block.document, "meta", dict, {}),
        "attributes": get(block.document, "attributes", dict, {}),
        "spans": spans,
    }
    yield row, +notes


def _all_chunks(block: Block, word: int, notes: Counter[str]) -> Iterator[tuple[str, int, int]]:
    """Yield the spans of a document: of labels with a file of their own those that stand there."""
    for label, first, last in _tagged(block, word, notes):
        if unescaped(label) not in block.by_label:
            yield label, first, last
    count = len(list(chain.from_iterable(block.sentences)))
    for other in block.by_label.values():
        if len(list(chain.from_iterable(other.sentences))) != count:
            reason = "the files beside it have other tokens"
            raise Problem("row-shape", format="CoNLL", reason=reason)
        yield from _tagged(other, word, notes)


def _tagged(block: Block, word: int, notes: Counter[str]) -> Iterator[tuple[str, int, int]]:
    """Yield the spans that the columns of tags of one file hold."""
    tokens = list(chain.from_iterable(block.sentences))
    starts = _sentence_starts(block)
    for column in _tag_columns(block, word, tokens):
        yield from _chunks([cells[column] for cells in tokens], starts, notes)


def _word_column(block: Block) -> int:
    """Return the column of the words.

    FORM where columns are named, the second where the first counts the tokens, else the first.
    """
    if "FORM" in block.columns:
        return block.columns.index("FORM")
    first = block.sentences[0]
    counted = bool(first)
    for number, cells in enumerate(first, start=1):
        counted = counted and len(cells) > 2 and cells[0] == str(number)
    return int(counted)


def _tag_columns(block: Block, word: int, tokens: list[list[str]]) -> list[int]:
    """Return the columns that hold tags: all that do where columns are named, else the last."""
    if not tokens:
        return []
    width = len(tokens[0])
    wrong = next((cells for cells in tokens if len(cells) != width), None)
    if wrong is not None or width < 2:
        raise Problem("row-cells", found=len(wrong or tokens[0]), wanted=max(width, 2))
    if not block.columns:
        return [width - 1]
    columns = []
    for column in range(width):
        if column != word and all(TAG.fullmatch(cells[column]) for cells in tokens):
            columns.append(column)
    return columns


def _joined(block: Block, word: int) -> str:
    """Return the text that the tokens give: a space between them, a line a sentence."""
    sentences = []
    for sentence in block.sentences:
        if sentence:
            sentences.append(" ".join(cells[word] for cells in sentence))
    return "\n".join(sentences)


def _places(block: Block, word: int, text: str) -> list[tuple[int, int]]:
    """Return where each token stands in the text.

    Between two tokens there is nothing but white space.
    """
    places = []
    at = 0
    for cells in chain.from_iterable(block.sentences):
        start = text.find(cells[word], at)
        if start < 0 or text[at:start].strip():
            raise Problem(
                "span-text",
                id=cells[word][:40],
                said=cells[word][:40],
                found=text[at : at + 40],
                start=at,
                end=at + 40,
            )
        at = start + len(cells[word])
        places.append((start, at))
    return places


def _sentence_starts(block: Block) -> set[int]:
    """Return the numbers of the tokens that begin a sentence; no span goes on there."""
    starts = set()
    at = 0
    for sentence in block.sentences:
        starts.add(at)
        at += len(sentence)
    return starts


def _chunks(
    tags: list[str], starts: set[int], notes: Counter[str]
) -> Iterator[tuple[str, int, int]]:
    """Yield label, first and last token of each span, whichever of the schemes the tags are in."""
    label = ""
    first = 0
    for number, tag in enumerate(tags):
        match = TAG.fullmatch(tag)
        if match is None:
            reason = f"{tag[:40]!r} is no tag like B-CLAIM"
            raise Problem("row-shape", format="CoNLL", reason=reason)
        kind = match[1] or "O"
        name = match[2] or ""
        goes_on = kind in "ILE" and name == label and number not in starts
        if label and not goes_on:
            yield label, first, number - 1
            label = ""
        if kind != "O" and not goes_on:
            notes["CoNLL spans that begin with I-"] += kind == "I"
            label = name
            first = number
        if label and kind in "LEUS":
            yield label, first, number
            label = ""
    if label:
        yield label, first, len(tags) - 1
