"""A small schema with awkward names, and two documents in it, for the tests of consumers."""

from __future__ import annotations

from pathlib import Path

from corpus.core.schema import SchemaView
from corpus.core.schema_file import parse
from corpus.core.span import Link, Span, layer_view
from exports.core.record import Record, Report
from exports.encoders import Options, encoder

TEXT = "Ann Lee said that Bo said “it 😀 rained” in Bonn.\nThe Post wrote that it did. He left."
SCHEMA: SchemaView = parse(
    {
        "labels": [
            {
                "name": "NEWS ORG",
                "title": "News <organisation>",
                "colour": "#a52a2a",
                "attributes": [
                    {"name": "type", "kind": "text"},
                    {"name": "label", "kind": "choice", "choices": ["very good", "bad"]},
                    {"name": "score", "kind": "text"},
                    {"name": "begin", "kind": "flag"},
                    {"name": "end", "kind": "text"},
                ],
            },
            {"name": "CLAIM", "colour": "#1f5fbf", "attributes": [{"name": "end", "kind": "flag"}]},
            {"name": "שלום", "attributes": [{"name": "😀", "kind": "flag"}]},
        ],
        "links": [
            {"name": "part_of", "source": "CLAIM", "target": "NEWS ORG"},
            {"name": "said by", "source": "CLAIM", "target": "שלום"},
        ],
    }
)


def span(ident: int, label: str, words: str, /, **attributes: object) -> Span:
    """A span over the first place of some words."""
    start = TEXT.index(words)
    return Span(ident, label, start, start + len(words), attributes=attributes)


ODD = {"type": "x", "label": "very good", "score": "7", "begin": True, "end": "z"}
SPANS = [
    span(1, "NEWS ORG", "The Post", **ODD),
    span(2, "CLAIM", "that Bo said “it 😀 rained” in Bonn", end=True),
    span(3, "שלום", "Bo", **{"😀": True}),
    span(4, "שלום", "Ann Lee"),
    span(5, "CLAIM", "it did"),
]
LINKS = [Link(10, "part_of", 5, 1), Link(11, "said by", 2, 4)]
RECORDS = [
    Record("a/1", TEXT, {"title": "T", "language": "en"}, layer_view(SPANS, LINKS), "gold"),
    Record("b", f"{TEXT} Again.", {}, layer_view(SPANS[:1]), "review", "eve"),
]


def export(name: str, to: Path, records: list[Record] = RECORDS) -> Report:
    """Write the documents in a format."""
    return encoder(name)(records, to, Options(SCHEMA, "Odd"))
