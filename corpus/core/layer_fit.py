"""A layer made to fit a schema: what cannot stay is left out part by part, and told.

A value of another type than its attribute is read as that type where there is one way to do so:
formats write numbers as words, and one choice as a list of one.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from .layer_check import check, check_document, check_link, check_links_together, check_span
from .problems import Problem
from .schema import Attribute, Label, LinkKind, SchemaView
from .span import LayerView, Link, Span

# Of one attribute so many different unknown values are named, the most frequent first.
MOST_VALUES = 500
READ_AS_KIND = "values read as the kind of their attribute"


@dataclass(slots=True)
class Unknown:
    """What files hold and a schema does not know, with counts.

    An attribute of spans is `LABEL.name`, one of links `KIND.name`, one of the document `name`.
    `roles` has the unknown kinds of links by the unknown label that they run from.
    """

    labels: Counter[str] = field(default_factory=Counter)
    links: Counter[str] = field(default_factory=Counter)
    attributes: Counter[str] = field(default_factory=Counter)
    values: dict[str, Counter[str]] = field(default_factory=dict)
    roles: dict[str, Counter[str]] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.labels or self.links or self.attributes or self.values)

    def add(self, layer: LayerView, schema: SchemaView) -> None:
        """Count what a layer has that the schema lacks.

        Attributes of unknown labels are all unknown; their values are where another label of the
        schema has an attribute of the name, which theirs may become.
        """
        anywhere = _anywhere(schema)
        for span in layer.spans.values():
            label = schema.labels.get(span.label)
            self._add(span.attributes, label.attributes if label else (), f"{span.label}.")
            if label is None:
                self.labels[span.label] += 1
                self._add_values(span.attributes, anywhere)
        for link in layer.links.values():
            kind = schema.links.get(link.kind)
            self._add(link.attributes, kind.attributes if kind else (), f"{link.kind}.")
            if kind is None:
                self.links[link.kind] += 1
                source = layer.spans[link.source].label
                if source not in schema.labels:
                    self.roles.setdefault(source, Counter())[link.kind] += 1
                self._add_values(link.attributes, anywhere)
        self._add(layer.attributes, schema.attributes, "")

    def _add(self, values: Mapping[str, Any], known: tuple[Attribute, ...], prefix: str) -> None:
        by_name = {attribute.name: attribute for attribute in known}
        for name in values.keys() - by_name.keys():
            self.attributes[prefix + name] += 1
        self._add_values(values, by_name)

    def _add_values(self, values: Mapping[str, Any], known: Mapping[str, Attribute]) -> None:
        for name, value in values.items():
            attribute = known.get(name)
            if attribute is None:
                continue
            if attribute.allowed_instead(read_as_kind(value, attribute)) is None:
                continue
            for one in value if isinstance(value, list) else [value]:
                if one not in attribute.choices:
                    self.values.setdefault(name, Counter())[words(one)] += 1

    def update(self, other: Unknown) -> None:
        """Add what another counted."""
        self.labels.update(other.labels)
        self.links.update(other.links)
        self.attributes.update(other.attributes)
        for name, values in other.values.items():
            self.values.setdefault(name, Counter()).update(values)
        for label, kinds in other.roles.items():
            self.roles.setdefault(label, Counter()).update(kinds)

    def as_json(self) -> dict[str, Any]:
        """Return the form of `--json`, the most frequent first."""
        values = {name: dict(c.most_common(MOST_VALUES)) for name, c in sorted(self.values.items())}
        unknown: dict[str, Any] = {
            "labels": dict(self.labels.most_common()),
            "links": dict(self.links.most_common()),
            "attributes": dict(self.attributes.most_common()),
            "values": values,
        }
        if self.roles:
            roles = sorted(self.roles.items())
            unknown["roles"] = {label: dict(kinds.most_common()) for label, kinds in roles}
        return unknown


def _anywhere(schema: SchemaView) -> dict[str, Attribute]:
    """Return the attributes of spans and links by name, whatever they belong to."""
    holders: list[Label | LinkKind] = [*schema.labels.values(), *schema.links.values()]
    attributes: dict[str, Attribute] = {}
    for holder in holders:
        for attribute in holder.attributes:
            attributes.setdefault(attribute.name, attribute)
    return attributes


@dataclass(frozen=True, slots=True)
class Fitted:
    """A layer that a schema allows, a problem for each part that was left out, and notes."""

    layer: LayerView
    left: tuple[Problem, ...] = ()
    notes: Mapping[str, int] = field(default_factory=dict)


def fit(layer: LayerView, schema: SchemaView, text: str) -> Fitted:
    """Return what of a layer the schema allows over a text."""
    # Nearly every layer of every import is whole.
    if next(check(layer, schema, text), None) is None:
        return Fitted(layer)
    notes: Counter[str] = Counter()
    left: list[Problem] = []
    spans: dict[int, Span] = {}
    for span in layer.spans.values():
        label = schema.labels.get(span.label)
        known = label.attributes if label else ()
        read = replace(span, attributes=_read(span.attributes, known, notes))
        problems = list(check_span(read, schema, text))
        left += problems
        if all(problem.code == "span-attribute" for problem in problems):
            attributes = _without(read.attributes, problems)
            spans[span.ident] = replace(read, attributes=attributes)
    document = _read(layer.attributes, schema.attributes, notes)
    problems = list(check_document(document, schema))
    left += problems
    kept = replace(layer, spans=spans, links={}, attributes=_without(document, problems))
    return Fitted(_with_links(kept, layer.links, schema, left, notes), tuple(left), +notes)


def _with_links(
    layer: LayerView,
    candidates: Mapping[int, Link],
    schema: SchemaView,
    left: list[Problem],
    notes: Counter[str],
) -> LayerView:
    """Return the layer with those links that its spans and the schema allow."""
    links: dict[int, Link] = {}
    for link in candidates.values():
        kind = schema.links.get(link.kind)
        known = kind.attributes if kind else ()
        read = replace(link, attributes=_read(link.attributes, known, notes))
        problems = list(check_link(read, layer, schema))
        left += problems
        if all(problem.code == "link-attribute" for problem in problems):
            links[link.ident] = replace(read, attributes=_without(read.attributes, problems))
    linked = replace(layer, links=links)
    for problem in list(check_links_together(linked, schema, links)):
        # One that repeats another may also be one too many.
        if links.pop(problem.details["id"], None) is not None:
            left.append(problem)
    return replace(layer, links=links)


def _without(values: Mapping[str, Any], problems: list[Problem]) -> dict[str, Any]:
    wrong = {problem.details["attribute"] for problem in problems}
    return {name: value for name, value in values.items() if name not in wrong}


def _read(
    values: Mapping[str, Any], known: tuple[Attribute, ...], notes: Counter[str]
) -> Mapping[str, Any]:
    """Return values as the kinds of their attributes, counting those that were of another."""
    if not values:
        return values
    by_name = {attribute.name: attribute for attribute in known}
    read = {}
    for name, value in values.items():
        attribute = by_name.get(name)
        read[name] = read_as_kind(value, attribute) if attribute else value
        notes[READ_AS_KIND] += read[name] is not value
    return read


def read_as_kind(value: Any, attribute: Attribute) -> Any:
    """Return the one value of an attribute's kind that this can mean, else the value itself."""
    if attribute.allowed_instead(value) is None:
        return value
    other = _other_type(value, attribute.kind)
    return value if attribute.allowed_instead(other) is not None else other


def _other_type(value: Any, kind: str) -> Any:
    """Return a value as another kind would write it; the value itself where it would not."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if kind == "flag":
        # A number is one only where it is written as 0 and 1: three is not true.
        said = value.strip().lower() if isinstance(value, str) else value
        flags = {"true": True, "false": False}
        return bool(value) if is_number and value in (0, 1) else flags.get(str(said), value)
    if kind == "number" and isinstance(value, str):
        return _number(value)
    if kind in ("text", "choice") and is_number:
        return words(value)
    if kind == "choices":
        return [value] if isinstance(value, str) else value
    one = isinstance(value, list) and len(value) == 1
    return value[0] if one and kind in ("text", "choice") else value


def _number(text: str) -> Any:
    """Return the number that a text is, the text when it is none."""
    try:
        value = json.loads(text.strip())
    except (ValueError, RecursionError):
        return text
    return value if isinstance(value, int | float) and not isinstance(value, bool) else text


def words(value: Any) -> str:
    """Return a value as maps and messages name it."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
