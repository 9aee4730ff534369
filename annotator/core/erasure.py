"""What stays of annotations when the words of their text are erased.

Offsets, labels and the choices that a schema offers are nobody's words; whatever else people or
suggesters wrote into an attribute or a reason may be words of the text.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Iterator, Mapping
from typing import Any

from annotator.core.decisions import read_attributes
from corpus.core.schema import SchemaView

# What a settlement is told by; neither is ever written by hand.
SETTLED_BY = ("choice", "policy")
# What stands where something was said.
ERASED = "…"
# What is shorter quotes nobody, and stands by chance in many a word.
SHORTEST = 3


def names_in(schema: SchemaView) -> frozenset[str]:
    """Return every text that a value under this schema may hold without quoting anybody."""
    attributes = list(schema.attributes)
    for label in schema.labels.values():
        attributes += label.attributes
    for kind in schema.links.values():
        attributes += kind.attributes
    names = {*schema.labels, *schema.links}
    for attribute in attributes:
        names.update(attribute.choices)
    return frozenset(names)


def without_words(value: Any, names: Container[str]) -> Any:
    """Return a JSON value with each text emptied that is none of the names."""
    if isinstance(value, str):
        return value if value in names else ""
    if isinstance(value, Mapping):
        return {key: without_words(held, names) for key, held in value.items()}
    if isinstance(value, list):
        cleaned = [without_words(held, names) for held in value]
        return [held for held in cleaned if held != ""]
    return value


def clean_attributes(attributes: Mapping[str, Any], names: Container[str]) -> dict[str, Any]:
    """Return attributes as a row holds them; those that were words are gone."""
    return read_attributes({"attributes": without_words(attributes, names)})


def clean_decision(subject: str, value: Any, names: Container[str]) -> Any:
    """Return what was true before or after a decision, without words."""
    cleaned = without_words(value, names)
    if subject == "dispute" and isinstance(value, Mapping):
        cleaned |= {key: value[key] for key in SETTLED_BY if key in value}
    return cleaned


def words_in(value: Any, names: Container[str]) -> Iterator[str]:
    """Yield every text in a JSON value that `without_words` empties."""
    if isinstance(value, str):
        if value and value not in names:
            yield value
    elif isinstance(value, Mapping):
        for held in value.values():
            yield from words_in(held, names)
    elif isinstance(value, list):
        for held in value:
            yield from words_in(held, names)


def without_said(value: Any, said: re.Pattern[str]) -> Any:
    """Return a JSON value with each text in which something erased is said made an ellipsis."""
    if isinstance(value, str):
        return ERASED if said.search(value) else value
    if isinstance(value, Mapping):
        return {key: without_said(held, said) for key, held in value.items()}
    if isinstance(value, list):
        return [without_said(held, said) for held in value]
    return value


def pattern_of(words: Iterable[str]) -> re.Pattern[str] | None:
    """Return what finds any of these words in a text; None when there are none to look for."""
    telling = sorted(word for word in set(words) if len(word) >= SHORTEST)
    return re.compile("|".join(map(re.escape, telling))) if telling else None
