"""A schema made from what files hold: labels, kinds of links, and attributes with kinds guessed.

What a file holds says what it needs, not what its makers allowed: a choice that nobody made is not
among the choices. People look at the schema before they use it.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from .problems import Problem
from .schema_file import LONGEST_NAME, MOST_CHOICES, MOST_LABELS, NOT_IN_NAMES
from .span import LayerView
from .values import UNSTORABLE

# Strings are choices when there are no more different ones, each no longer, and each stands twice
# on average. Names of people are none of that in any file of some size.
FEW = 20
SHORT = 40


class Annotated(Protocol):
    """A document as importers yield it, with the layer that came along."""

    @property
    def layer(self) -> LayerView | None: ...


@dataclass(frozen=True, slots=True)
class Found:
    """A schema as JSON for `schema_file.parse`, and how often each part of it stood in the files.

    `counts` has documents, labels, links, attributes (`LABEL.name`), link_attributes
    (`KIND.name`), document_attributes, and left_out: names and values that no schema can have.
    """

    schema: dict[str, Any]
    counts: dict[str, dict[str, int]]


@dataclass(slots=True)
class _Values:
    """The values of one attribute: how many of each type, and which texts."""

    types: Counter[str] = field(default_factory=Counter)
    texts: Counter[str] = field(default_factory=Counter)

    def add(self, value: Any) -> None:
        if isinstance(value, bool):
            self.types["flag"] += 1
        elif isinstance(value, int | float):
            self.types["number"] += 1
        elif isinstance(value, list) and all(isinstance(one, str) for one in value):
            self.types["choices"] += 1
            self.texts.update(value)
        elif isinstance(value, str):
            self.types["text"] += 1
            self.texts[value] += 1
        else:
            self.types["other"] += 1


Attributes = dict[str, _Values]


@dataclass(slots=True)
class _Kind:
    """The links of one kind: labels at their ends, and their attributes."""

    sources: Counter[str] = field(default_factory=Counter)
    targets: Counter[str] = field(default_factory=Counter)
    attributes: Attributes = field(default_factory=dict)


def found_in(rows: Iterable[Annotated | Problem]) -> Found:
    """Return the schema of what the layers of some documents hold; problems are passed over."""
    seen = _Seen()
    for row in rows:
        if isinstance(row, Problem):
            continue
        seen.documents += 1
        if row.layer is not None:
            seen.add(row.layer)
    return seen.found()


@dataclass(slots=True)
class _Seen:
    """What was read so far."""

    documents: int = 0
    labels: Counter[str] = field(default_factory=Counter)
    attributes: dict[str, Attributes] = field(default_factory=dict)
    links: Counter[str] = field(default_factory=Counter)
    kinds: dict[str, _Kind] = field(default_factory=dict)
    of_document: Attributes = field(default_factory=dict)
    left_out: Counter[str] = field(default_factory=Counter)

    def add(self, layer: LayerView) -> None:
        """Count a layer in."""
        for span in layer.spans.values():
            if not self._can_be_called(span.label, "label"):
                continue
            self.labels[span.label] += 1
            self._add_values(self.attributes.setdefault(span.label, {}), span.attributes)
        for link in layer.links.values():
            source, target = layer.spans[link.source].label, layer.spans[link.target].label
            if not self._can_be_called(link.kind, "link"):
                continue
            kind = self.kinds.setdefault(link.kind, _Kind())
            self.links[link.kind] += 1
            kind.sources[source] += 1
            kind.targets[target] += 1
            self._add_values(kind.attributes, link.attributes)
        self._add_values(self.of_document, layer.attributes)

    def _add_values(self, attributes: Attributes, values: Mapping[str, Any]) -> None:
        for name, value in values.items():
            if self._can_be_called(name, "attribute"):
                attributes.setdefault(name, _Values()).add(value)

    def _can_be_called(self, name: str, what: str) -> bool:
        """Tell whether a schema can have this name; count it when not."""
        signs = {unicodedata.category(char) for char in name}
        can = bool(name) and name.strip() == name and signs.isdisjoint(NOT_IN_NAMES)
        if can and len(name) <= LONGEST_NAME:
            return True
        self.left_out[f"{what} {name[:LONGEST_NAME]!r}"] += 1
        return False

    def found(self) -> Found:
        """Return the schema, the most frequent first."""
        names = [name for name, _ in self.labels.most_common(MOST_LABELS)]
        for name in self.labels.keys() - set(names):
            self.left_out[f"label {name!r}"] += self.labels[name]
        counts: dict[str, dict[str, int]] = {
            "documents": {"all": self.documents},
            "labels": {name: self.labels[name] for name in names},
            "links": {},
            "attributes": {},
            "link_attributes": {},
            "document_attributes": {},
        }
        labels = []
        for name in names:
            rows = self._rows(self.attributes[name], f"{name}.", counts["attributes"])
            labels.append({"name": name, "attributes": rows})
        links = []
        for name, count in self.links.most_common():
            kind = self.kinds[name]
            sources = [label for label, _ in kind.sources.most_common() if label in names]
            targets = [label for label, _ in kind.targets.most_common() if label in names]
            if not sources or not targets:
                self.left_out[f"link {name!r}"] += count
                continue
            counts["links"][name] = count
            rows = self._rows(kind.attributes, f"{name}.", counts["link_attributes"])
            links.append({"name": name, "sources": sources, "targets": targets, "attributes": rows})
        document = self._rows(self.of_document, "", counts["document_attributes"])
        counts["left_out"] = dict(self.left_out)
        return Found({"labels": labels, "links": links, "attributes": document}, counts)

    def _rows(
        self, attributes: Attributes, prefix: str, counts: dict[str, int]
    ) -> list[dict[str, Any]]:
        """Return attributes as a schema has them, and count their values."""
        rows = []
        for name, values in sorted(attributes.items()):
            kind = _kind(values)
            if kind == "other":
                self.left_out[f"attribute {name!r}"] += values.types.total()
                continue
            row: dict[str, Any] = {"name": name, "kind": kind}
            if kind in ("choice", "choices"):
                row["choices"] = [value for value, _ in values.texts.most_common(MOST_CHOICES)]
            rows.append(row)
            counts[prefix + name] = values.types.total()
        return rows


def _kind(values: _Values) -> str:
    """Return the kind that can hold the values of an attribute, or most of them."""
    types = set(values.types)
    if len(types) == 1 and types <= {"flag", "number"}:
        return types.pop()
    choosable = bool(values.texts) and all(_is_choice(text) for text in values.texts)
    if "choices" in types:
        return "choices" if choosable and len(values.texts) <= MOST_CHOICES else "other"
    if "text" not in types:
        return "other"
    few = len(values.texts) <= FEW and values.texts.total() >= 2 * len(values.texts)
    short = all(len(text) <= SHORT for text in values.texts)
    return "choice" if types == {"text"} and choosable and few and short else "text"


def _is_choice(value: str) -> bool:
    return bool(value) and value.strip() == value and not UNSTORABLE.search(value)
