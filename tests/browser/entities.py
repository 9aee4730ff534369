"""A corpus of entities and relations: eight labels with five attributes each, six kinds of links,
attributes of links and of the document.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from annotator.services.runs import file_run, store
from corpus.core.schema_file import parse
from corpus.core.span import LayerView, Link, Span, layer_view
from corpus.models import Corpus
from corpus.services.corpora import create_corpus
from tests.acts import add_document

TEXT = (
    "Ada Lund runs Bay Water, a firm in Lake Orrin. She chairs the harbour board.\n"
    "\n"
    "Tomas Okafor of the Dock Union met Ada Lund at the spring fair, in Port Ellis.\n"
    "\n"
    "The Harbour Act was passed on 3 May 1998. The Northern Star sailed that day, it says.\n"
)


def attributes(*, required: bool = False) -> list[dict[str, Any]]:
    """Five attributes, one of each kind; the key x of a choice is a command's."""
    return [
        {
            "name": "weight",
            "title": "Weight in the story",
            "kind": "choice",
            "choices": ["main", "minor", "passing"],
            "keys": {"main": "u", "minor": "x"},
            "required": required,
        },
        {"name": "topics", "title": "Topics", "kind": "choices", "choices": ["sea", "tax", "work"]},
        {"name": "public", "title": "Public", "kind": "flag"},
        {"name": "alias", "title": "Also known as", "kind": "text"},
        {"name": "year", "title": "Year of origin", "kind": "number"},
    ]


SCHEMA: dict[str, Any] = {
    "labels": [
        {
            "name": "PERSON",
            "title": "Person",
            "key": "1",
            "attributes": [
                *attributes(required=True),
                {"name": "employment", "kind": "choice", "choices": ["employed", "none"]},
            ],
        },
        {"name": "ORG", "title": "Organisation", "key": "2", "attributes": attributes()},
        {"name": "PLACE", "title": "Place", "attributes": attributes()},
        {"name": "EVENT", "title": "Public event", "attributes": attributes()},
        {"name": "SHIP", "title": "Ship", "attributes": attributes()},
        {"name": "LAW", "title": "Law or order", "attributes": attributes()},
        {"name": "OFFICE", "title": "Office held", "attributes": attributes()},
        {"name": "DATE", "title": "Date", "attributes": attributes()},
    ],
    "links": [
        {
            "name": "works_for",
            "title": "Works for",
            "sources": ["PERSON"],
            "targets": ["ORG"],
            "many": False,
            "required": True,
            "unless": {"employment": ["none"]},
            "attributes": [
                {
                    "name": "as",
                    "title": "In which role",
                    "kind": "choice",
                    "choices": ["head", "member"],
                    "keys": {"head": "y", "member": "m"},
                    "required": True,
                },
                {"name": "since", "title": "Since", "kind": "number"},
            ],
        },
        {
            "name": "knows",
            "title": "Knows",
            "sources": ["PERSON"],
            "targets": ["PERSON"],
            "symmetric": True,
        },
        {
            "name": "holds",
            "title": "Holds office",
            "sources": ["PERSON"],
            "targets": ["OFFICE"],
            "owned": True,
        },
        {
            "name": "takes_part",
            "title": "Takes part in",
            "sources": ["PERSON", "ORG"],
            "targets": ["EVENT"],
            "key": "i",
        },
        {
            "name": "based_in",
            "title": "Based in",
            "sources": ["ORG", "EVENT"],
            "targets": ["PLACE"],
        },
        {"name": "passed_on", "title": "Passed on", "sources": ["LAW"], "targets": ["DATE"]},
    ],
    "attributes": [
        {
            "name": "genre",
            "title": "Genre",
            "kind": "choice",
            "choices": ["news", "opinion"],
            "required": True,
        },
        {"name": "places", "title": "Regions", "kind": "choices", "choices": ["north", "south"]},
        {"name": "checked", "title": "Facts checked", "kind": "flag"},
    ],
}

ADA, BAY, ORRIN, BOARD, TOMAS, UNION, ADA_AGAIN, FAIR, ELLIS, ACT, MAY, STAR = range(1, 13)
WORDS = {
    ADA: ("PERSON", "Ada Lund"),
    BAY: ("ORG", "Bay Water"),
    ORRIN: ("PLACE", "Lake Orrin"),
    BOARD: ("OFFICE", "the harbour board"),
    TOMAS: ("PERSON", "Tomas Okafor"),
    UNION: ("ORG", "the Dock Union"),
    ADA_AGAIN: ("PERSON", "Ada Lund at"),
    FAIR: ("EVENT", "the spring fair"),
    ELLIS: ("PLACE", "Port Ellis"),
    ACT: ("LAW", "The Harbour Act"),
    MAY: ("DATE", "3 May 1998"),
    STAR: ("SHIP", "The Northern Star"),
}


def suggested() -> LayerView:
    """What a suggester gives for the text: every span, and some of the links."""
    spans = []
    for ident, (label, words) in WORDS.items():
        start = TEXT.index(words)
        end = start + len(words.removesuffix(" at"))
        attributes = {"weight": "main"} if label == "PERSON" else {}
        spans.append(Span(ident, label, start, end, attributes=attributes, score=0.8))
    links = [
        Link(1, "works_for", ADA, BAY, {"as": "head"}),
        Link(2, "based_in", BAY, ORRIN),
        Link(3, "holds", ADA, BOARD),
        Link(4, "knows", TOMAS, ADA),
        Link(5, "passed_on", ACT, MAY),
    ]
    return layer_view(spans, links)


def entities(folder: Path, **more: Any) -> Corpus:
    """A corpus with one document, `fair`, and its suggestions."""
    corpus = create_corpus("towns", name="Towns", schema=parse(SCHEMA), **more)
    document = add_document(corpus, folder, "fair", TEXT)
    assert corpus.schema is not None
    store(file_run(corpus.schema, "fair.jsonl"), document, suggested())
    return corpus


def link_of(view: LayerView, kind: str, source: int) -> Link:
    """Return the link of a kind from a span; one that goes nowhere when there is none."""
    found = [x for x in view.links.values() if (x.kind, x.source) == (kind, source)]
    return found[0] if found else Link(0, kind, source, 0)
