"""Schemas and layers of them for property tests: awkward names, every kind of attribute, links in
chains, rings and pairs.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hypothesis import strategies as st

from corpus.core.schema import ATTRIBUTE_KINDS, Attribute, Label, LinkKind, SchemaView
from corpus.core.span import LayerView, Link, Span

# Spaces, other scripts, signs, and what formats use for themselves.
NAMES = (
    *("PERSON", "Person name", "part_of", "type", "label", "score", "begin", "id", "sofa", "text"),
    *(
        "اسم",
        "人物",
        "👩‍👩‍👧",
        "a-b",
        "B",
        "I-PER",
        "O",
        "x/y",
        "missing",
        "boundary",
        "kind",
        "target",
    ),
    *("speaker", "NULL", "T1", "'quoted'", "a:b", "50%", "<b>", "spans", "end", "Ünïcode"),
    # What brat, CAS, CoNLL, Label Studio, Prodigy, doccano and our own files keep for themselves.
    *("Equiv", "SPAN_DEFAULT", "SEPARATOR", "-", "B-PER", "#x = y", "ident", "fragments", "self"),
    *("Governor", "Dependent", "xmiID", "coveredText", "class", "name", "value", "get", "start"),
    *("part_of_link", "said_by", "meta", "attributes", "links", "layer", "annotator", "head"),
    *("_x20_", "_x20 b", "_x", "x_x41_", "y_x41_", "1st", "1", "a|b", "a,b", "x (flag)"),
    *("x (several)", "x (document)", "type_", "self_", "is in", "é\u0301", "新聞", "رابط"),
)
CHOICES = (
    *("yes", "no", "a b", "null", "0", "ja/nein", "😀", "true", "x,y", "a|b", "[c]"),
    *("<x>", "x; y", "_x20_", "نعم", "false", "3"),
)
TEXT = "Ana Ruiz of Brandt & Sons, Kiel,\nmet Omar 😀 Said in مكة yesterday. She left at once."


@st.composite
def attributes(draw: st.DrawFn, *, most: int = 3) -> tuple[Attribute, ...]:
    """Attributes of one label, kind of link or document."""
    names = draw(st.lists(st.sampled_from(NAMES), max_size=most, unique=True))
    made = []
    for name in names:
        kind = draw(st.sampled_from(ATTRIBUTE_KINDS))
        choices: list[str] = []
        if kind.startswith("choice"):
            choices = draw(st.lists(st.sampled_from(CHOICES), min_size=1, max_size=4, unique=True))
        made.append(Attribute(name, kind, tuple(choices)))
    return tuple(made)


@st.composite
def schemas(draw: st.DrawFn) -> SchemaView:
    """A schema with a few labels and kinds of links between any of them."""
    names = draw(st.lists(st.sampled_from(NAMES), min_size=1, max_size=4, unique=True))
    labels = {name: Label(name, name, attributes=draw(attributes())) for name in names}
    ends = st.lists(st.sampled_from(names), min_size=1, max_size=2, unique=True)
    links = {}
    for name in draw(st.lists(st.sampled_from(NAMES), max_size=3, unique=True)):
        symmetric = draw(st.booleans())
        sources = tuple(draw(ends))
        targets = sources if symmetric else tuple(draw(ends))
        links[name] = LinkKind(
            name,
            sources,
            targets,
            symmetric=symmetric,
            owned=not symmetric and draw(st.booleans()),
            many=draw(st.booleans()),
            attributes=draw(attributes(most=1)),
        )
    return SchemaView(labels, links, draw(attributes(most=2)))


def values(of: tuple[Attribute, ...]) -> st.SearchStrategy[dict[str, Any]]:
    """Values for some of these attributes."""
    return st.fixed_dictionaries({}, optional={a.name: _value(a) for a in of})


def _value(attribute: Attribute) -> st.SearchStrategy[Any]:
    if attribute.kind == "choice":
        return st.sampled_from(attribute.choices)
    if attribute.kind == "choices":
        several = st.lists(st.sampled_from(attribute.choices), min_size=1, unique=True)
        return several.map(sorted)
    if attribute.kind == "flag":
        return st.booleans()
    if attribute.kind == "number":
        return st.integers(-5, 5) | st.sampled_from([0.5, 1e9])
    return st.sampled_from(["a", "two words", "“x”", "ä\nb"])


@st.composite
def layers(draw: st.DrawFn, schema: SchemaView, *, text: str = TEXT) -> LayerView:
    """A layer over a text, as the schema allows it."""
    words = [(start, start + 1) for start, sign in enumerate(text) if not sign.isspace()]
    spans = {}
    for ident in range(1, draw(st.integers(0, 5)) + 1):
        first, last = sorted(draw(st.tuples(*[st.integers(0, len(words) - 1)] * 2)))
        label = draw(st.sampled_from(list(schema.labels)))
        given_values = draw(values(schema.labels[label].attributes))
        place = words[first][0], words[last][1]
        spans[ident] = Span(ident, label, *place, attributes=given_values)
    links = links_between(draw, schema, spans)
    return LayerView(spans, links, attributes=draw(values(schema.attributes)))


def links_between(
    draw: st.DrawFn, schema: SchemaView, spans: Mapping[int, Span]
) -> dict[int, Link]:
    """Links between these spans, as the schema allows them."""
    possible = [
        (kind, source.ident, target.ident)
        for kind in schema.links.values()
        for source in spans.values()
        for target in spans.values()
        if source is not target and kind.joins(source.label, target.label)
    ]
    if not possible:
        return {}
    links: dict[int, Link] = {}
    used = set()
    chosen = draw(
        st.lists(st.sampled_from(possible), max_size=6, unique_by=lambda p: (p[0].name, *p[1:]))
    )
    for kind, source, target in chosen:
        if not kind.many and (kind.name, source) in used:
            continue
        used.add((kind.name, source))
        ident = len(spans) + len(links) + 1
        links[ident] = Link(ident, kind.name, source, target, draw(values(kind.attributes)))
    return links
