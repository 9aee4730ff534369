"""What a layer may hold: labels, their attributes, link kinds; and the check against it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import chain, pairwise
from typing import Any

from .problems import Problem
from .span import LayerView, Link, Span
from .values import UNSTORABLE

ATTRIBUTE_KINDS = ("choice", "flag", "text")


@dataclass(frozen=True, slots=True)
class Attribute:
    """A value that spans of one label carry; `choices` is empty unless the kind is choice."""

    name: str
    kind: str
    choices: tuple[str, ...] = ()
    required: bool = False

    def as_json(self) -> dict[str, Any]:
        """Return the form that files and the API use."""
        return {
            "name": self.name,
            "kind": self.kind,
            "choices": list(self.choices),
            "required": self.required,
        }

    def allowed_instead(self, value: Any) -> str | None:
        """Say which values are allowed, None when this is one of them."""
        if self.kind == "choice" and value not in self.choices:
            return ", ".join(self.choices)
        if self.kind == "flag" and not isinstance(value, bool):
            return "true, false"
        if self.kind == "text" and (not isinstance(value, str) or UNSTORABLE.search(value)):
            return "text without NUL and halves of surrogate pairs"
        return None


@dataclass(frozen=True, slots=True)
class Label:
    """A kind of span."""

    name: str
    title: str
    description: str = ""
    colour: str = ""
    key: str = ""
    attributes: tuple[Attribute, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Return the form that files and the API use."""
        return {
            "name": self.name,
            "title": self.title,
            "description": self.description,
            "colour": self.colour,
            "key": self.key,
            "attributes": [attribute.as_json() for attribute in self.attributes],
        }


@dataclass(frozen=True, slots=True)
class LinkKind:
    """A kind of link, from spans of one label to spans of another."""

    name: str
    source: str
    target: str
    many: bool = True

    def as_json(self) -> dict[str, Any]:
        """Return the form that files and the API use."""
        return {
            "name": self.name,
            "source": self.source,
            "target": self.target,
            "many": self.many,
        }


@dataclass(frozen=True, slots=True)
class SchemaView:
    """A frozen version of a corpus's scheme."""

    labels: Mapping[str, Label]
    links: Mapping[str, LinkKind]

    def as_json(self) -> dict[str, Any]:
        """Return the form that files and the API use; `parse` reads it back."""
        return {
            "labels": [label.as_json() for label in self.labels.values()],
            "links": [kind.as_json() for kind in self.links.values()],
        }


STANCES = ("support", "oppose", "neutral", "mixed", "unclear")
CLAIM_KINDS = ("direct", "indirect", "mixed")
SPEAKER_STATES = ("linked", "author", "unknown")

ATTRIBUTION = SchemaView(
    labels={
        "SPEAKER": Label(
            "SPEAKER",
            "Speaker",
            "The person or body that says it, as the reporting clause names it.",
            "brown",
            "1",
            (Attribute("name", "text"),),
        ),
        "CLAIM": Label(
            "CLAIM",
            "Claim",
            "What is said, quoted or reported.",
            "blue",
            "2",
            (
                Attribute("stance", "choice", STANCES, required=True),
                Attribute("target", "text"),
                Attribute("kind", "choice", CLAIM_KINDS),
                Attribute("speaker_state", "choice", SPEAKER_STATES),
            ),
        ),
        "CUE": Label("CUE", "Cue", "The reporting expression.", "grey", "3"),
    },
    links={"said_by": LinkKind("said_by", "CLAIM", "SPEAKER")},
)


def attribute_kinds(schema: SchemaView) -> dict[str, str]:
    """Return the kind of each attribute of a schema by its name, whatever label it belongs to."""
    kinds = {}
    for label in schema.labels.values():
        for attribute in label.attributes:
            kinds[attribute.name] = attribute.kind
    return kinds


def parse(data: Any) -> SchemaView:
    """Read a schema from JSON data, as `as_json` writes it; raise `Problem` when it is not one."""
    try:
        labels = {row["name"]: _label(row) for row in data["labels"]}
        links = {row["name"]: _link_kind(row) for row in data.get("links", ())}
    except (KeyError, TypeError, AttributeError) as error:
        raise Problem("schema-invalid", reason=f"missing or misplaced {error}") from None
    for kind in links.values():
        for name in (kind.source, kind.target):
            if name not in labels:
                reason = f"a link names the label {name!r}, which it does not define"
                raise Problem("schema-invalid", reason=reason)
    for label in labels.values():
        for attribute in label.attributes:
            chosen = attribute.kind == "choice"
            if attribute.kind not in ATTRIBUTE_KINDS or chosen != bool(attribute.choices):
                reason = f"attribute {attribute.name!r} has a wrong kind or no choices"
                raise Problem("schema-invalid", reason=reason)
    if not labels:
        raise Problem("schema-invalid", reason="it has no labels")
    return SchemaView(labels, links)


def _label(row: Any) -> Label:
    return Label(
        name=row["name"],
        title=row.get("title") or row["name"].title(),
        description=row.get("description", ""),
        colour=row.get("colour", ""),
        key=str(row.get("key", "")),
        attributes=tuple(_attribute(attribute) for attribute in row.get("attributes", ())),
    )


def _attribute(row: Any) -> Attribute:
    return Attribute(
        name=row["name"],
        kind=row["kind"],
        choices=tuple(row.get("choices", ())),
        required=bool(row.get("required", False)),
    )


def _link_kind(row: Any) -> LinkKind:
    return LinkKind(
        name=row["name"],
        source=row["source"],
        target=row["target"],
        many=bool(row.get("many", True)),
    )


def check(layer: LayerView, schema: SchemaView, text: str) -> Iterator[Problem]:
    """Yield every way in which the layer breaks the schema or leaves the text."""
    for span in layer.spans.values():
        yield from check_span(span, schema, text)
    seen: set[tuple[str, int, int]] = set()
    for link in layer.links.values():
        yield from check_link(link, layer, schema)
        key = (link.kind, link.source, link.target)
        if key in seen:
            yield Problem("link-twice", id=link.ident)
        seen.add(key)


def check_span(span: Span, schema: SchemaView, text: str) -> Iterator[Problem]:
    """Yield what is wrong with one span."""
    if not 0 <= span.start < span.end <= len(text):
        yield Problem("span-range", id=span.ident, start=span.start, end=span.end, length=len(text))
        return
    # Every span of every import comes by here; most are of one piece.
    ranges = ((span.start, span.end),) if span.fragments is None else span.fragments
    if span.fragments is not None and not _are_in_order(span):
        yield Problem("span-fragments", id=span.ident)
        return
    for start, end in ranges:
        if text[start].isspace() or text[end - 1].isspace():
            yield Problem("span-space", id=span.ident)
            break
    label = schema.labels.get(span.label)
    if label is None:
        yield Problem("span-label", id=span.ident, label=span.label, known=", ".join(schema.labels))
    elif span.attributes:
        yield from _check_attributes(span, label)


def _are_in_order(span: Span) -> bool:
    """Tell whether fragments are several, apart, in order, and reach from the start to the end."""
    fragments = span.fragments or ()
    if len(fragments) < 2:
        return False
    offsets = list(chain.from_iterable(fragments))
    if (offsets[0], offsets[-1]) != (span.start, span.end):
        return False
    return all(before < after for before, after in pairwise(offsets))


def _check_attributes(span: Span, label: Label) -> Iterator[Problem]:
    known = {attribute.name: attribute for attribute in label.attributes}
    for name, value in span.attributes.items():
        allowed: str | None = f"no such attribute on {span.label}"
        if name in known:
            allowed = known[name].allowed_instead(value)
        if allowed is not None:
            yield Problem(
                "span-attribute", id=span.ident, attribute=name, value=value, allowed=allowed
            )


def check_link(link: Link, layer: LayerView, schema: SchemaView) -> Iterator[Problem]:
    """Yield what is wrong with one link."""
    kind = schema.links.get(link.kind)
    if kind is None:
        yield Problem("link-kind", id=link.ident, kind=link.kind, known=", ".join(schema.links))
        return
    labels = []
    for ident in (link.source, link.target):
        span = layer.spans.get(ident)
        labels.append(span.label if span is not None else None)
    if labels != [kind.source, kind.target]:
        yield Problem(
            "link-ends", id=link.ident, source_label=kind.source, target_label=kind.target
        )
