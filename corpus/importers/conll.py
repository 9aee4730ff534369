"""CoNLL columns: a token a line, tags in IO, IOB1, IOB2, BIOES or BILOU, an empty line between
sentences.

The tags stand in the last column; in all columns of tags when `# global.columns = …` names the
columns or the first column counts the tokens. A document begins at `-DOCSTART-` or
`# newdoc id = …`. Text is what the tokens give, joined by spaces, sentences by line ends; CoNLL-U
says where there is no space. Our export keeps id, text and metadata in a file `NAME.documents`
beside it (once in a comment `# document = {…}`), and the tokens are found in that text; of the
labels that have a file of their own beside it, the spans are taken from there.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from itertools import chain
from pathlib import Path
from sys import intern
from typing import Any

from corpus.core.escapes import unescaped
from corpus.core.problems import Problem
from corpus.core.text import MAX_CHARACTERS
from corpus.importers import Article, token_table
from corpus.importers.reading import Reading
from corpus.importers.rows import Row, RowWithNotes, articles, get
from corpus.importers.stream import MAX_LINE, loads, values
from corpus.importers.tags import TAG, Chunk, chunks, no_tag, places_of

COMMENT = re.compile(r"#\s*([\w.]+(?: id)?)(?:\s*=\s?(.*))?")
# Other white space, such as a no-break space in a number, belongs to a word.
CELLS = re.compile(r"[ \t]+")
# The name of a document beside `-DOCSTART-`; the columns that stand there otherwise are none.
NAME = re.compile(r"\((.+)\)")
# The numbers of CoNLL-U: of a word, of a word that is several tokens, of one that is not there.
COUNTED = re.compile(r"\d+(?:-\d+|\.\d+)?")
# A word with its tag, where a sentence is a line: `Ann|NNP|B-PER said|VBD|O`.
TAGGED_WORD = re.compile(r"\S+\|(?:O|[BILUES]-[^\s|]+)")
# OntoNotes in the columns of CoNLL-2012, as far as the names; those of the verbs follow.
CONLL_2012 = (
    *("DOC", "PART", "ID", "FORM", "POS", "PARSE", "LEMMA", "FRAMESET", "SENSE", "SPEAKER"),
    "NAME",
)
BEGIN, END = "#begin document", "#end document"
PART = re.compile(r"#begin document \((.+)\); part (\d+)\s*")
BRACKET = re.compile(r"\(([^()*]+)")
# A column of more labels that stand alone is one of words.
MOST_LABELS = 100
# From so many sentences on a document without an end is said to be one.
MANY = 500


@dataclass(frozen=True, slots=True)
class Token:
    """A line of cells, and its number."""

    line: int
    cells: tuple[str, ...]


@dataclass(slots=True)
class Block:
    """The lines of one document: sentences of tokens, and what its comments say.

    `left` has a problem for each line that is none of its tokens.
    """

    ident: str
    document: Row = field(default_factory=dict)
    columns: tuple[str, ...] = ()
    sentences: list[list[Token]] = field(default_factory=lambda: [[]])
    size: int = 0
    too_large: bool = False
    left: list[Problem] = field(default_factory=list)
    # The same document in the files that hold one label each.
    by_label: dict[str, Block] = field(default_factory=dict)

    @property
    def begun(self) -> bool:
        """Tell whether a token has come."""
        return self.size > 0

    def add(self, token: Token) -> None:
        """Add a token; what is beyond the longest text is counted alone."""
        self.size += len(token.cells[0]) + 1
        self.too_large = self.too_large or self.size > MAX_CHARACTERS
        if self.too_large:
            self.sentences = [[]]
        else:
            self.sentences[-1].append(token)

    def tokens(self) -> Iterator[Token]:
        """Yield the tokens in order."""
        return chain.from_iterable(self.sentences)

    def keep_tokens(self) -> None:
        """Leave out what has not as many cells as most lines: a comment, or a line gone wrong."""
        for number, sentence in enumerate(self.sentences):
            self.sentences[number] = sentence[_begins_with_comment(sentence) :]
        if self.columns == CONLL_2012:
            for sentence in self.sentences:
                sentence[:] = _with_tags(sentence)
        widths = Counter(len(token.cells) for token in self.tokens())
        if len(widths) < 2:
            return
        width = widths.most_common(1)[0][0]
        for number, sentence in enumerate(self.sentences):
            self.sentences[number] = [token for token in sentence if len(token.cells) == width]
            for token in sentence:
                if len(token.cells) != width and not token.cells[0].startswith("#"):
                    found = len(token.cells)
                    problem = Problem("row-cells", found=found, wanted=width)
                    self.left.append(problem.at("", token.line))


def _begins_with_comment(sentence: list[Token]) -> bool:
    """Tell a line of cells before the tokens, which says where they are from.

    These are counted, or have tags, which it has not.
    """
    if len(sentence) < 2 or sentence[0].cells[0] != "#":
        return False
    first, second = (TAG.fullmatch(token.cells[-1]) for token in sentence[:2])
    return sentence[1].cells[0] == "1" or (first is None and second is not None)


def _with_tags(sentence: list[Token]) -> list[Token]:
    """Return a sentence of CoNLL-2012 with tags for the names, which stand there in brackets."""
    tagged = []
    label = ""
    for token in sentence:
        *cells, name = token.cells
        begins = BRACKET.match(name)
        label = begins[1] if begins else label
        tag = f"{'B' if begins else 'I'}-{label}" if label else "O"
        tagged.append(Token(token.line, (*cells, tag)))
        if name.endswith(")"):
            label = ""
    return tagged


def read(path: Path, reading: Reading) -> Iterator[Article | Problem]:
    """Yield an article for each document of the file."""
    yield from articles(
        path, "CoNLL", _documents(path, reading), partial(_row, spans=reading.spans)
    )


def _documents(path: Path, reading: Reading) -> Iterator[tuple[int, Any]]:
    """Yield each document with its first line, and with what files beside it say of it."""
    beside = path.with_suffix(".documents")
    kept = values(beside) if beside.is_file() else iter(())
    _, head = next(kept, (0, None))
    labels = head.get("labels") if isinstance(head, dict) else None
    if not isinstance(labels, dict):
        # None of ours, whatever it is.
        yield from _blocks(path, reading)
        return
    others = _label_files(path, labels)
    for line, block in _blocks(path, Reading()):
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
            files[label] = _blocks(beside[name], Reading())
    return files


def _blocks(path: Path, reading: Reading) -> Iterator[tuple[int, Any]]:
    """Yield each document with its first line; a line in another encoding ends the file."""
    count = 0
    for first, block in _marked(path, reading):
        if isinstance(block, Block):
            count += 1
            block.ident = block.ident or f"{path.stem}-{count}"
            if block.too_large:
                yield first, Problem("text-too-large", limit=MAX_CHARACTERS)
                continue
            block.keep_tokens()
        yield first, block


def _marked(path: Path, reading: Reading) -> Iterator[tuple[int, Any]]:
    """Yield what stands between the lines that begin a document; one without a name has no id."""
    first = 1
    # A file without documents in it is one.
    block = Block("" if reading.split_every else path.stem)
    line = 0
    try:
        for line, text in _lines(path):
            comment = COMMENT.fullmatch(text) if "\t" not in text else None
            name = _document_name(text, comment)
            full = not text.strip() and 0 < reading.split_every <= len(block.sentences)
            if name is not None or (full and block.sentences[-1]):
                if block.begun or block.document:
                    yield first, block
                first = line
                columns = CONLL_2012 if text.startswith(BEGIN) else block.columns
                block = Block(name or "", columns=columns)
            elif (comment and _said(block, comment[1], comment[2] or "")) or text.startswith(END):
                continue
            elif cells := _cells(text):
                known = len(CONLL_2012) if block.columns == CONLL_2012 else None
                block.add(Token(line, cells[:known]))
            elif block.sentences[-1]:
                block.sentences.append([])
    except Problem as problem:
        yield problem.line or line, problem
        return
    if block.begun or block.document:
        yield first, block


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    """Yield the lines of a file with their numbers; of a sentence a line, each of its tokens.

    A table with a token a row gives such lines too. Raises `Problem` for one that is too long or in
    another encoding.
    """
    table = token_table.found_in(path)
    if table is not None:
        yield from token_table.lines(path, table)
        return
    in_a_line: bool | None = None
    at = 0
    with path.open("rb") as file:
        for line, raw in enumerate(iter(partial(file.readline, MAX_LINE), b""), start=1):
            if len(raw) == MAX_LINE:
                problem = Problem("part-too-large", what="a line", limit=f"{MAX_LINE} bytes")
                raise problem.at("", line)
            try:
                text = raw.decode().rstrip("\r\n")
            except UnicodeDecodeError as error:
                byte = at + error.start
                raise Problem("text-encoding", encoding="UTF-8", byte=byte).at("", line) from None
            at += len(raw)
            text = text.removeprefix("\ufeff") if line == 1 else text
            if in_a_line is None and text.strip() and text[:1] not in ("#", "-"):
                in_a_line = all(map(TAGGED_WORD.fullmatch, text.split()))
            if in_a_line and text.strip():
                yield from _tokens_in(line, text)
            else:
                yield line, text


def _tokens_in(line: int, text: str) -> Iterator[tuple[int, str]]:
    """Yield the tokens of a sentence that stands in one line, and its end."""
    words = text.split()
    bars = words[0].count("|")
    for word in words:
        yield line, "\t".join(word.rsplit("|", bars))
    yield line, ""


def _cells(text: str) -> tuple[str, ...]:
    """Return the cells of a line, none when it is blank."""
    if not text.strip():
        return ()
    cells = text.split("\t") if "\t" in text else CELLS.split(text.strip(" "))
    # A file says the same words and tags again and again.
    return tuple(intern(cell) for cell in cells)


def _document_name(text: str, comment: re.Match[str] | None) -> str | None:
    """Return the name of the document that a line begins, empty when it has none.

    None when the line begins no document.
    """
    if comment is not None and comment[1] in ("newdoc", "newdoc id"):
        return comment[2] or ""
    if text.startswith(BEGIN):
        part = PART.fullmatch(text)
        if part is None:
            return ""
        return part[1] + (f"-{int(part[2])}" if int(part[2]) else "")
    if text.startswith("-DOCSTART-"):
        name = NAME.search(text)
        return name[1] if name else ""
    return None


def _said(block: Block, key: str, value: str) -> bool:
    """Take what a comment says; tell whether it is one, and not a token that begins with #."""
    if key == "document":
        block.document = loads(value.encode())
    elif key == "global.columns":
        block.columns = tuple(value.split())
    return bool(value) or key.startswith("new")


def _row(block: Block, *, spans: bool) -> Iterator[RowWithNotes]:
    notes: Counter[str] = Counter()
    left = list(block.left)
    word = _word_column(block)
    _join_words(block, word, notes)
    text = get(block.document, "text", str, "") or _joined(block, word)
    found = list(_spans(block, word, text, notes, left)) if spans else []
    if len(block.sentences) > MANY and not block.document:
        notes["sentences in one document, which --split-every would part"] = len(block.sentences)
    row = {
        "id": block.document.get("id", block.ident),
        "text": text,
        "meta": get(block.document, "meta", dict, {}),
        "attributes": get(block.document, "attributes", dict, {}) if spans else {},
        "spans": found,
        "left": left,
    }
    yield row, +notes


def _spans(
    block: Block, word: int, text: str, notes: Counter[str], left: list[Problem]
) -> Iterator[Row]:
    places = places_of([token.cells[word] for token in block.tokens()], text)
    chunks_found = _all_chunks(block, word, notes, left)
    for number, (label, first, last) in enumerate(chunks_found, start=1):
        start, end = places[first][0], places[last][1]
        yield {"id": f"t{number}", "label": unescaped(label), "start": start, "end": end}


def _all_chunks(
    block: Block, word: int, notes: Counter[str], left: list[Problem]
) -> Iterator[Chunk]:
    """Yield the spans of a document: of labels with a file of their own those that stand there."""
    for label, first, last in _tagged(block, word, notes, left):
        if unescaped(label) not in block.by_label:
            yield label, first, last
    count = len(list(block.tokens()))
    for other in block.by_label.values():
        if len(list(other.tokens())) != count:
            reason = "the files beside it have other tokens"
            raise Problem("row-shape", format="CoNLL", reason=reason)
        yield from _tagged(other, word, notes, left)


def _tagged(block: Block, word: int, notes: Counter[str], left: list[Problem]) -> Iterator[Chunk]:
    """Yield the spans that the columns of tags of one file hold."""
    tokens = list(block.tokens())
    starts = _sentence_starts(block)
    columns = _tag_columns(block, word, tokens)
    if tokens and not columns:
        notes["CoNLL documents without tags"] += 1
    for column in columns:
        alone = _are_alone(tokens, column)
        tags = [_tag(token, column, left, alone=alone) for token in tokens]
        yield from chunks(tags, starts, notes)


def _are_alone(tokens: list[Token], column: int) -> bool:
    """Tell whether labels stand without B- or I-: words of one label in a row are one span."""
    tags = {token.cells[column] for token in tokens}
    return "O" in tags and not any("-" in tag for tag in tags)


def _tag(token: Token, column: int, left: list[Problem], *, alone: bool) -> str:
    """Return the tag of a token; one that is none is left out, and its word is untagged."""
    tag = token.cells[column]
    if alone and tag not in ("O", "_"):
        tag = f"I-{tag}"
    if TAG.fullmatch(tag):
        return tag
    left.append(no_tag(tag, "CoNLL").at("", token.line))
    return "O"


def _word_column(block: Block) -> int:
    """Return the column of the words.

    FORM where columns are named, the second where the first counts the tokens, the last where the
    first has tags, else the first.
    """
    if "FORM" in block.columns:
        return block.columns.index("FORM")
    if not block.columns and _tags_come_first(block):
        return len(next(block.tokens()).cells) - 1
    return int(_is_counted(block))


def _tags_come_first(block: Block) -> bool:
    """Tell columns whose first has tags, and whose last has words."""
    tokens = list(block.tokens())
    if not tokens or len(tokens[0].cells) < 2 or not _is_of_tags(tokens, 0):
        return False
    return not all(TAG.fullmatch(token.cells[-1]) for token in tokens)


def _is_counted(block: Block) -> bool:
    """Tell whether the first column counts the tokens of each sentence."""
    first = next((sentence for sentence in block.sentences if sentence), [])
    # Of two columns the first may hold a number as its only word.
    enough = 2 if len(first) > 1 else 3
    numbers = [token.cells[0] for token in first if len(token.cells) >= enough]
    begins = bool(numbers) and numbers[0].split("-")[0] == "1"
    return begins and len(numbers) == len(first) and all(map(COUNTED.fullmatch, numbers))


def _tag_columns(block: Block, word: int, tokens: list[Token]) -> list[int]:
    """Return the columns that hold tags.

    That is the last; every one that does where columns are named or tokens are counted.
    """
    width = len(tokens[0].cells) if tokens else 0
    if block.columns or _is_counted(block):
        return [column for column in range(word + 1, width) if _is_of_tags(tokens, column)]
    if width < 2 or word == width - 1:
        return [0] if width > 1 and _is_of_tags(tokens, 0) else []
    tags = Counter(token.cells[-1] for token in tokens)
    told = sum(count for tag, count in tags.items() if TAG.fullmatch(tag))
    alone = _are_alone(tokens, width - 1) and len(tags) <= MOST_LABELS
    return [width - 1] if alone or 2 * told >= len(tokens) > 0 else []


def _is_of_tags(tokens: list[Token], column: int) -> bool:
    """Tell whether a column holds tags and says something by them."""
    tags = {token.cells[column] for token in tokens}
    return all(map(TAG.fullmatch, tags)) and ("O" in tags or any("-" in tag[1:] for tag in tags))


def _join_words(block: Block, word: int, notes: Counter[str]) -> None:
    """Keep, where CoNLL-U splits a word into tokens, the word, and no token that is not written."""
    if word != 1 or not _is_counted(block):
        return
    for number, sentence in enumerate(block.sentences):
        upto = 0
        kept = []
        for token in sentence:
            first, _, last = token.cells[0].partition("-")
            if "." in first or (not last and first.isdigit() and int(first) <= upto):
                notes["CoNLL-U parts of words"] += 1
                continue
            upto = int(last) if last else upto
            kept.append(token)
        block.sentences[number] = kept


def _joined(block: Block, word: int) -> str:
    """Return the text that the tokens give: a line a sentence, and a space where none is denied."""
    sentences = []
    for sentence in block.sentences:
        words = []
        for token in sentence:
            glued = "SpaceAfter=No" in token.cells[-1].split("|")
            words.append(token.cells[word] + ("" if glued else " "))
        if words:
            sentences.append("".join(words).rstrip(" "))
    return "\n".join(sentences)


def _sentence_starts(block: Block) -> set[int]:
    """Return the numbers of the tokens that begin a sentence; no span goes on there."""
    starts = set()
    at = 0
    for sentence in block.sentences:
        starts.add(at)
        at += len(sentence)
    return starts
