"""Tables, JSON and columns of tokens that are not UTF-8: a copy that is stands in for them."""

from __future__ import annotations

import codecs
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from corpus.core.encodings import FREE, WESTERN, called, encoding_of, noted
from corpus.core.problems import Problem

# Where importers read line by line and know UTF-8 alone.
ENDINGS = frozenset(
    (
        *(".csv", ".tsv", ".jsonl", ".ndjson", ".json"),
        *(".conll", ".conllu", ".iob", ".iob2", ".bio", ".bioes", ".bilou"),
    )
)
UTF8 = ("utf-8", "utf-8-sig")
HEAD = 1 << 20
CHUNK = 1 << 20


@contextmanager
def in_utf8(path: Path, said: str = "") -> Iterator[tuple[Path, Mapping[str, int]]]:
    """Yield a file in UTF-8 with what this one holds, and a note of its encoding.

    That is the file itself where it is no text, or in UTF-8 as far as its first part tells. Raises
    `Problem` for an encoding that is none, and for bytes that are not in it.
    """
    encoding = _encoding(path, said)
    # A table knows UTF-16 by its mark.
    marked = encoding == "utf-16" and path.suffix.lower() in (".csv", ".tsv")
    if marked or encoding in UTF8:
        yield path, {}
        return
    with tempfile.TemporaryDirectory(prefix="saidby-") as folder:
        copy = Path(folder) / path.name
        _copy(path, copy, encoding)
        yield copy, noted(called(encoding))


def _encoding(path: Path, said: str) -> str:
    if path.suffix.lower() not in ENDINGS:
        return "utf-8"
    with path.open("rb") as file:
        head = file.read(HEAD)
    # What is cut in the middle of a letter is not damaged.
    whole = head[: head.rfind(b"\n") + 1] if len(head) == HEAD else head
    return encoding_of(whole or head, said=said)


def _copy(path: Path, copy: Path, encoding: str) -> None:
    """Write a file anew in UTF-8, part by part."""
    is_western = codecs.lookup(encoding).name in WESTERN
    name, errors = ("cp1252", "surrogateescape") if is_western else (encoding, "strict")
    decoder = codecs.getincrementaldecoder(name)(errors)
    before = 0
    with path.open("rb") as file, copy.open("w", encoding="utf-8", newline="") as out:
        while True:
            data = file.read(CHUNK)
            try:
                text = decoder.decode(data, final=not data)
                out.write(text.translate(FREE) if is_western else text)
            except UnicodeError as error:
                at = before + getattr(error, "start", 0)
                raise Problem("text-encoding", encoding=called(encoding), byte=at) from None
            if not data:
                return
            before += len(data)
