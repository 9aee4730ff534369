"""JSON and JSONL, value by value, in bounded memory."""

from __future__ import annotations

import io
import json
import re
from codecs import getincrementaldecoder
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

from corpus.core.problems import Problem
from corpus.core.text import MAX_CHARACTERS

MAX_LINE = 16 * MAX_CHARACTERS
MAX_VALUE = 8 * MAX_CHARACTERS
CHUNK = 1 << 16
TEXT = re.compile(rb'(\[\s*)?"')


def lines(path: Path) -> Iterator[tuple[int, Any]]:
    """Yield the value of each line that is not blank with its number.

    A line that holds none is a `Problem`; one that is too long ends the file.
    """
    at = 0
    with path.open("rb") as file:
        for number in range(1, 2**62):
            raw = file.readline(MAX_LINE)
            if not raw:
                return
            if len(raw) == MAX_LINE and not raw.endswith(b"\n"):
                yield number, Problem("part-too-large", what="a line", limit=f"{MAX_LINE} bytes")
                return
            if raw.strip():
                try:
                    # Lines out of an array end with its commas.
                    yield number, loads(raw.rstrip().removesuffix(b","), at=at)
                except Problem as problem:
                    yield number, problem
            at += len(raw)


def loads(raw: bytes, *, at: int = 0) -> Any:
    """Read JSON in UTF-8; raise `Problem` when it is none, and for NaN and infinite numbers.

    `at` is the byte of the file where it begins.
    """
    try:
        return _DECODER.decode(raw.decode("utf-8").removeprefix("\ufeff"))
    except UnicodeDecodeError as error:
        raise Problem("text-encoding", encoding="UTF-8", byte=at + error.start) from None
    except (ValueError, RecursionError) as error:
        raise Problem("row-json", reason=str(error)) from None


def values(path: Path) -> Iterator[tuple[int, Any]]:
    """Yield each value of a file with its line.

    These are those of a JSON array, of JSONL, or one or several objects over many lines. A value
    that is none is a `Problem`; in JSONL the next line goes on, elsewhere the file ends there.
    """
    with path.open("rb") as file:
        first = file.readline(MAX_LINE).removeprefix(b"\xef\xbb\xbf").strip()
    # Lines may be texts, or pairs of a text and what is said of it.
    texts = path.suffix.lower() in (".jsonl", ".ndjson") and TEXT.match(first)
    if (first.startswith(b"{") and first.endswith((b"}", b"},"))) or texts:
        yield from lines(path)
        return
    with path.open("r", encoding="utf-8-sig", newline="") as text:
        try:
            yield from _stream(text)
        except UnicodeDecodeError:
            yield 0, Problem("text-encoding", encoding="UTF-8", byte=_wrong_byte(path))


def _wrong_byte(path: Path) -> int:
    """Return the first byte of a file that is not UTF-8.

    A text file names bytes of the part it has just read, so they are counted anew.
    """
    decoder = getincrementaldecoder("utf-8")()
    at = 0
    with path.open("rb") as file:
        while True:
            chunk = file.read(CHUNK)
            kept = len(decoder.getstate()[0])
            try:
                decoder.decode(chunk, final=not chunk)
            except UnicodeDecodeError as error:
                return at - kept + error.start
            if not chunk:
                return at
            at += len(chunk)


def _stream(file: io.TextIOBase) -> Iterator[tuple[int, Any]]:
    """Yield the values of an array, or one value, parsing each as soon as it is whole."""
    buffer = ""
    line = 1
    more = True
    # The signs that may come next: the file, a value or the end of the array, a comma.
    wanted = "[{"
    array = False
    while True:
        while more and not buffer.strip():
            line += buffer.count("\n")
            buffer = file.read(CHUNK)
            more = bool(buffer)
        ink = buffer.lstrip()
        line += buffer.count("\n", 0, len(buffer) - len(ink))
        buffer = ink
        if not buffer:
            if array or wanted == "[{":
                yield line, Problem("row-json", reason="the file ends in the middle")
            return
        if buffer[0] == "[" and wanted == "[{":
            array = True
            buffer = buffer[1:]
            wanted = "{]"
        elif array and buffer[0] == "]" and "]" in wanted:
            array = False
            buffer = buffer[1:]
            wanted = ""
        elif buffer[0] == "," and "," in wanted:
            buffer = buffer[1:]
            wanted = "{"
        elif "{" in wanted and (array or buffer[0] == "{"):
            try:
                value, end, buffer, more = _value(buffer, file, more)
            except Problem as problem:
                yield line, problem
                return
            yield line, value
            line += buffer.count("\n", 0, end)
            buffer = buffer[end:]
            wanted = ",]" if array else ",{"
        else:
            yield line, Problem("row-json", reason=f"{buffer[0]!r} stands where it may not")
            return


def _value(buffer: str, file: io.TextIOBase, more: bool) -> tuple[Any, int, str, bool]:
    """Parse the value at the start of `buffer`, reading on as long as it is not whole."""
    while True:
        try:
            value, end = _DECODER.raw_decode(buffer)
            return value, end, buffer, more
        except RecursionError:
            raise Problem("row-json", reason="it is nested too deep") from None
        except json.JSONDecodeError as error:
            cut = error.msg.startswith("Unterminated string") or error.pos >= len(buffer) - 16
            if not (more and cut):
                raise Problem("row-json", reason=str(error)) from None
        except ValueError as error:
            # It holds NaN, say: it is refused, and those behind it are not.
            problem = Problem("row-json", reason=str(error))
            return problem, _end_of(buffer, problem), buffer, more
        if len(buffer) > MAX_VALUE:
            raise Problem("part-too-large", what="a value", limit=f"{MAX_VALUE} characters")
        read = file.read(max(CHUNK, len(buffer)))
        buffer, more = buffer + read, bool(read)


def _end_of(buffer: str, problem: Problem) -> int:
    """Return where a value ends that is JSON but for NaN and the like, else raise the problem."""
    try:
        return json.JSONDecoder().raw_decode(buffer)[1]
    except ValueError:
        raise problem from None


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number")


_DECODER = json.JSONDecoder(parse_constant=_no_number)
