"""Random schemas with names that formats stumble over, and random layers that they allow."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from hypothesis import assume
from hypothesis import strategies as st

from corpus.core.schema import Attribute, Label, LinkKind, SchemaView
from corpus.core.span import Link, Span, layer_view
from exports.core.record import Record
from tools.texts import AWKWARD, spans, texts

LABELS = [
    *("CLAIM", "NEWS ORG", "שלום", "اسم علم", "😀", "label", "part_of", "B-PER", "a|b", "O", "-"),
    *("_x20_", "_x20 b", "#x = y", "SPAN_DEFAULT", "SEPARATOR", "1", "é\u0301", "新聞", "<b>&"),
]
ATTRIBUTES = [
    *("type", "label", "score", "begin", "end", "id", "ident", "fragments", "kind", "self", "sofa"),
    *("class", "text", "name", "value", "get", "xmiID", "Governor", "meta", "start", "begin end"),
    *("😀", "اسم", "a,b", "x_x41_", "_x", "1st", "coveredText", "part_of", "<b>&", "#x"),
]
CHOICES = ["yes", "no", "very good", "a|b", "a,b", "<x>", "true", "😀", "نعم", "x; y", "_x20_"]
KINDS = ["part_of", "part_of_link", "said_by", "is in", "رابط", "Equiv", "😀", "<b>&", "-"]
values = st.lists(st.sampled_from(AWKWARD) | st.text(max_size=4), max_size=6).map(
    lambda parts: "".join(parts).replace("\0", "").encode("utf-8", "ignore").decode()
)


@dataclass(frozen=True, slots=True)
class Corpus:
    """A schema and a few documents in it."""

    schema: SchemaView
    records: list[Record]


@st.composite
def schemas(draw: st.DrawFn) -> SchemaView:
    """A schema whose labels, attributes and link kinds have any names."""
    labels = {}
    for name in draw(st.lists(st.sampled_from(LABELS), min_size=1, max_size=4, unique=True)):
        attributes = []
        for own in draw(st.lists(st.sampled_from(ATTRIBUTES), max_size=4, unique=True)):
            kind = draw(st.sampled_from(["choice", "flag", "text"]))
            choices: list[str] = []
            if kind == "choice":
                choices = draw(st.lists(st.sampled_from(CHOICES), min_size=1, unique=True))
            attributes.append(Attribute(own, kind, tuple(choices)))
        colour = draw(st.sampled_from(["", "brown", "#0a0", "#1f5fbf", "#ffffff"]))
        labels[name] = Label(name, name.title(), colour=colour, attributes=tuple(attributes))
    links = {}
    ends = st.sampled_from(list(labels))
    for name in draw(st.lists(st.sampled_from(KINDS), max_size=3, unique=True)):
        links[name] = LinkKind(name, draw(ends), draw(ends))
    return SchemaView(labels, links)


@st.composite
def corpora(draw: st.DrawFn) -> Corpus:
    """A random schema with random layers: overlap, fragments, any attribute, any link."""
    schema = draw(schemas())
    records = []
    for number in range(draw(st.integers(1, 2))):
        text = draw(texts)
        assume(text.strip() and not text.startswith("\ufeff"))
        made = []
        for ident in range(1, draw(st.integers(1, 6))):
            label = schema.labels[draw(st.sampled_from(list(schema.labels)))]
            span = draw(spans(text, ident, label.name))
            if span is not None:
                score = draw(st.none() | st.sampled_from([0.0, 0.25, 1.0]))
                made.append(replace(span, attributes=_attributes(draw, label), score=score))
        links = _links(draw, schema, made)
        records.append(Record(f"d{number}", text, {}, layer_view(made, links), "gold"))
    return Corpus(schema, records)


def _attributes(draw: st.DrawFn, label: Label) -> dict[str, Any]:
    given = {}
    for attribute in label.attributes:
        if draw(st.booleans()):
            if attribute.kind == "choice":
                given[attribute.name] = draw(st.sampled_from(attribute.choices))
            else:
                given[attribute.name] = draw(st.booleans() if attribute.kind == "flag" else values)
    return given


def _links(draw: st.DrawFn, schema: SchemaView, made: list[Span]) -> list[Link]:
    """Return links between spans whose labels a kind allows, one of each at most."""
    allowed = []
    for kind in schema.links.values():
        for source in made:
            for target in made:
                if (source.label, target.label) == (kind.source, kind.target):
                    allowed.append((kind.name, source.ident, target.ident))
    if not allowed:
        return []
    chosen = draw(st.sets(st.sampled_from(allowed), max_size=4))
    return [Link(100 + number, *ends) for number, ends in enumerate(sorted(chosen))]
