"""Web Annotation pages through a JSON-LD processor (rdflib), without the network."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from rdflib import RDF, Graph, Namespace, URIRef
from rdflib.collection import Collection
from rdflib.term import Node

from tests.exports.encoders.sample import SPANS, TEXT, export

# rdflib warns of a class that its own reader of JSON-LD uses.
pytestmark = pytest.mark.filterwarnings("ignore:ConjunctiveGraph:DeprecationWarning")

OA = Namespace("http://www.w3.org/ns/oa#")
ACTIVITIES = Namespace("http://www.w3.org/ns/activitystreams#")
SAIDBY = Namespace("urn:saidby:")
BASE = "https://example.org/corpus/a%252F1.jsonld"
TYPES = ("Annotation", "TextualBody", "SpecificResource", "TextPositionSelector")
MOTIVATIONS = ("classifying", "describing", "linking")
# The terms of the recommendation's context (www.w3.org/TR/annotation-vocab, appendix A) that an
# export uses. A term that is not here is dropped by the processor, and missed below.
CONTEXT: dict[str, Any] = {
    "oa": str(OA),
    "as": str(ACTIVITIES),
    "id": "@id",
    "type": "@type",
    "AnnotationPage": "as:OrderedCollectionPage",
    **{name: f"oa:{name}" for name in (*TYPES, *MOTIVATIONS, "TextQuoteSelector")},
    "items": {"@id": "as:items", "@type": "@id", "@container": "@list"},
    "body": {"@id": "oa:hasBody", "@type": "@id"},
    "target": {"@id": "oa:hasTarget", "@type": "@id"},
    "source": {"@id": "oa:hasSource", "@type": "@id"},
    "selector": {"@id": "oa:hasSelector", "@type": "@id"},
    "motivation": {"@id": "oa:motivatedBy", "@type": "@vocab"},
    "purpose": {"@id": "oa:hasPurpose", "@type": "@vocab"},
    "value": str(RDF.value),
    **{name: f"oa:{name}" for name in ("start", "end", "exact", "prefix", "suffix")},
}


def page_graph(folder: Path) -> Graph:
    """Return the triples of an exported page; the one context that it may name is ours."""
    export("webannotation", folder / "web")
    page = json.loads((folder / "web" / "a%2F1.jsonld").read_text(encoding="utf-8"))
    named = page["@context"]
    contexts = named if isinstance(named, list) else [named]
    own = [CONTEXT if one == "http://www.w3.org/ns/anno.jsonld" else one for one in contexts]
    assert CONTEXT in own
    page["@context"] = own
    return Graph().parse(data=json.dumps(page), format="json-ld", base=BASE)


def items(graph: Graph) -> list[Node]:
    """Return the annotations of the page, in its order."""
    (first,) = graph.objects(None, ACTIVITIES["items"])
    return list(Collection(graph, first))


def plain(node: Node | None) -> Any:
    """Return what a literal or an address says."""
    assert node is not None
    return node.toPython() if hasattr(node, "toPython") else str(node)


def selector(graph: Graph, target: Node, kind: str) -> Node:
    (found,) = [
        node
        for node in graph.objects(target, OA.hasSelector)
        if (node, RDF.type, OA[kind]) in graph
    ]
    return found


def test_every_annotation_has_its_label_place_and_words(tmp_path: Path) -> None:
    graph = page_graph(tmp_path)
    (page,) = graph.subjects(RDF.type, ACTIVITIES.OrderedCollectionPage)
    assert plain(graph.value(page, SAIDBY.document)) == "a/1"
    meta = graph.value(page, SAIDBY.meta)
    assert json.loads(str(meta)) == {"title": "T", "language": "en"}
    seen = set()
    for item in items(graph):
        assert (item, RDF.type, OA.Annotation) in graph
        if (item, OA.motivatedBy, OA.classifying) not in graph:
            continue
        target = graph.value(item, OA.hasTarget)
        assert target is not None
        place = selector(graph, target, "TextPositionSelector")
        quote = selector(graph, target, "TextQuoteSelector")
        start, end = (plain(graph.value(place, OA[edge])) for edge in ("start", "end"))
        source = URIRef("https://example.org/corpus/a%252F1.txt")
        assert (target, OA.hasSource, source) in graph
        assert plain(graph.value(quote, OA.exact)) == TEXT[start:end]
        labels = [
            plain(graph.value(body, RDF.value))
            for body in graph.objects(item, OA.hasBody)
            if (body, OA.hasPurpose, OA.classifying) in graph
        ]
        seen |= {(label, start, end) for label in labels}
    assert seen == {(span.label, span.start, span.end) for span in SPANS}


def test_attributes_and_links_are_kept_by_the_processor(tmp_path: Path) -> None:
    graph = page_graph(tmp_path)
    idents = set(items(graph))
    attributes = {}
    links = []
    for item in idents:
        bodies = list(graph.objects(item, OA.hasBody))
        for body in bodies:
            name = graph.value(body, SAIDBY.attribute)
            if name is not None and str(item).endswith("#n1"):
                attributes[plain(name)] = plain(graph.value(body, RDF.value))
        if (item, OA.motivatedBy, OA.linking) in graph:
            assert graph.value(item, OA.hasTarget) in idents
            assert any(graph.value(body, OA.hasSource) in idents for body in bodies)
            kinds = [graph.value(body, RDF.value) for body in bodies]
            links += [plain(kind) for kind in kinds if kind is not None]
    assert attributes == {
        "type": "x",
        "label": "very good",
        "score": "7",
        "begin": True,
        "end": "z",
    }
    assert sorted(links) == ["part_of", "said by"]
    # Ids of spans begin with a sign of their label, which an address may not hold as it is.
    assert all(str(ident).isascii() for ident in idents)
