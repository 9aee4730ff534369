"""Random schemas with names that formats stumble over, and random layers that they allow."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from hypothesis import assume
from hypothesis import strategies as st

from corpus.core.schema import Attribute, Label, SchemaView
from corpus.core.span import layer_view
from exports.core.record import Record
from tools.schemas import links_between, schemas, values
from tools.texts import AWKWARD, spans, texts

COLOURS = ("", "brown", "#0a0", "#1f5fbf", "#ffffff")
written = st.lists(st.sampled_from(AWKWARD) | st.text(max_size=4), max_size=6).map(
    lambda parts: "".join(parts).replace("\0", "").encode("utf-8", "ignore").decode()
)


@dataclass(frozen=True, slots=True)
class Corpus:
    """A schema and a few documents in it."""

    schema: SchemaView
    records: list[Record]


@st.composite
def corpora(draw: st.DrawFn) -> Corpus:
    """A random schema with random layers: overlap, fragments, any attribute, any link."""
    schema = draw(schemas())
    coloured = {name: _coloured(draw, label) for name, label in schema.labels.items()}
    schema = replace(schema, labels=coloured)
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
                own = draw(_values(label.attributes))
                made.append(replace(span, attributes=own, score=score))
        layer = layer_view(made)
        links = links_between(draw, schema, layer.spans)
        layer = replace(layer, links=links, attributes=draw(_values(schema.attributes)))
        records.append(Record(f"d{number}", text, {}, layer, "gold"))
    return Corpus(schema, records)


def _coloured(draw: st.DrawFn, label: Label) -> Label:
    return replace(label, title=label.name.title(), colour=draw(st.sampled_from(COLOURS)))


@st.composite
def _values(draw: st.DrawFn, of: tuple[Attribute, ...]) -> dict[str, Any]:
    """Values for some of these attributes; texts of any signs."""
    given = draw(values(of))
    texts_of = [own.name for own in of if own.kind == "text" and own.name in given]
    return {**given, **{name: draw(written) for name in texts_of}}
