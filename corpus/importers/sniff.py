"""Tell the formats apart that share a file ending, by the fields of their first rows."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import islice
from pathlib import Path
from typing import Any

from corpus.core.problems import Problem
from corpus.importers.foreign_spans import holds_spans
from corpus.importers.stream import values

# The first rows may be broken, or bare of what tells.
ROWS = 10
HEAD = 1 << 10
# So much of a file is looked at for tags, and so many tokens are enough.
MUCH = 1 << 16
ENOUGH = 3
WORD_TAG = re.compile(r"O|[BILUES]-\S+")
# A CAS is one large value: its first field tells it without reading it all.
CAS = re.compile(rb'(?:\xef\xbb\xbf)?\s*\{\s*"%')
# Where Label Studio has its answers; the last is from before version 1.
ANSWERED = ("annotations", "predictions", "completions")
# What a task has that nobody answered yet.
UNANSWERED = {"id", "data", "meta"}
# What rows of datasets call their tokens.
TOKENS = ("tokens", "words", "tokenized_text")
ANSWERS = ("accept", "reject", "ignore")
LABELLED = ("label", "labels", "entities", "annotation", "annotations", "cats", "Comments")
Row = dict[str, Any]


def sniff(path: Path, formats: list[str]) -> str | None:
    """Return the first of `formats` that has the fields of a first row.

    That is the lossless form where none has. Only what stands at the top of a row tells: metadata
    may be called anything. Raises `Problem` when the formats are none of single lines and the file
    begins with what is no JSON.
    """
    with path.open("rb") as file:
        if "cas" in formats and CAS.match(file.read(HEAD)):
            return "cas"
    broken = None
    for line, row in islice(values(path), ROWS):
        if isinstance(row, Problem):
            broken = broken or row.at(str(path), line)
        elif isinstance(row, list) and "doccano" in formats and _is_pair(row):
            return "doccano"
        elif isinstance(row, dict):
            for name, fits in SIGNS:
                if name in formats and fits(row):
                    return name
    if broken and "jsonl" not in formats:
        raise broken
    return "jsonl" if "jsonl" in formats else None


def holds_tags(path: Path) -> bool:
    """Tell whether a text or a table is tokens in CoNLL columns, each with its tag, all along.

    The first lines tell; none of a text or of a table looks so.
    """
    with path.open("rb") as file:
        lines = file.read(MUCH).decode("utf-8", "replace").removeprefix("\ufeff").splitlines()[:-1]
    tokens = [cells for cells in map(_cells, lines) if cells]
    if len(tokens) < ENOUGH or len(set(map(len, tokens))) > 1:
        return False
    tags = [cells[-1] for cells in tokens]
    return len(tokens[0]) > 1 and "O" in tags and all(map(WORD_TAG.fullmatch, tags))


def _cells(line: str) -> list[str]:
    """Return the cells of a token's line, none of any other."""
    if line.startswith(("#\t", "# ", "-DOCSTART-")):
        return []
    return line.split("\t") if "\t" in line else line.split()


def _is_cas(row: Row) -> bool:
    return "%TYPES" in row or "%FEATURE_STRUCTURES" in row


def _is_web_annotation(row: Row) -> bool:
    return "www.w3.org/ns/anno" in str(row.get("@context"))


def _is_spacy(row: Row) -> bool:
    return isinstance(row.get("paragraphs"), list)


def _is_label_studio(row: Row) -> bool:
    """Tell a task of Label Studio, or a row of its short form.

    What has its text beside such fields is another tool's, or ours.
    """
    if "annotation_id" in row:
        return True
    if "text" in row:
        return False
    answers = [row[name] for name in ANSWERED if isinstance(row.get(name), list)]
    if isinstance(row.get("data"), dict):
        return bool(answers) or row.keys() <= UNANSWERED
    return any(map(_has_results, answers))


def _has_results(answers: Any) -> bool:
    """Tell a list of Label Studio's answers, each with its results."""
    first = answers[0] if isinstance(answers, list) and answers else None
    return isinstance(first, dict) and isinstance(first.get("result"), list)


def tokens_in(row: Row) -> str | None:
    """Return the field with the tokens: a list of words."""
    for key in TOKENS:
        value = row.get(key)
        if isinstance(value, list) and value and all(isinstance(word, str) for word in value):
            return key
    return None


def is_passages(row: Row) -> bool:
    """Tell a document in passages with places, as the datasets of BigBio have them."""
    passages = row.get("passages")
    if isinstance(passages, dict):
        return {"text", "offsets"} <= passages.keys()
    first = passages[0] if isinstance(passages, list) and passages else None
    return isinstance(first, dict) and {"text", "offsets"} <= first.keys()


def is_of_dataset(row: Row) -> bool:
    """Tell a row of a dataset that has no text of its own."""
    return "text" not in row and (tokens_in(row) is not None or is_passages(row))


def _is_prodigy(row: Row) -> bool:
    if "_input_hash" in row or "_task_hash" in row or "token_start" in _span(row):
        return True
    return row.get("answer") in ANSWERS and not _is_exported(row)


def _is_ours(row: Row) -> bool:
    """Tell a row whose spans only our importer takes: doccano's leaves them in the metadata."""
    return _is_exported(row) or {"label", "start", "end"} <= _span(row).keys()


def _is_doccano(row: Row) -> bool:
    if isinstance(row.get("cats"), dict):
        return True
    return any(
        isinstance(value, list) if name in LABELLED else holds_spans(name, value)
        for name, value in row.items()
    )


def _is_pair(row: list[Any]) -> bool:
    """Tell a text with its annotations, as spaCy's older examples are written."""
    return isinstance(row[0] if row else None, str) and isinstance(row[-1], dict)


def _is_exported(row: Row) -> bool:
    """Tell a row with the fields beside its spans that our export writes."""
    if "spans" not in row:
        return False
    return isinstance(row.get("layer"), dict) or isinstance(row.get("links"), list)


def _span(row: Row) -> Row:
    """Return the first span of a row; an empty one when it has none."""
    spans = row.get("spans")
    if isinstance(spans, list) and spans and isinstance(spans[0], dict):
        return spans[0]
    return {}


SIGNS: tuple[tuple[str, Callable[[Row], bool]], ...] = (
    ("cas", _is_cas),
    ("webannotation", _is_web_annotation),
    ("spacyjson", _is_spacy),
    ("labelstudio", _is_label_studio),
    ("jsonl", is_of_dataset),
    ("prodigy", _is_prodigy),
    ("jsonl", _is_ours),
    ("doccano", _is_doccano),
)
