"""What a layer may hold: labels, their attributes, link kinds; and the check of a layer against it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
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


@dataclass(frozen=True, slots=True)
class Label:
    """A kind of span."""

    name: str
    title: str
    description: str = ""
    colour: str = ""
    key: str = ""
    attributes: tuple[Attribute, ...] = ()


@dataclass(frozen=True, slots=True)
class LinkKind:
    """A kind of link, from spans of one label to spans of another."""

    name: str
    source: str
    target: str
    many: bool = True


@dataclass(frozen=True, slots=True)
class SchemaView:
    """A frozen version of a corpus's scheme."""

    labels: Mapping[str, Label]
    links: Mapping[str, LinkKind]

    def as_json(self) -> dict[str, Any]:
        """Return the form that files and the API use; `parse` reads it back."""
        return {
            "labels": [
                {
                    "name": label.name,
                    "title": label.title,
                    "description": label.description,
                    "colour": label.colour,
                    "key": label.key,
                    "attributes": [
                        {
                            "name": a.name,
                            "kind": a.kind,
                            "choices": list(a.choices),
                            "required": a.required,
                        }
                        for a in label.attributes
                    ],
                }
                for label in self.labels.values()
            ],
            "links": [
                {"name": k.name, "source": k.source, "target": k.target, "many": k.many}
                for k in self.links.values()
            ],
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


def parse(data: Any) -> SchemaView:
    """Read a schema from JSON data, as `as_json` writes it; raise `Problem` when it is not one."""
    try:
        labels = {
            row["name"]: Label(
                row["name"],
                row.get("title") or row["name"].title(),
                row.get("description", ""),
                row.get("colour", ""),
                str(row.get("key", "")),
                tuple(
                    Attribute(
                        a["name"],
                        a["kind"],
                        tuple(a.get("choices", ())),
                        bool(a.get("required", False)),
                    )
                    for a in row.get("attributes", ())
                ),
            )
            for row in data["labels"]
        }
        links = {
            row["name"]: LinkKind(
                row["name"], row["source"], row["target"], bool(row.get("many", True))
            )
            for row in data.get("links", ())
        }
    except (KeyError, TypeError, AttributeError) as error:
        raise Problem("schema-invalid", reason=f"missing or misplaced {error}") from None
    for name in (name for kind in links.values() for name in (kind.source, kind.target)):
        if name not in labels:
            raise Problem(
                "schema-invalid",
                reason=f"a link names the label {name!r}, which it does not define",
            )
    for attribute in (a for label in labels.values() for a in label.attributes):
        if attribute.kind not in ATTRIBUTE_KINDS or (attribute.kind == "choice") != bool(
            attribute.choices
        ):
            raise Problem(
                "schema-invalid",
                reason=f"attribute {attribute.name!r} has a wrong kind or no choices",
            )
    if not labels:
        raise Problem("schema-invalid", reason="it has no labels")
    return SchemaView(labels, links)


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
    if span.fragments is not None:
        flat = [offset for piece in span.fragments for offset in piece]
        ordered = all(a < b for a, b in pairwise(flat))
        if len(span.fragments) < 2 or not ordered or (flat[0], flat[-1]) != (span.start, span.end):
            yield Problem("span-fragments", id=span.ident)
            return
    # Every span of every import comes by here; most are of one piece.
    ranges = ((span.start, span.end),) if span.fragments is None else span.fragments
    for start, end in ranges:
        if text[start].isspace() or text[end - 1].isspace():
            yield Problem("span-space", id=span.ident)
            break
    label = schema.labels.get(span.label)
    if label is None:
        yield Problem("span-label", id=span.ident, label=span.label, known=", ".join(schema.labels))
        return
    if not span.attributes:
        return
    known = {a.name: a for a in label.attributes}
    for name, value in span.attributes.items():
        attribute = known.get(name)
        if attribute is None:
            allowed = f"no such attribute on {span.label}"
        elif attribute.kind == "choice" and value not in attribute.choices:
            allowed = ", ".join(attribute.choices)
        elif attribute.kind == "flag" and not isinstance(value, bool):
            allowed = "true, false"
        elif attribute.kind == "text" and (not isinstance(value, str) or UNSTORABLE.search(value)):
            allowed = "text without NUL and halves of surrogate pairs"
        else:
            continue
        yield Problem("span-attribute", id=span.ident, attribute=name, value=value, allowed=allowed)


def check_link(link: Link, layer: LayerView, schema: SchemaView) -> Iterator[Problem]:
    """Yield what is wrong with one link."""
    kind = schema.links.get(link.kind)
    if kind is None:
        yield Problem("link-kind", id=link.ident, kind=link.kind, known=", ".join(schema.links))
        return
    source, target = layer.spans.get(link.source), layer.spans.get(link.target)
    if (
        source is None
        or target is None
        or (source.label, target.label) != (kind.source, kind.target)
    ):
        yield Problem(
            "link-ends", id=link.ident, source_label=kind.source, target_label=kind.target
        )
