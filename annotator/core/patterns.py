"""Patterns of words as JSONL, a line each, as spaCy and Prodigy write them.

`{"label": "ORG", "pattern": "Harbour Board"}` finds these words, and a list of tokens such as
`[{"LOWER": "harbour"}, {"LOWER": "board"}]` what fits them
(https://spacy.io/usage/rule-based-matching). `id` names the pattern where it is told who proposed
a span, `attributes` are given to each span that it finds.

What may stall a matcher is refused: regular expressions and fuzzy comparison, and repetition that
makes a pattern fit in more than a few ways. So is what only a parser knows (lemmas, parts of
speech), as patterns are matched with the words of any language alone.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from corpus.core.problems import Problem
from corpus.core.schema import SchemaView
from corpus.core.values import check_storable

# Of a file: characters and lines.
LARGEST = 500_000
MOST = 5_000
# Of a phrase and of any other string, in characters.
LONGEST = 500
MOST_TOKENS = 30
# Words from which on a phrase is a quotation: what is shorter is a name, and stands in many a text.
TELLING = 6
# How many tokens of a pattern may be there or not: each doubles the ways in which it fits. One that
# may stand there without end counts for three.
MOST_OPTIONAL = 5
ENDLESS = 3
# How many patterns of a file may go on as long as the text does.
MOST_ENDLESS = 20
FIELDS = ("label", "pattern", "id", "attributes")

TEXTS = frozenset(("ORTH", "TEXT", "LOWER", "NORM", "SHAPE"))
FLAGS = frozenset(
    (
        *("IS_ALPHA", "IS_ASCII", "IS_DIGIT", "IS_LOWER", "IS_UPPER", "IS_TITLE", "IS_PUNCT"),
        *("IS_SPACE", "IS_STOP", "IS_BRACKET", "IS_QUOTE", "IS_LEFT_PUNCT", "IS_RIGHT_PUNCT"),
        *("IS_CURRENCY", "LIKE_NUM", "LIKE_URL", "LIKE_EMAIL", "SPACY"),
    )
)
ONE_OF = ("IN", "NOT_IN")
COMPARISONS = ("==", "!=", ">=", "<=", ">", "<")
KNOWN = (*sorted(TEXTS), "LENGTH", *sorted(FLAGS), "OP")
REPETITION = re.compile(r"\{(\d{0,4})(,?)(\d{0,4})\}")

WORD = re.compile(r"\w+")

Token = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Pattern:
    """Words, or tokens, that are suggested as a span of a label.

    `line` is where it stands in its file, counted from 1.
    """

    label: str
    words: str | tuple[Token, ...]
    ident: str = ""
    attributes: Mapping[str, Any] = field(default_factory=dict)
    line: int = 0

    def as_json(self) -> dict[str, Any]:
        """Return the row of a file."""
        words = self.words if isinstance(self.words, str) else list(self.words)
        row: dict[str, Any] = {"label": self.label, "pattern": words}
        if self.ident:
            row["id"] = self.ident
        if self.attributes:
            row["attributes"] = dict(self.attributes)
        return row

    @property
    def shown(self) -> str:
        """Return the words, or the tokens as they are written."""
        return self.words if isinstance(self.words, str) else _json(list(self.words))


def read(text: str, schema: SchemaView) -> tuple[list[Pattern], list[Problem]]:
    """Return the patterns of a file, and a `Problem` for each line that is none, with its number.

    A line that repeats another is named, too. Raises `Problem` for a file that is too large.
    """
    if len(text) > LARGEST:
        raise Problem("patterns-many", limit=f"{LARGEST:,} characters")
    found: list[Pattern] = []
    problems: list[Problem] = []
    line_of: dict[str, int] = {}
    endless = 0
    for number, line in enumerate(text.removeprefix("\ufeff").split("\n"), start=1):
        if not line.strip():
            continue
        try:
            pattern = _pattern(line, number, schema)
            first = line_of.setdefault(_json(pattern.as_json()), number)
            if first != number:
                raise _invalid(f"it repeats line {first}")
            endless += _is_endless(pattern)
            if endless > MOST_ENDLESS:
                raise _invalid(f"more than {MOST_ENDLESS} patterns with + or *")
        except Problem as problem:
            problems.append(problem.at("", number))
        else:
            found.append(pattern)
    if len(found) > MOST:
        raise Problem("patterns-many", limit=f"{MOST:,} patterns")
    return found, problems


def write(patterns: Iterable[Pattern]) -> str:
    """Return patterns as a file, a line each."""
    return "".join(f"{_json(pattern.as_json())}\n" for pattern in patterns)


def digest(lines: str) -> str:
    """Return a digest that names patterns as they are written, SHA-256 in 16 digits."""
    return hashlib.sha256(lines.encode()).hexdigest()[:16]


def of_words(
    label: str, words: str, schema: SchemaView, attributes: Mapping[str, Any] | None = None
) -> Pattern:
    """Return the pattern that finds these words; raise `Problem` when there is none such."""
    row = {"label": label, "pattern": words, "attributes": dict(attributes or {})}
    return _checked(row, 0, schema)


def without_quotes(lines: str, texts: Iterable[str]) -> str:
    """Return lines without the patterns that quote one of these texts, by words or by anything."""
    flat = [_flat(text) for text in texts]
    kept = [line for line in lines.splitlines(keepends=True) if not _quotes(line, flat)]
    return "".join(kept)


def _quotes(line: str, texts: Sequence[str]) -> bool:
    for said in _said(line):
        words = _flat(said)
        if len(said.split()) >= TELLING and any(words in text for text in texts):
            return True
    return False


def _said(line: str) -> Iterator[str]:
    """Yield what a line says in words: its phrase or tokens in a row, its id and its values."""
    try:
        row = json.loads(line)
    except (ValueError, RecursionError):
        row = None
    if not isinstance(row, dict):
        # A line that is no pattern, and may hold anything.
        yield line
        return
    phrase = row.get("pattern")
    for said in (phrase, row.get("id"), *_values(row.get("attributes"))):
        if isinstance(said, str):
            yield said
    if isinstance(phrase, list):
        yield " ".join(_token_words(phrase))


def _values(attributes: object) -> Iterable[object]:
    return attributes.values() if isinstance(attributes, dict) else ()


def _token_words(tokens: Iterable[object]) -> Iterator[str]:
    """Yield the text of each token that has one."""
    for token in tokens:
        for name, value in token.items() if isinstance(token, dict) else ():
            if name.upper() in TEXTS and isinstance(value, str):
                yield value


def _flat(text: str) -> str:
    """Return the words of a text alone: tokens have no spaces between them, and may be folded."""
    return " ".join(WORD.findall(text.casefold()))


def _pattern(line: str, number: int, schema: SchemaView) -> Pattern:
    try:
        row = json.loads(line)
    except RecursionError:
        raise Problem("row-json", reason="nested too deeply") from None
    except ValueError as error:
        raise Problem("row-json", reason=str(error)) from None
    if not isinstance(row, dict):
        raise Problem("row-json", reason="it is no object")
    return _checked(row, number, schema)


def _checked(row: Mapping[str, Any], number: int, schema: SchemaView) -> Pattern:
    check_storable(row)
    for name in row:
        if name not in FIELDS:
            raise _invalid(f"there is no field {name[:80]!r}; there are {', '.join(FIELDS)}")
    label = row.get("label")
    if not isinstance(label, str) or label not in schema.labels:
        raise Problem("pattern-label", label=str(label)[:80], known=", ".join(schema.labels))
    ident = row.get("id", "")
    if not isinstance(ident, str) or len(ident) > LONGEST:
        raise _invalid(f"its id is no text of at most {LONGEST} characters")
    attributes = row.get("attributes", {})
    _check_attributes(attributes, label, schema)
    return Pattern(label, _words(row.get("pattern")), ident, attributes, number)


def _check_attributes(attributes: Any, label: str, schema: SchemaView) -> None:
    if not isinstance(attributes, dict):
        raise _invalid("its attributes are no object")
    known = {attribute.name: attribute for attribute in schema.labels[label].attributes}
    for name, value in attributes.items():
        if name not in known:
            names = ", ".join(known) or "none"
            raise _invalid(f"{label} has no attribute {name[:80]!r}; it has {names}")
        allowed = known[name].allowed_instead(value)
        if allowed is not None:
            raise _invalid(f"{name} cannot be {str(value)[:80]!r}; allowed: {allowed}")


def _words(pattern: Any) -> str | tuple[Token, ...]:
    if isinstance(pattern, str):
        if not pattern.strip() or len(pattern) > LONGEST:
            raise _invalid(f"it has no words, or more than {LONGEST} characters")
        return " ".join(pattern.split())
    if not isinstance(pattern, list) or not pattern:
        raise _invalid("its pattern is neither words nor a list of tokens")
    tokens = tuple(_token(token) for token in pattern)
    _check_repetition(tokens)
    return tokens


def _token(token: Any) -> Token:
    """Return a token with its names as spaCy has them; raise `Problem` for what is not matched."""
    if not isinstance(token, dict):
        raise _invalid("one of its tokens is no object")
    found: dict[str, Any] = {}
    for written, value in token.items():
        name = written.upper()
        if name in found:
            raise _invalid(f"{name} stands twice in a token")
        if name == "OP":
            _repetition(value)
        elif name in TEXTS:
            _check_text(name, value)
        elif name == "LENGTH":
            _check_number(value)
        elif name not in FLAGS:
            raise _invalid(f"{written[:80]!r} is not matched here; there are {', '.join(KNOWN)}")
        elif not isinstance(value, bool):
            raise _invalid(f"{name} is true or false")
        found[name] = value
    return found


def _check_text(name: str, value: Any) -> None:
    strings = [value]
    if isinstance(value, dict):
        strings = []
        for way, listed in value.items():
            if way not in ONE_OF or not isinstance(listed, list) or not listed:
                raise _invalid(
                    f"{name} is compared by {', '.join(ONE_OF)} with a list alone, not by "
                    f"{way[:80]!r}: regular expressions and fuzzy words can take for ever"
                )
            strings += listed
    for string in strings:
        if not isinstance(string, str) or not 0 < len(string) <= LONGEST:
            raise _invalid(f"{name} is no text of at most {LONGEST} characters")


def _check_number(value: Any) -> None:
    compared = value if isinstance(value, dict) and value else {"==": value}
    for way, number in compared.items():
        if way not in COMPARISONS or type(number) is not int or not 0 <= number <= LONGEST:
            raise _invalid(
                f"LENGTH is a whole number up to {LONGEST}, or compared by {' '.join(COMPARISONS)}"
            )


def _repetition(written: Any) -> tuple[int, int | None]:
    """Return how often a token stands there, at least and at most; None is as often as it likes."""
    simple = {"!": (1, 1), "?": (0, 1), "*": (0, None), "+": (1, None)}
    if isinstance(written, str) and written in simple:
        return simple[written]
    match = REPETITION.fullmatch(written) if isinstance(written, str) else None
    if match is None or not (match[1] or match[3]):
        raise _invalid("OP is one of ! ? * + {n} {n,} {,m} {n,m}")
    least = int(match[1] or 0)
    if not match[2]:
        return least, least
    most = int(match[3]) if match[3] else None
    if most is not None and most < least:
        raise _invalid(f"OP {written} asks for more than it allows")
    return least, most


def _check_repetition(tokens: Sequence[Token]) -> None:
    length = optional = 0
    for token in tokens:
        least, most = _repetition(token.get("OP", "!"))
        length += max(least, most or 1)
        optional += ENDLESS if most is None else most - least
    if length > MOST_TOKENS:
        raise _invalid(f"it has more than {MOST_TOKENS} tokens")
    if optional > MOST_OPTIONAL:
        raise _invalid(
            f"more than {MOST_OPTIONAL} of its tokens may be there or not; one with + or * counts "
            f"for {ENDLESS}"
        )


def _is_endless(pattern: Pattern) -> bool:
    tokens = () if isinstance(pattern.words, str) else pattern.words
    return any(_repetition(token.get("OP", "!"))[1] is None for token in tokens)


def _invalid(reason: str) -> Problem:
    return Problem("pattern-invalid", reason=reason)


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
